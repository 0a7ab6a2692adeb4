"""Rows of tasks that name classes: their folds, their cells, and how the classes are mistaken.

The value of a cell is the macro-F1 of all its test samples together; where a sample is tested more
than once, its class probabilities are averaged first, as published. Folds of one sample have no
macro-F1 worth averaging, and a left-out mission may have one class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from spacebio_bench.grid.plan import Plan, PlannedCell, PlannedTask
from spacebio_bench.identity import identity_seed
from spacebio_bench.report.tables_io import FoldResult, Grid, NullValues, Row
from spacebio_bench.statistics.class_intervals import (
    published_class_interval,
    published_class_p,
    stratified_class_bootstrap,
)
from spacebio_bench.statistics.classification import (
    accuracy,
    class_f1,
    confusion,
    macro_f1,
    predicted_class,
)
from spacebio_bench.statistics.permutation import PValue, refit_p
from spacebio_bench.typing import FloatArray, IntArray

CLASS_COLUMNS = ("cell", "class", "n_samples", "precision", "recall", "f1")
CONFUSION_COLUMNS = ("cell", "class", "named", "n_samples")
CONFOUNDER_COLUMNS = (
    "cell",
    "task",
    "target",
    "n_classes",
    "n_samples",
    "macro_f1",
    "accuracy",
    "macro_f1_chance",
    "largest_class_share",
)


@dataclass(frozen=True)
class Named:
    """The class that each tested sample is given, and its own; shapes (n,)."""

    predicted: IntArray
    truth: IntArray

    def counts(self, n_classes: int) -> IntArray:
        """Confusion matrix, shape (1, k, k)."""
        return confusion(self.predicted[None, :], self.truth, n_classes=n_classes)


def class_probabilities(result: FoldResult, n_classes: int) -> dict[str, FloatArray]:
    """Probability of each class for the test samples of a fold, by sample."""
    scores = result.scores.reshape(-1, n_classes)
    return dict(zip(result.samples[::n_classes], scores, strict=True))


def named(task: PlannedTask, cell: PlannedCell, grid: Grid) -> Named | None:
    """What a cell's folds say of their samples together; None where a fold has no result."""
    k = len(task.classes)
    total: dict[str, FloatArray] = {}
    for fold in task.scored_folds:
        result = grid.folds.get((cell.cell, fold.fold))
        if result is None or result.status != "ok":
            return None
        for sample, p in class_probabilities(result, k).items():
            total[sample] = total[sample] + p if sample in total else p
    truth = dict(zip(task.samples, task.labels[:, 0].tolist(), strict=True))
    ordered = [sample for sample in task.samples if sample in total]
    if not ordered:
        return None
    return Named(
        predicted=predicted_class(np.stack([total[sample] for sample in ordered])),
        truth=np.array([truth[sample] for sample in ordered], dtype=np.intp),
    )


def class_values(
    plan: Plan, cell: PlannedCell, task: PlannedTask, grid: Grid, nulls: NullValues | None
) -> Row:
    """Value, interval and p-value of a cell whose folds are all ok."""
    found = named(task, cell, grid)
    if found is None:
        return {}
    k = len(task.classes)
    value = float(macro_f1(found.counts(k), classes="present")[0])
    these = stratified_class_bootstrap(
        found.predicted,
        found.truth,
        k=k,
        n_draws=plan.protocol.inference.n_bootstraps,
        seed=identity_seed(plan.seed, task.task, "classes"),
    )
    row: Row = {"value_mean": value, "ci_these_low": these.low, "ci_these_high": these.high}
    return row | _published(plan, task, found, k) | _p(cell, task, nulls)


