"""Scores whose true AUROC is known: what share of the intervals holds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from spacebio_bench.calibration.experiment import Measure
from spacebio_bench.calibration.in_memory import NOWHERE, light_protocol
from spacebio_bench.grid.plan import Plan, PlannedCell, PlannedFold, PlannedTask
from spacebio_bench.report.tables_cells import cell_row
from spacebio_bench.report.tables_folds import FoldTable, ScoredFold
from spacebio_bench.report.tables_io import FoldResult, Grid
from spacebio_bench.statistics.auroc import auroc
from spacebio_bench.statistics.bootstrap import (
    drawn_missions,
    percentile_interval,
    two_level_mean,
)
from spacebio_bench.statistics.intervals import Interval, mover_mean
from spacebio_bench.typing import FloatArray, Labels

BOOTSTRAPS = 500
CELL = PlannedCell("scores.lomo/gene/knn", "scores.lomo", "gene", "knn", "classical", 0, "ok", "")


@dataclass(frozen=True)
class ScoredCohorts:
    """Normal scores whose mean in flight is shifted, by another amount in each mission.

    Attributes
    ----------
    group_sizes
        (flight, ground) samples of each mission.
    auroc
        True mean AUROC over all missions there could be.
    heterogeneity
        SD over missions of the shift, in SDs of the scores. 1 is an SD of the AUROC of 0.2 around
        0.5 and of 0.17 around 0.8.
    decimals
        Round the scores to so many decimals, which makes ties; without heterogeneity only.
    claimed
        Whether the table claims a bound, or only reports the number.
    """

    name: str
    what: str
    group_sizes: tuple[tuple[int, int], ...]
    auroc: float
    heterogeneity: float = 0.0
    decimals: int | None = None
    cohorts: int = 2000
    quick_cohorts: int = 0
    claimed: bool = True

    def replicate(self, seed: int) -> Mapping[Measure, float]:
        """Draw the scores of one cohort, and look for the truth in its intervals."""
        rng = np.random.default_rng(seed)
        mean, sd = self._shift, self.heterogeneity
        plan, folds = self._plan, {}
        for fold in plan.tasks[0].folds:
            truth = plan.tasks[0].labels[fold.test, 0]
            scores = rng.normal(size=len(truth)) + truth * (mean + sd * rng.normal())
            if self.decimals is not None:
                scores = np.round(scores, self.decimals)
            folds[CELL.cell, fold.fold] = _fold_result(plan.tasks[0], fold, scores, truth)
        plan = Plan(plan.protocol, seed, plan.tasks, plan.cells)
        scored = list(FoldTable(plan, Grid(NOWHERE, folds, {})).of_cell(CELL))
        row = cell_row(plan, CELL, scored, None)
        these = Interval(row["ci_these_low"], row["ci_these_high"])
        if self.heterogeneity == 0:
            found = {Measure("these", "Newcombe 5 of the mean"): self._in(these)}
            found |= self._others_of_these(scored)
            return found
        like = Interval(row["ci_population_low"], row["ci_population_high"])
        claim = "population" if self.claimed else "population_beyond"
        found = {
            Measure(claim, "t and Newcombe 5"): self._in(like),
            Measure("population_width", "t and Newcombe 5"): like.high - like.low,
        }
        return found | self._others_of_population(scored, these, seed)

    def _in(self, interval: Interval) -> float:
        return float(interval.low - 1e-12 <= self._truth <= interval.high + 1e-12)

    def _others_of_these(self, scored: list[ScoredFold]) -> dict[Measure, float]:
        values = [fold.row["value"] for fold in scored]
        bounds = [Interval(fold.row["ci_low"], fold.row["ci_high"]) for fold in scored]
        draws = np.mean([_draws(fold) for fold in scored], axis=0)
        return {
            Measure("these_other", "MOVER"): self._in(mover_mean(values, bounds)),
            Measure("these_other", "bootstrap"): self._in(percentile_interval(draws)),
        }

    def _others_of_population(
        self, scored: list[ScoredFold], these: Interval, seed: int
    ) -> dict[Measure, float]:
        missions = drawn_missions(len(scored), n_draws=BOOTSTRAPS, seed=seed)
        two_level = percentile_interval(two_level_mean([_draws(f) for f in scored], missions))
        widened = Interval(min(two_level.low, these.low), max(two_level.high, these.high))
        values = np.array([fold.row["value"] for fold in scored])
        t = stats.t.isf(0.025, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values))
        alone = Interval(max(values.mean() - t, 0.0), min(values.mean() + t, 1.0))
        others = {
            "two-level bootstrap": two_level,
            "two-level bootstrap, at least ci_these": widened,
            "t": alone,
        }
        return {Measure("population_other", name): self._in(i) for name, i in others.items()}

    @property
    def _shift(self) -> float:
        return float(stats.norm.ppf(self.auroc) * np.sqrt(2 + self.heterogeneity**2))

    @cached_property
    def _truth(self) -> float:
        """The true mean AUROC; ties count half."""
        if self.decimals is None:
            return self.auroc
        step = 10.0**-self.decimals
        centres = np.round(np.arange(-12 / step, 12 / step + 1)) * step
        edges = np.r_[-np.inf, centres[:-1] + step / 2, np.inf]
        flight, ground = (np.diff(stats.norm.cdf(edges - s)) for s in (self._shift, 0.0))
        below = np.cumsum(ground) - ground
        return float((flight * (below + ground / 2)).sum())

    @cached_property
    def _plan(self) -> Plan:
        protocol = light_protocol(n_bootstraps=BOOTSTRAPS, models={})
        return Plan(protocol, 0, (_task(self.group_sizes),), (CELL,))


def _task(group_sizes: tuple[tuple[int, int], ...]) -> PlannedTask:
    sizes = [sum(pair) for pair in group_sizes]
    labels = np.concatenate([np.repeat([1, 0], pair) for pair in group_sizes]).astype(np.int8)
    missions = tuple(np.repeat([f"M{k:02d}" for k in range(len(sizes))], sizes).tolist())
    every = np.arange(len(labels))
    ends = np.cumsum(sizes)
    folds = tuple(
        PlannedFold(
            fold=f"fold_M{k:02d}_test",
            train=np.delete(every, every[end - size : end]),
            test=every[end - size : end],
            train_missions=tuple(f"M{j:02d}" for j in range(len(sizes)) if j != k),
            test_missions=(f"M{k:02d}",),
            status="ok",
            reason="",
        )
        for k, (size, end) in enumerate(zip(sizes, ends.tolist(), strict=True))
    )
    return PlannedTask(
        task=CELL.task,
        family="lomo",
        variant="",
        tissue="scores",
        samples=tuple(f"s{i:04d}" for i in every),
        missions=missions,
        conditions=tuple("FLT" if y else "GC" for y in labels.tolist()),
        strata=missions,
        labels=labels[:, None],
        enumerated=False,
        n_possible=float("inf"),
        folds=folds,
        status="ok",
        reason="",
    )


def _fold_result(
    task: PlannedTask, fold: PlannedFold, scores: FloatArray, truth: Labels
) -> FoldResult:
    return FoldResult(
        status="ok",
        reason="",
        n_features=1,
        value=float(auroc(scores, truth)[0]),
        seed_values=(),
        samples=tuple(task.samples[i] for i in fold.test),
        scores=scores,
    )


def _draws(fold: ScoredFold) -> FloatArray:
    assert fold.draws is not None
    return fold.draws
