"""What a task is, and the list of task families."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from typing import Protocol as Interface

from numpy.typing import NDArray

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.protocol import Protocol
from spacebio_bench.typing import Change, IntArray, Labels

Metric = Literal["auroc", "macro_f1"]
Null = Literal["refit", "fixed", "none"]


@dataclass(frozen=True)
class Fold:
    """Train and test samples, as positions among the samples of the task.

    `reason` is empty, or says why the data make the fold degenerate.
    """

    name: str
    train: IntArray
    test: IntArray
    train_missions: tuple[str, ...]
    test_missions: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True)
class Task:
    """A question put to a cohort.

    Attributes
    ----------
    key
        `<tissue>.<family>[.<variant>]`.
    samples, missions, conditions
        The samples in the protocol's order.
    truth
        Their classes, shape (n_samples,), 0 to k - 1; 1 or 0 where the metric is `auroc`.
    strata
        Labels are permuted within equal values of it, shape (n_samples,), strings.
    folds
        All folds, the degenerate ones too.
    reason
        Empty, or why the question cannot be put to these data.
    classes
        What the classes are called.
    metric
        `auroc`: mean over folds. `macro_f1`: of all folds' predictions together.
    null
        Where the p-value comes from: `refit` under permuted labels; `fixed`, the test labels
        permuted against fixed scores, where train and test are independent; `none`, for the reason
        in `note`.
    note
        What a reader of its results has to know, said with every cell that runs.
    blocks
        Where whole missions have one class: samples that keep one class when labels are permuted,
        shape (n_samples,).
    sources
        Tissues whose stores it reads, where these are not its own: train first, then test. Samples
        are then called `<tissue>:<sample>`.
    changes
        What is done to the features.
    settings
        Settings of models in place of the protocol's, by model.
    feature_sets
        The feature sets that the question is about; None for all.
    """

    key: str
    family: str
    variant: str
    tissue: str
    samples: tuple[str, ...]
    missions: tuple[str, ...]
    conditions: tuple[str, ...]
    truth: Labels
    strata: NDArray[object]  # type: ignore[type-var]
    folds: tuple[Fold, ...]
    reason: str = ""
    classes: tuple[str, ...] = ("0", "1")
    metric: Metric = "auroc"
    null: Null = "refit"
    note: str = ""
    blocks: tuple[str, ...] | None = None
    sources: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    feature_sets: tuple[str, ...] | None = None


class TaskFamily(Interface):
    """A kind of question: yields its tasks for the cohorts of a run."""

    def __call__(
        self, cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
    ) -> Iterator[Task]:
        """Yield tasks, those that cannot be asked too (with a reason)."""
        ...


FAMILIES: dict[str, TaskFamily] = {}
"""Every family by its name; `tasks/__init__.py` lists the files."""
