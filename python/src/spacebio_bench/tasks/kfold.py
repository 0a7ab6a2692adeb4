"""Stratified k-fold inside a single mission: another question than transfer to a new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.protocol import FoldRule, Protocol
from spacebio_bench.tasks._registry import FAMILIES, Fold, Task
from spacebio_bench.tasks._samples import Samples, labelled, make_fold, why_not
from spacebio_bench.typing import IntArray

WITHIN_MISSION = FoldRule(min_test=2, min_per_class=1)
"""A fifth of a mission is a handful of samples; the rules for whole missions do not fit it."""


@dataclass(frozen=True)
class Options:
    """Folds, and the seed that deals the samples out, as published."""

    n_splits: int = 5
    seed: int = 42


def kfold(
    cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
) -> Iterator[Task]:
    """One task for each tissue with one mission; those with several are asked by `lomo`."""
    options = Options(**protocol.task_options("kfold"))
    for tissue in sorted(cohorts):
        samples = labelled(cohorts[tissue], protocol, strata)
        folds: tuple[Fold, ...] = ()
        number = np.full(len(samples.truth), -1)
        reason = _not_asked(samples, options)
        if not reason:
            number = _dealt(samples, options)
            folds = tuple(
                make_fold(f"rep0_fold{k}", number != k, number == k, samples, WITHIN_MISSION)
                for k in range(options.n_splits)
            )
            reason = why_not(folds, samples.truth, fewest=2, alone="")
        facts = samples.facts()
        # which fold a sample is in was decided by its label: labels are exchanged within folds
        facts["strata"] = np.array(
            [f"{s}|fold{k}" for s, k in zip(samples.strata, number, strict=True)], dtype=object
        )
        yield Task(
            key=f"{tissue}.kfold",
            family="kfold",
            variant="",
            tissue=tissue,
            folds=folds,
            reason=reason,
            **facts,
        )


def _not_asked(samples: Samples, options: Options) -> str:
    missions = sorted(set(samples.missions))
    if not missions:
        return "no labelled sample"
    if len(missions) > 1:
        return f"{len(missions)} missions; lomo asks the harder question"
    fewest = int(min(samples.truth.sum(), (1 - samples.truth).sum()))
    if fewest < options.n_splits:
        return f"{fewest} samples in the smaller class, {options.n_splits} needed for the folds"
    return ""


def _dealt(samples: Samples, options: Options) -> IntArray:
    """Number of the fold that tests each sample."""
    from sklearn.model_selection import StratifiedKFold  # noqa: PLC0415 - a second of start-up

    split = StratifiedKFold(options.n_splits, shuffle=True, random_state=options.seed)
    number = np.zeros(len(samples.truth), dtype=np.intp)
    # the published code deals samples sorted by id
    by_id = np.argsort(np.asarray(samples.obs.index, dtype=str), kind="stable")
    for k, (_, test) in enumerate(split.split(by_id, samples.truth[by_id])):
        number[by_id[test]] = k
    return number


FAMILIES["kfold"] = kfold
