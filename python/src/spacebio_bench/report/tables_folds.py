"""Rows of `folds.csv`: each fold of each planned cell, the degenerate ones with their reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from spacebio_bench.grid.plan import Plan, PlannedCell, PlannedFold, PlannedTask
from spacebio_bench.identity import identity_seed
from spacebio_bench.protocol import Protocol, PublishedStatistics
from spacebio_bench.report.published_columns import published_columns
from spacebio_bench.report.tables_io import FoldResult, Grid, Row
from spacebio_bench.statistics.bootstrap import Draws, bootstrap_auroc, stratified_draws
from spacebio_bench.statistics.exact import attainable_p, exact_p, null_moments
from spacebio_bench.statistics.intervals import newcombe
from spacebio_bench.typing import FloatArray, Labels

FOLD_COLUMNS = {
    "cell": str,
    "fold": str,
    "train_missions": str,
    "test_missions": str,
    "n_train": int,
    "n_test": int,
    "n_positive": int,
    "n_features": int,
    "metric": str,
    "value": float,
    "seed_sd": float,
    "ci_low": float,
    "ci_high": float,
    "p_exact": float,
    "p_attainable": float,
    "pub_ci_low": float,
    "pub_ci_high": float,
    "pub_p": float,
    "status": str,
    "reason": str,
}


@dataclass(frozen=True)
class ScoredFold:
    """A fold of a cell: its row, and what the cell's statistics need of it.

    Attributes
    ----------
    seeds
        AUROC at each seed, the first one first; shape (n_seeds,).
    moments
        Exact mean and variance of the AUROC under permuted labels, the scores held fixed.
    draws
        AUROC of each bootstrap draw, shape (n_bootstraps,).
    fixed
        Scores, true labels and strata of the test samples.
    """

    row: Row
    seeds: FloatArray | None = None
    moments: tuple[float, float] = (np.nan, np.nan)
    draws: FloatArray | None = None
    fixed: tuple[FloatArray, Labels, tuple[str, ...]] | None = None


class FoldTable:
    """Makes the fold rows of a plan; resampled samples are shared by the cells of a task."""

    def __init__(self, plan: Plan, grid: Grid) -> None:
        self.plan = plan
        self.grid = grid
        self._draws: dict[tuple[str, str], Draws] = {}

    def of_cell(self, cell: PlannedCell) -> Iterator[ScoredFold]:
        """The folds of a cell, sorted by name."""
        task = self.plan.task_of[cell.task]
        for fold in sorted(task.folds, key=lambda f: f.fold.encode()):
            row = _planned_row(cell, task, fold)
            result = self.grid.folds.get((cell.cell, fold.fold))
            if fold.status != "ok":
                yield ScoredFold(row | {"status": fold.status, "reason": fold.reason})
            elif cell.status != "ok":
                yield ScoredFold(row | {"status": cell.status, "reason": cell.reason})
            elif result is None:
                yield ScoredFold(row | {"status": "failed", "reason": "the grid has no result"})
            elif result.status != "ok":
                told = {"status": result.status, "reason": result.reason}
                yield ScoredFold(row | {"n_features": result.n_features or None} | told)
            elif task.metric != "auroc":
                yield ScoredFold(row | _of_classes(result))
            else:
                yield self._scored(row, cell, task, fold, result)

    def _scored(
        self, row: Row, cell: PlannedCell, task: PlannedTask, fold: PlannedFold, result: FoldResult
    ) -> ScoredFold:
        truth, scores = task.labels[fold.test, 0], _in_order(task, fold, result)
        strata = [task.strata[i] for i in fold.test]
        n_positive = int(truth.sum())
        low, high = newcombe(result.value, n_positive, len(truth) - n_positive)
        seeds = np.array([result.value, *result.seed_values])
        row |= {
            "n_features": result.n_features,
            "value": result.value,
            "seed_sd": float(seeds.std(ddof=1)) if len(seeds) > 1 else None,
            "ci_low": low,
            "ci_high": high,
            "p_exact": exact_p(scores, truth, strata),
            "p_attainable": attainable_p(truth, strata),
            "status": "ok",
            "reason": "",
        }
        row |= published_columns(
            scores, truth, published_of(self.plan.protocol, cell.feature)
        )._asdict()
        return ScoredFold(
            row=row,
            seeds=seeds,
            moments=null_moments(scores, truth, strata),
            fixed=(scores, truth, tuple(strata)),
            draws=bootstrap_auroc(scores, truth, self._drawn(task, fold, truth)),
        )

    def _drawn(self, task: PlannedTask, fold: PlannedFold, truth: Labels) -> Draws:
        key = (task.task, fold.fold)
        if key not in self._draws:
            seed = identity_seed(self.plan.seed, *key, "bootstrap")
            n_draws = self.plan.protocol.inference.n_bootstraps
            self._draws[key] = stratified_draws(truth, n_draws=n_draws, seed=seed)
        return self._draws[key]


def published_of(protocol: Protocol, feature: str) -> PublishedStatistics:
    """The published bootstrap and permutation of a feature set."""
    return (
        protocol.published_gene or protocol.published if feature == "gene" else protocol.published
    )


def _planned_row(cell: PlannedCell, task: PlannedTask, fold: PlannedFold) -> Row:
    return {
        "cell": cell.cell,
        "fold": fold.fold,
        "train_missions": ";".join(fold.train_missions),
        "test_missions": ";".join(fold.test_missions),
        "n_train": len(fold.train),
        "n_test": len(fold.test),
        "n_positive": n_positive_of(task, task.labels[fold.test, 0]),
        "metric": task.metric,
    }


def n_positive_of(task: PlannedTask, labels: Labels) -> int | None:
    """Samples of class 1; None where the classes are not positive and negative."""
    return int(labels.sum()) if task.metric == "auroc" else None


def _of_classes(result: FoldResult) -> Row:
    return {"n_features": result.n_features, "value": result.value, "status": "ok", "reason": ""}


def _in_order(task: PlannedTask, fold: PlannedFold, result: FoldResult) -> FloatArray:
    """Scores in the order of the plan, in which the published generators draw."""
    wanted = [task.samples[i] for i in fold.test]
    if tuple(wanted) == result.samples:
        return result.scores
    score = dict(zip(result.samples, result.scores.tolist(), strict=True))
    return np.array([score[sample] for sample in wanted])
