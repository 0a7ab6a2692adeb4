"""Which folds a task has, by its labels: what a submission must predict, and what is scored."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from spacebio_bench.submission.findings import Findings, listed, repeated
from spacebio_bench.submission.labels import TrueLabels
from spacebio_bench.submission.rules import published_protocol
from spacebio_bench.task_ids import TaskId
from spacebio_bench.typing import IntArray


@dataclass(frozen=True)
class TaskFold:
    """A fold of a task.

    Attributes
    ----------
    train_missions, test_mission
        Who trains, who is tested.
    positions
        Of its test samples among the labels, shape (n_test,).
    reason
        Why it cannot be scored; empty where it can. Such a fold need not be predicted.
    """

    fold: str
    train_missions: tuple[str, ...]
    test_mission: str
    positions: IntArray
    reason: str


def task_folds(
    task: TaskId, labels: TrueLabels, given: Collection[str], findings: Findings
) -> tuple[TaskFold, ...]:
    """The folds of a task, sorted by name.

    Parameters
    ----------
    given
        Folds of the submission. Where it has `fold_<M>_holdout`, as published files may, and no
        `fold_<M>_test`, that is the fold which tests mission M.
    """
    missions = labels.mission_names
    if len(missions) < 2:
        what = f"holds one mission, {listed(missions)}; none is left to train on."
        findings.add("missions", labels.where, what)
        return ()
    named = _lomo(missions, given) if task.family == "lomo" else _pairs(missions)
    folds = [
        TaskFold(name, train, test, labels.of(test), _reason(labels, test))
        for name, train, test in named
    ]
    if all(fold.reason for fold in folds):
        what = f"no fold can be scored: {'; '.join(sorted({f.reason for f in folds}))}."
        findings.add("missions", labels.where, what)
    for name in repeated(fold.fold for fold in folds):
        what = f"two pairs of missions are both called {listed([name])}; rename a mission."
        findings.add("missions", labels.where, what)
    return tuple(sorted(folds, key=lambda fold: fold.fold.encode()))


def _lomo(
    missions: tuple[str, ...], given: Collection[str]
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for test in missions:
        name, historical = f"fold_{test}_test", f"fold_{test}_holdout"
        if historical in given and name not in given:
            name = historical
        yield name, tuple(m for m in missions if m != test), test


def _pairs(missions: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for train in missions:
        for test in missions:
            if train != test:
                yield f"pair_{train}_{test}", (train,), test


def _reason(labels: TrueLabels, mission: str) -> str:
    """Why a mission cannot be a test set, by the fold rule of protocol v1; empty where it can."""
    rule = published_protocol().folds
    truth = labels.truth(labels.of(mission))
    n_positive = int(truth.sum())
    n_negative = len(truth) - n_positive
    if min(n_positive, n_negative) < rule.min_per_class:
        return f"{mission} has {n_positive} flight and {n_negative} ground samples; both are needed"
    if len(truth) < rule.min_test:
        return f"{mission} has {len(truth)} samples; {rule.min_test} are needed"
    return ""
