"""Rows of `cells.csv`: what the folds of a cell say together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spacebio_bench.grid.plan import Plan, PlannedCell, PlannedTask
from spacebio_bench.protocol import GoRule
from spacebio_bench.report.tables_classes import class_values, p_columns
from spacebio_bench.report.tables_folds import ScoredFold, n_positive_of, published_of
from spacebio_bench.report.tables_io import Grid, NullValues, Row
from spacebio_bench.statistics.fixed import fixed_exact_p
from spacebio_bench.statistics.intervals import (
    Interval,
    newcombe_mean,
    next_mission,
    population_mean,
)
from spacebio_bench.statistics.multiplicity import benjamini_hochberg
from spacebio_bench.statistics.pairs import (
    pairs_population,
    pairs_these,
    published_pairs_interval,
)
from spacebio_bench.statistics.permutation import attainable, fixed_deflated_p, refit_p
from spacebio_bench.typing import FloatArray

CELL_COLUMNS = {
    "cell": str,
    "task": str,
    "family": str,
    "variant": str,
    "tissue": str,
    "feature": str,
    "model": str,
    "track": str,
    "protocol": str,
    "status": str,
    "reason": str,
    "metric": str,
    "n_folds": int,
    "n_samples": int,
    "n_positive": int,
    "value_mean": float,
    "value_sd": float,
    "value_seed_sd": float,
    "ci_these_low": float,
    "ci_these_high": float,
    "ci_population_low": float,
    "ci_population_high": float,
    "pi_next_low": float,
    "pi_next_high": float,
    "p_value": float,
    "p_method": str,
    "n_permutations": int,
    "p_attainable": float,
    "p_maxt": float,
    "q_bh": float,
    "rank_low": int,
    "rank_high": int,
    "tie_group": int,
    "pub_ci_low": float,
    "pub_ci_high": float,
    "pub_p": float,
    "pub_go": bool,
}
NONE = Interval(np.nan, np.nan)
WORST_FIRST = ("lost", "timed_out", "failed", "not_applicable")


def cell_row(
    plan: Plan,
    cell: PlannedCell,
    folds: Sequence[ScoredFold],
    nulls: NullValues | None,
    grid: Grid | None = None,
) -> Row:
    """The row of a cell; statistics are left empty unless every fold that the data allow is ok.

    `grid` is looked at where classes are named.
    """
    task = plan.task_of[cell.task]
    status, reason = _status(cell, task, folds)
    scored = [fold for fold in folds if fold.row["status"] == "ok"]
    row: Row = {
        "cell": cell.cell,
        "task": task.task,
        "family": task.family,
        "variant": task.variant,
        "tissue": task.tissue,
        "feature": cell.feature,
        "model": cell.model,
        "track": cell.track,
        "protocol": plan.protocol.name,
        "status": status,
        "reason": reason,
        "metric": task.metric,
        "n_folds": len(task.scored_folds),
        "n_samples": len(task.samples),
        "n_positive": n_positive_of(task, task.labels[:, 0]),
    }
    if status != "ok":
        return row
    if task.metric != "auroc":
        assert grid is not None, "the classes are named in the grid"
        return row | class_values(plan, cell, task, grid, nulls)
    row |= _values(plan, task, scored)
    row |= _published(plan, cell, scored)
    return row | _p_value(plan, cell, task, scored, nulls)


def add_q(rows: Sequence[Row]) -> None:
    """Fill `q_bh`: one family over all tissues for each question, controls left out.

    A question is a task family with its variant: how a variant of the benchmark comes out must not
    change what the benchmark says.
    """
    questions: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.get("p_value") is not None and row["family"] != "control":
            questions.setdefault((row["family"], row["variant"]), []).append(row)
    for family in questions.values():
        q_values = benjamini_hochberg([row["p_value"] for row in family]).tolist()
        for row, q in zip(family, q_values, strict=True):
            row["q_bh"] = q


def _status(cell: PlannedCell, task: PlannedTask, folds: Sequence[ScoredFold]) -> tuple[str, str]:
    """The worst status among the folds that the data allow, with the first reason for it."""
    if cell.status != "ok":
        return cell.status, cell.reason
    allowed = {fold.fold for fold in task.scored_folds}
    rows = [fold.row for fold in folds if fold.row["fold"] in allowed]
    for status in WORST_FIRST:
        for row in rows:
            if row["status"] == status:
                return status, f"{row['fold']}: {row['reason']}"
    return ("ok", cell.reason) if rows else ("not_applicable", "no fold can be scored")


def _values(plan: Plan, task: PlannedTask, scored: Sequence[ScoredFold]) -> Row:
    values = np.array([fold.row["value"] for fold in scored])
    n_positive = np.array([fold.row["n_positive"] for fold in scored])
    n_negative = np.array([fold.row["n_test"] for fold in scored]) - n_positive
    seeds = np.array([fold.seeds for fold in scored]).mean(axis=0)
    of_missions = task.family not in {"kfold", "cross_tissue"}
    if task.family == "pairs":
        these, like, ahead = _of_pairs(scored)
    else:
        these = newcombe_mean(values, n_positive, n_negative)
        like = population_mean(values, n_positive, n_negative) if of_missions else NONE
        ahead = next_mission(values) if of_missions else NONE
    ddof = plan.protocol.fold_sd_ddof
    return {
        "value_mean": float(values.mean()),
        "value_sd": float(values.std(ddof=ddof)) if len(values) > ddof else None,
        "value_seed_sd": float(seeds.std(ddof=1)) if len(seeds) > 1 else None,
        "ci_these_low": these.low,
        "ci_these_high": these.high,
        "ci_population_low": like.low,
        "ci_population_high": like.high,
        "pi_next_low": ahead.low,
        "pi_next_high": ahead.high,
    }


def _of_pairs(scored: Sequence[ScoredFold]) -> tuple[Interval, Interval, Interval]:
    """Intervals that know which pairs share a mission; what the next mission brings is not one."""
    values, n_positive, n_negative = _pair_table(scored)
    these = pairs_these(values, n_positive, n_negative)
    return these, pairs_population(values, n_positive, n_negative), NONE


def _pair_table(scored: Sequence[ScoredFold]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """AUROC by train and test mission, NaN where there is none; test samples of each class."""
    both = ("train_missions", "test_missions")
    missions = sorted({fold.row[name] for fold in scored for name in both})
    place = {mission: i for i, mission in enumerate(missions)}
    values = np.full((len(missions), len(missions)), np.nan)
    n_positive, n_negative = np.zeros((2, len(missions)))
    for fold in scored:
        a, b = (place[fold.row[name]] for name in both)
        values[a, b] = fold.row["value"]
        n_positive[b] = fold.row["n_positive"]
        n_negative[b] = fold.row["n_test"] - fold.row["n_positive"]
    return values, n_positive, n_negative


def _published(plan: Plan, cell: PlannedCell, scored: Sequence[ScoredFold]) -> Row:
    names = ("pub_ci_low", "pub_ci_high", "pub_p")
    task = plan.task_of[cell.task]
    row: Row = {name: float(np.mean([fold.row[name] for fold in scored])) for name in names}
    if task.family == "pairs":
        published = published_pairs_interval(
            _pair_table(scored)[0],
            n_bootstraps=plan.protocol.published.n_bootstraps,
            seed=plan.protocol.published.seed,
        )
        row["pub_ci_low"], row["pub_ci_high"] = published
    if plan.protocol.go is not None and task.family == "lomo" and not task.variant:
        mean = float(np.mean([fold.row["value"] for fold in scored]))
        gene = cell.feature == "gene"
        row["pub_go"] = go(plan.protocol.go, mean, row["pub_ci_low"], row["pub_p"], gene=gene)
    return row


def go(rule: GoRule, mean: float, ci_low: float, p: float, *, gene: bool) -> bool:
    """The published verdict: means over folds of AUROC, lower bound and p, all three."""
    low = rule.gene_ci_low_above if gene else rule.ci_low_above
    return mean > rule.auroc_above and ci_low > low and p < rule.p_below


def _p_value(
    plan: Plan,
    cell: PlannedCell,
    task: PlannedTask,
    scored: Sequence[ScoredFold],
    nulls: NullValues | None,
) -> Row:
    if task.null == "none":
        return {"p_method": "none"}
    if plan.protocol.inference.p_value == "mean_of_folds":
        m = published_of(plan.protocol, cell.feature).n_permutations
        floors = [attainable(m, 1 / fold.row["p_attainable"]) for fold in scored]
        return {
            "p_value": float(np.mean([fold.row["pub_p"] for fold in scored])),
            "p_method": "mean_of_folds",
            "n_permutations": m,
            "p_attainable": float(np.mean(floors)),
        }
    one_labeling = task.enumerated and task.labels.shape[1] == 1
    if task.null == "fixed":
        tested = [fold.fixed for fold in scored if fold.fixed is not None]
        found = fixed_exact_p(*(list(part) for part in zip(*tested, strict=True)))
    elif cell.n_labelings == 0 and not one_labeling:
        found = fixed_deflated_p(
            [fold.row["value"] for fold in scored],
            [fold.moments for fold in scored],
            n_possible=task.n_possible,
        )
    else:
        done = nulls.leading(cell.n_labelings) if nulls is not None else 0
        if nulls is None or done == 0 or (done == 1 and not one_labeling):
            return {"p_method": "none"}
        found = refit_p(
            nulls.value[:, :done],
            enumerated=task.enumerated,
            n_possible=task.n_possible,
            stop_at=plan.stop_at(cell),
            planned=cell.n_labelings,
        )
    return p_columns(found)
