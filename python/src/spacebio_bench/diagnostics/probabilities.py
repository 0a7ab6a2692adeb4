"""Are the probabilities of held-out samples right on the whole? A description, not a test.

Probabilities are on one scale whatever the fold, so those of all folds of a cell are looked at
together; the ranks within folds, which AUROC is made of, are not. Models weigh the classes alike,
so they are calibrated for as many flown as ground samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from scipy.special import expit

from spacebio_bench.grid.plan import Plan
from spacebio_bench.identity import identity_seed
from spacebio_bench.models import model_card
from spacebio_bench.report.tables_io import Row
from spacebio_bench.statistics.calibration_curve import Measure, calibration

MEASURES = ("brier", "error", "slope", "intercept")
CALIBRATION_COLUMNS = (
    "cell",
    "n_samples",
    *(f"{name}{part}" for name in MEASURES for part in ("", "_low", "_high")),
)
FAMILIES = ("lomo", "kfold", "holdout")


def calibration_rows(plan: Plan, predictions: pd.DataFrame) -> list[Row]:
    """A row for each cell whose model gives probabilities, or log odds of them.

    Parameters
    ----------
    predictions
        Of `predictions.parquet`; families `lomo` (without variants), `kfold`, `holdout`.
    """
    found = {str(cell): rows for cell, rows in predictions.groupby("cell", sort=False)}
    return list(_rows(plan, found))


def _rows(plan: Plan, found: Mapping[str, pd.DataFrame]) -> Iterator[Row]:
    for cell in plan.cells:
        task, rows = plan.task_of[cell.task], found.get(cell.cell)
        kind = model_card(cell.model).scores
        if rows is None or task.family not in FAMILIES or task.variant or kind == "other":
            continue
        labels, scores = rows["label"].to_numpy(), rows["score"].to_numpy(np.float64)
        if len(set(labels.tolist())) < 2:
            continue
        probability = expit(scores) if kind == "log_odds" else np.clip(scores, 0.0, 1.0)
        seed = identity_seed(plan.seed, cell.cell, "calibration")
        measured = calibration(
            probability, labels, n_draws=plan.protocol.inference.n_bootstraps, seed=seed
        )
        row: Row = {"cell": cell.cell, "n_samples": len(labels)}
        for name, measure in zip(MEASURES, measured, strict=True):
            row |= _columns(name, measure)
        yield row


def _columns(name: str, measure: Measure) -> Row:
    return {
        name: measure.value,
        f"{name}_low": measure.interval.low,
        f"{name}_high": measure.interval.high,
    }
