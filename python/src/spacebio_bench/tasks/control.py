"""Questions whose answer is known: what the pipeline says where there is nothing, or something.

`shuffle`: labels shuffled within missions; `gaussian`: noise in place of the features;
`housekeeping`: genes that flight should leave alone; `planted`: noise with a signal of known
strength, which has to be found. `planted_r<i>` are the same with other noise and no p-value: they
say how strong a signal of that strength comes out.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.protocol import Protocol
from spacebio_bench.tasks._registry import FAMILIES, Task
from spacebio_bench.tasks.lomo import lomo_task
from spacebio_bench.typing import Change, Labels

DESCRIBES = "no p-value: one of the draws that say how strong the planted signal comes out"


@dataclass(frozen=True)
class Options:
    """Controls; the shift of the planted one in standard deviations, and how often it is drawn."""

    variants: Sequence[str]
    strength: float
    replicates: int


def control(
    cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
) -> Iterator[Task]:
    """The controls of every tissue, on the folds of `lomo`."""
    options = Options(**protocol.task_options("control"))
    for tissue in sorted(cohorts):
        task = lomo_task(cohorts[tissue], protocol, strata)
        for variant in options.variants:
            yield _control(task, variant, options)
        for i in range(1, options.replicates + 1) if "planted" in options.variants else ():
            again = replace(task, null="none", note=DESCRIBES)
            yield _control(again, f"planted_r{i}", options)


def _control(task: Task, variant: str, options: Options) -> Task:
    kind, _, replicate = variant.partition("_r")
    value = f"{options.strength:g}#{replicate or 0}" if kind == "planted" else 0
    changes = () if variant == "shuffle" else (Change(kind, value),)
    return replace(
        task,
        key=f"{task.tissue}.control.{variant}",
        family="control",
        variant=variant,
        truth=_shuffled(task) if variant == "shuffle" else task.truth,
        changes=changes,
        feature_sets=("gene",) if variant == "housekeeping" else None,
    )


def _shuffled(task: Task) -> Labels:
    """The labels in another order within strata, the same whatever else is planned."""
    rng = np.random.default_rng(zlib.crc32(task.key.encode()))
    truth = task.truth.copy()
    strata = task.strata.astype(str)
    for stratum in sorted(set(strata.tolist())):
        rows = np.flatnonzero(strata == stratum)
        truth[rows] = rng.permutation(truth[rows])
    return truth


FAMILIES["control"] = control
