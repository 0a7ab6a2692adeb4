"""The plan of a run: every task with its labelings, every cell with its budget or a reason.

`plan.json`, `protocol.yaml` and one `<task>.labels.npy` a task; nothing in it depends on the
backend or on what is done already.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.protocol import Protocol, protocol_from_dict, write_protocol
from spacebio_bench.typing import Change, IntArray, Labels


@dataclass(frozen=True)
class PlannedFold:
    """Train and test samples as positions in the task's; status `ok` or `not_applicable`."""

    fold: str
    train: IntArray
    test: IntArray
    train_missions: tuple[str, ...]
    test_missions: tuple[str, ...]
    status: str
    reason: str


@dataclass(frozen=True)
class PlannedTask:
    """A task with its label matrix.

    Attributes
    ----------
    samples, missions, conditions, strata
        The labelled samples in the protocol's order; strings.
    labels
        Shape (n_samples, 1 + m): column 0 the truth, the others permuted within strata.
    enumerated
        The columns are all labelings there are, each once.
    n_possible
        Number of distinct labelings: product over strata of C(n, n1).
    classes, metric, null, note, sources, changes, settings
        As in :class:`spacebio_bench.tasks.Task`.
    """

    task: str
    family: str
    variant: str
    tissue: str
    samples: tuple[str, ...]
    missions: tuple[str, ...]
    conditions: tuple[str, ...]
    strata: tuple[str, ...]
    labels: Labels
    enumerated: bool
    n_possible: float
    folds: tuple[PlannedFold, ...]
    status: str
    reason: str
    classes: tuple[str, ...] = ("0", "1")
    metric: str = "auroc"
    null: str = "refit"
    note: str = ""
    sources: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def settings_of(self, model: str, protocol: Protocol) -> Mapping[str, Any]:
        """Settings of a model in this task."""
        return {**protocol.models[model], **self.settings.get(model, {})}

    @property
    def stores(self) -> tuple[str, ...]:
        """Tissues whose stores it reads."""
        return self.sources or (self.tissue,)

    @property
    def scored_folds(self) -> tuple[PlannedFold, ...]:
        """The folds that the data allow."""
        return tuple(fold for fold in self.folds if fold.status == "ok")


@dataclass(frozen=True)
class PlannedCell:
    """A task x feature set x model; refitted on the first `n_labelings` permuted labelings.

    `reason` says why a cell cannot run, or, where the status is `ok`, what cut its labelings.
    """

    cell: str
    task: str
    feature: str
    model: str
    track: str
    n_labelings: int
    status: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """All tasks and cells of a run under one protocol."""

    protocol: Protocol
    seed: int
    tasks: tuple[PlannedTask, ...]
    cells: tuple[PlannedCell, ...]

    @cached_property
    def task_of(self) -> Mapping[str, PlannedTask]:
        """Tasks by their key."""
        return {task.task: task for task in self.tasks}

    def family_size(self, task: PlannedTask) -> int:
        """Permuted labelings that all cells of a task run: max-T is made of them."""
        rule = self.protocol.inference
        if rule.p_value != "refit" or task.null != "refit":
            return 0
        possible: int = task.labels.shape[1] - 1
        return min(rule.family_labelings, rule.labelings["default"], possible)

    def stop_at(self, cell: PlannedCell) -> int:
        """Exceedances that end the refits of a cell; 0 where it runs all labelings there are."""
        task = self.task_of[cell.task]
        every = task.enumerated and cell.n_labelings + 1 >= task.n_possible
        pooled = task.metric != "auroc"  # what the folds say together is known only at the end
        return 0 if every or pooled else self.protocol.inference.stop_at

    def save(self, folder: Path) -> None:
        """Write `plan.json`, the protocol and the label matrices into a folder, which is made."""
        folder.mkdir(parents=True, exist_ok=True)
        for task in self.tasks:
            np.save(folder / f"{task.task}.labels.npy", task.labels)
        document = {
            "protocol": self.protocol.to_dict(),
            "protocol_digest": self.protocol.digest,
            "seed": self.seed,
            "tasks": [_task_to_json(task) for task in self.tasks],
            "cells": [asdict(cell) for cell in self.cells],
        }
        write_protocol(self.protocol, folder / "protocol.yaml")
        text = json.dumps(document, indent=1) + "\n"
        (folder / "plan.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Plan:
        """Read what `save` wrote; raises InputError for a folder that holds no plan."""
        try:
            document = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            msg = "holds no plan that can be read; `spacebio-bench plan` writes one."
            raise InputError([Problem(str(folder), msg)]) from error
        return cls(
            protocol=protocol_from_dict(document["protocol"]),
            seed=document["seed"],
            tasks=tuple(_task_from_json(task, folder) for task in document["tasks"]),
            cells=tuple(PlannedCell(**cell) for cell in document["cells"]),
        )


def _task_to_json(task: PlannedTask) -> dict[str, Any]:
    data = {k: v for k, v in vars(task).items() if k not in ("labels", "folds")}
    data["folds"] = [
        {**vars(fold), "train": fold.train.tolist(), "test": fold.test.tolist()}
        for fold in task.folds
    ]
    return data


def _task_from_json(data: dict[str, Any], folder: Path) -> PlannedTask:
    folds = tuple(
        PlannedFold(
            fold=f["fold"],
            train=np.array(f["train"], dtype=np.intp),
            test=np.array(f["test"], dtype=np.intp),
            train_missions=tuple(f["train_missions"]),
            test_missions=tuple(f["test_missions"]),
            status=f["status"],
            reason=f["reason"],
        )
        for f in data["folds"]
    )
    names = ("samples", "missions", "conditions", "strata", "classes", "sources")
    lists: dict[str, Any] = {k: tuple(data[k]) for k in names}
    lists["changes"] = tuple(Change(*change) for change in data["changes"])
    labels = np.load(folder / f"{data['task']}.labels.npy")
    return PlannedTask(**{**data, **lists, "folds": folds, "labels": labels})
