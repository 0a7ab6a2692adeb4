"""The catalog of the published benchmark: its studies, what it left out, how large files are."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from spacebio_bench.cohort._findings import Findings, at, did_you_mean, listing, shown
from spacebio_bench.cohort.samplesheet import read_sheet
from spacebio_bench.cohort.tables import Row, read_table
from spacebio_bench.cohort.textfile import check_file, read_text

CATALOG = "release/catalog/studies.csv"
EXCLUDED = "release/catalog/excluded.csv"
FILES = "release/catalog/files.csv"


@dataclass(frozen=True)
class Wanted:
    """A study of the catalog and where its files belong; they need not be there."""

    accession: str
    tissue: str
    mission: str
    counts: Path
    samples: Path
    role: str


@dataclass(frozen=True)
class Listed:
    """What is known of an accession's counts: bytes, or else samples to estimate them from."""

    file_name: str
    size: int | None
    samples: int | None
    source: str


@dataclass(frozen=True)
class Excluded:
    """A study that the published benchmark leaves out, why, and where that is written."""

    tissue: str
    mission: str
    accession: str
    reason: str
    source: str


def read_catalog(sheet: Path, *, tissues: Sequence[str] = ()) -> tuple[Wanted, ...]:
    """Read a study sheet whose files may still be missing.

    Parameters
    ----------
    sheet
        The study sheet.
    tissues
        Only these; all where empty.

    Returns
    -------
    Its studies in the order of the sheet.

    Raises
    ------
    InputError
        All that is wrong with the sheet; a tissue that it lacks.
    """
    findings = Findings()
    studies = read_sheet(sheet, findings, files=False)
    if studies:
        known = list(dict.fromkeys(study.tissue for study in studies))
        for name in tissues:
            if name not in known:
                hint = did_you_mean(name, known)
                what = f"has no tissue '{shown(name)}'; there are {listing(known, 12)}.{hint}"
                findings.wrong(str(sheet), what)
    wanted = []
    for study in studies:
        if study.counts is None or study.samples is None:
            findings.wrong(at(str(sheet), study.row), "a catalog needs counts and samples.")
        elif not tissues or study.tissue in tissues:
            # the sheet's folder is resolved already; a link further down stays as the user made it
            counts, samples = (Path(os.path.normpath(p)) for p in (study.counts, study.samples))
            wanted.append(
                Wanted(study.accession, study.tissue, study.mission, counts, samples, study.role)
            )
    findings.raise_if_any()
    return tuple(wanted)


def read_excluded(path: Path) -> tuple[Excluded, ...]:
    """Studies that are left out; none where there is no such table.

    Raises
    ------
    InputError
        All that is wrong with the table.
    """
    if not path.exists():
        return ()
    names = [field.name for field in fields(Excluded)]
    findings = Findings()
    rows = _read(path, names)
    for row in rows:
        for name in names:
            if not row.cells[name]:
                findings.wrong(at(str(path), row.line, name), "is empty.")
    findings.raise_if_any()
    return tuple(Excluded(**{name: row.cells[name] for name in names}) for row in rows)


def read_listed(path: Path) -> Mapping[str, Listed]:
    """What is known of the files, by accession; empty where there is no such table.

    Raises
    ------
    InputError
        All that is wrong with the table.
    """
    if not path.exists():
        return {}
    findings = Findings()

    def number(row: Row, column: str) -> int | None:
        text = row.cells[column]
        if text and not (text.isascii() and text.isdecimal()):
            where = at(str(path), row.line, column)
            findings.wrong(where, f"'{shown(text)}' is not a whole number.")
            return None
        return int(text) if text else None

    listed = {}
    for row in _read(path, ("accession", "file_name", "bytes", "samples", "source")):
        cells, size, samples = row.cells, number(row, "bytes"), number(row, "samples")
        listed[cells["accession"]] = Listed(cells["file_name"], size, samples, cells["source"])
    findings.raise_if_any()
    return listed


def _read(path: Path, columns: Sequence[str]) -> tuple[Row, ...]:
    findings = Findings()
    name = str(path)
    there = check_file(path, name, "it", findings)
    text = read_text(path, name, findings) if there else None
    table = read_table(text, name, findings) if text is not None else None
    if table is not None:
        for column in columns:
            if column not in table.columns:
                findings.wrong(at(name, 1), f"column {column} is missing.")
    findings.raise_if_any()
    assert table is not None
    return table.rows
