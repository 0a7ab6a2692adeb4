"""Cohorts with a planted signature: it is found, and the order of the genes does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from spacebio_bench.calibration.experiment import Measure
from spacebio_bench.calibration.in_memory import (
    as_cohort,
    light_protocol,
    run_in_memory,
    table_rows,
)
from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.simulate import simulate_cohort
from spacebio_bench.grid.planner import Selection, make_plan
from spacebio_bench.report.tables_io import Grid, Row

SAME = 1e-9


@dataclass(frozen=True)
class PlantedCohorts:
    """Cohorts with a strong signature: the mean AUROC that each model reaches."""

    name: str
    what: str
    group_sizes: tuple[tuple[int, int], ...]
    effect: float
    n_genes: int
    models: tuple[str, ...]
    cohorts: int
    quick_cohorts: int = 0

    def replicate(self, seed: int) -> Mapping[Measure, float]:
        """Draw one cohort and measure it."""
        cohort = as_cohort(
            simulate_cohort(
                group_sizes=self.group_sizes, n_genes=self.n_genes, effect=self.effect, seed=seed
            )
        )
        rows, _ = _run(cohort, self.models, labelings=0, seed=seed)
        return {Measure("planted", row["model"]): row["value_mean"] for row in rows.values()}


@dataclass(frozen=True)
class ReorderedCohorts:
    """The same cohort with its genes stored in two orders.

    A strong signature makes a nearest-neighbour vote unanimous in many samples: their scores are 1
    but for the rounding of a sum, whose last bit the order of the genes decides.
    """

    name: str
    what: str
    group_sizes: tuple[tuple[int, int], ...]
    effect: float
    model: str = "knn"
    labelings: int = 19
    cohorts: int = 500
    quick_cohorts: int = 0
    simulation: Mapping[str, float] = field(default_factory=dict)

    def replicate(self, seed: int) -> Mapping[Measure, float]:
        """Draw one cohort and measure it: 1 where a number depends on the order."""
        simulated = simulate_cohort(
            group_sizes=self.group_sizes, n_genes=40, effect=self.effect, signature=0.3, seed=seed
        )
        found = []
        for order in ("", "reversed"):
            cohort = as_cohort(simulated, by_gene=order)
            rows, grid = _run(cohort, (self.model,), labelings=self.labelings, seed=seed)
            found.append((rows, grid))
        (first, first_grid), (second, second_grid) = found
        differs = any(
            abs(first[cell]["p_value"] - second[cell]["p_value"]) > SAME
            or abs(first_grid.nulls[cell].value - second_grid.nulls[cell].value).max() > SAME
            for cell in first
        )
        return {Measure("reordered", self.model): float(differs)}


def _run(
    cohort: Cohort, models: tuple[str, ...], *, labelings: int, seed: int
) -> tuple[dict[str, Row], Grid]:
    selection = Selection(models=models, n_permutations={"default": labelings})
    protocol = light_protocol(n_bootstraps=2, models={})
    plan = make_plan({cohort.tissue: cohort}, protocol, selection, seed=seed)
    grid = run_in_memory(plan, cohort)
    return {cell: row for cell, (row, _) in table_rows(plan, grid).items()}, grid
