"""Train on all missions of one tissue, test on another: is the signature one of the organism?

`gene`: genes that both tissues have. `de`: those of them that differ most between the labels, on
the training tissue, or on both as published. `pathway`: the pathways of largest mean |NES| over the
missions of the training tissue. `matrix`: any other feature set that both tissues have.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.joined import qualified
from spacebio_bench.protocol import Protocol
from spacebio_bench.tasks._registry import FAMILIES, Fold, Task
from spacebio_bench.tasks._samples import degenerate, labelled
from spacebio_bench.typing import Change

UNSHARED = "unshared"


@dataclass(frozen=True)
class Options:
    """Variants, where `de` looks for differences, and how many genes and pathways are taken."""

    variants: Sequence[str]
    de_on: Literal["train", "both"]
    n_de: int
    n_pathways: int


def cross_tissue(
    cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
) -> Iterator[Task]:
    """Tasks of every ordered pair of tissues; one fold each.

    Where both tissues have samples of a mission, these may be of the same animals: the task has no
    p-value then, and a variant `<variant>_unshared` leaves the missions out of training.
    """
    options = Options(**protocol.task_options("cross_tissue"))
    for first, second in permutations(sorted(cohorts), 2):
        for variant in options.variants:
            for unshared in (False, True):
                tissues = cohorts[first], cohorts[second]
                yield from _task(tissues, protocol, strata, variant, unshared=unshared)


def _task(
    tissues: tuple[Cohort, Cohort],
    protocol: Protocol,
    strata: Sequence[str],
    variant: str,
    *,
    unshared: bool,
) -> Iterator[Task]:
    options, (first, second) = Options(**protocol.task_options("cross_tissue")), tissues
    train, test = (labelled(cohort, protocol, strata) for cohort in (first, second))
    shared = sorted(set(train.missions) & set(test.missions))
    if unshared and not shared:
        return
    used = ~np.isin(train.missions, shared) if unshared else np.ones(len(train.truth), dtype=bool)
    n = int(used.sum())
    truth = np.concatenate([train.truth[used], test.truth])
    missions = (*train.missions[used], *test.missions)
    reason = degenerate(train.truth[used], test.truth, protocol.folds)
    if n == 0:
        reason = f"every mission of {first.tissue} is in {second.tissue} too; none is left to train"
    fold = Fold(
        name=f"train_{first.tissue}_test_{second.tissue}",
        train=np.arange(n),
        test=np.arange(n, len(truth)),
        train_missions=tuple(sorted(set(missions[:n]))),
        test_missions=tuple(sorted(set(missions[n:]))),
        reason=reason,
    )
    tissue = f"{first.tissue}_to_{second.tissue}"
    name = f"{variant}_{UNSHARED}" if unshared else variant
    dependent = bool(shared) and not unshared
    yield Task(
        key=f"{tissue}.cross_tissue.{name}",
        family="cross_tissue",
        variant=name,
        tissue=tissue,
        samples=(
            *(qualified(first.tissue, s) for s in train.obs.index[used]),
            *(qualified(second.tissue, s) for s in test.obs.index),
        ),
        missions=missions,
        conditions=(*train.obs["condition"][used], *test.obs["condition"]),
        truth=truth,
        strata=np.array([*train.strata[used], *test.strata], dtype=object),
        folds=(fold,),
        reason=reason,
        null="none" if dependent else "fixed",
        note="; ".join(_notes(variant, options, shared if dependent else [])),
        sources=(first.tissue, second.tissue),
        changes=_changes(variant, options),
        feature_sets=_about(variant, first, second),
    )


def _notes(variant: str, options: Options, shared: Sequence[str]) -> Iterator[str]:
    if shared:
        both = ", ".join(shared)
        yield f"no p-value: samples of {both} in both tissues may be of the same animals"
    if variant == "de" and options.de_on == "both":
        yield "as published, the genes were chosen with the labels of the test tissue too"


def _changes(variant: str, options: Options) -> tuple[Change, ...]:
    if variant == "de":
        return (Change("de" if options.de_on == "train" else "de_both", options.n_de),)
    return (Change("top_nes", options.n_pathways),) if variant == "pathway" else ()


def _about(variant: str, first: Cohort, second: Cohort) -> tuple[str, ...]:
    if variant in ("gene", "de"):
        return ("gene",)
    both = [name for name in first.matrices if name in second.matrices]
    if variant == "pathway":
        return tuple(n for n in both if n.startswith("pathway_")) or ("pathway",)
    return tuple(both) or ("matrix",)


FAMILIES["cross_tissue"] = cross_tissue
