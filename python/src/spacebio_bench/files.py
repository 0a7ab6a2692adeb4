"""Files as a whole: digests, and writing that leaves a finished file or nothing new."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from spacebio_bench.errors import InputError, Problem


def sha256_of(path: Path) -> str:
    """sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_text(path: Path, text: str, *, replace: bool = True) -> None:
    """Write UTF-8 text by a temporary name.

    Raises
    ------
    FileExistsError
        The name is taken and `replace` is not set.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            partial.replace(path)
        else:
            os.link(partial, path)  # fails where the name is taken
    finally:
        partial.unlink(missing_ok=True)


def take_place(partial: Path, folder: Path) -> None:
    """Put a finished folder in the place of an older one, which is removed."""
    old = partial.with_name(f"{partial.name}.old")
    if folder.exists():
        folder.rename(old)
    partial.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def check_target(path: Path) -> None:
    """Raise :class:`InputError` where no file can be written under a name, before work is done."""
    if path.is_dir():
        raise InputError([Problem(str(path), "is a folder; name a file to write.")])
    if not os.access(path.parent, os.W_OK):
        there = "cannot be written to" if path.parent.is_dir() else "is no folder"
        raise InputError([Problem(str(path), f"{path.parent} {there}.")])
