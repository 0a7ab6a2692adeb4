"""Rows of `comparisons.csv`: models against models, feature sets against feature sets.

`sign_flip` is our test: its clusters are missions across tissues, because tissues of one mission
come from the same animals. `friedman` and `nemenyi` are the published benchmark's: their blocks are
tissue x feature set, as if these were independent.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import numpy as np

from spacebio_bench.grid.plan import Plan
from spacebio_bench.identity import identity_seed
from spacebio_bench.report.tables_io import Row
from spacebio_bench.statistics.comparisons import cluster_interval, friedman, nemenyi, sign_flip
from spacebio_bench.typing import FloatArray

COMPARISON_COLUMNS = (
    "by",
    "a",
    "b",
    "n_clusters",
    "difference",
    "ci_low",
    "ci_high",
    "p_value",
    "p_attainable",
    "method",
)
By = Literal["feature", "model"]
FEWEST_TREATMENTS = 3
FEWEST_BLOCKS = 2
Context = tuple[str, str, str]
"""Mission, fold within a task, and the feature set (or model) that both members of a pair share."""


def comparison_rows(plan: Plan, cells: Sequence[Row], folds: Sequence[Row]) -> list[Row]:
    """All pairs, from the leave-one-mission-out tasks without a variant.

    Parameters
    ----------
    cells, folds
        Rows of `cells.csv` and `folds.csv`.
    """
    compared = {t.task for t in plan.tasks if t.family == "lomo" and not t.variant}
    own = {row["cell"]: row for row in cells if row["task"] in compared}
    scored = [row for row in folds if row["cell"] in own and row["status"] == "ok"]
    kinds: tuple[By, ...] = ("feature", "model")
    rows = [row for by in kinds for row in _sign_flips(by, own, scored, plan.seed)]
    rows += _published(list(own.values()))
    return sorted(rows, key=lambda r: tuple(r[k].encode() for k in ("by", "method", "a", "b")))


def _sign_flips(by: By, cells: Mapping[str, Row], folds: Sequence[Row], seed: int) -> Iterator[Row]:
    other = "model" if by == "feature" else "feature"
    values: dict[str, dict[Context, float]] = {}
    for fold in folds:
        cell = cells[fold["cell"]]
        context = fold["test_missions"], f"{cell['task']}/{fold['fold']}", cell[other]
        values.setdefault(cell[by], {})[context] = fold["value"]
    for a, b in itertools.combinations(sorted(values, key=str.encode), 2):
        difference = _by_mission(values[a], values[b])
        if not len(difference):
            continue
        test = sign_flip(difference, seed=identity_seed(seed, "comparisons", by, a, b))
        low, high = cluster_interval(difference)
        yield {
            "by": by,
            "a": a,
            "b": b,
            "n_clusters": len(difference),
            "difference": float(difference.mean()),
            "ci_low": low,
            "ci_high": high,
            "p_value": test.p,
            "p_attainable": test.attainable,
            "method": "sign_flip",
        }


def _by_mission(a: Mapping[Context, float], b: Mapping[Context, float]) -> FloatArray:
    """Mean difference of each mission over whatever both have, in the order of their names."""
    missions: dict[str, list[float]] = {}
    for context in sorted(a.keys() & b.keys()):
        missions.setdefault(context[0], []).append(a[context] - b[context])
    return np.array([np.mean(own) for own in missions.values()])


def _published(cells: Sequence[Row]) -> Iterator[Row]:
    """Friedman and Nemenyi over the models that ran; a block needs all of them."""
    ok = [row for row in cells if row["status"] == "ok"]
    models = sorted({row["model"] for row in ok}, key=str.encode)
    blocks: dict[tuple[str, str], dict[str, float]] = {}
    for row in ok:
        blocks.setdefault((row["task"], row["feature"]), {})[row["model"]] = row["value_mean"]
    values = np.array(
        [[own[m] for m in models] for own in blocks.values() if len(own) == len(models)]
    )
    if len(models) < FEWEST_TREATMENTS or len(values) < FEWEST_BLOCKS:
        return
    shared = {"by": "model", "n_clusters": len(values)}
    yield {**shared, "a": "", "b": "", "p_value": friedman(values).p, "method": "friedman"}
    found = nemenyi(values)
    for i, j in itertools.combinations(range(len(models)), 2):
        difference = float(found.ranks[i] - found.ranks[j])
        yield {
            **shared,
            "a": models[i],
            "b": models[j],
            "difference": difference,
            "ci_low": difference - found.critical_difference,
            "ci_high": difference + found.critical_difference,
            "p_value": float(found.p[i, j]),
            "method": "nemenyi",
        }
