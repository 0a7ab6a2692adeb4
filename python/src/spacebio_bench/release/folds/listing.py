"""The files of a fold package as its `checksums.json` lists them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.files import sha256_of

CHECKSUMS = "checksums.json"
"""At the root of a package; lists every file but itself."""
FORMAT = "spacebio-bench fold package 1"
TASK_INFO = "task_info.json"
FOLD_INFO = "fold_info.json"


@dataclass(frozen=True, order=True)
class ExpectedFile:
    """A file of a package.

    Attributes
    ----------
    path
        Relative to the root of the package, `/` between its parts.
    bytes
        Its size.
    sha256
        In hexadecimal.
    """

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class PackageFiles:
    """What of a list is there as listed, and what is not: its path and why."""

    present: tuple[ExpectedFile, ...]
    missing: tuple[tuple[ExpectedFile, str], ...]


def write_checksums(root: Path, paths: Iterable[str]) -> list[ExpectedFile]:
    """List these files, given relative to `root`, in its `checksums.json`."""
    files = [measure(root, path) for path in sorted(paths, key=str.encode)]
    entries = [{"path": f.path, "bytes": f.bytes, "sha256": f.sha256} for f in files]
    text = json.dumps({"format": FORMAT, "files": entries}, indent=1, ensure_ascii=False)
    (root / CHECKSUMS).write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return files


def measure(root: Path, path: str) -> ExpectedFile:
    """Size and digest of a file as it is."""
    return ExpectedFile(path, (root / path).stat().st_size, sha256_of(root / path))


def is_fold_package(folder: Path) -> bool:
    """Does the folder hold checksums of a fold package?"""
    try:
        data = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(data, dict) and data.get("format") == FORMAT


def expected_files(root: Path, task_id: str | None = None) -> list[ExpectedFile]:
    """The files that a package lists, sorted bytewise by path.

    Parameters
    ----------
    root
        Folder of the package.
    task_id
        `A5` or the name of a task's folder: the files in that folder. None: all files, with those
        at the root that describe the package; `checksums.json` is never among them.

    Raises
    ------
    InputError
        No package there, checksums that cannot be read, or no such task in it.
    """
    files = _read(root / CHECKSUMS)
    if task_id is None:
        return files
    folder = task_folder(files, task_id, where=str(root))
    return [file for file in files if file.path.startswith(f"{folder}/")]


def task_folders(files: Sequence[ExpectedFile]) -> list[str]:
    """Folders of the tasks in a list of files, in its order."""
    parts = (PurePosixPath(file.path).parts for file in files)
    return list(dict.fromkeys(p[0] for p in parts if len(p) == 2 and p[1] == TASK_INFO))


def task_folder(files: Sequence[ExpectedFile], task_id: str, *, where: str) -> str:
    """The folder of a task by its id (`A5`, in any case) or its own name; else InputError."""
    known = task_folders(files)
    wanted = task_id.strip()
    for folder in known:
        if wanted == folder or wanted.upper() == folder.split("_", 1)[0]:
            return folder
    msg = f"there is no task '{task_id}'; there are {', '.join(known) or 'none'}."
    raise InputError([Problem(where, msg)])


def package_files(root: Path, task_id: str | None = None) -> PackageFiles:
    """Compare the files of a package with its list, by size and digest.

    Raises
    ------
    InputError
        As `expected_files`.
    """
    present, missing = [], []
    for file in expected_files(root, task_id):
        reason = difference(root, file)
        if reason:
            missing.append((file, reason))
        else:
            present.append(file)
    return PackageFiles(tuple(present), tuple(missing))


def difference(root: Path, file: ExpectedFile) -> str:
    """How the file differs from its entry, or an empty text."""
    if not (root / file.path).is_file():
        return "is not there"
    size = (root / file.path).stat().st_size
    if size != file.bytes:
        return f"has {size} bytes, {file.bytes} are listed"
    return "" if measure(root, file.path) == file else "is not what was listed (sha256)"


def present_paths(root: Path) -> list[str]:
    """Every file below `root`, relative to it, sorted bytewise."""
    found = (
        (Path(folder) / name).relative_to(root).as_posix()
        for folder, _, names in os.walk(root)
        for name in names
    )
    return sorted(found, key=os.fsencode)


def _read(path: Path) -> list[ExpectedFile]:
    if not path.is_file():
        msg = "is not there; `spacebio-bench release folds` makes a package."
        raise InputError([Problem(str(path), msg)])
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError([Problem(str(path), f"cannot be read: {error}")]) from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise InputError([Problem(str(path), f"is not of the format '{FORMAT}'.")])
    entries = data.get("files")
    if not isinstance(entries, list):
        raise InputError([Problem(str(path), "has no list `files`.")])
    files, problems = [], []
    for i, entry in enumerate(entries, start=1):
        if _is_entry(entry):
            files.append(ExpectedFile(entry["path"], entry["bytes"], entry["sha256"]))
        else:
            what = "needs a relative path, bytes and sha256."
            problems.append(Problem(f"{path}, file {i}", what))
    if problems:
        raise InputError(problems)
    return sorted(files, key=lambda file: os.fsencode(file.path))


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    path, size, digest = (entry.get(name) for name in ("path", "bytes", "sha256"))
    if not isinstance(path, str) or not isinstance(size, int) or not isinstance(digest, str):
        return False
    # a list from elsewhere must not lead out of the package
    plain = PurePosixPath(path)
    inside = path == plain.as_posix() and not plain.is_absolute() and ".." not in plain.parts
    return inside and path not in {"", "."} and "\x00" not in path and size >= 0
