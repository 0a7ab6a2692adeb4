"""Leave one mission out: train on all missions of a tissue but one, test on that one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.protocol import FoldRule, Protocol
from spacebio_bench.tasks._registry import FAMILIES, Fold, Task
from spacebio_bench.typing import BoolArray, Labels


def lomo(
    cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
) -> Iterator[Task]:
    """One task a tissue, one fold a mission; hold-out studies take no part."""
    for tissue in sorted(cohorts):
        yield _task(cohorts[tissue], protocol, strata)


def _task(cohort: Cohort, protocol: Protocol, strata: Sequence[str]) -> Task:
    obs = cohort.obs[cohort.obs["role"] == "benchmark"]
    label = obs["condition"].map(protocol.labels.label)
    obs = obs[label.notna()]
    if protocol.sample_order == "id":
        obs = obs.sort_index()
    absent = [name for name in strata if name not in obs.columns]
    if absent:
        msg = f"the samples tables of {cohort.tissue} have no column {', '.join(absent)}."
        raise InputError([Problem("--strata", msg)])
    truth = label[obs.index].to_numpy(np.int8)
    missions = obs["mission"].astype(str).to_numpy(object)
    within = obs[["mission", *strata]].fillna("").astype(str).agg("|".join, axis=1)
    folds = tuple(
        _fold(m, missions == m, truth, missions, protocol.folds) for m in sorted(set(missions))
    )
    return Task(
        key=f"{cohort.tissue}.lomo",
        family="lomo",
        variant="",
        tissue=cohort.tissue,
        samples=tuple(obs.index),
        missions=tuple(missions),
        conditions=tuple(obs["condition"]),
        truth=truth,
        strata=within.to_numpy(object),
        folds=folds,
        reason=_why_not(folds, truth),
    )


def _fold(
    mission: str, held_out: BoolArray, truth: Labels, missions: object, rule: FoldRule
) -> Fold:
    trained_on = np.asarray(missions)[~held_out]
    return Fold(
        name=f"fold_{mission}_test",
        train=np.flatnonzero(~held_out),
        test=np.flatnonzero(held_out),
        train_missions=tuple(sorted(set(trained_on))),
        test_missions=(mission,),
        reason=_degenerate(truth[~held_out], truth[held_out], rule),
    )


def _degenerate(train: Labels, test: Labels, rule: FoldRule) -> str:
    """Why a fold of these labels cannot be scored, or an empty text."""
    n, positive = len(test), int(test.sum())
    if n < rule.min_test:
        return f"{n} test samples, {rule.min_test} needed"
    fewest = min(positive, n - positive)
    if fewest < max(rule.min_per_class, 1):
        needed = max(rule.min_per_class, 1)
        return (
            f"{positive} positive and {n - positive} negative test samples, {needed} of each needed"
        )
    if len(train) == 0 or train.min() == train.max():
        return "the training missions have one class only"
    return ""


def _why_not(folds: tuple[Fold, ...], truth: Labels) -> str:
    if len(truth) == 0:
        return "no labelled sample"
    if len(folds) < 2:
        return "one mission only; leaving it out leaves nothing to train on"
    if all(fold.reason for fold in folds):
        return "no fold can be scored: " + "; ".join(f"{f.name}: {f.reason}" for f in folds)
    return ""


FAMILIES["lomo"] = lomo
