"""Which tasks the catalog's studies make, and their folds: the task families themselves say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.osdr.catalog import Wanted
from spacebio_bench.protocol import LabelRule, Protocol
from spacebio_bench.release.catalog.columns import Row
from spacebio_bench.task_ids import PUBLISHED_TISSUES, Family, task_ids
from spacebio_bench.tasks import FAMILIES, Task

_ASKED = ("lomo", "pairs", "holdout", "kfold")
_NUMBERED: Mapping[str, Family] = {"lomo": "lomo", "pairs": "pairs"}
_EACH = 10
"""Stand-in samples of a mission and class: enough that no fold is degenerate by their number."""


@dataclass(frozen=True)
class CatalogTask:
    """A task, the studies that it is made of, and its folds.

    `train` holds the studies whose samples are in folds, `held_out` those that are only tested.
    """

    id: str
    short_id: str
    task: Task
    train: tuple[Wanted, ...]
    held_out: tuple[Wanted, ...]

    @property
    def sources(self) -> tuple[Wanted, ...]:
        """All its studies."""
        return (*self.train, *self.held_out)

    def of_missions(self, missions: Sequence[str]) -> tuple[Wanted, ...]:
        """Its studies of these missions."""
        return tuple(study for study in self.sources if study.mission in missions)


def source_id(study: Wanted) -> str:
    """`<accession>.<tissue>.<mission>`."""
    return f"{study.accession}.{study.tissue}.{study.mission}"


def catalog_tasks(studies: Sequence[Wanted], protocol: Protocol) -> tuple[CatalogTask, ...]:
    """Every task that can be put to the studies, by tissue and family.

    Which folds there are depends on missions and roles alone, so the families are asked about
    stand-in samples. Whether a fold is large enough is only known once there are data.
    """
    cohorts = {
        tissue: _stand_in(tissue, [study for study in studies if study.tissue == tissue], protocol)
        for tissue in sorted({study.tissue for study in studies})
    }
    asked = (task for family in _ASKED for task in FAMILIES[family](cohorts, protocol, strata=()))
    found = [_with_sources(task, studies) for task in asked if not task.reason]
    return tuple(sorted(found, key=lambda task: task.id))


def task_row(task: CatalogTask, protocol: Protocol, seen: Mapping[str, str]) -> Row:
    """The task's row; `seen` has the status of each source."""
    asked = task.task
    states = [seen[source_id(study)] for study in task.sources]
    return {
        "task_id": task.id,
        "key": asked.key,
        "short_id": task.short_id,
        "tissue": asked.tissue,
        "family": asked.family,
        "missions": ";".join(_missions(task.train)),
        "holdout_missions": ";".join(_missions(task.held_out)),
        "accessions": ";".join(sorted({s.accession for s in task.sources}, key=_number)),
        "n_missions": len(_missions(task.sources)),
        "n_folds": len(asked.folds),
        "folds": ";".join(fold.name for fold in asked.folds),
        "label": label_words(protocol.labels),
        "metric": asked.metric,
        "protocol": protocol.name,
        "models": ";".join(protocol.models_of(asked.family)),
        "features": ";".join(_features(protocol)),
        "status": task_status(states),
        "n_sources": len(states),
        "n_sources_seen": sum(state != NOT_FETCHED for state in states),
        "manifest": f"manifests/{task.id}.json",
    }


NOT_FETCHED = "not fetched yet"
SAMPLES_SEEN = "samples seen"
COUNTS_SEEN = "counts seen"


def task_status(states: Sequence[str]) -> str:
    """One status of the states of its sources; the least of them, or that some are missing."""
    if all(state == NOT_FETCHED for state in states):
        return NOT_FETCHED
    if any(state == NOT_FETCHED for state in states):
        return "partly not fetched yet"
    return COUNTS_SEEN if all(state == COUNTS_SEEN for state in states) else SAMPLES_SEEN


def label_words(rule: LabelRule) -> str:
    """`FLT is 1; GC, VC are 0; BC, AG are left out`."""

    def told(names: Sequence[str], what: str) -> str:
        return f"{', '.join(names)} {'are' if len(names) > 1 else 'is'} {what}"

    parts = [(rule.positive, "1"), (rule.negative, "0"), (rule.dropped, "left out")]
    return "; ".join(told(names, what) for names, what in parts if names)


def _features(protocol: Protocol) -> tuple[str, ...]:
    """As a run plans them: genes, each collection of gene sets, both."""
    both = ("combined",) if protocol.combined != "none" else ()
    return ("gene", "pathway_<collection>", *both)


def _missions(studies: Sequence[Wanted]) -> list[str]:
    return sorted({study.mission for study in studies})


def _number(accession: str) -> tuple[int, str]:
    digits = accession.removeprefix("OSD-")
    return (int(digits), "") if digits.isdecimal() else (0, accession)


def _with_sources(task: Task, studies: Sequence[Wanted]) -> CatalogTask:
    own = [study for study in studies if study.tissue == task.tissue]
    train = tuple(study for study in own if study.role == "benchmark")
    held_out = tuple(study for study in own if study.role == "holdout")
    short = ""
    family = _NUMBERED.get(task.family)
    if family and task.tissue in PUBLISHED_TISSUES:
        name = task_ids([task.tissue], family)[task.tissue]
        short, full = str(name), name.folder
    else:
        full = f"{task.tissue}_{task.family}"
    return CatalogTask(full, short, task, train, held_out if task.family == "holdout" else ())


def _stand_in(tissue: str, studies: Sequence[Wanted], protocol: Protocol) -> Cohort:
    """Samples of each study and class, without a gene: they have names and nothing else."""
    conditions = (protocol.labels.positive[0], protocol.labels.negative[0])
    rows = [
        (f"{study.accession}.{study.mission}.{condition}.{i}", study, condition)
        for study in studies
        for condition in conditions
        for i in range(_EACH)
    ]
    obs = pd.DataFrame(
        {
            "mission": [study.mission for _, study, _ in rows],
            "accession": [study.accession for _, study, _ in rows],
            "condition": [condition for _, _, condition in rows],
            "role": [study.role for _, study, _ in rows],
        },
        index=pd.Index([name for name, _, _ in rows], dtype=object),
        dtype=object,
    )
    nothing = np.zeros((len(rows), 0), dtype=np.float32)
    return Cohort(tissue=tissue, obs=obs, genes=(), x=nothing, matrices={}, digests={})
