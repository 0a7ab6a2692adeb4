"""Plans of simulated cohorts in memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from spacebio_bench.calibration.in_memory import as_cohort
from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.simulate import SimulatedCohort
from spacebio_bench.grid.plan import Plan
from spacebio_bench.grid.planner import Selection, make_plan
from spacebio_bench.protocol import load_protocol


def planned(
    simulated: SimulatedCohort, *, models: tuple[str, ...] = ("pca_lr",), scores: bool = False
) -> tuple[Plan, dict[str, Cohort]]:
    """Leave-one-mission-out on `gene`, and on the matrix `scores` where it is asked for."""
    matrices = {"scores": simulated.x[:, :20] + 100.0} if scores else {}
    cohort = as_cohort(simulated, matrices)
    protocol = load_protocol("calibrated")
    genes = replace(protocol.genes, variance_quantile=None)
    asked = Selection(tasks=("lomo",), models=models, n_permutations={"default": 3})
    cohorts = {cohort.tissue: cohort}
    return make_plan(cohorts, replace(protocol, genes=genes), asked, seed=42), cohorts


def z_scored(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both on the mean and SD (ddof 1) of `train`."""
    mean, sd = train.mean(axis=0), train.std(axis=0, ddof=1)
    return (train - mean) / sd, (test - mean) / sd


def plausible(plan: Plan) -> pd.DataFrame:
    """Scores of every test sample of every cell: the label, seen through noise, as a log odds."""
    rng = np.random.default_rng(0)
    rows = [
        {
            "cell": cell.cell,
            "fold": fold.fold,
            "sample": task.samples[i],
            "label": y,
            "class": "1",
            "score": 2 * y - 1 + rng.normal(),
        }
        for cell in plan.cells
        for task in (plan.task_of[cell.task],)
        for fold in task.scored_folds
        for i in fold.test
        for y in (int(task.labels[i, 0]),)
    ]
    return pd.DataFrame(rows)
