"""Write a fold package, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.errors import InputError, NotApplicableError, Problem
from spacebio_bench.files import take_place
from spacebio_bench.protocol import Protocol
from spacebio_bench.release.folds.about import About
from spacebio_bench.release.folds.content import FoldContent, fold_content, fold_facts
from spacebio_bench.release.folds.crate import CRATE, ro_crate
from spacebio_bench.release.folds.croissant import croissant
from spacebio_bench.release.folds.files import Table
from spacebio_bench.release.folds.frictionless import datapackage
from spacebio_bench.release.folds.listing import (
    FOLD_INFO,
    TASK_INFO,
    is_fold_package,
    measure,
    present_paths,
    write_checksums,
)
from spacebio_bench.release.folds.plan import (
    Choice,
    NotPackaged,
    PackagedTask,
    names_of_folds,
    plan_package,
)
from spacebio_bench.release.folds.tables import write_table
from spacebio_bench.tasks import Task

CROISSANT = "croissant.json"
DATAPACKAGE = "datapackage.json"
GENES = "selected_genes.txt"
_SPLIT = {"lomo": "LOMO", "pairs": "pairs"}
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Written:
    """Folders of tasks with their folds, what has none, and the size of all in bytes."""

    folds: dict[str, list[str]]
    without: list[NotPackaged]
    bytes: int


def write_package(
    cohorts: Mapping[str, Cohort],
    outdir: Path,
    *,
    protocol: Protocol,
    choice: Choice | None = None,
    about: About | None = None,
    tell: Tell | None = None,
) -> Written:
    """Write the folds of cohorts to `outdir`; an older package there is replaced.

    Parameters
    ----------
    tell
        Called with the folder of every fold that is written.

    Raises
    ------
    InputError
        Wrong choice, nothing that can be packaged, or an `outdir` that is something else.
    """
    outdir = Path(os.path.abspath(outdir))  # noqa: PTH100 - a link stays one
    choice, about = choice or Choice(), about or About()
    if outdir.exists() and not _replaceable(outdir):
        msg = "is there and is no fold package: give another folder, or remove it."
        raise InputError([Problem(str(outdir), msg)])
    folders, without = plan_package(cohorts, protocol, choice)
    problems = names_of_folds(folders)
    if not folders:
        problems += [Problem(f"{w.task_id} ({w.task})", f"{w.reason}.") for w in without]
    if problems:
        raise InputError(problems)
    outdir.parent.mkdir(parents=True, exist_ok=True)
    partial = outdir.with_name(f".{outdir.name}.partial-{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        partial.mkdir()
        tables: list[Table] = []
        folds = {}
        for folder in folders:
            name = folder.id.folder
            folds[name] = _write_task(partial, folder, protocol, choice, tables, tell or _silent)
        size = _describe(
            partial, tables, {f.cohort.tissue: f.cohort for f in folders}, protocol, about
        )
        take_place(partial, outdir)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Written(folds, without, size)


def write_json(path: Path, data: Any) -> None:
    """Sorted, indented JSON."""
    text = json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")


def _replaceable(folder: Path) -> bool:
    return folder.is_dir() and (is_fold_package(folder) or not any(folder.iterdir()))


def _silent(_: str) -> None:
    pass


def _write_task(
    root: Path,
    folder: PackagedTask,
    protocol: Protocol,
    choice: Choice,
    tables: list[Table],
    tell: Tell,
) -> list[str]:
    """Write the folds that can be scored; the others are listed with the reason."""
    path = root / folder.id.folder
    path.mkdir()
    facts: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    for task in folder.tasks:
        for fold in task.folds:
            try:
                if fold.reason:
                    raise NotApplicableError(fold.reason)  # noqa: TRY301 - one way to be left out
                content = fold_content(
                    folder.cohort, task, fold, protocol, features=choice.features
                )
            except NotApplicableError as error:
                left_out.append({**fold_facts(task, fold), "reason": str(error)})
                continue
            common = _provenance(folder, task, protocol)
            tables += _write_fold(root, f"{folder.id.folder}/{fold.name}", content, common)
            facts.append(_of_task(content.info))
            tell(f"{folder.id.folder}/{fold.name}")
    first = folder.tasks[0]
    missions = {mission for task in folder.tasks for mission in task.missions}
    info = {
        "task_id": str(folder.id),
        "task": folder.id.key,
        "tissue": folder.id.tissue,
        "split": _SPLIT[folder.id.family],
        "families": [task.family for task in folder.tasks],
        "n_missions": len(missions),
        "missions": sorted(missions),
        "n_folds_generated": len(facts),
        "folds": facts,
        "folds_left_out": left_out,
        "strata": list(choice.strata),
        **{key: _provenance(folder, first, protocol)[key] for key in ("protocol", "store")},
    }
    write_json(path / TASK_INFO, info)
    return [fact["fold"] for fact in facts]


def _provenance(folder: PackagedTask, task: Task, protocol: Protocol) -> dict[str, Any]:
    return {
        "task_id": str(folder.id),
        "task": task.key,
        "tissue": folder.id.tissue,
        "protocol": {"name": protocol.name, "digest": protocol.digest},
        "store": dict(sorted(folder.cohort.digests.items())),
    }


def _of_task(info: dict[str, Any]) -> dict[str, Any]:
    """What `task_info.json` tells of a fold: a count in place of the samples that were left out."""
    facts = {key: value for key, value in info.items() if key != "excluded_samples"}
    dropped = [e for e in info["excluded_samples"] if e["condition"] in ("BC", "AG")]
    return {**facts, "excluded_bc_ag_samples": len(dropped)}


def _write_fold(
    root: Path, folder: str, content: FoldContent, common: dict[str, Any]
) -> list[Table]:
    path = root / folder
    path.mkdir()
    names: list[str] = [GENES]
    tables: list[Table] = []
    genes = content.train.tables["X"].columns
    text = "".join(f"{gene}\n" for gene in genes)
    (path / GENES).write_text(text, encoding="utf-8", newline="\n")
    for side, part in content.sides().items():
        frames = {**part.tables, "y": part.y.to_frame(), "meta": part.meta}
        for name, frame in frames.items():
            names += write_table(frame, path, f"{side}_{name}")
            described = _fields(frame) if name in ("y", "meta") else ()
            tables.append(Table(f"{folder}/{side}_{name}.csv", described))
    files = {
        name: {"bytes": file.bytes, "sha256": file.sha256}
        for name in sorted(names)
        for file in [measure(path, name)]
    }
    write_json(path / FOLD_INFO, {**common, **content.info, "files": files})
    return tables


def _fields(frame: Any) -> tuple[tuple[str, str], ...]:
    kinds = {"i": "integer", "u": "integer", "f": "number"}
    return (
        ("sample", "string"),
        *((str(name), kinds.get(frame[name].dtype.kind, "string")) for name in frame.columns),
    )


def _describe(
    root: Path,
    tables: list[Table],
    cohorts: Mapping[str, Cohort],
    protocol: Protocol,
    about: About,
) -> int:
    files = [measure(root, path) for path in present_paths(root)]
    write_json(root / CROISSANT, croissant(files, tables, about))
    write_json(root / DATAPACKAGE, datapackage(files, tables, about))
    files += [measure(root, name) for name in (CROISSANT, DATAPACKAGE)]
    stores = {tissue: cohort.digests for tissue, cohort in cohorts.items()}
    write_json(root / CRATE, ro_crate(files, stores, protocol, about))
    return sum(file.bytes for file in write_checksums(root, present_paths(root)))
