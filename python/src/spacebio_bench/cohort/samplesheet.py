"""The study sheet: which studies there are, and where their files lie."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacebio_bench.cohort._findings import Findings, at, did_you_mean, listing, shown
from spacebio_bench.cohort.tables import Row, Table, read_table
from spacebio_bench.cohort.textfile import check_file, read_text

REQUIRED = ("tissue", "mission", "accession", "counts", "samples")
ROLES = ("benchmark", "holdout")
FEATURE = "feature."
_FEATURE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_NAMES = {
    "tissue": (re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*"), "letters, digits, _ and -"),
    "mission": (re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*"), "letters, digits and . _ + -"),
    "accession": (re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*"), "letters, digits and . _ + -"),
}


@dataclass(frozen=True)
class Study:
    """One row of the sheet.

    ``row`` is its line; ``names`` holds how the sheet spells each file, for messages. A file that
    is not there is left out (None), so that the others can still be judged.
    """

    row: int
    tissue: str
    mission: str
    accession: str
    role: str
    counts: Path | None
    samples: Path | None
    features: Mapping[str, Path]
    names: Mapping[str, str]

    @property
    def id(self) -> str:
        """`<tissue>.<mission>.<accession>`, unique in a sheet and safe as a file name."""
        return f"{self.tissue}.{self.mission}.{self.accession}"


def read_sheet(
    path: Path, findings: Findings, *, tissues: Sequence[str] = (), files: bool = True
) -> tuple[Study, ...]:
    """Read the study sheet, naming all that is wrong with it.

    Paths in it are relative to the folder of the sheet, of the file itself where `path` is a link.

    Parameters
    ----------
    path
        The sheet.
    findings
        Receives problems and notes.
    tissues
        Leave out the rows of others; keep all where empty.
    files
        Whether the files that it names must be there.
    """
    name = str(path)
    if not check_file(path, "--input", name, findings):
        return ()
    text = read_text(path, name, findings)
    table = read_table(text, name, findings) if text is not None else None
    if table is None:
        return ()
    _check_columns(table, findings)
    folder = path.resolve().parent
    rows = [row for row in table.rows if not tissues or row.cells.get("tissue") in tissues]
    studies = [_study(table, row, folder, findings, files=files) for row in rows]
    _check_spelling(name, studies, findings)
    return tuple(_without_repeats(name, studies, findings))


def _check_columns(table: Table, findings: Findings) -> None:
    known = (*REQUIRED, "role")
    for column in REQUIRED:
        if column not in table.columns:
            has = listing([c for c in table.columns if c], 12) or "none"
            findings.wrong(at(table.name, 1), f"column {column} is missing; there are {has}.")
    for column in table.columns:
        if column.startswith(FEATURE):
            _check_feature_name(table.name, column, findings)
        elif column not in known:
            hint = did_you_mean(column, [k for k in known if k not in table.columns])
            what = f"is not known; a sheet has {', '.join(known)} and feature.<NAME>.{hint}"
            findings.wrong(at(table.name, 1, column), what)


def _check_feature_name(sheet: str, column: str, findings: Findings) -> None:
    name = column[len(FEATURE) :]
    if not _FEATURE_NAME.fullmatch(name):
        what = "the name after feature. must start with a letter and hold letters, digits and . _ -"
        findings.wrong(at(sheet, 1, column), what)
    elif name in ("gene", "combined") or name.startswith("pathway_"):
        what = f"the name {name} is taken by a feature set made from counts. Choose another."
        findings.wrong(at(sheet, 1, column), what)


def _study(table: Table, row: Row, folder: Path, findings: Findings, *, files: bool) -> Study:
    def wrong(column: str, what: str) -> None:
        findings.wrong(at(table.name, row.line, column), what)

    cells = row.cells
    for column, (pattern, allowed) in _NAMES.items():
        value = cells.get(column, "")
        if not value and column in table.columns:
            wrong(column, "is empty.")
        elif value and not pattern.fullmatch(value):
            wrong(column, f"'{shown(value)}' may hold only {allowed}, a letter or digit first.")
    role = cells.get("role", "") or ROLES[0]
    if role not in ROLES:
        hint = did_you_mean(role, ROLES)
        wrong("role", f"'{shown(role)}' is not one of {', '.join(ROLES)}.{hint}")
    names = {c: cells.get(c, "") for c in ("samples", "counts")}
    names |= {c: v for c, v in cells.items() if c.startswith(FEATURE) and v}
    if not names["counts"] and len(names) == 2 and "counts" in table.columns:
        wrong("counts", "is empty, and no feature.<NAME> column is given instead.")
    if not names["samples"] and "samples" in table.columns:
        wrong("samples", "is empty.")
    paths = {}
    for column, value in names.items():
        where = at(table.name, row.line, column)
        if not value or (
            files and not check_file(folder / value, where, shown(value, 200), findings)
        ):
            continue
        paths[column] = folder / value
    return Study(
        row=row.line,
        tissue=cells.get("tissue", ""),
        mission=cells.get("mission", ""),
        accession=cells.get("accession", ""),
        role=role,
        counts=paths.get("counts"),
        samples=paths.get("samples"),
        features={c[len(FEATURE) :]: p for c, p in paths.items() if c.startswith(FEATURE)},
        names=names,
    )


def _check_spelling(sheet: str, studies: list[Study], findings: Findings) -> None:
    """Names that differ only in case: one mission would be trained on and tested on as two."""
    first: dict[tuple[str, str], tuple[str, int]] = {}
    for study in studies:
        for column in _NAMES:
            name = getattr(study, column)
            spelling, row = first.setdefault((column, name.lower()), (name, study.row))
            if spelling != name:
                what = f"'{shown(name)}' is '{shown(spelling)}' in row {row}. Spell them alike."
                findings.wrong(at(sheet, study.row, column), what)


def _without_repeats(sheet: str, studies: list[Study], findings: Findings) -> Iterator[Study]:
    ids: dict[str, int] = {}
    used: dict[tuple[str, str, Path], int] = {}
    for study in studies:
        first = ids.setdefault(study.id.lower(), study.row)
        if first != study.row:
            what = (
                f"{study.tissue}, {study.mission}, {study.accession} is in row {first} already. "
                "Remove one, or give the parts of a study different accessions."
            )
            findings.wrong(at(sheet, study.row), what)
            continue
        # A samples table may serve two tissues of the same animals, a counts file may not.
        files = {("samples", study.tissue): study.samples, ("counts", ""): study.counts}
        for (column, scope), path in files.items():
            if path is None:
                continue
            first = used.setdefault((column, scope, path.resolve()), study.row)
            if first != study.row:
                what = f"{study.names[column]} is the file of row {first} already."
                findings.wrong(at(sheet, study.row, column), what)
        by_path: dict[Path, str] = {}
        for name, path in study.features.items():
            other = by_path.setdefault(path.resolve(), name)
            if other != name:
                where = at(sheet, study.row, FEATURE + name)
                findings.wrong(where, f"is the same file as {FEATURE}{other}.")
        yield study
