"""Which samples the run is about, by tissue, mission and condition; and which were left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from spacebio_bench.protocol import CONDITIONS, LabelRule
from spacebio_bench.report._cohorts import CohortView
from spacebio_bench.report._results import Row, rows_of


@dataclass(frozen=True)
class SampleTable:
    """Counts of samples.

    `rows` have `tissue`, `mission`, `accession`, `role`, `counts` (in the order of
    `conditions`), `used`.
    """

    conditions: tuple[str, ...]
    rows: tuple[Row, ...]
    used: int
    total: int


def sample_table(cohorts: Sequence[CohortView], rule: LabelRule) -> SampleTable:
    """One row a mission of a tissue; `used` are the samples with a label under the rule."""
    rows: list[Row] = []
    seen = {str(s["condition"]) for cohort in cohorts for s in cohort.samples}
    conditions = tuple(c for c in CONDITIONS if c in seen)
    for cohort in cohorts:
        by_mission: dict[str, list[Row]] = {}
        for sample in cohort.samples:
            by_mission.setdefault(str(sample["mission"]), []).append(sample)
        for mission, samples in sorted(by_mission.items()):
            found = [str(s["condition"]) for s in samples]
            rows.append(
                {
                    "tissue": cohort.tissue,
                    "mission": mission,
                    "accession": ", ".join(sorted({str(s["accession"]) for s in samples})),
                    "role": ", ".join(sorted({str(s.get("role") or "benchmark") for s in samples})),
                    "counts": [found.count(c) for c in conditions],
                    "used": sum(rule.label(c) is not None for c in found),
                }
            )
    total = sum(len(cohort.samples) for cohort in cohorts)
    return SampleTable(conditions, tuple(rows), sum(row["used"] for row in rows), total)


def excluded_samples(checked: Path | None) -> list[Row]:
    """Samples that the sheet excludes: `study`, `sample`, `condition`, `reason`."""
    if checked is None or not (checked / "studies.csv").is_file():
        return []
    found: list[Row] = []
    for study in pd.read_csv(checked / "studies.csv", dtype=str)["id"]:
        path = checked / "studies" / str(study) / "excluded.csv"
        if path.is_file():
            table = pd.read_csv(path, dtype=str, keep_default_na=False)
            found.extend({"study": study, **row} for row in rows_of(table))
    return found
