"""Columns `rank_low`, `rank_high` and `tie_group` of `cells.csv`: what the ranking is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from spacebio_bench.grid.plan import Plan
from spacebio_bench.report.tables_folds import ScoredFold
from spacebio_bench.report.tables_io import Row
from spacebio_bench.statistics.ranks import rank_intervals
from spacebio_bench.typing import FloatArray


def add_ranks(rows: Sequence[Row], plan: Plan, folds: Mapping[str, Sequence[ScoredFold]]) -> None:
    """Rank the cells of each task by AUROC, those whose status is ok; the others take no part.

    Parameters
    ----------
    rows
        Of `cells.csv`; filled in place.
    folds
        By cell; the cells of a task share their folds and their bootstrap.
    """
    for task in plan.tasks:
        if task.metric != "auroc":
            continue
        cells = [row for row in rows if row["task"] == task.task and row["status"] == "ok"]
        if not cells:
            continue
        shared = [fold for fold in folds[cells[0]["cell"]] if fold.row["status"] == "ok"]
        n_positive = np.array([fold.row["n_positive"] for fold in shared])
        n_test = np.array([fold.row["n_test"] for fold in shared])
        ranks = rank_intervals(
            [row["value_mean"] for row in cells],
            np.stack([_mean_draws(folds[row["cell"]]) for row in cells]),
            n_positive,
            n_test - n_positive,
        )
        for name, column in zip(("rank_low", "rank_high", "tie_group"), ranks, strict=True):
            for row, value in zip(cells, column.tolist(), strict=True):
                row[name] = value


def _mean_draws(folds: Sequence[ScoredFold]) -> FloatArray:
    """Mean AUROC over folds in each draw."""
    mean: FloatArray = np.mean([fold.draws for fold in folds if fold.draws is not None], axis=0)
    return mean
