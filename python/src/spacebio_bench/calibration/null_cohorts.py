"""Cohorts in which flight changes nothing: how often each p-value says that it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from spacebio_bench.calibration.experiment import Measure
from spacebio_bench.calibration.in_memory import (
    as_cohort,
    light_protocol,
    run_in_memory,
    table_rows,
)
from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.simulate import simulate_cohort
from spacebio_bench.grid.plan import Plan, PlannedCell, PlannedTask
from spacebio_bench.grid.planner import Selection, make_plan
from spacebio_bench.report.tables_folds import ScoredFold
from spacebio_bench.report.tables_io import FoldResult, Grid
from spacebio_bench.statistics.auroc import auroc
from spacebio_bench.statistics.permutation import fixed_deflated_p, permutation_p_value

LABELINGS = 99
BOOTSTRAPS = 20
EDGE = 1e-9
"""A p-value of 5 / 100 is at most 0.05 whatever its last bit."""


@dataclass(frozen=True)
class NullCohorts:
    """Null cohorts of one design, through plan, refits and tables.

    Attributes
    ----------
    group_sizes
        (flight, ground) samples of each mission.
    simulation
        Further arguments of `simulate_cohort`.
    strata
        Sample columns within which labels are permuted, beside the mission.
    models
        Models and the settings that differ from the protocol's.
    claims
        What is measured of each model.
    """

    name: str
    what: str
    group_sizes: tuple[tuple[int, int], ...]
    cohorts: int = 2000
    quick_cohorts: int = 0
    simulation: Mapping[str, float | int | None] = field(default_factory=dict)
    strata: tuple[str, ...] = ()
    models: Mapping[str, Mapping[str, object]] = field(
        default_factory=lambda: {"knn": {}, "pca_lr": {"n_components": 10}}
    )
    labelings: int = LABELINGS
    claims: tuple[str, ...] = (
        "refit_05",
        "refit_20",
        "fixed_reported",
        "mean_05",
        "deflated_05",
        "fold_exact_05",
        "strata_counts",
        "these_overlap",
        "population_overlap",
    )

    def replicate(self, seed: int) -> Mapping[Measure, float]:
        """Draw one cohort and measure it."""
        settings = {"n_genes": 24, **self.simulation}
        cohort = as_cohort(
            simulate_cohort(group_sizes=self.group_sizes, seed=seed, **settings)  # type: ignore[arg-type]
        )
        selection = Selection(
            models=tuple(self.models),
            strata=self.strata,
            n_permutations={"default": self.labelings},
        )
        protocol = light_protocol(n_bootstraps=BOOTSTRAPS, models=self.models)
        plan = make_plan({cohort.tissue: cohort}, protocol, selection, seed=seed)
        grid = run_in_memory(plan, cohort)
        rows = table_rows(plan, grid)
        found: dict[Measure, float] = {}
        for cell in plan.cells:
            row, folds = rows[cell.cell]
            measured = _p_values(plan, cell, grid, row["p_value"], folds)
            for what in ("these", "population"):
                low, high = row[f"ci_{what}_low"], row[f"ci_{what}_high"]
                measured[f"{what}_overlap"] = float(not (low > 0.5 or high < 0.5))
            for claim in self.claims:
                few = claim == "population_overlap" and len(self.group_sizes) < 3
                if claim != "strata_counts" and not few:
                    found[Measure(claim, cell.model)] = measured[claim]
        if "strata_counts" in self.claims:
            share = _with_true_counts(plan.tasks[0], cohort, self.strata)
            found[Measure("strata_counts", "")] = share
        return found


def _p_values(
    plan: Plan, cell: PlannedCell, grid: Grid, p: float, folds: list[ScoredFold]
) -> dict[str, float]:
    task = plan.task_of[cell.task]
    results = [grid.folds[cell.cell, fold.fold] for fold in task.scored_folds]
    exact = np.array([fold.row["p_exact"] for fold in folds])
    deflated = fixed_deflated_p(
        [fold.row["value"] for fold in folds],
        [fold.moments for fold in folds],
        n_possible=task.n_possible,
    )
    fixed = _fixed_p(task, results)
    at_05 = float(p <= 0.05 + EDGE)
    return {
        **dict.fromkeys(
            ("refit_05", "exact_05", "null_200", "strata_ignored_05", "direction_05"), at_05
        ),
        "refit_20": float(p <= 0.2 + EDGE),
        **dict.fromkeys(("fixed_05", "fixed_reported"), float(fixed <= 0.05 + EDGE)),
        "mean_05": float(exact.mean() <= 0.05 + EDGE),
        "deflated_05": float(deflated.p <= 0.05),
        "fold_exact_05": float((exact <= 0.05 + EDGE).mean()),
    }


def _fixed_p(task: PlannedTask, results: list[FoldResult]) -> float:
    """The usual test: labels of the test samples shuffled against the scores of one fit."""
    values = [
        auroc(result.scores, task.labels[fold.test])
        for fold, result in zip(task.scored_folds, results, strict=True)
    ]
    mean = np.mean(values, axis=0)
    return permutation_p_value(mean[1:], float(mean[0]))


def _with_true_counts(task: PlannedTask, cohort: Cohort, strata: tuple[str, ...]) -> float:
    """Share of the stored labelings whose class counts are the truth's, in every stratum."""
    obs = cohort.obs.loc[list(task.samples), ["mission", *strata]]
    group = obs.astype(str).agg("/".join, axis=1).to_numpy()
    member = (group[:, None] == np.unique(group)).astype(np.int64)
    counts = member.T @ task.labels.astype(np.int64)
    truth = member.T @ (cohort.obs.loc[list(task.samples), "condition"] == "FLT").to_numpy(np.int64)
    return float((counts == truth[:, None]).all(axis=0).mean())
