"""Rows of `pooled.csv`: AUROC pooled over folds by weight, in the published benchmark's way.

No other number comes from here: our means weigh all missions the same. `hanley_mcneil` is the
published variance; an AUROC of 0 or 1 is moved to 0.001 or 0.999 for it, which makes that fold look
surest of all. `delong` is beside it because it is right for the scores at hand: it gives such a
fold no variance, and then there is nothing to weigh it by. Intervals are not cut to [0, 1].
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from spacebio_bench.errors import NotApplicableError
from spacebio_bench.grid.plan import Plan, PlannedTask
from spacebio_bench.report.tables_io import Grid, Row
from spacebio_bench.statistics.pooling import dersimonian_laird
from spacebio_bench.statistics.variances import delong, hanley_mcneil_variance

POOLED_COLUMNS = (
    "cell",
    "variance",
    "n_folds",
    "value",
    "ci_low",
    "ci_high",
    "tau2",
    "i2",
    "q",
    "p_heterogeneity",
    "reason",
)
CLIPPED = 0.001
"""How far from 0 and 1 the published code keeps an AUROC when it takes its variance."""


def pooled_rows(plan: Plan, grid: Grid, cells: Sequence[Row], folds: Sequence[Row]) -> list[Row]:
    """A row for each cell and variance, with its numbers or with the reason why it has none.

    Parameters
    ----------
    cells, folds
        Rows of `cells.csv` and `folds.csv`, both sorted.
    """
    of_cell: dict[str, list[Row]] = {}
    for fold in folds:
        if fold["status"] == "ok":
            of_cell.setdefault(fold["cell"], []).append(fold)
    task_of = {cell["cell"]: plan.task_of[cell["task"]] for cell in cells}
    ways: dict[str, Callable[[Row], float]] = {
        "delong": lambda fold: _delong(task_of[fold["cell"]], grid, fold),
        "hanley_mcneil": _hanley_mcneil,
    }
    return [
        {"cell": cell["cell"], "variance": name, "n_folds": cell["n_folds"]}
        | _pooled(cell, of_cell.get(cell["cell"], []), variance_of)
        for cell in cells
        if task_of[cell["cell"]].metric == "auroc"
        for name, variance_of in ways.items()
    ]


def _pooled(cell: Row, folds: Sequence[Row], variance_of: Callable[[Row], float]) -> Row:
    if cell["status"] != "ok":
        return {"reason": cell["reason"]}
    try:
        _of_different_missions(folds)
        variances = [variance_of(fold) for fold in folds]
        certain = [fold["fold"] for fold, v in zip(folds, variances, strict=True) if v == 0]
        if certain:
            return {"reason": f"no variance to weigh it by: {', '.join(certain)}"}
        found = dersimonian_laird([fold["value"] for fold in folds], variances)
    except NotApplicableError as error:
        return {"reason": str(error)}
    return {
        "value": found.estimate,
        "ci_low": found.low,
        "ci_high": found.high,
        "tau2": found.tau2,
        "i2": found.i2,
        "q": found.q,
        "p_heterogeneity": found.p_heterogeneity,
    }


def _of_different_missions(folds: Sequence[Row]) -> None:
    """Folds of one mission are no studies of their own."""
    missions = [m for fold in folds for m in fold["test_missions"].split(";")]
    if len(set(missions)) < len(missions):
        msg = "folds test the same mission; only those of different missions are pooled"
        raise NotApplicableError(msg)


def _hanley_mcneil(fold: Row) -> float:
    value = float(np.clip(fold["value"], CLIPPED, 1 - CLIPPED))
    n_negative = fold["n_test"] - fold["n_positive"]
    return float(hanley_mcneil_variance(value, fold["n_positive"], n_negative))


def _delong(task: PlannedTask, grid: Grid, fold: Row) -> float:
    """Of the scores at the truth, in the order of the plan."""
    if min(fold["n_positive"], fold["n_test"] - fold["n_positive"]) < 2:
        msg = f"{fold['fold']}: one sample of a class; DeLong's variance needs two"
        raise NotApplicableError(msg)
    result = grid.folds[fold["cell"], fold["fold"]]
    score = dict(zip(result.samples, result.scores.tolist(), strict=True))
    tested = [i for i, sample in enumerate(task.samples) if sample in score]
    scores = [score[task.samples[i]] for i in tested]
    return float(delong(scores, task.labels[tested, 0]).covariance[0, 0])
