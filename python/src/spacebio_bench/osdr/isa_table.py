"""One table of an ISA archive: tab-separated, quoted, with column names that repeat."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from spacebio_bench.cohort._findings import Findings, at

SAMPLE = "Sample Name"
_UNIT = "unit"
_DESCRIBES = ("term source ref", "term accession number", "term accession")


@dataclass(frozen=True)
class IsaTable:
    """A study or assay table.

    Attributes
    ----------
    headers
        Column names as spelt, blanks collapsed; names may repeat.
    rows
        Cells as text, each row as wide as the header.
    """

    name: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def values(self, header: str) -> list[str] | None:
        """A column's values, with their unit; of a repeated name the first that is not empty.

        None where there is no such column. Case and blanks of the name do not matter.
        """
        places = [i for i, h in enumerate(self.headers) if plain(h) == plain(header)]
        if not places:
            return None
        units = {i: self._unit_of(i) for i in places}
        return [self._first(row, places, units) for row in self.rows]

    @property
    def samples(self) -> list[str]:
        """Values of `Sample Name`; in an assay table a sample may stand in several rows."""
        return self.values(SAMPLE) or []

    def _unit_of(self, place: int) -> int | None:
        """Where the unit of a column stands: beside it, before the next column of values."""
        for i in range(place + 1, len(self.headers)):
            name = plain(self.headers[i])
            if name == _UNIT:
                return i
            if name not in _DESCRIBES:
                return None
        return None

    @staticmethod
    def _first(row: tuple[str, ...], places: Sequence[int], units: dict[int, int | None]) -> str:
        for place in places:
            unit = units[place]
            if row[place]:
                return f"{row[place]} {row[unit]}".strip() if unit is not None else row[place]
        return ""


def plain(header: str) -> str:
    """A column name for comparison: `Factor Value [ Gravity ]` is `factor value[gravity]`."""
    return re.sub(r"\s*([\[\]])\s*", r"\1", " ".join(header.split())).casefold()


def decoded(raw: bytes, name: str, findings: Findings) -> str:
    """Text of an ISA file: UTF-8 with or without byte order mark, else Latin-1, which is said."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
        findings.note(name, "is not UTF-8; read as Latin-1.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def records(text: str, name: str, findings: Findings) -> list[tuple[int, list[str]]]:
    """Lines and cells that are not blank, blanks around cells removed; a problem at broken text."""
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(StringIO(text, newline=""), delimiter="\t")
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((line, [" ".join(cell.split()) for cell in cells]))
            line = reader.line_num + 1
    except csv.Error as error:
        findings.wrong(at(name, line), f"is no table of an ISA archive ({error}).")
    return found


def read_isa_table(raw: bytes, name: str, findings: Findings) -> IsaTable | None:
    """Read a study or assay table; None, and a problem, where it cannot be used."""
    before = len(findings.problems)
    found = records(decoded(raw, name, findings), name, findings)
    if len(findings.problems) > before:
        return None
    if len(found) < 2:
        findings.wrong(name, "has no rows.")
        return None
    line, headers = found[0]
    while headers and not headers[-1]:
        headers.pop()
    if plain(SAMPLE) not in map(plain, headers):
        findings.wrong(at(name, line), f"there is no column {SAMPLE}.")
        return None
    rows = []
    for at_line, cells in found[1:]:
        if any(cells[len(headers) :]):
            what = f"{len(cells)} cells where the header has {len(headers)}."
            findings.wrong(at(name, at_line), what)
        rows.append(tuple([*cells, *[""] * len(headers)][: len(headers)]))
    table = IsaTable(name, tuple(headers), tuple(rows))
    for (at_line, _), sample in zip(found[1:], table.samples, strict=True):
        if not sample:
            findings.wrong(at(name, at_line, SAMPLE), "is empty.")
    return table if len(findings.problems) == before else None
