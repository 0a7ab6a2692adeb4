"""`samples.csv`: every sample with its verdicts; `duplicates.csv`: samples that seem to be one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.duplicates import duplicate_pairs
from spacebio_bench.cohort.quality import QUALITY_COLUMNS, quality
from spacebio_bench.report.tables_io import Row, write_csv

SAMPLE_COLUMNS = (
    "tissue",
    "sample",
    "mission",
    "accession",
    "condition",
    "role",
    *QUALITY_COLUMNS,
)
DUPLICATE_COLUMNS = (
    "tissue_a",
    "mission_a",
    "accession_a",
    "sample_a",
    "tissue_b",
    "mission_b",
    "accession_b",
    "sample_b",
    "how",
    "correlation",
)


def quality_rows(cohorts: Mapping[str, Cohort]) -> list[Row]:
    """One row a sample of every cohort, hold-outs and unlabelled conditions too."""
    rows: list[Row] = []
    for cohort in cohorts.values():
        facts = cohort.obs[["mission", "accession", "condition", "role"]].astype(str)
        table = facts.join(quality(cohort)).rename_axis("sample").reset_index()
        rows += [
            {"tissue": cohort.tissue} | {str(name): value for name, value in row.items()}
            for row in table.to_dict("records")
        ]
    return sorted(rows, key=lambda row: (row["tissue"].encode(), row["sample"].encode()))


def duplicate_rows(cohorts: Mapping[str, Cohort]) -> list[Row]:
    """One row a pair of samples of different studies that seem to be one."""
    rows: list[Row] = [dict(vars(pair)) for pair in duplicate_pairs(cohorts)]
    return sorted(rows, key=lambda row: [str(row[c]).encode() for c in DUPLICATE_COLUMNS[:8]])


def write_quality(cohorts: Mapping[str, Cohort], outdir: Path) -> None:
    """Write both tables into a folder that exists."""
    write_csv(outdir / "samples.csv", SAMPLE_COLUMNS, quality_rows(cohorts))
    write_csv(outdir / "duplicates.csv", DUPLICATE_COLUMNS, duplicate_rows(cohorts))
