"""Human symbol to mouse symbols, from the tables people have: babelgene, MGI, Ensembl, plain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from spacebio_bench.cohort._findings import Findings, at, listing, shown
from spacebio_bench.cohort.tables import Row, Table, read_table
from spacebio_bench.cohort.textfile import check_file, read_text

Orthologs = dict[str, tuple[str, ...]]
"""Human symbol -> mouse symbols, in the order of the table, each once."""

HUMAN = (
    "human_symbol",
    "human symbol",
    "human gene symbol",
    "human gene name",
    "human",
    "hgnc_symbol",
    "hgnc symbol",
    "hgnc.symbol",
)
MOUSE = (
    "mouse_symbol",
    "mouse symbol",
    "mouse gene symbol",
    "mouse gene name",
    "mouse",
    "mgi_symbol",
    "mgi symbol",
    "mgi.symbol",
)
SYMBOL = "symbol"
"""Of babelgene the mouse symbol; of MGI's homology report the symbol of the row's species."""
SUPPORT = ("support_n", "support")
CLASS = ("db class key", "homologene id")
TAXON = ("taxon_id", "ncbi taxon id")
HUMAN_TAXON, MOUSE_TAXON = "9606", "10090"

_Pair = tuple[str, str, float]


def read_orthologs(path: Path, findings: Findings) -> Orthologs | None:
    """Read a table of orthologs; None, and problems, where it is none.

    Columns are told by their names. Where a column of support is there, the best supported mouse
    symbols of each human symbol are kept, all that are equal.
    """
    name = str(path)
    if not check_file(path, "--orthologs", name, findings):
        return None
    text = read_text(path, name, findings)
    table = read_table(text, name, findings) if text is not None else None
    if table is None or not table.whole:
        return None
    before = len(findings.problems)
    pairs = list(_pairs(table, findings))
    if len(findings.problems) > before:
        return None
    best: dict[str, float] = {}
    for human, _, support in pairs:
        best[human] = max(support, best.get(human, support))
    found: dict[str, dict[str, None]] = {}
    for human, mouse, support in pairs:
        if support == best[human]:
            found.setdefault(human, {})[mouse] = None
    if not found:
        findings.wrong(name, "there is no row with a human and a mouse symbol.")
        return None
    return {human: tuple(mice) for human, mice in found.items()}


def _pairs(table: Table, findings: Findings) -> Iterator[_Pair]:
    human, mouse = _column(table, HUMAN), _column(table, MOUSE)
    symbol, taxon = _column(table, (SYMBOL,)), _column(table, TAXON)
    by_class = _column(table, CLASS)
    if human and (mouse or symbol):
        yield from _side_by_side(table, human, mouse or symbol or "", taxon, findings)
    elif by_class and symbol and taxon:
        yield from _by_class(table, by_class, symbol, taxon)
    else:
        has = listing([c for c in table.columns if c], 12)
        what = (
            f"has no columns of human and mouse symbols: human_symbol and mouse_symbol, those of "
            f"babelgene, or those of MGI's homology report; there are {has}."
        )
        findings.wrong(at(table.name, 1), what)


def _column(table: Table, names: Sequence[str]) -> str | None:
    spelt = {column.casefold(): column for column in table.columns}
    return next((spelt[name] for name in names if name in spelt), None)


def _side_by_side(
    table: Table, human: str, mouse: str, taxon: str | None, findings: Findings
) -> Iterator[_Pair]:
    support = next((c for n in SUPPORT if (c := _column(table, (n,))) and _numeric(table, c)), None)
    for row in table.rows:
        cells = row.cells
        if taxon and cells.get(taxon, "") not in ("", MOUSE_TAXON):
            continue
        if cells.get(human) and cells.get(mouse):
            yield cells[human], cells[mouse], _support(table, row, support, findings)


def _numeric(table: Table, column: str) -> bool:
    """Whether a column of support counts; babelgene's `support` lists names beside `support_n`."""
    return any(row.cells.get(column, "").isdecimal() for row in table.rows)


def _support(table: Table, row: Row, column: str | None, findings: Findings) -> float:
    given = row.cells.get(column, "") if column else ""
    if not given:
        return 0
    if not (given.isascii() and given.isdecimal()):
        what = f"'{shown(given)}' is not a number of sources."
        findings.wrong(at(table.name, row.line, column), what)
        return 0
    return int(given)


def _by_class(table: Table, by_class: str, symbol: str, taxon: str) -> Iterator[_Pair]:
    """MGI's report has a row per gene: all human and mouse genes of a class are orthologs."""
    classes: dict[str, tuple[list[str], list[str]]] = {}
    for row in table.rows:
        humans, mice = classes.setdefault(row.cells.get(by_class, ""), ([], []))
        name = row.cells.get(symbol, "")
        if name and row.cells.get(taxon) == HUMAN_TAXON:
            humans.append(name)
        elif name and row.cells.get(taxon) == MOUSE_TAXON:
            mice.append(name)
    for key, (humans, mice) in classes.items():
        if key:
            yield from ((human, mouse, 0) for human in humans for mouse in mice)
