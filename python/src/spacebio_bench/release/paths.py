"""Paths in a release: relative to its root, spelled one way, inside it."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath

_GLOB = re.compile(r"[*?\[\]{}]")


def path_problem(text: str) -> str:
    """What is wrong with a path as text; empty when nothing is."""
    if not text.strip():
        return "is an empty path."
    if PurePosixPath(text).is_absolute() or PureWindowsPath(text).drive or text.startswith("~"):
        return "is an absolute path; name it relative to the root of the release."
    if "\\" in text:
        return "has a backslash; write it with /."
    if _GLOB.search(text):
        return "is a pattern; name each file."
    if any(ord(letter) < 32 for letter in text):
        return "has a control character."
    if ".." in text.split("/"):
        return "leaves the release with '..'."
    if str(PurePosixPath(text)) != text:
        return f"is not spelled plainly; write {PurePosixPath(text)}."
    return ""


def leaves(root: Path, text: str) -> bool:
    """Does the path end outside of the root, by a link?"""
    return not (root / text).resolve().is_relative_to(root.resolve())
