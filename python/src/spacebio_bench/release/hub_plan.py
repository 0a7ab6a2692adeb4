"""Make the upload plan of a task from a fold package, without any network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.folds.listing import (
    CHECKSUMS,
    FOLD_INFO,
    TASK_INFO,
    ExpectedFile,
    difference,
    expected_files,
    task_folder,
    task_folders,
)
from spacebio_bench.release.paths import leaves
from spacebio_bench.release.upload_plan import (
    PlannedFile,
    UploadPlan,
    by_repo_path,
    digests,
    local_name,
    path_problems,
    planned_card,
    repo_problems,
)
from spacebio_bench.task_ids import TaskId, parse_task_id

ALL = "all"
DESCRIPTIONS = ("croissant.json", "datapackage.json", "ro-crate-metadata.json")
"""At the root of a package, beside its checksums."""
DEFAULT_CARD = "docs/hf_dataset_card.md"
_CARDS = "`spacebio-bench release cards` writes it."
_TABLES = tuple(f"{side}_{name}" for side in ("train", "test") for name in ("X", "y", "meta"))
FOLD_FILES = (
    *(f"{table}.{ending}" for table in _TABLES for ending in ("csv", "parquet")),
    FOLD_INFO,
    "selected_genes.txt",
)
"""What every fold has."""


def build_plan(folds: Path, task: str, *, repo_id: str, card: Path) -> UploadPlan:
    """The plan of one task, or of `all` tasks of a package.

    Parameters
    ----------
    folds
        Folder of the fold package. The plan has it as it is given, so that a relative path makes
        a plan that is the same on every machine.
    task
        `A5`, the name of a task's folder, or `all`.
    card
        The file that becomes README.md of the repository.

    Raises
    ------
    InputError
        Every file that is missing or is not what the package lists, with the command that makes
        it; a task or a repository that cannot be.
    """
    problems = list(repo_problems(repo_id))
    if not card.is_file():
        problems.append(Problem(card.as_posix(), f"is not there; {_CARDS}"))
    task = ALL if task.strip().lower() == ALL else task.strip()
    name, scope, listed, wrong = _files(folds, task)
    problems += wrong
    if problems:
        raise InputError(problems)
    folder = folds.as_posix()
    measured = digests(folds / CHECKSUMS)
    listed = [*listed, ExpectedFile(CHECKSUMS, measured.bytes, measured.sha256)]
    planned = [
        PlannedFile(f.path, local_name(folder, f.path), f.bytes, f.sha256, _reason(f.path))
        for f in listed
    ]
    planned.append(planned_card(card))
    plan = UploadPlan(
        repo_id=repo_id,
        task=name,
        scope=tuple(scope),
        folder=folder,
        card=card.as_posix(),
        files=by_repo_path(planned),
    )
    problems = list(path_problems(plan, folder))
    if problems:
        raise InputError(problems)
    return plan


def _files(folds: Path, task: str) -> tuple[str, list[str], list[ExpectedFile], list[Problem]]:
    """Name of the task, its folders, its files with those at the root, and what is wrong."""
    made_by = f"`spacebio-bench release folds --cohorts <stores> --outdir {folds.as_posix()}`"
    try:
        every = expected_files(folds)
        if not task_folders(every):
            msg = "lists no task."
            raise InputError([Problem(str(folds / CHECKSUMS), msg)])  # noqa: TRY301 - one answer
        chosen = task_folders(every)
        if task != ALL:
            chosen = [task_folder(every, task, where=f"--task, in {folds.as_posix()}")]
    except InputError as error:
        unlisted = list(_without_list(folds, task, made_by))
        told = {problem.where for problem in unlisted}
        return "", [], [], [*(p for p in error.problems if p.where not in told), *unlisted]
    inside = tuple(f"{folder}/" for folder in chosen)
    listed = [f for f in every if f.path.startswith(inside) or "/" not in f.path]
    problems = []
    for file in listed:
        wrong = _difference(folds, file)
        if wrong:
            problems.append(
                Problem(local_name(folds.as_posix(), file.path), f"{wrong}; {made_by} makes it.")
            )
    have = {file.path for file in every}
    needed = [*DESCRIPTIONS, *(path for folder in chosen for path in layout(folds, folder))]
    problems += [
        Problem(
            local_name(folds.as_posix(), path),
            f"is not listed in {CHECKSUMS}, and a package has it; {made_by} makes it.",
        )
        for path in needed
        if path not in have
    ]
    name = ALL if task == ALL else chosen[0].split("_", 1)[0]
    return name, chosen, listed, problems


def _difference(folds: Path, file: ExpectedFile) -> str:
    if leaves(folds, file.path):
        return "is a link that leaves the package"
    try:
        return difference(folds, file)
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _without_list(folds: Path, task: str, made_by: str) -> Iterator[Problem]:
    """The files that a task needs, when no list of them is there."""
    root = folds.as_posix()
    known = parse_task_id(task.split("_", 1)[0])
    if task != ALL and known is None:
        yield Problem("--task", f"'{task}' is no task: A1 to A6, B1 to B6 and so on, or {ALL}.")
        return
    folders = (
        [_folder(folds, known)]
        if known
        else sorted(path.name for path in folds.glob("[AB][0-9]*_*") if path.is_dir()) or ["<task>"]
    )
    needed = [CHECKSUMS, *DESCRIPTIONS, *(path for f in folders for path in layout(folds, f))]
    for path in needed:
        if not (folds / path).is_file():
            yield Problem(local_name(root, path), f"is not there; {made_by} makes it.")


def _folder(folds: Path, known: TaskId) -> str:
    there = sorted(path.name for path in folds.glob(f"{known}_*") if path.is_dir())
    if there:
        return there[0]
    tissue = known.tissue or "<tissue>"
    return TaskId(known.family, known.number, tissue).folder


def layout(folds: Path, folder: str) -> list[str]:
    """Files of a task as far as they can be known: by its list of folds, else by its folders."""
    names = _folds(folds / folder)
    if not names:
        pair = folder.startswith("B")
        names = ["pair_<train>_<test>" if pair else "fold_<mission>_test"]
    files = [f"{folder}/{name}/{file}" for name in names for file in FOLD_FILES]
    return [f"{folder}/{TASK_INFO}", *files]


def _folds(folder: Path) -> Sequence[str]:
    try:
        data = json.loads((folder / TASK_INFO).read_text(encoding="utf-8"))
        names = [entry["fold"] for entry in data["folds"]]
    except (OSError, ValueError, RecursionError, LookupError, TypeError):
        names = []
    plain = [n for n in names if isinstance(n, str) and PurePosixPath(n).name == n]
    return plain or sorted(path.name for path in folder.glob("*") if path.is_dir())


def _reason(path: str) -> str:
    """Why a file of a package is in a plan."""
    parts = PurePosixPath(path).parts
    if len(parts) == 1:
        return "lists the files of the package" if path == CHECKSUMS else "describes the package"
    task = parts[0].split("_", 1)[0]
    return f"fold data of {task}" if len(parts) > 2 else f"describes the task {task}"
