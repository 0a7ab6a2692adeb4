"""Paired comparisons over folds: genes against pathways, corrected batches against none.

Clusters are missions, across tissues: folds that test the same mission are of the same animals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from spacebio_bench.grid.plan import Plan
from spacebio_bench.identity import identity_seed
from spacebio_bench.report.tables_io import Row
from spacebio_bench.statistics.transfer import paired_differences

PAIRED_COLUMNS = (
    "family",
    "variant",
    "model",
    "a",
    "b",
    "n_folds",
    "wins_a",
    "wins_b",
    "ties",
    "n_clusters",
    "difference",
    "ci_low",
    "ci_high",
    "p_value",
    "p_attainable",
)
BATCH_COLUMNS = ("feature", *PAIRED_COLUMNS[2:])
COMPARED = ("lomo", "cross_tissue", "confounder")
KINDS = {"gene": "whole", "matrix": "whole", "de": "chosen", "pathway": "chosen"}
Values = dict[tuple[str, str], tuple[float, str]]
"""Value of each (task, fold) with the mission that it tests."""


def gene_vs_pathway_rows(plan: Plan, cells: Sequence[Row], folds: Sequence[Row]) -> list[Row]:
    """Every pair of feature sets, by family, variant and model; from `cells.csv`, `folds.csv`.

    In `cross_tissue` one fold is one pair of tissues: whole feature sets are compared with whole
    ones, chosen genes with chosen pathways. Of `confounder` it is the folds that name classes.
    Positive differences are in favour of `a`.
    """
    groups: dict[tuple[str, str, str], dict[str, Values]] = {}
    for cell, fold in _scored(cells, folds):
        if cell["family"] not in COMPARED:
            continue
        if cell["variant"] == "" or cell["family"] != "lomo":
            variant = _compared(cell)
            group = groups.setdefault((cell["family"], variant, cell["model"]), {})
            context = cell["tissue"], fold["fold"]
            group.setdefault(cell["feature"], {})[context] = fold["value"], fold["test_missions"]
    return [row for key, sets in sorted(groups.items()) for row in _pairs(plan, key, sets)]


def _compared(cell: Row) -> str:
    """What feature sets are compared within; variants of `cross_tissue` are kinds of features."""
    if cell["family"] != "cross_tissue":
        return str(cell["variant"])
    kind, _, unshared = cell["variant"].partition("_")
    return "_".join(part for part in (KINDS[kind], unshared) if part)


def batch_rows(plan: Plan, cells: Sequence[Row], folds: Sequence[Row]) -> list[Row]:
    """Every batch correction (`a`) against none (`b`), on genes; positive where it helps."""
    groups: dict[tuple[str, str, str], dict[str, Values]] = {}
    for cell, fold in _scored(cells, folds):
        if cell["family"] != "lomo":
            continue
        batch = cell["variant"].startswith("batch_")
        if batch or cell["variant"] == "":
            name = cell["variant"].removeprefix("batch_") or "none"
            group = groups.setdefault(("lomo", cell["feature"], cell["model"]), {})
            context = cell["tissue"], fold["fold"]
            group.setdefault(name, {})[context] = fold["value"], fold["test_missions"]
    rows = []
    for key, by_method in sorted(groups.items()):
        none = by_method.pop("none", None)
        for method, values in sorted(by_method.items()):
            row = None if none is None else _pair(plan, key, (method, values), ("none", none))
            rows += [] if row is None else [row | {"feature": key[1]}]
    return rows


def _scored(cells: Sequence[Row], folds: Sequence[Row]) -> Iterator[tuple[Row, Row]]:
    of_cell = {cell["cell"]: cell for cell in cells}
    for fold in folds:
        if fold["status"] == "ok":
            yield of_cell[fold["cell"]], fold


def _pairs(plan: Plan, key: tuple[str, str, str], sets: Mapping[str, Values]) -> Iterator[Row]:
    for a, b in combinations(sorted(sets, key=_genes_first), 2):
        row = _pair(plan, key, (a, sets[a]), (b, sets[b]))
        if row is not None:
            yield row


def _genes_first(name: str) -> tuple[bool, str]:
    return name != "gene", name


def _pair(
    plan: Plan, key: tuple[str, str, str], a: tuple[str, Values], b: tuple[str, Values]
) -> Row | None:
    both = sorted(a[1].keys() & b[1].keys())
    if not both:
        return None
    found = paired_differences(
        np.array([a[1][fold][0] for fold in both]),
        np.array([b[1][fold][0] for fold in both]),
        [a[1][fold][1] for fold in both],
        seed=identity_seed(plan.seed, "paired", *key, a[0], b[0]),
    )
    family, variant, model = key
    return {
        "family": family,
        "variant": variant,
        "model": model,
        "a": a[0],
        "b": b[0],
        "n_folds": len(both),
        "wins_a": found.wins,
        "wins_b": found.losses,
        "ties": found.ties,
        "n_clusters": found.n_clusters,
        "difference": found.difference,
        "ci_low": found.interval.low,
        "ci_high": found.interval.high,
        "p_value": found.p,
        "p_attainable": found.attainable,
    }
