"""Progress of a fetch: a bar of bytes on a terminal, plain lines in a log."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tqdm import tqdm

from spacebio_bench.osdr.listing import RemoteFile
from spacebio_bench.osdr.missing import size_words
from spacebio_bench.osdr.study import Fetched

_STEP = 10_000_000  # bytes of a file between two lines of a log


class Silent:
    """Says nothing."""

    def planned(self, remote: RemoteFile) -> None: ...

    def received(self, remote: RemoteFile, n_bytes: int) -> None: ...

    def finished(self, study: Fetched) -> None: ...


class Bar:
    """One bar over all files; studies are named above it as they are done."""

    def __init__(self) -> None:
        self._bar = tqdm(total=0, unit="B", unit_scale=True, desc="fetching", leave=False)
        self._lock = threading.Lock()

    def planned(self, remote: RemoteFile) -> None:
        self._bar.total = (self._bar.total or 0) + (remote.size or 0)
        self._bar.refresh()

    def received(self, remote: RemoteFile, n_bytes: int) -> None:
        with self._lock:
            self._bar.update(n_bytes)

    def finished(self, study: Fetched) -> None:
        self._bar.write(done_words(study))


class Lines:
    """A line when a study is planned or done, and every 10 MB of a file."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._have: dict[str, int] = {}
        self._lock = threading.Lock()

    def planned(self, remote: RemoteFile) -> None:
        self._say(f"{remote.accession}: {remote.name}, {size_of(remote)}")

    def received(self, remote: RemoteFile, n_bytes: int) -> None:
        with self._lock:
            before = self._have.get(remote.name, 0)
            now = self._have[remote.name] = before + n_bytes
        if now // _STEP > before // _STEP:
            self._say(f"{remote.accession}: {now / 1e6:.0f} of {size_of(remote)}, {remote.name}")

    def finished(self, study: Fetched) -> None:
        self._say(done_words(study))


def size_of(remote: RemoteFile) -> str:
    """A listed size in words."""
    return "size not listed" if remote.size is None else size_words(remote.size)


def done_words(study: Fetched) -> str:
    """What became of a study, in a line."""
    parts = ", ".join(f"{part.tissue} of {part.mission}" for part in study.parts)
    counts = next(file for file in study.files if file["role"] == "counts")
    how = "from the cache" if counts["from_cache"] else f"checked by {counts['checked']}"
    return f"{study.accession}: {parts}; {size_words(counts['bytes'])} of counts, {how}"
