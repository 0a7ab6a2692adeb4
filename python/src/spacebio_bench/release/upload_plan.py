"""An upload plan: which local file goes to which path of a dataset repository, and why."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.resources import files as resources
from pathlib import Path, PurePosixPath
from typing import Any

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.paths import leaves, path_problem
from spacebio_bench.release.sources import read_text, schema_problems

FORMAT = "spacebio-bench upload plan 1"
CARD_IN_REPO = "README.md"
Tell = Callable[[str], None]


@dataclass(frozen=True)
class PlannedFile:
    """A file of a plan.

    Attributes
    ----------
    repo_path
        In the repository.
    local_path
        Opened from where the plan was made.
    bytes, sha256
        Size, and digest in hexadecimal.
    reason
        Why it is in the plan.
    action
        Always `upload`; what the repository has already is found out when the plan is executed.
    """

    repo_path: str
    local_path: str
    bytes: int
    sha256: str
    reason: str
    action: str = "upload"


@dataclass(frozen=True)
class UploadPlan:
    """Files for one dataset repository, sorted bytewise by their paths there.

    Attributes
    ----------
    repo_id
        `owner/name`.
    task
        `A5`, `all`, or `catalog`.
    scope
        Folders of the repository that hold nothing but files of the plan.
    folder, card
        The fold package, or the catalog's folder, and the dataset card, as they were given.
    """

    repo_id: str
    task: str
    scope: tuple[str, ...]
    folder: str
    card: str
    files: tuple[PlannedFile, ...]

    @property
    def bytes(self) -> int:
        """Size of all files together."""
        return sum(file.bytes for file in self.files)

    def to_json(self) -> str:
        """The plan as a file has it; equal plans are equal texts."""
        data: dict[str, Any] = {"format": FORMAT, "repo_type": "dataset", **asdict(self)}
        return json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Digests:
    """A local file: size, sha256, and the id that git gives its content."""

    bytes: int
    sha256: str
    git_sha1: str


def plan_schema() -> Any:
    """The JSON Schema of plans."""
    path = resources("spacebio_bench.release") / "upload_plan.schema.json"
    return json.loads(path.read_text(encoding="utf-8"))


def repo_problems(repo_id: str) -> Iterator[Problem]:
    """What is wrong with the name of a repository."""
    rule = plan_schema()["properties"]["repo_id"]
    if len(repo_id) > rule["maxLength"] or not re.search(rule["pattern"], repo_id):
        what = f"'{repo_id[:120]}' is no repository: give owner/name in letters, digits, -, _ and ."
        yield Problem("--repo", what)


def planned_card(card: Path) -> PlannedFile:
    """The dataset card as a file of a plan."""
    measured = digests(card)
    return PlannedFile(
        CARD_IN_REPO, card.as_posix(), measured.bytes, measured.sha256, "dataset card"
    )


def local_name(folder: str, repo_path: str) -> str:
    """Where a file of the package is, given the package's folder."""
    return str(PurePosixPath(folder) / repo_path)


def write_plan(plan: UploadPlan, path: Path) -> None:
    """Write a plan, whole or not at all.

    Raises
    ------
    InputError
        There is no such folder, or the file would be in the package that is planned.
    """
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder." if path.is_dir() else "cannot be written: its folder is not there."
        raise InputError([Problem(str(path), what)])
    if path.resolve().is_relative_to(Path(plan.folder).resolve()):
        what = "is in the fold package, which holds nothing but what it lists: write elsewhere."
        raise InputError([Problem(str(path), what)])
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    try:
        partial.write_text(plan.to_json(), encoding="utf-8", newline="\n")
        partial.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise InputError([Problem(str(path), f"cannot be written: {error.strerror}.")]) from error
    finally:
        partial.unlink(missing_ok=True)


def read_plan(path: Path) -> UploadPlan:
    """A plan from its file.

    Raises
    ------
    InputError
        Everything in which it is no plan: its form, paths that lead elsewhere, files listed twice.
    """
    name = str(path)
    try:
        data = json.loads(read_text(Path(), name))
    except (ValueError, RecursionError) as error:
        raise InputError([Problem(name, f"is no JSON: {error}.")]) from error
    problems = schema_problems(data, schema=plan_schema(), name=name)
    if problems:
        raise InputError(problems)
    plan = UploadPlan(
        repo_id=data["repo_id"],
        task=data["task"],
        scope=tuple(data["scope"]),
        folder=data["folder"],
        card=data["card"],
        files=tuple(PlannedFile(**entry) for entry in data["files"]),
    )
    problems = list(path_problems(plan, name))
    if problems:
        raise InputError(problems)
    return plan


def path_problems(plan: UploadPlan, name: str) -> Iterator[Problem]:
    """Paths that a plan must not have."""
    counts = Counter(file.repo_path for file in plan.files)
    for repo_path, count in counts.items():
        if count > 1:
            yield Problem(name, f"{repo_path} is there {count} times.")
    for i, file in enumerate(plan.files):
        wrong = path_problem(file.repo_path)
        if not wrong and ".git" in PurePosixPath(file.repo_path).parts:
            wrong = "is git's own."
        if wrong:
            yield Problem(f"{name}, files[{i}].repo_path", f"'{file.repo_path}' {wrong}")
            continue
        is_card = file.repo_path == CARD_IN_REPO
        wanted = plan.card if is_card else local_name(plan.folder, file.repo_path)
        if file.local_path != wanted:
            what = f"'{file.local_path}' should be '{wanted}'."
            yield Problem(f"{name}, files[{i}].local_path", what)


def digests(path: Path) -> Digests:
    """Size and digests of a file, read once."""
    size = path.stat().st_size
    sha256 = hashlib.sha256()
    blob = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            sha256.update(block)
            blob.update(block)
    return Digests(size, sha256.hexdigest(), blob.hexdigest())


def check_local(plan: UploadPlan, *, root: Path) -> dict[str, Digests]:
    """Digests of the plan's files, by their paths in the repository.

    Parameters
    ----------
    root
        Where the plan was made.

    Raises
    ------
    InputError
        Every file that is not there, is not what was planned, or is a link out of the package.
    """
    found: dict[str, Digests] = {}
    problems = []
    for file in plan.files:
        path = root / file.local_path
        link = file.repo_path != CARD_IN_REPO and leaves(root / plan.folder, file.repo_path)
        wrong = "is a link that leaves the fold package." if link else _difference(path, file)
        if not wrong:
            try:
                found[file.repo_path] = digests(path)
            except OSError as error:
                wrong = f"cannot be read: {error.strerror}."
            else:
                if found[file.repo_path].sha256 != file.sha256:
                    wrong = "is not what was planned (sha256); make the plan again."
        if wrong:
            problems.append(Problem(file.local_path, wrong))
    if problems:
        raise InputError(problems)
    return found


def _difference(path: Path, file: PlannedFile) -> str:
    if not path.is_file():
        return "is not there; call from the folder in which the plan was made, or make it again."
    size = path.stat().st_size
    if size != file.bytes:
        return f"has {size} bytes, {file.bytes} are planned; make the plan again."
    return ""


def by_repo_path(files: Iterable[PlannedFile]) -> tuple[PlannedFile, ...]:
    """Sorted bytewise."""
    return tuple(sorted(files, key=lambda file: os.fsencode(file.repo_path)))
