"""Every ordered pair of missions of a tissue: train on one, test on the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import permutations

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.protocol import Protocol
from spacebio_bench.tasks._registry import FAMILIES, Task
from spacebio_bench.tasks._samples import labelled, make_fold, why_not


def pairs(
    cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
) -> Iterator[Task]:
    """One task a tissue, one fold an ordered pair; hold-out studies take no part."""
    for tissue in sorted(cohorts):
        samples = labelled(cohorts[tissue], protocol, strata)
        missions = samples.missions
        folds = tuple(
            make_fold(f"pair_{a}_{b}", missions == a, missions == b, samples, protocol.folds)
            for a, b in permutations(sorted(set(missions)), 2)
        )
        alone = "one mission only; there is no other to test on"
        yield Task(
            key=f"{tissue}.pairs",
            family="pairs",
            variant="",
            tissue=tissue,
            folds=folds,
            reason=why_not(folds, samples.truth, fewest=2, alone=alone),
            **samples.facts(),
        )


FAMILIES["pairs"] = pairs
