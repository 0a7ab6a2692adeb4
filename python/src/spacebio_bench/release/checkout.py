"""What git knows of a checkout; nothing where it is none."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

CODE = "python/src"


def is_checkout(root: Path) -> bool:
    """Is the root that of a git checkout?"""
    top = _git(root, "rev-parse", "--show-toplevel")
    return top is not None and Path(top.strip()).resolve() == root.resolve()


def is_shallow(root: Path) -> bool:
    """Does the checkout lack older commits?"""
    return (_git(root, "rev-parse", "--is-shallow-repository") or "").strip() == "true"


def knows_commit(root: Path, commit: str) -> bool:
    """Is there a commit of this id in the history of what is checked out?

    One that was rebased away still lies in the repository where it was made, and in no other.
    """
    return _git(root, "merge-base", "--is-ancestor", commit, "HEAD") is not None


def head(root: Path) -> str:
    """Id of the commit that is checked out; empty where there is none."""
    return (_git(root, "rev-parse", "HEAD") or "").strip()


def code_tree(root: Path) -> str:
    """Git's id of the code that is checked out; the same in every history that has this code."""
    return (_git(root, "rev-parse", f"HEAD:{CODE}") or "").strip()


def tracked_files(root: Path) -> list[str] | None:
    """Files that git tracks or would (new ones that are not ignored), sorted; None outside git."""
    if not is_checkout(root):
        return None
    listed = _git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = {name for name in (listed or "").split("\0") if name and (root / name).is_file()}
    return sorted(names)


def _git(root: Path, *words: str) -> str | None:
    program = shutil.which("git")
    if program is None:
        return None
    done = subprocess.run(  # noqa: S603  git, and words of ours
        [program, "-C", str(root), *words], capture_output=True, text=True, check=False
    )
    return done.stdout if done.returncode == 0 else None
