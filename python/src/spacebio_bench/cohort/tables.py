"""Small tables (sheets, samples, symbols) with the line each row stands on."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from spacebio_bench.cohort._findings import Findings, at

SEPARATORS = {",": "commas", "\t": "tabs", ";": "semicolons"}


@dataclass(frozen=True)
class Row:
    """A row: the line of the file on which it starts, and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A table of text; `whole` is False where rows that do not fit the header were left out."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    whole: bool


def separator(header: str) -> str:
    """Comma, tab or semicolon: whichever occurs most outside quotes in the first line."""
    bare = "".join(header.split('"')[::2])
    return max(SEPARATORS, key=lambda s: (bare.count(s), s == ","))


def records(
    text: bytes, delimiter: str, name: str, findings: Findings
) -> Iterator[tuple[int, list[str]]]:
    """Lines and cells of every record that is not blank; ends at broken quotes or a huge cell."""
    reader = csv.reader(
        StringIO(text.decode("utf-8"), newline=""), delimiter=delimiter, strict=True
    )
    line = 1
    try:
        for record in reader:
            if any(record):
                yield line, record
            line = reader.line_num + 1
    except csv.Error as error:
        what = str(error)
        if "field limit" in what:
            most = csv.field_size_limit()
            what = f"a cell has more than {most:,} characters; a quote may be missing."
        else:
            what = f"the quotes are broken ({what})."
        findings.wrong(at(name, line), what)


def read_table(text: bytes, name: str, findings: Findings) -> Table | None:
    """Read a small table; oddities that can be put right are notes, others are problems.

    Returns None where nothing after it can be judged: no header, repeated names, broken quotes, no
    rows.
    """
    before = len(findings.problems)
    delimiter = separator(text.lstrip(b"\n").split(b"\n", 1)[0].decode("utf-8"))
    found = list(records(text, delimiter, name, findings))
    if not found:
        findings.wrong(name, "is empty: there is no value in it.")
    if len(findings.problems) > before:
        return None
    line, header = found[0]
    columns = [" ".join(c.split()) for c in header]
    while columns and not columns[-1]:
        columns.pop()
    _check_header(columns, line, name, findings)
    if len(findings.problems) > before:
        return None
    rows = []
    for at_line, cells in found[1:]:
        what = _misfit(cells, len(header), len(columns))
        if what:
            findings.wrong(at(name, at_line), what)
        else:
            values = [" ".join(c.split("\n")).strip() for c in cells]
            rows.append(Row(at_line, dict(zip(columns, values, strict=False))))
    whole = len(rows) == len(found) - 1
    if len(found) == 1:
        findings.wrong(name, "has a header but no rows.")
        return None
    if delimiter != ",":
        findings.note(name, f"is separated by {SEPARATORS[delimiter]}; read as such.")
    _note_repairs([cell for _, cells in found for cell in cells], name, findings)
    return Table(name, tuple(columns), tuple(rows), whole)


def _note_repairs(cells: list[str], name: str, findings: Findings) -> None:
    if any(c != c.strip(" ") for c in cells):
        findings.note(name, "blanks around values were removed.")
    if any("\n" in c for c in cells):
        findings.note(name, "line breaks inside quoted values were read as blanks.")


def _misfit(cells: list[str], n_header: int, n_columns: int) -> str | None:
    """Why a row does not fit its header; empty cells too many at the end are no matter."""
    surplus = [i for i, c in enumerate(cells) if i >= n_columns and c.strip()]
    if len(cells) < n_columns or (surplus and surplus[-1] >= n_header):
        return f"{_cells(len(cells))} where the header has {n_header}."
    if surplus:
        return f"column {surplus[0] + 1} has a value but no name."
    return None


def _cells(n: int) -> str:
    return f"{n} cell{'' if n == 1 else 's'}"


def _check_header(columns: list[str], line: int, name: str, findings: Findings) -> None:
    seen: set[str] = set()
    for i, column in enumerate(columns):
        if not column and i > 0:
            findings.wrong(at(name, line), f"column {i + 1} has no name.")
        elif column in seen:
            findings.wrong(at(name, line, column), "is there twice.")
        seen.add(column)
