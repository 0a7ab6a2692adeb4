"""Gene id to symbol."""

from __future__ import annotations

from pathlib import Path

from spacebio_bench.cohort._findings import Findings, at, listing
from spacebio_bench.cohort.counts import strip_version
from spacebio_bench.cohort.tables import read_table
from spacebio_bench.cohort.textfile import check_file, read_text

LEAST_MATCHED = 0.2


def read_symbols(path: Path, findings: Findings) -> list[tuple[str, str]] | None:
    """Pairs of gene id (without version) and symbol, in the order given.

    The first column is the gene id, the second the symbol, whatever they are called. Rows without
    a symbol are left out and said.
    """
    name = str(path)
    if not check_file(path, "--symbols", name, findings):
        return None
    text = read_text(path, name, findings)
    table = read_table(text, name, findings) if text is not None else None
    if table is None:
        return None
    if len(table.columns) < 2:
        findings.wrong(at(name, 1), "two columns are needed: gene id and symbol.")
        return None
    if len(table.columns) > 2:
        said = f"{table.columns[0]} and {table.columns[1]}"
        findings.note(name, f"the first two columns are used ({said}), the others ignored.")
    first, second = table.columns[:2]
    pairs: list[tuple[str, str]] = []
    empty = 0
    for row in table.rows:
        gene, symbol = row.cells[first], row.cells.get(second, "")
        if not gene:
            findings.wrong(at(name, row.line, first), "the gene id is empty.")
        elif not symbol:
            empty += 1
        else:
            pairs.append((strip_version(gene), symbol))
    if empty:
        findings.note(name, f"{empty:,} gene ids without a symbol were left out.")
    if not pairs:
        findings.wrong(name, "there is no gene id with a symbol.")
    return pairs


def share_matched(
    genes: list[str], symbols: set[str], study: str, name: str, findings: Findings
) -> float:
    """Share of gene ids that have a symbol; a problem below 20 %, else said."""
    matched = sum(g in symbols for g in genes)
    share = matched / len(genes)
    if share < LEAST_MATCHED:
        lost = [g for g in genes if g not in symbols]
        what = f"only {share:.0%} of the gene ids are in {name} (missing: {listing(lost, 3)})."
        findings.wrong(study, f"{what} Is it the right table?")
    elif share < 1:
        findings.note(study, f"{share:.0%} of the gene ids have a symbol.")
    return share
