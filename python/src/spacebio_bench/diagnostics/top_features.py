"""Rows of `top_features.csv`: what the models of leave-one-mission-out look at, fold by fold.

Weights are of fits on the true labels. They describe a model; they are no test of a feature, and
correlated features share or hide each other's weight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.diagnostics._folds import fold_features, for_model
from spacebio_bench.diagnostics.linear_weights import linear_weights
from spacebio_bench.diagnostics.permuted_features import HeldOut, permutation_losses
from spacebio_bench.errors import NotApplicableError
from spacebio_bench.grid.plan import Plan, PlannedTask
from spacebio_bench.identity import identity_seed
from spacebio_bench.models import build_model, unavailable_reason
from spacebio_bench.report.tables_io import Row
from spacebio_bench.statistics.importance import Stability, consensus_rank, stability
from spacebio_bench.typing import FloatArray

TOP_FEATURE_COLUMNS = (
    "task",
    "feature_set",
    "model",
    "feature",
    "symbol",
    "importance",
    "mean_importance",
    "sign_consistency",
    "n_folds_in_top",
    "n_folds",
    "mean_rank",
    "consensus_rank",
)
MODELS = ("pca_lr", "elasticnet_lr")
TOP = 25


def top_features(
    plan: Plan,
    cohorts: Mapping[str, Cohort],
    *,
    features: Sequence[str] = (),
    models: Sequence[str] = MODELS,
) -> list[Row]:
    """The `TOP` features of every task, feature set and model, and the rank all models give them.

    Parameters
    ----------
    plan
        Its `lomo` tasks are looked at, on the folds that are scored.
    cohorts
        By tissue.
    features
        Feature sets; those planned when empty.
    models
        Names; those that the protocol has not, that this machine cannot run, or whose solver keeps
        no weights are left out. Linear ones give coefficients of the scaled features; any other
        gives `permutation` importances, at about 250 fits a fold.

    Returns
    -------
    Sorted by task, feature set and model, then by `mean_rank`; `importance` says of what kind.
    `consensus_rank` is over the models of the rows at hand.
    """
    usable = [m for m in models if m in plan.protocol.models and not unavailable_reason(m)]
    rows: list[Row] = []
    for task in lomo_tasks(plan):
        cohort = cohorts[task.tissue]
        symbol = dict(zip(cohort.genes, cohort.symbols, strict=False))
        for feature in planned_features(plan, task, features):
            found = _of_feature_set(plan, task, cohort, feature, usable)
            rows += _rows(task, feature, found, symbol)
    return rows


def lomo_tasks(plan: Plan) -> list[PlannedTask]:
    """The plain leave-one-mission-out tasks that can run."""
    return [t for t in plan.tasks if t.family == "lomo" and not t.variant and t.status == "ok"]


def planned_features(plan: Plan, task: PlannedTask, asked: Sequence[str] = ()) -> list[str]:
    """Feature sets of a task that some cell of the plan can run, bytewise sorted."""
    cells = [c for c in plan.cells if c.task == task.task and c.status == "ok"]
    there = {c.feature for c in cells if not asked or c.feature in asked}
    return sorted(there, key=str.encode)


@dataclass(frozen=True)
class _Cell:
    """One model on one feature set; `names` are the features of any of its folds."""

    model: str
    kind: str
    names: tuple[str, ...]
    n_folds: int
    summary: Stability


def _of_feature_set(
    plan: Plan, task: PlannedTask, cohort: Cohort, feature: str, models: Sequence[str]
) -> list[_Cell]:
    rows = cohort.rows(task.samples)
    labels = np.ascontiguousarray(task.labels[:, 0])
    found: dict[str, list[dict[str, float]]] = {}
    kinds: dict[str, str] = {}
    for fold in task.scored_folds:
        try:
            matrix = fold_features(
                cohort, feature, rows[fold.train], rows[fold.test], plan.protocol
            )
        except NotApplicableError:
            continue
        for model in models:
            scaled = for_model(matrix, feature, model, plan.protocol)
            held = HeldOut(scaled.train, scaled.test, labels[fold.train], labels[fold.test])
            seed = identity_seed(plan.seed, task.task, feature, model, fold.fold, "importance")
            try:
                kind, weights = _importance(plan, model, held, seed)
            except NotApplicableError:
                continue
            kinds[model] = kind
            found.setdefault(model, []).append(
                dict(zip(scaled.names, weights.tolist(), strict=True))
            )
    names = tuple(sorted({n for folds in found.values() for f in folds for n in f}, key=str.encode))
    return [_cell(model, kinds[model], names, folds) for model, folds in found.items()]


def _importance(plan: Plan, model: str, fold: HeldOut, seed: int) -> tuple[str, FloatArray]:
    built = build_model(model, **plan.protocol.models[model])
    weights = linear_weights(built, fold.x_train, fold.y_train, seed=seed)
    if weights is not None:
        return "coefficient", weights
    return "permutation", permutation_losses(built, fold, seed=seed)


def _cell(
    model: str, kind: str, names: tuple[str, ...], folds: Sequence[Mapping[str, float]]
) -> _Cell:
    importances = np.array([[fold.get(name, np.nan) for name in names] for fold in folds])
    summary = stability(importances, top=TOP, signed=kind == "coefficient")
    return _Cell(model, kind, names, len(folds), summary)


def _rows(
    task: PlannedTask, feature: str, cells: Sequence[_Cell], symbol: Mapping[str, str]
) -> list[Row]:
    if not cells:
        return []
    consensus = consensus_rank([cell.summary.mean_rank for cell in cells])
    rows: list[Row] = []
    for cell in sorted(cells, key=lambda c: c.model.encode()):
        s = cell.summary
        weighs = np.flatnonzero(s.mean != 0)
        first = weighs[np.argsort(s.mean_rank[weighs], kind="stable")][:TOP]
        rows += [
            {
                "task": task.task,
                "feature_set": feature,
                "model": cell.model,
                "feature": cell.names[i],
                "symbol": symbol.get(cell.names[i], ""),
                "importance": cell.kind,
                "mean_importance": float(s.mean[i]),
                "sign_consistency": float(s.sign_consistency[i]),
                "n_folds_in_top": int(s.n_folds_in_top[i]),
                "n_folds": cell.n_folds,
                "mean_rank": float(s.mean_rank[i]),
                "consensus_rank": float(consensus[i]),
            }
            for i in first
        ]
    return rows
