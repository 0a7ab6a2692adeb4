"""Exceptions from a gate that somebody gave a reason for; `release/*.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.gates._gate import Finding, yellow
from spacebio_bench.release.sources import read_yaml


@dataclass(frozen=True)
class Excepted:
    """Files and the text that is meant (`*` for any part of either; empty: any text), and why."""

    files: str
    text: str
    reason: str

    def covers(self, name: str, text: str = "") -> bool:
        """Is this finding excepted?"""
        return fnmatchcase(name, self.files) and fnmatchcase(text, self.text or "*")


def read_exceptions(root: Path, name: str, *, with_text: bool) -> list[Excepted]:
    """A list of exceptions; none where the file is not there.

    Raises
    ------
    InputError
        Everything that is not `files`, `reason` and, where asked for, `text`; a missing reason.
    """
    if not (root / name).is_file():
        return []
    data = read_yaml(root, name)
    entries = data.get("exceptions") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise InputError([Problem(name, "has no list `exceptions`.")])
    keys = {"files", "reason"} | ({"text"} if with_text else set())
    problems, found = [], []
    for i, entry in enumerate(entries):
        if not isinstance(entry, dict) or set(entry) != keys:
            problems.append(
                Problem(f"{name}, exceptions[{i}]", f"needs {', '.join(sorted(keys))}.")
            )
        elif not all(isinstance(value, str) and value.strip() for value in entry.values()):
            problems.append(Problem(f"{name}, exceptions[{i}]", "has an empty entry, or no text."))
        else:
            found.append(Excepted(entry["files"], entry.get("text", ""), entry["reason"]))
    if problems:
        raise InputError(problems)
    return found


def unused(
    name: str, exceptions: Iterable[Excepted], used: Iterable[Excepted]
) -> Iterator[Finding]:
    """Exceptions that excuse nothing any more."""
    there = set(used)
    for entry in exceptions:
        if entry not in there:
            told = f"{entry.files}{f', {entry.text!r}' if entry.text else ''}"
            yield yellow(name, f"the exception for {told} is not needed any more; take it out.")
