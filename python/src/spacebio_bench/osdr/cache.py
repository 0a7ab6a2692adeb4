"""What was downloaded, kept by content: nothing enters before its size and checksum agree."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.files import sha256_of, write_text


@dataclass(frozen=True)
class Cached:
    """A file of the cache.

    Attributes
    ----------
    bytes
        Size.
    checked
        What it was compared with: `md5 table`, `md5 of the server`, `listed size` or `nothing`.
    fetched
        When, UTC, ISO 8601.
    """

    url: str
    sha256: str
    bytes: int
    checked: str
    fetched: str


class Cache:
    """Files by sha256, and which address had which content.

    Parameters
    ----------
    folder
        Made where it is not there.

    Raises
    ------
    InputError
        It cannot be made or written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            for name in ("answers", "index", "objects", "partial"):
                (folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            what = f"the cache cannot be made: {error.strerror}. Choose another with --cache."
            raise InputError([Problem(str(folder), what)]) from error

    def path(self, cached: Cached) -> Path:
        """Where the content lies."""
        return self.folder / "objects" / cached.sha256[:2] / cached.sha256[2:]

    def find(self, key: str) -> Cached | None:
        """What is known by a key, when its content is there and undamaged."""
        index = self._index(key)
        try:
            cached = Cached(**json.loads(index.read_text(encoding="utf-8")))
            whole = sha256_of(self.path(cached)) == cached.sha256
        except (OSError, ValueError, TypeError):
            return None
        if not whole:
            self.path(cached).unlink(missing_ok=True)
            return None
        return cached

    def keep(self, key: str, partial: Path, cached: Cached) -> Cached:
        """Take a finished file in; `partial` is gone afterwards."""
        target = self.path(cached)
        target.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(target)
        write_text(self._index(key), json.dumps(asdict(cached), indent=1, sort_keys=True) + "\n")
        return cached

    def partial(self, key: str) -> Path:
        """Where an unfinished download of a key lies."""
        return self.folder / "partial" / _name(key)

    @contextmanager
    def only_one(self, key: str) -> Iterator[None]:
        """Keeps a second process from downloading the same file at the same time."""
        with self.partial(key).with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def remember(self, name: str, text: str) -> None:
        """Keep the last answer of the server, for runs without a network."""
        write_text(self.folder / "answers" / f"{name}.json", text)

    def remembered(self, name: str) -> str | None:
        """The last answer, or None."""
        path = self.folder / "answers" / f"{name}.json"
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def _index(self, key: str) -> Path:
        return self.folder / "index" / f"{_name(key)}.json"


def _name(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
