"""Short ids of tasks, as the published benchmark numbers them.

A1 to A6 leave one mission out, B1 to B6 are the pairs of missions of the same tissues; tissues that
the published benchmark does not number follow, in the order of their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Family = Literal["lomo", "pairs"]

PUBLISHED_TISSUES = ("liver", "gastrocnemius", "kidney", "thymus", "skin", "eye")
"""Tissues 1 to 6."""
_LETTER: dict[Family, str] = {"lomo": "A", "pairs": "B"}
_FOLDER: dict[Family, str] = {"lomo": "lomo", "pairs": "cross_mission"}
_ID = re.compile(r"([AB])([1-9][0-9]{0,2})")


@dataclass(frozen=True)
class TaskId:
    """A task by its short id.

    Attributes
    ----------
    family
        What is asked.
    number
        From 1.
    tissue
        Of published numbers, and of those that a list of tissues gave; else empty.
    """

    family: Family
    number: int
    tissue: str = ""

    def __str__(self) -> str:
        return f"{_LETTER[self.family]}{self.number}"

    @property
    def folder(self) -> str:
        """Folder of the task in a fold package: `A5_skin_lomo`, `B5_skin_cross_mission`."""
        return f"{self}_{self.tissue}_{_FOLDER[self.family]}"

    @property
    def key(self) -> str:
        """The task of a run: `skin.lomo`."""
        return f"{self.tissue}.{self.family}"

    def fold_mission(self, fold: str) -> str:
        """The mission that a fold tests (`fold_<M>_test`); empty for other names."""
        found = re.fullmatch(r"fold_(.+)_test", fold)
        return found[1] if found and self.family == "lomo" else ""


def parse_task_id(text: str) -> TaskId | None:
    """`A5`, in any case; None for what is no id."""
    found = _ID.fullmatch(text.strip().upper())
    if found is None:
        return None
    family: Family = "lomo" if found[1] == "A" else "pairs"
    number = int(found[2])
    known = number <= len(PUBLISHED_TISSUES)
    return TaskId(family, number, PUBLISHED_TISSUES[number - 1] if known else "")


def task_ids(tissues: Iterable[str], family: Family) -> dict[str, TaskId]:
    """The id of each tissue's task: the published number, else the next one in order of names."""
    numbers = {tissue: i for i, tissue in enumerate(PUBLISHED_TISSUES, start=1)}
    further = sorted(set(tissues) - set(numbers))
    numbers |= {tissue: i for i, tissue in enumerate(further, start=len(numbers) + 1)}
    return {tissue: TaskId(family, numbers[tissue], tissue) for tissue in sorted(set(tissues))}
