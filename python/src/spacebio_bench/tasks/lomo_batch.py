"""Leave one mission out after taking the missions' differences away, beside `lomo` without.

All of it is transductive: the test mission's samples, though not their labels, take part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.protocol import Protocol
from spacebio_bench.tasks._registry import FAMILIES, Task
from spacebio_bench.tasks.lomo import lomo_task
from spacebio_bench.typing import Change

WITHIN_MISSION = "within_mission"


@dataclass(frozen=True)
class Options:
    """`limma`, `combat_seq`: layers of the store, made by R. `within_mission`: z-scores."""

    methods: Sequence[str]


def lomo_batch(
    cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
) -> Iterator[Task]:
    """A variant of `lomo` for every tissue and method."""
    options = Options(**protocol.task_options("lomo.batch"))
    for tissue in sorted(cohorts):
        task = lomo_task(cohorts[tissue], protocol, strata)
        for method in options.methods:
            own = method == WITHIN_MISSION
            yield replace(
                task,
                key=f"{task.key}.batch_{method}",
                variant=f"batch_{method}",
                changes=(Change(method, 0) if own else Change("layer", method),),
                feature_sets=None if own else ("gene",),
            )


FAMILIES["lomo.batch"] = lomo_batch