def _published(plan: Plan, task: PlannedTask, found: Named, k: int) -> Row:
    """Bootstrap of samples and permuted true labels, where the protocol has numbers of them."""
    options = plan.protocol.task_options("confounder")
    n_permutations: Mapping[str, int] = options.get("n_permutations", {})
    if not n_permutations:
        return {}
    generator: Literal["RandomState", "default_rng"] = plan.protocol.published.generator
    seed = plan.protocol.published.seed
    interval = published_class_interval(
        found.predicted,
        found.truth,
        k=k,
        generator=generator,
        n_bootstraps=int(options["n_bootstraps"]),
        seed=seed,
    )
    p = published_class_p(
        found.predicted,
        found.truth,
        k=k,
        generator=generator,
        n_permutations=n_permutations.get(task.variant, n_permutations["default"]),
        seed=seed,
    )
    return {"pub_ci_low": interval[0], "pub_ci_high": interval[1], "pub_p": p}


def _p(cell: PlannedCell, task: PlannedTask, nulls: NullValues | None) -> Row:
    if task.null != "refit" or nulls is None:
        return {"p_method": "none"}
    done = nulls.leading(cell.n_labelings)
    if done < 2:
        return {"p_method": "none"}
    found = refit_p(
        nulls.statistic(done)[None, :],
        enumerated=task.enumerated,
        n_possible=task.n_possible,
        planned=cell.n_labelings,
    )
    return p_columns(found)


def p_columns(found: PValue) -> Row:
    """A p-value as columns of `cells.csv`."""
    return {
        "p_value": found.p,
        "p_method": found.method,
        "n_permutations": found.n_permutations,
        "p_attainable": found.attainable,
    }


def class_tables(
    plan: Plan, grid: Grid, cells: Sequence[Row]
) -> tuple[list[Row], list[Row], list[Row]]:
    """Rows of `confounders.csv`, `classes.csv` and `confusion.csv`.

    Parameters
    ----------
    cells
        Rows of `cells.csv`, sorted.
    """
    of_cell = {cell.cell: cell for cell in plan.cells}
    about, classes, mistaken = [], [], []
    for row in cells:
        task = plan.task_of[row["task"]]
        if task.metric != "macro_f1" or row["status"] != "ok":
            continue
        found = named(task, of_cell[row["cell"]], grid)
        if found is None:
            continue
        k = len(task.classes)
        counts = found.counts(k)
        about.append(_about(row, task, counts, grid.nulls.get(row["cell"])))
        classes += _by_class(row["cell"], task, counts[0])
        mistaken += [
            {
                "cell": row["cell"],
                "class": task.classes[i],
                "named": task.classes[j],
                "n_samples": int(counts[0, i, j]),
            }
            for i in range(k)
            for j in range(k)
        ]
    return about, classes, mistaken


def _about(row: Row, task: PlannedTask, counts: IntArray, nulls: NullValues | None) -> Row:
    chance = None
    if nulls is not None and nulls.done.shape[1] > 1:
        done = nulls.leading(nulls.done.shape[1] - 1)
        chance = float(nulls.statistic(done)[1:].mean()) if done > 1 else None
    size = counts[0].sum(axis=1)
    return {
        "cell": row["cell"],
        "task": task.task,
        "target": task.variant,
        "n_classes": len(task.classes),
        "n_samples": int(size.sum()),
        "macro_f1": float(macro_f1(counts, classes="present")[0]),
        "accuracy": float(accuracy(counts)[0]),
        "macro_f1_chance": chance,
        "largest_class_share": float(size.max() / size.sum()),
    }


def _by_class(cell: str, task: PlannedTask, counts: IntArray) -> list[Row]:
    f1 = class_f1(counts[None, :, :])[0]
    hits, size, given = np.diagonal(counts), counts.sum(axis=1), counts.sum(axis=0)
    return [
        {
            "cell": cell,
            "class": name,
            "n_samples": int(size[i]),
            "precision": _share(hits[i], given[i]),
            "recall": _share(hits[i], size[i]),
            "f1": float(f1[i]),
        }
        for i, name in enumerate(task.classes)
    ]


def _share(part: Any, whole: Any) -> float | None:
    return float(part / whole) if whole else None
