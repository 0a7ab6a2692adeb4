"""What else the features know: mission, hardware, strain, gravity, duration, any sample column.

How samples are held out follows from where the target varies. Within missions: whole missions are
left out and labels are permuted within missions. Constant within missions: the same folds, and
whole missions swap their classes. The mission itself, which no left-out mission can name: k-fold
over all samples. A target that one mission alone has: its samples are left out one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import factorial, prod
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.protocol import Protocol
from spacebio_bench.tasks._registry import FAMILIES, Fold, Null, Task
from spacebio_bench.tasks._samples import within
from spacebio_bench.typing import BoolArray, Labels

FEWEST_LABELINGS = 20
"""With fewer assignments of classes to missions no p-value reaches 0.05."""

Design = Literal["repeated", "missions", "samples"]


@dataclass(frozen=True)
class Options:
    """The protocol's choices.

    ``design``: `by_design` as the module says; `published`: the targets in ``repeated`` by repeated
    k-fold, all others leaving one sample out. ``refit``: whether a p-value is made.
    ``missions``: by target, the missions that it is asked of; all where it is not there.
    ``n_bootstraps``, ``n_permutations``: of the published statistics, by target.
    """

    targets: Sequence[str]
    design: Literal["by_design", "published"]
    n_splits: int
    n_repeats: int
    seed: int
    refit: bool
    repeated: Sequence[str] = ()
    missions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    n_bootstraps: int = 0
    n_permutations: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Target:
    """Samples whose value is known; `truth` counts the sorted `classes`."""

    obs: pd.DataFrame
    classes: tuple[str, ...]
    truth: Labels
    missions: NDArray[Any]

    @property
    def varies_within(self) -> bool:
        """Whether any mission has more than one class."""
        return any(len(set(self.truth[self.missions == m])) > 1 for m in set(self.missions))


def confounder(
    cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
) -> Iterator[Task]:
    """One task a tissue and target; all samples that have a value take part, labelled or not."""
    options = Options(**protocol.task_options("confounder"))
    for tissue in sorted(cohorts):
        for target in options.targets:
            yield _task(cohorts[tissue], target, options, strata)


def _task(cohort: Cohort, target: str, options: Options, strata: Sequence[str]) -> Task:
    known = _known(cohort, target, options)
    design = _design(cohort.tissue, target, known, options)
    reason = _why_not(target, known, design, options)
    folds = () if reason else tuple(_folds(known, design, options))
    if folds and all(fold.reason for fold in folds):
        reason = "no fold can be scored: " + "; ".join(f"{f.name}: {f.reason}" for f in folds)
    over_all = target == "mission"
    columns = [*([] if over_all else ["mission"]), *strata]
    strata_of = within(known.obs, cohort.tissue, columns) if columns else _one_stratum(known)
    swapped = design == "missions" and not known.varies_within
    null, why = _null(known, options, swapped=swapped)
    return Task(
        key=f"{cohort.tissue}.confounder.{target}",
        family="confounder",
        variant=target,
        tissue=cohort.tissue,
        samples=tuple(known.obs.index),
        missions=tuple(known.missions),
        conditions=tuple(known.obs["condition"]),
        truth=known.truth,
        strata=_one_stratum(known) if swapped else strata_of,
        folds=folds,
        reason=reason,
        classes=known.classes,
        metric="macro_f1",
        null=null,
        note=why,
        blocks=tuple(known.missions) if swapped else None,
    )


def _known(cohort: Cohort, target: str, options: Options) -> _Target:
    # by id, as published: what k-fold deals out depends on the order
    obs = cohort.obs[cohort.obs["role"] == "benchmark"].sort_index()
    if target in options.missions:
        obs = obs[obs["mission"].isin(options.missions[target])]
    if target not in obs.columns:
        obs, value = obs.iloc[:0], np.array([], dtype=object)
    else:
        text = obs[target].fillna("").astype(str).str.strip()
        obs, value = obs[text != ""], text[text != ""].to_numpy(object)
    classes = tuple(sorted(set(value)))
    number = {name: i for i, name in enumerate(classes)}
    truth = np.array([number[v] for v in value], dtype=np.int8)
    return _Target(obs, classes, truth, obs["mission"].astype(str).to_numpy(object))


def _one_stratum(known: _Target) -> NDArray[Any]:
    return np.full(len(known.obs), "all", dtype=object)


def _design(tissue: str, target: str, known: _Target, options: Options) -> Design:
    if options.design == "published":
        named = {target, f"{tissue}.{target}"} & set(options.repeated)
        return "repeated" if named else "samples"
    if target == "mission":
        return "repeated"
    return "missions" if len(set(known.missions)) > 1 else "samples"


def _why_not(target: str, known: _Target, design: Design, options: Options) -> str:
    if not known.classes:
        return f"the samples tables have no value of {target}"
    if len(known.classes) == 1:
        return f"all samples have the same {target}: {known.classes[0]}"
    size = np.bincount(known.truth)
    fewest = int(size.min())
    name = known.classes[int(size.argmin())]
    if design == "repeated" and fewest < options.n_splits:
        return f"{fewest} samples of {name}, {options.n_splits} needed for the folds"
    if design == "samples" and fewest < 2:
        return f"one sample of {name}; leaving it out leaves none to train on"
    return ""


def _null(known: _Target, options: Options, *, swapped: bool) -> tuple[Null, str]:
    if not options.refit:
        return "none", ""
    n = _assignments(known) if swapped else FEWEST_LABELINGS
    if n < FEWEST_LABELINGS:
        return "none", (
            f"no p-value: {n} assignments of classes to missions, {FEWEST_LABELINGS} needed"
        )
    return "refit", ""


def _assignments(known: _Target) -> int:
    """Ways to give the missions' classes to the missions."""
    of_mission = [int(known.truth[known.missions == m][0]) for m in sorted(set(known.missions))]
    return factorial(len(of_mission)) // prod(factorial(n) for n in np.bincount(of_mission))


def _folds(known: _Target, design: Design, options: Options) -> Iterator[Fold]:
    everywhere = np.ones(len(known.truth), dtype=bool)
    if design == "missions":
        for mission in sorted(set(known.missions)):
            yield _fold(f"fold_{mission}_test", known.missions == mission, known)
    elif design == "samples":
        for i in range(len(known.truth)):
            test = ~everywhere
            test[i] = True
            yield _fold(f"rep0_fold{i}", test, known)
    else:
        from sklearn.model_selection import RepeatedStratifiedKFold  # noqa: PLC0415 - a second

        split = RepeatedStratifiedKFold(
            n_splits=options.n_splits, n_repeats=options.n_repeats, random_state=options.seed
        )
        for k, (_, at) in enumerate(split.split(known.truth, known.truth)):
            test = ~everywhere
            test[at] = True
            yield _fold(f"rep{k // options.n_splits}_fold{k % options.n_splits}", test, known)


def _fold(name: str, test: BoolArray, known: _Target) -> Fold:
    new = sorted(set(known.truth[test].tolist()) - set(known.truth[~test].tolist()))
    reason = ""
    if len(set(known.truth[~test].tolist())) < 2:
        reason = "the training samples have one class only"
    elif len(new) == len(set(known.truth[test].tolist())):
        told = ", ".join(known.classes[c] for c in new)
        reason = f"no training sample is of the class that is tested ({told})"
    return Fold(
        name=name,
        train=np.flatnonzero(~test),
        test=np.flatnonzero(test),
        train_missions=tuple(sorted(set(known.missions[~test]))),
        test_missions=tuple(sorted(set(known.missions[test]))),
        reason=reason,
    )


FAMILIES["confounder"] = confounder
