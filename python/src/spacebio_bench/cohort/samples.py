"""The samples table of a study: who was flown, who was not, who is left out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from spacebio_bench.cohort._findings import Findings, at, did_you_mean, listing, shown
from spacebio_bench.cohort.tables import Row, read_table
from spacebio_bench.cohort.textfile import read_text
from spacebio_bench.protocol import CONDITIONS

QC_COLUMNS = ("library_size", "detected_genes", "pca_distance", "replicate_correlation")
RESERVED = ("mission", "accession", "role", "tissue", *QC_COLUMNS)
"""Columns that the store adds itself."""

_NO_REASONS = {"na", "nan", "n/a", "null", "none", "no", "false", "f", "0", "-", "."}


@dataclass(frozen=True)
class Samples:
    """Samples of one study, in the order given.

    Attributes
    ----------
    kept
        sample, condition, note, further columns; strings, "" where empty.
    excluded
        sample, condition, reason.
    rows
        Line of each kept sample in the file.
    """

    kept: pd.DataFrame
    excluded: pd.DataFrame
    rows: dict[str, int]

    @property
    def names(self) -> list[str]:
        """Ids of the kept samples."""
        return list(self.kept["sample"])


def read_samples(path: Path, name: str, findings: Findings) -> Samples | None:
    """Read a samples table; None where a problem keeps the study from being judged further.

    An excluded sample's condition is not judged: it is gone before anything looks at it.
    """
    text = read_text(path, name, findings)
    table = read_table(text, name, findings) if text is not None else None
    if table is None or not table.whole:
        return None
    missing = [c for c in ("sample", "condition") if c not in table.columns]
    for column in missing:
        has = listing([c for c in table.columns if c], 12)
        hint = did_you_mean(column, table.columns)
        findings.wrong(at(name, 1), f"column {column} is missing; there are {has}.{hint}")
    for column in table.columns:
        if column in RESERVED:
            what = "is a name the cohort store uses itself. Rename the column."
            findings.wrong(at(name, 1, column), what)
        elif not column:
            findings.wrong(at(name, 1), "column 1 has no name.")
    if missing:
        return None
    kept = [r for r in table.rows if not r.cells.get("exclude")]
    excluded = [r for r in table.rows if r.cells.get("exclude")]
    for row in excluded:
        if row.cells["exclude"].lower() in _NO_REASONS:
            what = f"'{row.cells['exclude']}' is no reason; leave the cell empty, or give one."
            findings.wrong(at(name, row.line, "exclude"), what)
    rows = _judge(kept, name, findings)
    if table.rows and not kept:
        findings.wrong(name, "every sample is excluded. Remove the study from the sheet.")
    further = [c for c in table.columns if c not in ("sample", "condition", "note", "exclude", "")]
    columns = ["sample", "condition", "note", *further]
    return Samples(
        kept=pd.DataFrame([[r.cells.get(c, "") for c in columns] for r in kept], columns=columns),
        excluded=pd.DataFrame(
            [[r.cells["sample"], r.cells["condition"], r.cells["exclude"]] for r in excluded],
            columns=["sample", "condition", "reason"],
        ),
        rows=rows,
    )


def _judge(kept: list[Row], name: str, findings: Findings) -> dict[str, int]:
    rows: dict[str, int] = {}
    for row in kept:
        sample, condition = row.cells["sample"], row.cells["condition"]
        if not sample:
            findings.wrong(at(name, row.line, "sample"), "is empty.")
        elif not sample.isprintable():
            findings.wrong(at(name, row.line, "sample"), f"'{shown(sample)}' is not printable.")
        elif (first := rows.setdefault(sample, row.line)) != row.line:
            what = f"{shown(sample)} is in row {first} already."
            findings.wrong(at(name, row.line, "sample"), what)
        if condition not in CONDITIONS:
            said = (
                f"'{shown(condition)}' is not one of"
                if condition
                else "is empty; it must be one of"
            )
            what = f"{said} {', '.join(CONDITIONS)}."
            advice = "Correct it, or give a reason in the exclude column."
            findings.wrong(at(name, row.line, "condition"), f"{what} {advice}")
    return rows
