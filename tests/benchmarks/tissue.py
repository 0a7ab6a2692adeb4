"""The scores of a six-mission tissue, from predictions to the row of `cells.csv`, refits aside."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from folds import simulated_labels
from sklearn.metrics import roc_auc_score
from timing import Result, Timed, cpu

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.grid.plan import Plan
from spacebio_bench.grid.planner import Selection, make_plan
from spacebio_bench.protocol import Protocol, PublishedStatistics, load_protocol
from spacebio_bench.report.tables_cells import add_q, cell_row
from spacebio_bench.report.tables_comparisons import comparison_rows
from spacebio_bench.report.tables_folds import FoldTable
from spacebio_bench.report.tables_io import FoldResult, Grid, Row
from spacebio_bench.report.tables_multiplicity import add_p_maxt
from spacebio_bench.report.tables_pooled import pooled_rows
from spacebio_bench.report.tables_ranks import add_ranks
from spacebio_bench.statistics import exact, published
from spacebio_bench.statistics.auroc import auroc

MISSIONS = {"MHU-2": 9, "RR-1": 21, "RR-3": 18, "RR-6": 58, "RR-8": 103, "RR-9": 34}
"""243 samples; the largest mission as large as the liver's."""

LIMIT = 0.5


def results(*, quick: bool) -> Iterator[Result]:
    missions = {m: n // 3 for m, n in MISSIONS.items()} if quick else MISSIONS
    protocol = load_protocol("calibrated")
    if quick:
        few = replace(protocol.published, n_bootstraps=200, n_permutations=100)
        protocol = replace(protocol, published=few)
    size = f"6 missions, {sum(missions.values())} samples"
    plan, grid = _scored_tissue(missions, protocol, ("knn",))
    row = _evaluate(plan, grid)[0]
    usual, pieces = _usual(plan, grid)
    yield Result(
        "every statistic of a tissue but refits, one model",
        size,
        cpu(lambda: _evaluate(plan, grid), repeats=5),
        floor=LIMIT,
        difference=max(
            abs(row[name] - np.mean([piece[name] for piece in pieces]))
            for name in ("value_mean", "pub_p", "pub_ci_low", "pub_ci_high")
        ),
        allowed=1e-12,
        remark=f"nothing cached; `roc_auc_score` in loops takes {usual.seconds:.0f} s",
    )
    models = tuple(name for name in protocol.models_of("lomo") if name != "tabnet")
    several, their_grid = _scored_tissue(missions, protocol, models)
    yield Result(
        f"the same, {len(models)} models, with ranks and comparisons",
        size,
        cpu(lambda: _evaluate(several, their_grid), repeats=3),
        remark="nothing cached to begin with",
    )


def _scored_tissue(
    missions: dict[str, int], protocol: Protocol, models: tuple[str, ...]
) -> tuple[Plan, Grid]:
    """Planned cells and made-up scores for their folds."""
    rng = np.random.default_rng(0)
    rows = [
        {"mission": m, "accession": m, "condition": "FLT" if y else "GC", "role": "benchmark"}
        for m, n in missions.items()
        for y in simulated_labels(n, 0.34)
    ]
    names = pd.Index([f"s{i:03d}" for i in range(len(rows))], name="sample")
    x = rng.normal(6, 1, (len(rows), 20)).astype(np.float32)
    genes = tuple(f"G{i:02d}" for i in range(20))
    cohort = Cohort("liver", pd.DataFrame(rows, index=names), genes, x, {}, {"gene": "0"})
    selection = Selection(
        tasks=("lomo",), features=("gene",), models=models, n_permutations={"default": 0}
    )
    plan = make_plan({"liver": cohort}, protocol, selection, seed=1)
    (task,) = plan.tasks
    folds = {}
    for cell, fold in itertools.product(plan.cells, task.scored_folds):
        y = task.labels[fold.test, 0]
        scores = np.round(rng.normal(size=len(y)) + 0.7 * y, 2)
        folds[cell.cell, fold.fold] = FoldResult(
            status="ok",
            reason="",
            n_features=20,
            value=float(auroc(scores, y)[0]),
            seed_values=(),
            samples=tuple(task.samples[i] for i in fold.test),
            scores=scores,
        )
    return plan, Grid(Path(), folds, {})


def _evaluate(plan: Plan, grid: Grid) -> list[Row]:
    """The rows of `cells.csv` and all that `folds.csv`, comparisons and pooled values hold."""
    for cached in (exact._share_of_sums, published._resampled, published._permuted):
        cached.cache_clear()
    table = FoldTable(plan, grid)
    scored = {cell.cell: list(table.of_cell(cell)) for cell in plan.cells}
    cells = [cell_row(plan, cell, scored[cell.cell], None) for cell in plan.cells]
    folds = [fold.row for own in scored.values() for fold in own]
    add_q(cells)
    add_p_maxt(cells, plan, grid.nulls)
    add_ranks(cells, plan, scored)
    comparison_rows(plan, cells, folds)
    pooled_rows(plan, grid, cells, folds)
    return cells


def _usual(plan: Plan, grid: Grid) -> tuple[Timed, list[Row]]:
    """The published bootstrap and permutation alone, as they are usually written."""
    pieces: list[Row] = []
    task, (cell,) = plan.tasks[0], plan.cells

    def run() -> None:
        for fold in task.scored_folds:
            y = task.labels[fold.test, 0].astype(np.int64)
            scores = grid.folds[cell.cell, fold.fold].scores
            pieces.append(usual_statistics(y, scores, plan.protocol.published))

    return cpu(run, repeats=1), pieces


def our_statistics(y: np.ndarray, scores: np.ndarray, how: PublishedStatistics) -> Row:
    """The same numbers as :func:`usual_statistics`."""
    made = {"generator": how.generator, "seed": how.seed}
    low, high = published.published_interval(
        scores, y, bootstrap=how.bootstrap, n_bootstraps=how.n_bootstraps, **made
    )
    return {
        "value_mean": float(auroc(scores, y)[0]),
        "pub_p": published.published_p(scores, y, n_permutations=how.n_permutations, **made),
        "pub_ci_low": low,
        "pub_ci_high": high,
    }


def usual_statistics(y: np.ndarray, scores: np.ndarray, how: PublishedStatistics) -> Row:
    """AUROC of a fold, its bootstrap interval and its permutation p, a call for each draw."""
    observed = roc_auc_score(y, scores)
    rng, drawn = np.random.default_rng(how.seed), []
    for _ in range(how.n_bootstraps):
        i = rng.choice(len(y), len(y), replace=True)
        if len(np.unique(y[i])) == 2:
            drawn.append(roc_auc_score(y[i], scores[i]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    rng = np.random.default_rng(how.seed)
    m = how.n_permutations
    b = sum(roc_auc_score(rng.permutation(y), scores) >= observed for _ in range(m))
    return {
        "value_mean": observed,
        "pub_p": (b + 1) / (m + 1),
        "pub_ci_low": low,
        "pub_ci_high": high,
    }
