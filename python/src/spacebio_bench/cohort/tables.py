"""Small tables (sheets, samples, symbols) with the line each row stands on."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from spacebio_bench.cohort._findings import Findings, at, shown

SEPARATORS = {",": "commas", "\t": "tabs", ";": "semicolons"}


@dataclass(frozen=True)
class Row:
    """A row: the line it starts on (the header is line 1 unless blank lines come before) and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A table of text."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def separator(header: str) -> str:
    """The separator of a table by its first line: comma, tab or semicolon, whichever occurs most outside quotes."""
    bare = "".join(header.split('"')[::2])
    return max(SEPARATORS, key=lambda s: (bare.count(s), s == ","))


def records(
    text: bytes, delimiter: str, name: str, findings: Findings
) -> Iterator[tuple[int, list[str]]]:
    """Lines and cells of every record that is not blank; a problem, and the end, at broken quotes or a huge cell."""
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
            what = f"a cell has more than {csv.field_size_limit():,} characters; a quote may be missing."
        else:
            what = f"the quotes are broken ({what})."
        findings.wrong(at(name, line), what)


def read_table(text: bytes, name: str, findings: Findings) -> Table | None:
    """Read a small table; every ragged row and unnamed column is a problem, oddities that can be put right are notes.

    Returns None where nothing after it can be judged: no header, duplicated names, broken quotes, ragged rows.
    """
    first = text.lstrip(b"\n").split(b"\n", 1)[0].decode("utf-8")
    delimiter = separator(first)
    before = len(findings.problems)
    found = list(records(text, delimiter, name, findings))
    if len(findings.problems) > before or not found:
        return None
    if delimiter != ",":
        findings.note(name, f"is separated by {SEPARATORS[delimiter]}; read as such.")
    line, header = found[0]
    columns = [c.strip() for c in header]
    width = max((i + 1 for i, c in enumerate(columns) if c), default=0)
    body: list[Row] = []
    blanks = breaks = False
    for row, cells in found[1:]:
        if len(cells) > len(header):
            surplus = [c for c in cells[len(header) :] if c.strip()]
            if surplus:
                findings.wrong(at(name, row), _ragged(len(cells), len(header)))
                continue
        elif len(cells) < len(header) and len(cells) < width:
            findings.wrong(at(name, row), _ragged(len(cells), len(header)))
            continue
        if any(c.strip() for c in cells[width : len(header)]):
            findings.wrong(
                at(name, row), f"column {width + 1} has a value but no name in row {line}."
            )
            continue
        stripped = [" ".join(c.split("\n")).strip() for c in cells[:width]]
        breaks |= any("\n" in c for c in cells)
        blanks |= any(c != c.strip(" ") for c in cells)
        if any(stripped):
            body.append(Row(row, dict(zip(columns, stripped, strict=False))))
    if blanks:
        findings.note(name, "blanks around values were removed.")
    if breaks:
        findings.note(name, "line breaks inside quoted values were read as blanks.")
    _check_header(columns[:width], line, name, findings)
    if len(findings.problems) > before:
        return None
    if not body:
        findings.wrong(name, "has a header but no rows.")
        return None
    return Table(name, tuple(columns[:width]), tuple(body))


def _ragged(found: int, expected: int) -> str:
    return f"{found} cells where the header has {expected}."


def _check_header(columns: list[str], line: int, name: str, findings: Findings) -> None:
    seen: set[str] = set()
    for i, column in enumerate(columns):
        if not column and i > 0:
            findings.wrong(at(name, line), f"column {i + 1} has no name.")
        elif column in seen:
            findings.wrong(at(name, line, column), "is there twice.")
        elif "\n" in column:
            findings.wrong(at(name, line, shown(column)), "there is a line break in the name.")
        seen.add(column)
