"""Questions put to result files: which rows, which column, what is made of them."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.sources import read_text

_NUMBER = re.compile(r"([-+]?[\d,]*\.?\d+(?:[eE][-+]?\d+)?)(?:x| ?(?:ms|s|min|h|%|MB))?")


@dataclass(frozen=True)
class Row:
    """A row of a result file: the file, its number there (the header is row 1) and its values."""

    file: str
    number: int
    values: Mapping[str, str]

    def origin(self, column: str) -> str:
        """Where one of its values stands: `<file>, row <n> (<key>), column <name>`."""
        key = self.values.get("cell") or "/".join(list(self.values.values())[:3])
        return f"{self.file}, row {self.number} ({key}), column {column}"


@dataclass(frozen=True)
class Query:
    """Rows of a file by the values of columns; `reduce` makes one value of them.

    Attributes
    ----------
    file
        CSV, or a Markdown page whose tables are read; relative to the checkout.
    where
        Column to value, or to a list of values of which a row has one.
    column
        What is read; not needed to count.
    reduce
        `only` (one row, whose value it is), `mean`, `min`, `max`, `sum`, `count`, or `of_largest`:
        of the row whose `by` is largest.
    """

    file: str
    column: str = ""
    where: Mapping[str, str | list[str]] = field(default_factory=dict)
    below: Mapping[str, float] = field(default_factory=dict)
    reduce: str = "only"
    by: str = ""


@dataclass(frozen=True)
class Answer:
    """A value (a number, or text of one row) and the cells that it was made from."""

    value: float | str
    origins: tuple[str, ...]


def read_rows(root: Path, file: str) -> tuple[Row, ...]:
    """All rows of a CSV, or of all tables of a Markdown page."""
    path = root / file
    stamp = path.stat().st_mtime_ns if path.exists() else 0
    return _read(root, file, stamp)


@lru_cache(maxsize=64)
def _read(root: Path, file: str, _stamp: int) -> tuple[Row, ...]:
    return rows_of_text(file, read_text(root, file))


def rows_of_text(file: str, text: str) -> tuple[Row, ...]:
    """Rows of a file that has this text."""
    if file.endswith(".md"):
        return tuple(_markdown(file, text))
    reader = csv.DictReader(io.StringIO(text, newline=""))
    return tuple(Row(file, i, dict(row)) for i, row in enumerate(reader, start=2))


def _markdown(file: str, text: str) -> list[Row]:
    rows: list[Row] = []
    head: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("|"):
            head = []
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not head:
            head = cells
        elif not all(set(cell) <= set("-: ") for cell in cells):
            rows.append(Row(file, number, dict(zip(head, cells, strict=False))))
    return rows


def ask(root: Path, query: Query) -> Answer:
    """The answer of a query.

    Raises
    ------
    InputError
        The file cannot be read, has no such column or row, or a value is no number.
    """
    return answer_of(read_rows(root, query.file), query)


def answer_of(given: Sequence[Row], query: Query) -> Answer:
    """The answer that these rows of a file give; errors as of :func:`ask`."""
    rows = [row for row in given if _matches(row, query)]
    if query.reduce == "count":
        return Answer(float(len(rows)), tuple(row.origin(_any(query)) for row in rows))
    if not rows:
        told = ", ".join(f"{k} {v}" for k, v in query.where.items()) or "any value"
        raise InputError([Problem(query.file, f"has no row with {told}.")])
    if query.reduce == "of_largest":
        rows = [max(rows, key=lambda row: number(row, query.by))]
    if query.reduce in ("only", "of_largest"):
        if len(rows) > 1:
            told = ", ".join(str(row.number) for row in rows[:5])
            what = f"has {len(rows)} rows (rows {told}, ...) where the query wants one."
            raise InputError([Problem(query.file, what)])
        return Answer(_value(rows[0], query.column), (rows[0].origin(query.column),))
    values = [number(row, query.column) for row in rows]
    made = {"mean": math.fsum(values) / len(values), "sum": math.fsum(values)}
    made |= {"min": min(values), "max": max(values)}
    chosen = made[query.reduce]
    if query.reduce in ("min", "max"):
        rows = [row for row, value in zip(rows, values, strict=True) if value == chosen]
    return Answer(chosen, tuple(row.origin(query.column) for row in rows))


def number(row: Row, column: str) -> float:
    """The number of a value; `13,736x` and `70.1 s` are 13736 and 70.1."""
    value = _value(row, column)
    if isinstance(value, str):
        raise InputError([Problem(row.origin(column), f"{value!r} is not a number.")])
    return value


def _any(query: Query) -> str:
    return query.column or next(iter([*query.where, *query.below]), "")


def _value(row: Row, column: str) -> float | str:
    if column not in row.values or row.values[column] is None:
        there = ", ".join(row.values)
        raise InputError([Problem(row.file, f"has no column {column}; it has {there}.")])
    text = row.values[column]
    found = _NUMBER.fullmatch(text)
    return float(found[1].replace(",", "")) if found else text


def _matches(row: Row, query: Query) -> bool:
    for column, wanted in query.where.items():
        value = row.values.get(column)
        if value not in ([wanted] if isinstance(wanted, str) else wanted):
            return False
    for column, limit in query.below.items():
        text = row.values.get(column, "")
        if not text or not float(text) < limit:
            return False
    return True
