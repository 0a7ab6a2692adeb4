"""Large files and binaries have no place in a checkout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from spacebio_bench.release.gates._exceptions import Excepted, read_exceptions, unused
from spacebio_bench.release.gates._files import files_of
from spacebio_bench.release.gates._gate import Context, Finding, green, red, yellow

EXCEPTIONS = "release/file_size_exceptions.yaml"
LIMIT = 1_000_000
"""Bytes."""
_PLAIN = frozenset({".png", ".parquet", ".ico", ".woff2", ".gz"})
"""Binaries that a reader can open, within the limit."""
_NEVER = frozenset(
    {".sif", ".so", ".pyc", ".exe", ".dll", ".jar", ".whl", ".zip", ".tar", ".7z", ".rds", ".rdata"}
    | {".pkl", ".pickle", ".joblib", ".pt", ".class", ".o", ".a", ".dylib", ".deb"}
)


def file_size_gate(context: Context) -> Iterator[Finding]:
    """Judge the files of the checkout by size and kind."""
    files = files_of(context.root)
    exceptions = read_exceptions(context.root, EXCEPTIONS, with_text=False)
    used: list[Excepted] = []
    yield from files.noted()
    for name in files.names:
        size = (context.root / name).stat().st_size
        finding = _finding(name, size, binary=files.is_binary(name))
        if finding is None:
            continue
        excused = [entry for entry in exceptions if entry.covers(name)]
        used += excused
        if excused:
            yield green(name, f"{size} bytes: {excused[0].reason}")
        else:
            yield finding
    yield from unused(EXCEPTIONS, exceptions, used)
    yield green("", f"{len(files.names)} files, {LIMIT} bytes at most but for the exceptions")


def _finding(name: str, size: int, *, binary: bool) -> Finding | None:
    suffix = PurePosixPath(name.lower()).suffix
    how = f"keep it elsewhere, or give a reason in {EXCEPTIONS}."
    if size > LIMIT:
        return red(name, f"has {size} bytes, {LIMIT} are the limit; {how}")
    if suffix in _NEVER:
        return red(name, f"is made from something else ({suffix}); {how}")
    if binary and suffix not in _PLAIN:
        return yellow(name, f"is no text and none of {', '.join(sorted(_PLAIN))}; {how}")
    return None
