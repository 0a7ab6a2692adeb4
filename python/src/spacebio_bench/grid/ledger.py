"""The ledger: finished units on disk, so that a run computes only what is missing.

A segment is one file with the results of some units: a line with the sha256 of the rest, then an
Arrow table. It is written under a temporary name, flushed to disk and renamed, so a segment is
there whole or not at all; one that was damaged later is known by its digest, told, and left aside.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import ipc

from spacebio_bench.errors import InputError, Problem, RunError
from spacebio_bench.grid.units import UnitResult
from spacebio_bench.identity import digest_of_bytes

_SCHEMA = pa.schema(
    [
        ("key", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("per_labeling", pa.list_(pa.float64())),
        ("scores", pa.list_(pa.float64())),
        ("counts", pa.list_(pa.int32())),
        ("n_features", pa.int64()),
        ("largest_gap", pa.float64()),
        ("prepare_cpu_s", pa.float64()),
        ("score_cpu_s", pa.float64()),
        ("peak_rss_mb", pa.float64()),
        ("worker", pa.string()),
    ]
)
SUFFIX = ".units"


@dataclass
class Ledger:
    """Finished units of one folder.

    Attributes
    ----------
    folder
        Where the segments are; made when it is missing.
    damaged
        Segments that are torn, truncated or foreign, with what is wrong with each.
    """

    folder: Path
    damaged: dict[Path, str] = field(default_factory=dict)
    _done: dict[str, UnitResult] = field(default_factory=dict)
    _segments: list[Path] = field(default_factory=list)

    @classmethod
    def open(cls, folder: Path) -> Ledger:
        """Read every segment of a folder; raises InputError where it cannot be used at all."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            found = sorted(folder.glob(f"*{SUFFIX}"))
        except OSError as error:
            msg = f"{folder} cannot be used: {error.strerror}."
            raise InputError([Problem("--ledger", msg)]) from error
        ledger = cls(folder)
        for path in found:
            try:
                results = _read(path)
            except (OSError, ValueError, pa.ArrowException) as error:
                ledger.damaged[path] = str(error)
            else:
                ledger._segments.append(path)
                ledger._done.update({result.key: result for result in results})
        return ledger

    @property
    def done(self) -> Mapping[str, UnitResult]:
        """Finished units by their key."""
        return self._done

    def add(self, results: Iterable[UnitResult]) -> None:
        """Keep the finished ones of these results as one new segment; nothing when there is none.

        Only `ok` and `not_applicable` are answers; whatever failed is tried again by the next run.
        """
        kept = [r for r in results if r.status in ("ok", "not_applicable")]
        if kept:
            self._segments.append(_write(self.folder, kept))
            self._done.update({result.key: result for result in kept})

    def compact(self) -> None:
        """Join all segments into one; the old ones go only when the new one is there."""
        if len(self._segments) < 2:
            return
        joined = _write(self.folder, sorted(self._done.values(), key=lambda r: r.key))
        for path in self._segments:
            if path != joined:
                path.unlink(missing_ok=True)
        self._segments = [joined]


def _read(path: Path) -> list[UnitResult]:
    head, _, body = path.read_bytes().partition(b"\n")
    if digest_of_bytes(body) != head.decode("ascii", "replace"):
        msg = "its content does not have the digest it states"
        raise ValueError(msg)
    with ipc.open_file(pa.BufferReader(body)) as reader:
        table = reader.read_all()
    if table.schema != _SCHEMA:
        msg = "it was written by another version"
        raise ValueError(msg)
    columns = [_values(table.column(f.name)) for f in fields(UnitResult)]
    return [UnitResult(*row) for row in zip(*columns, strict=True)]


def _values(column: pa.ChunkedArray) -> list[Any]:
    """Plain values; a list is a tuple, of numbers that were converted all at once."""
    if not pa.types.is_list(column.type):
        values: list[Any] = column.to_pylist()
        return values
    array = column.combine_chunks()
    numbers, ends = array.flatten().to_numpy().tolist(), array.offsets.to_numpy()
    ends = ends - ends[0]
    return [tuple(numbers[a:b]) for a, b in itertools.pairwise(ends.tolist())]


def _write(folder: Path, results: list[UnitResult]) -> Path:
    names = [f.name for f in fields(UnitResult)]
    table = pa.table({n: [getattr(r, n) for r in results] for n in names}, schema=_SCHEMA)
    sink = pa.BufferOutputStream()
    with ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    body = sink.getvalue().to_pybytes()
    name = digest_of_bytes(body)
    path = folder / f"{name[:24]}{SUFFIX}"
    temporary = path.with_suffix(f".{os.getpid()}.partial")
    try:
        with temporary.open("wb") as file:
            file.write(name.encode() + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        msg = f"--ledger: {folder} cannot be written: {error.strerror}; what it holds is kept."
        raise RunError(msg) from error
    return path
