"""What a task is, and the list of task families."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol as Interface

from numpy.typing import NDArray

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.protocol import Protocol
from spacebio_bench.typing import IntArray, Labels


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
        The labelled samples in the protocol's order.
    truth
        Their labels, shape (n_samples,), 1 or 0.
    strata
        Labels are permuted within equal values of it, shape (n_samples,), strings.
    folds
        All folds, the degenerate ones too.
    reason
        Empty, or why the question cannot be put to these data.
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


class TaskFamily(Interface):
    """A kind of question: yields its tasks for the cohorts of a run."""

    def __call__(
        self, cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
    ) -> Iterator[Task]:
        """Yield tasks, those that cannot be asked too (with a reason)."""
        ...


FAMILIES: dict[str, TaskFamily] = {}
"""Every family by its name; `tasks/__init__.py` lists the files."""
