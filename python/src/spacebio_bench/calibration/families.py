"""Tasks of many correlated cells in which nothing is to be found: how often any cell finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from spacebio_bench.calibration.experiment import Measure
from spacebio_bench.calibration.in_memory import (
    as_cohort,
    light_protocol,
    run_in_memory,
    table_rows,
)
from spacebio_bench.cohort.simulate import simulate_cohort
from spacebio_bench.grid.planner import Selection, make_plan
from spacebio_bench.report.tables_multiplicity import add_p_maxt


@dataclass(frozen=True)
class NullFamilies:
    """Null cohorts with two models on five feature sets: the genes, parts of them, with noise."""

    name: str
    what: str
    group_sizes: tuple[tuple[int, int], ...]
    cohorts: int = 2000
    quick_cohorts: int = 0
    labelings: int = 99

    def replicate(self, seed: int) -> Mapping[Measure, float]:
        """Draw one cohort and measure it."""
        simulated = simulate_cohort(group_sizes=self.group_sizes, n_genes=24, seed=seed)
        x = simulated.x
        noise = np.random.default_rng(seed).normal(size=x.shape)
        matrices = {"first": x[:, :12], "second": x[:, 12:], "noisy": x + noise, "noise": noise}
        cohort = as_cohort(simulated, matrices)
        models: dict[str, Mapping[str, object]] = {"knn": {}, "pca_lr": {"n_components": 5}}
        selection = Selection(models=tuple(models), n_permutations={"default": self.labelings})
        protocol = light_protocol(n_bootstraps=2, models=models)
        plan = make_plan({cohort.tissue: cohort}, protocol, selection, seed=seed)
        grid = run_in_memory(plan, cohort)
        rows = [row for row, _ in table_rows(plan, grid).values()]
        add_p_maxt(rows, plan, grid.nulls)
        of = f"{len(rows)} cells"
        return {
            Measure("max_t_05", of): float(min(row["p_maxt"] for row in rows) <= 0.05 + 1e-9),
            Measure("any_05", of): float(min(row["p_value"] for row in rows) <= 0.05 + 1e-9),
        }
