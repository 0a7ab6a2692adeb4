"""A table as bytes: CSV, and Parquet with the same content."""

from __future__ import annotations

import csv
import io
import math

import pyarrow as pa
import pyarrow.parquet as pq

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.catalog.columns import Row, Table, Value

_ARROW = {str: pa.string(), int: pa.int64(), float: pa.float64()}


def sorted_rows(table: Table, rows: list[Row]) -> list[Row]:
    """Rows in the order of their key, with all columns; an empty text is missing."""
    whole = [{c.name: _known(row.get(c.name)) for c in table.columns} for row in rows]
    return sorted(whole, key=lambda row: tuple(str(row[k] or "") for k in table.key))


def csv_bytes(table: Table, rows: list[Row]) -> bytes:
    """UTF-8, LF, shortest floats that read back the same, empty where missing."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    names = [column.name for column in table.columns]
    writer.writerow(names)
    writer.writerows([_text(row[name]) for name in names] for row in rows)
    return stream.getvalue().encode()


def arrow_table(table: Table, rows: list[Row]) -> pa.Table:
    """The same rows, typed; missing is null."""
    schema = pa.schema([pa.field(c.name, _ARROW[c.kind]) for c in table.columns])
    data = [pa.array([row[field.name] for row in rows], type=field.type) for field in schema]
    return pa.table(data, schema=schema)


def parquet_bytes(table: Table, rows: list[Row]) -> bytes:
    """The table as Parquet; the library's version is in it, so compare content, not bytes."""
    stream = io.BytesIO()
    pq.write_table(arrow_table(table, rows), stream, compression="zstd")
    return stream.getvalue()


def same_parquet(data: bytes, other: bytes) -> bool:
    """Do two Parquet files hold the same columns, types and values?"""
    try:
        return bool(pq.read_table(io.BytesIO(data)).equals(pq.read_table(io.BytesIO(other))))
    except (pa.ArrowException, OSError):
        return False


def read_rows(table: Table, text: str, name: str) -> list[Row]:
    """Rows of a CSV of that table.

    Raises
    ------
    InputError
        Other columns, a row of another length, a value of another type or an empty one that is
        needed: all of them.
    """
    lines = list(csv.reader(io.StringIO(text, newline="")))
    names = [column.name for column in table.columns]
    if not lines or lines[0] != names:
        has = ", ".join(lines[0]) if lines else "nothing"
        raise InputError([Problem(f"{name}, row 1", f"must be {', '.join(names)}; it is {has}.")])
    problems: list[Problem] = []
    rows: list[Row] = []
    for number, cells in enumerate(lines[1:], start=2):
        where = f"{name}, row {number}"
        if len(cells) != len(names):
            what = f"has {len(cells)} cells, the header has {len(names)}."
            problems.append(Problem(where, what))
            continue
        row: Row = {}
        for column, cell in zip(table.columns, cells, strict=True):
            try:
                row[column.name] = column.kind(cell) if cell else None
            except ValueError:
                what = f"{cell!r} is not a {'whole ' if column.kind is int else ''}number."
                problems.append(Problem(f"{where}, column {column.name}", what))
            if column.required and not cell:
                problems.append(Problem(f"{where}, column {column.name}", "is empty."))
        rows.append(row)
    if problems:
        raise InputError(problems)
    return rows


def _known(value: Value) -> Value:
    missing = value is None or value == "" or (isinstance(value, float) and math.isnan(value))
    return None if missing else value


def _text(value: Value) -> str:
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else str(value)
