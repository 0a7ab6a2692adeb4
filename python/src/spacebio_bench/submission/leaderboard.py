"""The leaderboard: a folder to which records are added and nothing is taken away from."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.files import write_text
from spacebio_bench.submission.page import leaderboard_page
from spacebio_bench.submission.records import Record, read_record

PAGE = "index.html"
_LOCK = ".lock"


def read_leaderboard(folder: Path) -> tuple[Record, ...]:
    """Every record, sorted by task and file name; empty where the folder is not there yet.

    Raises
    ------
    InputError
        All files that are not as they were written.
    """
    records: list[Record] = []
    problems: list[Problem] = []
    if folder.exists() and not folder.is_dir():
        raise InputError([Problem(str(folder), "is no folder; a leaderboard is one.")])
    for path in sorted(folder.glob("[AB][0-9]*/*.json"), key=lambda p: p.as_posix().encode()):
        if path.name.startswith("."):
            continue  # being written
        try:
            records.append(read_record(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tuple(records)


def add_record(folder: Path, record: Record) -> tuple[Path, bool]:
    """Add a record and make the page anew; nothing that is there is ever overwritten.

    Returns
    -------
    The record's file, and whether it is new: the same submission again changes nothing.

    Raises
    ------
    InputError
        The model's name is taken by another submission of this task and labels.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        what = f"cannot be a leaderboard's folder: {error.strerror}."
        raise InputError([Problem(str(folder), what)]) from error
    with _locked(folder):
        records = read_leaderboard(folder)
        same = [r for r in records if r.question == record.question]
        for other in same:
            if other.submission == record.submission:
                return folder / other.task / other.file_name, False
        if any(other.model_name.casefold() == record.model_name.casefold() for other in same):
            what = (
                f"{record.model_name} is on the leaderboard of {record.task} with other content, "
                "which stays. Give a new version a name of its own, "
                f"such as {_next_name(record.model_name, same)}."
            )
            raise InputError([Problem("model_name", what)])
        path = folder / record.task / record.file_name
        path.parent.mkdir(exist_ok=True)
        write_text(path, record.to_text(), replace=False)
        write_text(folder / PAGE, leaderboard_page((*records, record)))
    return path, True


def write_page(folder: Path) -> Path:
    """Make the page of a leaderboard anew from its records."""
    with _locked(folder):
        write_text(folder / PAGE, leaderboard_page(read_leaderboard(folder)))
    return folder / PAGE


def _next_name(name: str, records: Sequence[Record]) -> str:
    """The name with the first version number that is free."""
    stem, _, number = name.rpartition("_v")
    if not stem or not number.isdecimal():
        stem, number = name, "1"
    taken = {record.model_name.casefold() for record in records}
    version = int(number) + 1
    while f"{stem}_v{version}".casefold() in taken:
        version += 1
    return f"{stem[:44]}_v{version}"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One writer at a time; a writer that dies lets go."""
    if not os.access(folder, os.W_OK):
        raise InputError([Problem(str(folder), "cannot be written to.")])
    with (folder / _LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
