"""SUMMARIZE: from what was planned and what the grid found to the result tables.

Every planned cell and fold is a row, with its numbers or with the reason why it has none. The same
inputs give the same bytes.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.grid.plan import Plan
from spacebio_bench.report.tables_canaries import CANARY_COLUMNS, canary_rows
from spacebio_bench.report.tables_cells import CELL_COLUMNS, add_q, cell_row
from spacebio_bench.report.tables_classes import (
    CLASS_COLUMNS,
    CONFOUNDER_COLUMNS,
    CONFUSION_COLUMNS,
    class_tables,
)
from spacebio_bench.report.tables_comparisons import COMPARISON_COLUMNS, comparison_rows
from spacebio_bench.report.tables_conservation import (
    CONSERVATION_COLUMNS,
    conservation_rows,
    planned_missions,
)
from spacebio_bench.report.tables_folds import FOLD_COLUMNS, FoldTable, ScoredFold
from spacebio_bench.report.tables_io import Row, copy_nulls, read_grid, write_csv, write_parquet
from spacebio_bench.report.tables_multiplicity import add_p_maxt
from spacebio_bench.report.tables_paired import (
    BATCH_COLUMNS,
    PAIRED_COLUMNS,
    batch_rows,
    gene_vs_pathway_rows,
)
from spacebio_bench.report.tables_pooled import POOLED_COLUMNS, pooled_rows
from spacebio_bench.report.tables_ranks import add_ranks

PREDICTION_COLUMNS = ("cell", "fold", "sample", "label", "class", "score")
COST_COLUMNS = (
    "cell",
    "fold",
    "fit_cpu_s",
    "score_cpu_s",
    "units_reused",
    "peak_rss_mb",
    "worker",
)


def write_tables(
    plan_folder: Path, grid_folder: Path, outdir: Path, *, enrichment: pd.DataFrame | None = None
) -> list[Row]:
    """Write every result table; returns the rows of `cells.csv`.

    `enrichment`: NES of the missions of all tissues, empty where the stores have none. Without it,
    or where no pairs of missions were asked about, there is no `conservation.csv`.

    Raises
    ------
    InputError
        A folder is not what `plan` or `run` write.
    """
    if not (plan_folder / "plan.json").is_file():
        raise InputError([Problem(str(plan_folder), "holds no plan.json; `plan` writes it.")])
    plan, grid = Plan.load(plan_folder), read_grid(grid_folder)
    outdir.mkdir(parents=True, exist_ok=True)
    table = FoldTable(plan, grid)
    cells: list[Row] = []
    scored: dict[str, list[ScoredFold]] = {}
    for cell in sorted(plan.cells, key=lambda c: c.cell.encode()):
        scored[cell.cell] = list(table.of_cell(cell))
        cells.append(cell_row(plan, cell, scored[cell.cell], grid.nulls.get(cell.cell), grid))
    folds = [fold.row for own in scored.values() for fold in own]
    add_q(cells)
    add_p_maxt(cells, plan, grid.nulls)
    add_ranks(cells, plan, scored)
    write_csv(outdir / "cells.csv", tuple(CELL_COLUMNS), cells)
    write_parquet(outdir / "cells.parquet", CELL_COLUMNS, cells)
    write_csv(outdir / "folds.csv", tuple(FOLD_COLUMNS), folds)
    write_csv(outdir / "comparisons.csv", COMPARISON_COLUMNS, comparison_rows(plan, cells, folds))
    write_csv(outdir / "pooled.csv", POOLED_COLUMNS, pooled_rows(plan, grid, cells, folds))
    about, classes, mistaken = class_tables(plan, grid, cells)
    write_csv(outdir / "confounders.csv", CONFOUNDER_COLUMNS, about)
    write_csv(outdir / "classes.csv", CLASS_COLUMNS, classes)
    write_csv(outdir / "confusion.csv", CONFUSION_COLUMNS, mistaken)
    paired = gene_vs_pathway_rows(plan, cells, folds)
    write_csv(outdir / "gene_vs_pathway.csv", PAIRED_COLUMNS, paired)
    write_csv(outdir / "batch.csv", BATCH_COLUMNS, batch_rows(plan, cells, folds))
    write_csv(outdir / "canaries.csv", CANARY_COLUMNS, canary_rows(cells, grid.nulls))
    if enrichment is not None and any(task.family == "pairs" for task in plan.tasks):
        missions = planned_missions(plan)
        conserved = conservation_rows(missions, enrichment, cells, folds, seed=plan.seed)
        write_csv(outdir / "conservation.csv", CONSERVATION_COLUMNS, conserved)
    _write_predictions(grid_folder, outdir)
    _write_costs(grid_folder, outdir)
    copy_nulls(grid_folder, outdir)
    return cells


def _write_predictions(grid: Path, outdir: Path) -> None:
    """Sorted by cell and fold; within a fold in the order of the protocol."""
    predictions = pd.read_parquet(grid / "predictions.parquet")[list(PREDICTION_COLUMNS)]
    key = [
        f"{c}\0{f}".encode() for c, f in zip(predictions["cell"], predictions["fold"], strict=True)
    ]
    order = pd.Series(key, dtype=object).argsort(kind="stable").to_numpy()
    predictions.iloc[order].to_parquet(outdir / "predictions.parquet", index=False)


def _write_costs(grid: Path, outdir: Path) -> None:
    costs = pd.read_csv(grid / "costs.csv", keep_default_na=False, dtype=str)
    rows = [{str(k): v for k, v in row.items()} for row in costs.to_dict("records")]
    rows.sort(key=lambda row: (row["cell"].encode(), row["fold"].encode()))
    write_csv(outdir / "costs.csv", COST_COLUMNS, rows)
