"""Verify a fold package: its files, and that what they say of each other is so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.folds._verify_fold import fold_problems
from spacebio_bench.release.folds._verify_task import task_problems
from spacebio_bench.release.folds.listing import (
    CHECKSUMS,
    TASK_INFO,
    expected_files,
    package_files,
    present_paths,
    task_folder,
    task_folders,
)


def verify_package(root: Path, *, tasks: Sequence[str] | None = None) -> list[Problem]:
    """Everything wrong with a package, sorted by place; an empty list when it is whole.

    Every file has the size and digest of its entry in `checksums.json`, and nothing else is there;
    CSV and Parquet agree; X, y and meta have the same samples in the same order; the columns of X
    are `selected_genes.txt`; no sample is in both train and test, no tested mission in train;
    counts and missions are those that `fold_info.json` and `task_info.json` give.

    Parameters
    ----------
    tasks
        Ids or folders of the tasks to verify; None: all of them, with the files at the root.
    """
    root = Path(root)
    try:
        files = expected_files(root)
        folders = task_folders(files)
        if tasks is not None:
            folders = [task_folder(files, task, where=str(root)) for task in tasks]
    except InputError as error:
        return list(error.problems)
    problems = list(_file_problems(root, None if tasks is None else folders))
    for folder in folders:
        problems += _task_problems(root, folder)
    return sorted(set(problems))


def _file_problems(root: Path, folders: Sequence[str] | None) -> Iterator[Problem]:
    """Files that are not as listed, and files that are not listed."""
    for part in [None] if folders is None else folders:
        for file, reason in package_files(root, part).missing:
            yield Problem(file.path, f"{reason}.")
    listed = {file.path for file in expected_files(root)}
    for path in present_paths(root):
        inside = folders is None or path.split("/", 1)[0] in folders
        if inside and path not in listed and path != CHECKSUMS:
            yield Problem(path, "is not listed in checksums.json.")


def _task_problems(root: Path, folder: str) -> Iterator[Problem]:
    """What the folds of a task and its `task_info.json` say."""
    path = root / folder
    names = sorted(p.name for p in path.iterdir() if p.is_dir()) if path.is_dir() else []
    infos = {}
    for name in names:
        info, problems = fold_problems(path / name)
        infos[name] = info
        for what in problems:
            yield Problem(f"{folder}/{name}", what)
    for what in task_problems(path, infos):
        yield Problem(f"{folder}/{TASK_INFO}", what)
