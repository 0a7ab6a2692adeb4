"""Does `task_info.json` say of its folds what these say of themselves?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spacebio_bench.release.folds.listing import TASK_INFO

_COUNTED = ("BC", "AG")


def task_problems(path: Path, infos: Mapping[str, Mapping[str, Any] | None]) -> Iterator[str]:
    """What is wrong with the `task_info.json` of a task's folder.

    Parameters
    ----------
    infos
        `fold_info.json` of each fold's folder; None where it cannot be read.
    """
    try:
        info = json.loads((path / TASK_INFO).read_text(encoding="utf-8"))
        told = {fold["fold"]: fold for fold in info["folds"]}
        left_out = [fold["fold"] for fold in info["folds_left_out"]]
        missions = set(info["missions"])
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        yield f"cannot be read as what is told of a task: {error!r}"
        return
    for name in sorted(set(told) ^ set(infos)):
        place = "has no folder" if name in told else "has a folder and is not listed"
        yield f"fold {name} {place}."
    for name in sorted(set(left_out) & set(infos)):
        yield f"fold {name} was left out, yet has a folder."
    for key, n in (("n_folds_generated", len(told)), ("n_missions", len(missions))):
        if info.get(key) != n:
            yield f"{key} is {info.get(key)}, {n} are listed."
    for name in sorted(set(told) & set(infos)):
        fold = infos[name]
        if fold is not None:
            for what in _fold_problems(fold, told[name], info, missions):
                yield f"fold {name}: {what}"


def _fold_problems(
    fold: Mapping[str, Any], told: Mapping[str, Any], task: Mapping[str, Any], missions: set[str]
) -> Iterator[str]:
    own = {**fold, "excluded_bc_ag_samples": _counted(fold)}
    differ = sorted(key for key, value in told.items() if own.get(key) != value)
    if differ:
        yield f"{', '.join(differ)} differ from its fold_info.json."
    strange = {*fold.get("train_missions", ()), *fold.get("test_missions", ())} - missions
    if strange:
        yield f"missions {', '.join(sorted(strange))} are not listed."
    for key in ("protocol", "store"):
        if fold.get(key) != task.get(key):
            yield f"{key} is not that of the task."


def _counted(fold: Mapping[str, Any]) -> int:
    return sum(e.get("condition") in _COUNTED for e in fold.get("excluded_samples", ()))
