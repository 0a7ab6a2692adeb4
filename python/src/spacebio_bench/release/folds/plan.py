"""Which folds a package has: those of a run, by the ids of the published benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.protocol import Protocol
from spacebio_bench.task_ids import Family, TaskId, task_ids
from spacebio_bench.tasks import FAMILIES, Task

PACKAGED = ("lomo", "pairs", "holdout")
"""Families that a package can hold; the folds of `holdout` go with those of `lomo`."""


@dataclass(frozen=True)
class Choice:
    """What of the stores goes into a package; empty `tissues` are all.

    Attributes
    ----------
    families
        Of `PACKAGED`.
    features
        Feature sets that are added to the genes, as `train_<feature>.csv`.
    strata
        Columns that the runs permute within; checked, and said in `task_info.json`.
    """

    families: tuple[str, ...] = PACKAGED
    tissues: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()


@dataclass(frozen=True)
class PackagedTask:
    """A folder of a package: its id and the tasks whose folds are in it."""

    id: TaskId
    cohort: Cohort
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class NotPackaged:
    """A task without a folder, and why."""

    task_id: str
    task: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"task_id": self.task_id, "task": self.task, "reason": self.reason}


def check_choice(cohorts: Mapping[str, Cohort], choice: Choice) -> None:
    """Raise InputError with every name that the stores or a package do not know."""
    matrices = sorted({name for cohort in cohorts.values() for name in cohort.matrices})
    known = {
        "--tasks": (choice.families, PACKAGED),
        "--tissues": (choice.tissues, sorted(cohorts)),
        "--features": (choice.features, matrices),
    }
    problems = [
        Problem(option, f"'{name}' is not one of {', '.join(names) or 'none'}.")
        for option, (given, names) in known.items()
        for name in given
        if name not in names
    ]
    if not choice.families:
        problems.append(Problem("--tasks", f"names none of {', '.join(PACKAGED)}."))
    if problems:
        raise InputError(problems)


def plan_package(
    cohorts: Mapping[str, Cohort], protocol: Protocol, choice: Choice
) -> tuple[list[PackagedTask], list[NotPackaged]]:
    """The folders of a package, and the tasks that have none.

    Numbers of tissues are those of all stores, whatever `choice.tissues` names.

    Raises
    ------
    InputError
        Unknown names, or what a task family finds wrong with the stores.
    """
    check_choice(cohorts, choice)
    chosen = {t: c for t, c in cohorts.items() if not choice.tissues or t in choice.tissues}
    asked = {
        family: {t.tissue: t for t in FAMILIES[family](chosen, protocol, strata=choice.strata)}
        for family in PACKAGED
        if family in choice.families
    }
    folders: list[PackagedTask] = []
    without: list[NotPackaged] = []
    together: dict[Family, tuple[str, ...]] = {"lomo": ("lomo", "holdout"), "pairs": ("pairs",)}
    for family, parts in together.items():
        ids = task_ids(cohorts, family)
        for tissue in sorted(chosen):
            tasks = [asked[part][tissue] for part in parts if part in asked]
            usable = tuple(t for t in tasks if not _why_not(chosen[tissue], t))
            if usable:
                folders.append(PackagedTask(ids[tissue], chosen[tissue], usable))
            without += [
                NotPackaged(str(ids[tissue]), task.key, _why_not(chosen[tissue], task))
                for task in tasks
                # most tissues have no hold-out study, which is no news
                if _why_not(chosen[tissue], task) and (task.folds or task.family != "holdout")
            ]
    return sorted(folders, key=lambda f: (f.id.family, f.id.number)), without


def _why_not(cohort: Cohort, task: Task) -> str:
    if not cohort.genes:
        sets = ", ".join(cohort.matrices)
        return f"the studies came without counts, so there are no genes to package (only {sets})"
    return task.reason


def names_of_folds(folders: Sequence[PackagedTask]) -> list[Problem]:
    """Folds whose names cannot be those of folders."""
    return [
        Problem(task.key, f"fold '{fold.name}' cannot be a folder: rename the mission.")
        for folder in folders
        for task in folder.tasks
        for fold in task.folds
        if "/" in fold.name or "\\" in fold.name
    ]
