"""All diagnostics of a run as files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from threadpoolctl import threadpool_limits

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.enrichment import COLUMNS
from spacebio_bench.diagnostics.probabilities import CALIBRATION_COLUMNS, calibration_rows
from spacebio_bench.diagnostics.top_features import TOP_FEATURE_COLUMNS, top_features
from spacebio_bench.diagnostics.within_mission import WITHIN_COLUMNS, within_mission
from spacebio_bench.grid.plan import Plan
from spacebio_bench.report.tables_io import write_csv
from spacebio_bench.report.tables_quality import write_quality

FILES = (
    "samples.csv",
    "duplicates.csv",
    "top_features.csv",
    "within_mission.csv",
    "calibration.csv",
)


def enrichment_of(cohorts: Mapping[str, Cohort]) -> pd.DataFrame:
    """Enrichment of the missions of all tissues; an empty table where no store has any."""
    found = [
        cohort.enrichment.assign(tissue=tissue)
        for tissue, cohort in sorted(cohorts.items())
        if cohort.enrichment is not None
    ]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))


def write_diagnostics(
    plan: Plan,
    cohorts: Mapping[str, Cohort],
    predictions: pd.DataFrame,
    outdir: Path,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Path, ...]:
    """Write `FILES` into a folder, which is made; the same bytes on one CPU type.

    Parameters
    ----------
    plan
        Of the run; only its `lomo` tasks have features and missions to describe.
    predictions
        Rows of `predictions.parquet`.
    cohorts
        All tissues of the run, by name.
    progress
        Told what is being made.

    Returns
    -------
    The files, in the order of `FILES`.
    """
    outdir.mkdir(parents=True, exist_ok=True)
    with threadpool_limits(limits=1):  # sums in the order of one thread
        progress("quality of samples, samples in two studies")
        write_quality(cohorts, outdir)
        progress("features that weigh most")
        write_csv(outdir / FILES[2], TOP_FEATURE_COLUMNS, top_features(plan, cohorts))
        progress("missions by themselves")
        write_csv(outdir / FILES[3], WITHIN_COLUMNS, within_mission(plan, cohorts))
        progress("calibration of probabilities")
        write_csv(outdir / FILES[4], CALIBRATION_COLUMNS, calibration_rows(plan, predictions))
    return tuple(outdir / name for name in FILES)
