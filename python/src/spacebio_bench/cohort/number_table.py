"""A large table of numbers, ids first: read fast, and on trouble line by line to say where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from spacebio_bench.cohort._findings import Findings, at, shown
from spacebio_bench.cohort.tables import SEPARATORS, records, separator
from spacebio_bench.typing import FloatArray

_COLUMNS_SHOWN = 8
_RAGGED_SHOWN = 5
_COMMA = re.compile(r"[+-]?\d+,\d+")
_MISSING = {"na", "nan", "n/a", "null", "none", "-", "."}


@dataclass(frozen=True)
class Header:
    """First line of a table of numbers: what the columns after the ids are called."""

    columns: tuple[str, ...]
    separator: str
    line: int


@dataclass(frozen=True)
class Numbers:
    """Ids and the wanted columns, shape (n_rows, n_columns); finite float64."""

    ids: list[str]
    columns: tuple[str, ...]
    matrix: FloatArray


def read_header(text: bytes, name: str, findings: Findings) -> Header | None:
    """The header; where it lacks the cell above the ids, as in R, all its cells are columns."""
    start = len(text) - len(text.lstrip(b"\n"))
    first, _, rest = text[start:].partition(b"\n")
    delimiter = separator(first.decode("utf-8"))
    line = start + 1
    if first.count(b'"') % 2:
        what = "a quote is open at the end of the header; names may hold no line break."
        findings.wrong(at(name, line), what)
        return None
    found = list(records(first, delimiter, name, findings))
    if not found:
        findings.wrong(at(name, line), "the header is empty.")
        return None
    if not rest.strip():
        findings.wrong(name, "has a header but no rows.")
        return None
    if delimiter != ",":
        findings.note(name, f"is separated by {SEPARATORS[delimiter]}; read as such.")
    names = [c.strip() for c in found[0][1]]
    if _is_short(names, rest, delimiter):
        findings.note(name, "the header has no cell above the ids, as R writes it; read as such.")
        columns = names
    else:
        columns = names[1:]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        findings.wrong(at(name, line), "there is no column beside the ids.")
        return None
    return Header(tuple(columns), delimiter, line)


def _is_short(names: list[str], body: bytes, delimiter: str) -> bool:
    """Whether the first rows all have one cell more than the header."""
    some = b"\n".join(body.lstrip(b"\n").split(b"\n", 20)[:20])
    widths = {len(cells) for _, cells in records(some, delimiter, "", Findings())}
    return widths == {len(names) + 1} and bool(names[-1])


def read_numbers(
    text: bytes, header: Header, wanted: Sequence[str], name: str, findings: Findings
) -> Numbers | None:
    """Read the columns `wanted`, in that order; columns not wanted may hold anything.

    Every wanted name must be in the header, once. Returns None where a value is not a finite number
    or a row is ragged.
    """
    where = [header.columns.index(w) for w in wanted]
    fast = _read_fast(text, header, where)
    if fast is not None and np.isfinite(fast[1]).all():
        return Numbers(fast[0], tuple(wanted), fast[1])
    return _read_slowly(text, header, where, name, findings)


def line_of(text: bytes, header: Header, index: int) -> int:
    """The line on which a data row stands."""
    for i, (line, _) in enumerate(records(text, header.separator, "", Findings())):
        if i == index + 1:
            return line
    return index + 2


def _read_fast(
    text: bytes, header: Header, where: Sequence[int]
) -> tuple[list[str], FloatArray] | None:
    body = text[header.line - 1 :].partition(b"\n")[2]
    width = len(header.columns) + 1
    names = [str(i) for i in range(width)]
    wanted = [names[i + 1] for i in where]
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(body),
            read_options=arrow_csv.ReadOptions(column_names=names, use_threads=False),
            parse_options=arrow_csv.ParseOptions(delimiter=header.separator),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=["0", *wanted],
                column_types={"0": pa.string()} | dict.fromkeys(wanted, pa.float64()),
                null_values=[],
            ),
        )
        ids = [i.strip() for i in table.column("0").to_pylist()]
        values = np.empty((len(ids), len(wanted)))
        for j, column in enumerate(wanted):
            values[:, j] = table.column(column).to_numpy()
    except (pa.ArrowException, ValueError, AttributeError):
        return None
    return ids, values


def _read_slowly(
    text: bytes, header: Header, where: Sequence[int], name: str, findings: Findings
) -> Numbers | None:
    before = len(findings.problems)
    width = len(header.columns) + 1
    ids: list[str] = []
    values: list[list[float]] = []
    ragged: list[tuple[int, int]] = []
    bad = _BadCells()
    rows = records(text, header.separator, name, findings)
    next(rows, None)
    for line, cells in rows:
        if len(cells) != width and any(cells[width:] or [len(cells) < width]):
            ragged.append((line, len(cells)))
            continue
        ids.append(cells[0].strip())
        picked = [cells[i + 1] for i in where]
        numbers = [number(cell) for cell in picked]
        for j, value in enumerate(numbers):
            if value is None:
                bad.add(j, line, picked[j])
        values.append([np.nan if v is None else v for v in numbers])
    for line, found in ragged[:_RAGGED_SHOWN]:
        findings.wrong(at(name, line), f"{found} cells where the header makes {width}.")
    if len(ragged) > _RAGGED_SHOWN:
        more = len(ragged) - _RAGGED_SHOWN
        findings.wrong(name, f"{more:,} further rows have too many or too few cells.")
    bad.report([header.columns[i] for i in where], name, findings)
    if len(findings.problems) > before:
        return None
    if not ids:
        findings.wrong(name, "has a header but no rows.")
        return None
    wanted = tuple(header.columns[i] for i in where)
    return Numbers(ids, wanted, np.array(values, dtype=float).reshape(len(ids), len(where)))


def number(cell: str) -> float | None:
    """A finite number, or None; Python would also take `1_000` and digits of other scripts."""
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if np.isfinite(value) and cell.isascii() and "_" not in cell else None


def what_is_wrong(cell: str) -> str:
    """Why a cell is not a finite number."""
    text = cell.strip()
    if not text:
        return "the cell is empty"
    if text.lower() in _MISSING:
        return f"'{text}' is a missing value; every value is needed"
    if "inf" in text.lower():
        return f"'{shown(text)}' is not finite"
    if _COMMA.fullmatch(text):
        return f"'{shown(text)}' has a comma; write a decimal point and no thousands separator"
    return f"'{shown(text)}' is not a number"


class _BadCells:
    """The first bad cell of every column, and how many there are."""

    def __init__(self) -> None:
        self.first: dict[int, tuple[int, str]] = {}
        self.times: dict[int, int] = {}

    def add(self, column: int, line: int, cell: str) -> None:
        self.first.setdefault(column, (line, cell))
        self.times[column] = self.times.get(column, 0) + 1

    def report(self, columns: list[str], name: str, findings: Findings) -> None:
        for j in sorted(self.first)[:_COLUMNS_SHOWN]:
            line, cell = self.first[j]
            more = self.times[j] - 1
            rest = f" (and {more:,} more in this column)" if more else ""
            findings.wrong(at(name, line, columns[j]), f"{what_is_wrong(cell)}{rest}.")
        if len(self.first) > _COLUMNS_SHOWN:
            more = len(self.first) - _COLUMNS_SHOWN
            findings.wrong(name, f"{more:,} further columns have such cells.")
