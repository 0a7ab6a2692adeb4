"""Leave one mission out: train on all missions of a tissue but one, test on that one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.protocol import Protocol
from spacebio_bench.tasks._registry import FAMILIES, Task
from spacebio_bench.tasks._samples import labelled, make_fold, why_not


def lomo(
    cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
) -> Iterator[Task]:
    """One task a tissue, one fold a mission; hold-out studies take no part."""
    for tissue in sorted(cohorts):
        yield lomo_task(cohorts[tissue], protocol, strata)


def lomo_task(cohort: Cohort, protocol: Protocol, strata: Sequence[str]) -> Task:
    """The task of one tissue, which the variants of the family start from."""
    samples = labelled(cohort, protocol, strata)
    missions = samples.missions
    folds = tuple(
        make_fold(f"fold_{m}_test", missions != m, missions == m, samples, protocol.folds)
        for m in sorted(set(missions))
    )
    alone = "one mission only; leaving it out leaves nothing to train on"
    return Task(
        key=f"{cohort.tissue}.lomo",
        family="lomo",
        variant="",
        tissue=cohort.tissue,
        folds=folds,
        reason=why_not(folds, samples.truth, fewest=2, alone=alone),
        **samples.facts(),
    )


FAMILIES["lomo"] = lomo
