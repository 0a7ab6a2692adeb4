"""The files of a checkout that a release would publish."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spacebio_bench.release.checkout import is_checkout, tracked_files
from spacebio_bench.release.gates._gate import Finding, yellow

_LEFT_OUT = frozenset(
    {".git", ".venv", ".tools", ".nextflow", "__pycache__", "dist", "null"}
    | {".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis"}
)
_LEFT_OUT_AT_ROOT = frozenset({"images", "results", "work"})
_HEAD = 8192


@dataclass(frozen=True)
class Files:
    """Files of a checkout, relative to its root, sorted; how they were found, where not by git."""

    root: Path
    names: tuple[str, ...]
    note: str = ""

    def noted(self) -> list[Finding]:
        """A finding where it was not git that listed them."""
        return [yellow("", self.note)] if self.note else []

    def is_binary(self, name: str) -> bool:
        """Does the file start with something that is no text?"""
        with (self.root / name).open("rb") as stream:
            return b"\0" in stream.read(_HEAD)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Name and text of each file that is text."""
        for name in self.names:
            if not self.is_binary(name):
                yield name, (self.root / name).read_text(encoding="utf-8", errors="replace")


def files_of(root: Path) -> Files:
    """What git tracks or would; outside git everything but caches and results."""
    tracked = tracked_files(root)
    if tracked is not None:
        return Files(root, tuple(tracked))
    names = []
    for folder, folders, files in os.walk(root):
        place = Path(folder)
        out = _LEFT_OUT | (_LEFT_OUT_AT_ROOT if place == root else set())
        folders[:] = sorted(name for name in folders if name not in out and not _egg(name))
        paths = (place / name for name in files)
        names += [path.relative_to(root).as_posix() for path in paths if path.is_file()]
    note = "no git checkout: all files but caches and results were looked at."
    return Files(root, tuple(sorted(names)), note)


def uncommitted(root: Path) -> int | None:
    """Number of files that differ from the commit that is checked out; None outside git."""
    program = shutil.which("git")
    if program is None or not is_checkout(root):
        return None
    command = [program, "-C", str(root), "status", "--porcelain", "-z", "--untracked-files=all"]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  git, and words of ours
    return done.stdout.count(b"\0") if done.returncode == 0 else None


def _egg(name: str) -> bool:
    return name.endswith(".egg-info")
