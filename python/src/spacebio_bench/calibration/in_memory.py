"""The product's own way from a cohort to the rows of its tables, without a file in between."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.joined import Joined
from spacebio_bench.cohort.simulate import SimulatedCohort
from spacebio_bench.grid.execute import run_units
from spacebio_bench.grid.plan import Plan
from spacebio_bench.grid.units import Bundle, Settings, UnitResult, bundles
from spacebio_bench.protocol import Protocol, load_protocol
from spacebio_bench.report.tables_cells import cell_row
from spacebio_bench.report.tables_folds import FoldTable, ScoredFold
from spacebio_bench.report.tables_io import FoldResult, Grid, NullValues, Row
from spacebio_bench.typing import FloatArray, IntArray, Matrix

TISSUE = "simulated"
NOWHERE = Path("in-memory")
BASELINE = 8.0
"""Added to simulated log2 expression, so that the protocol's expression filter keeps all genes."""


def light_protocol(*, n_bootstraps: int, models: Mapping[str, Mapping[str, object]]) -> Protocol:
    """`calibrated` with fewer bootstrap draws, other settings for some models, one seed a fit.

    The published intervals and p-values, of which nothing is claimed, are next to not computed.
    """
    protocol = _calibrated()
    return replace(
        protocol,
        models={**protocol.models, **models},
        inference=replace(protocol.inference, n_bootstraps=n_bootstraps, n_seeds=1),
        published=replace(protocol.published, n_bootstraps=2, n_permutations=1),
    )


@cache
def _calibrated() -> Protocol:
    return load_protocol("calibrated")


def as_cohort(
    simulated: SimulatedCohort, matrices: Mapping[str, Matrix] | None = None, *, by_gene: str = ""
) -> Cohort:
    """A simulated cohort as the store would hold it.

    Parameters
    ----------
    simulated
        The arrays.
    matrices
        Further feature sets, each of shape (n_samples, p).
    by_gene
        ``reversed`` stores the genes in the other order.
    """
    samples = [f"s{i:03d}" for i in range(len(simulated.labels))]
    obs = pd.DataFrame(
        {
            "mission": simulated.missions.astype(object),
            "accession": "SIM",
            "condition": np.where(simulated.labels == 1, "FLT", "GC").astype(object),
            "role": "benchmark",
            "strain": simulated.strata.astype(object),
        },
        index=samples,
    )
    x = (simulated.x + BASELINE).astype(np.float32)
    genes = tuple(f"g{i:04d}" for i in range(x.shape[1]))
    if by_gene == "reversed":
        x, genes = np.ascontiguousarray(x[:, ::-1]), genes[::-1]
    frames = {
        name: pd.DataFrame(m, index=samples, columns=[f"c{i:04d}" for i in range(m.shape[1])])
        for name, m in (matrices or {}).items()
    }
    return Cohort(TISSUE, obs, genes, x, frames, dict.fromkeys(("gene", *frames), ""))


def run_in_memory(plan: Plan, *cohorts: Cohort) -> Grid:
    """What the grid leaves of a plan for these cohorts; raises when a unit is not ok."""
    of_tissue = {cohort.tissue: cohort for cohort in cohorts}
    joined, stores = Joined(of_tissue), dict.fromkeys(of_tissue, NOWHERE)
    tasks = {cell.cell: plan.task_of[cell.task] for cell in plan.cells}
    settings = Settings(stores=stores, unit_timeout=math.inf)
    folds: dict[tuple[str, str], FoldResult] = {}
    values: dict[str, list[FloatArray]] = {}
    counts: dict[str, list[IntArray]] = {}
    names: dict[str, list[str]] = {}
    for bundle in bundles(plan, of_tissue, settings):
        found = list(run_units(bundle, joined.of(tasks[bundle.cell].stores)))
        _check(bundle.cell, found)
        folds[bundle.cell, bundle.fold] = FoldResult(
            status="ok",
            reason="",
            n_features=found[0].n_features,
            value=found[0].per_labeling[0],
            seed_values=(),
            samples=tuple(s for s in bundle.test for _ in range(_rows_of_sample(bundle))),
            scores=np.array(found[0].scores),
        )
        values.setdefault(bundle.cell, []).append(np.concatenate([r.per_labeling for r in found]))
        names.setdefault(bundle.cell, []).append(bundle.fold)
        if bundle.metric != "auroc":
            k = bundle.n_classes
            own = np.concatenate([np.reshape(r.counts, (-1, k, k)) for r in found])
            counts.setdefault(bundle.cell, []).append(own)
    nulls = {
        cell: NullValues(
            tuple(names[cell]),
            np.stack(rows),
            np.ones_like(rows, dtype=bool),
            np.stack(counts[cell]).astype(np.int32) if cell in counts else None,
        )
        for cell, rows in values.items()
    }
    return Grid(NOWHERE, folds, nulls)


def _rows_of_sample(bundle: Bundle) -> int:
    return bundle.n_classes if bundle.metric != "auroc" else 1


def _check(cell: str, found: list[UnitResult]) -> None:
    for result in found:
        if result.status != "ok":
            msg = f"{cell}: {result.status}: {result.reason}"
            raise RuntimeError(msg)


def table_rows(plan: Plan, grid: Grid) -> dict[str, tuple[Row, list[ScoredFold]]]:
    """Row of `cells.csv` and scored folds of each cell, by the cell."""
    table = FoldTable(plan, grid)
    rows = {}
    for cell in plan.cells:
        scored = list(table.of_cell(cell))
        rows[cell.cell] = cell_row(plan, cell, scored, grid.nulls.get(cell.cell), grid), scored
    return rows
