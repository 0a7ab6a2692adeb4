"""The study sheet: which studies there are, and where their files lie."""

from __future__ import annotations

import re
from collections.abc import Mapping
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

    ``names`` holds how the sheet spells each file, for messages; ``row`` is the line of the sheet.
    """

    row: int
    tissue: str
    mission: str
    accession: str
    role: str
    counts: Path | None
    samples: Path
    features: Mapping[str, Path]
    names: Mapping[str, str]

    @property
    def id(self) -> str:
        """`<tissue>.<mission>.<accession>`, unique in a sheet and safe as a file name."""
        return f"{self.tissue}.{self.mission}.{self.accession}"


def read_sheet(path: Path, findings: Findings) -> tuple[Study, ...]:
    """Read the study sheet, naming all that is wrong with it.

    Paths in it are relative to the folder of the sheet, of the file itself where `path` is a link.
    Studies whose row is wrong are left out, so that the files of the others can still be checked.
    """
    name = str(path)
    if not check_file(path, "--input", name, findings):
        return ()
    text = read_text(path, name, findings)
    table = read_table(text, name, findings) if text is not None else None
    if table is None or not _check_columns(table, findings):
        return ()
    folder = path.resolve().parent
    studies = [s for row in table.rows if (s := _study(table, row, folder, findings)) is not None]
    _check_repeats(name, studies, findings)
    return tuple(studies)


def _check_columns(table: Table, findings: Findings) -> bool:
    fine = True
    known = (*REQUIRED, "role")
    for column in REQUIRED:
        if column not in table.columns:
            has = listing([c for c in table.columns if c], 12) or "none"
            findings.wrong(at(table.name, 1), f"column {column} is missing; there are {has}.")
            fine = False
    for column in table.columns:
        if column.startswith(FEATURE):
            fine &= _check_feature_name(table.name, column, findings)
        elif column not in known:
            hint = did_you_mean(column, [k for k in known if k not in table.columns])
            what = f"is not known; a sheet has {', '.join(known)} and feature.<NAME>.{hint}"
            findings.wrong(at(table.name, 1, column), what)
    return fine


def _check_feature_name(sheet: str, column: str, findings: Findings) -> bool:
    name = column[len(FEATURE) :]
    if not _FEATURE_NAME.fullmatch(name):
        what = "the name after feature. must start with a letter and hold letters, digits and . _ -"
    elif name in ("gene", "combined") or name.startswith("pathway_"):
        what = (
            f"the name {name} is taken by a feature set that is made from counts. Choose another."
        )
    else:
        return True
    findings.wrong(at(sheet, 1, column), what)
    return False


def _study(table: Table, row: Row, folder: Path, findings: Findings) -> Study | None:
    before = len(findings.problems)
    cells = row.cells
    for column, (pattern, allowed) in _NAMES.items():
        value = cells.get(column, "")
        if not value:
            findings.wrong(at(table.name, row.line, column), "is empty.")
        elif not pattern.fullmatch(value):
            what = f"'{shown(value)}' may hold only {allowed}, a letter or digit first."
            findings.wrong(at(table.name, row.line, column), what)
    role = cells.get("role", "") or ROLES[0]
    if role not in ROLES:
        what = f"'{shown(role)}' is not one of {', '.join(ROLES)}.{did_you_mean(role, ROLES)}"
        findings.wrong(at(table.name, row.line, "role"), what)
    features = {c[len(FEATURE) :]: cells.get(c, "") for c in table.columns if c.startswith(FEATURE)}
    given = {n: v for n, v in features.items() if v}
    if not cells.get("counts") and not given:
        what = "is empty, and no feature.<NAME> column is given instead."
        findings.wrong(at(table.name, row.line, "counts"), what)
    names = {"samples": cells.get("samples", ""), "counts": cells.get("counts", "")}
    names |= {f"{FEATURE}{n}": v for n, v in given.items()}
    if not names["samples"]:
        findings.wrong(at(table.name, row.line, "samples"), "is empty.")
    paths = {}
    for column, value in names.items():
        if value:
            paths[column] = folder / value
            check_file(paths[column], at(table.name, row.line, column), shown(value, 200), findings)
    if len(findings.problems) > before:
        return None
    return Study(
        row=row.line,
        tissue=cells["tissue"],
        mission=cells["mission"],
        accession=cells["accession"],
        role=role,
        counts=paths.get("counts"),
        samples=paths["samples"],
        features={n: paths[f"{FEATURE}{n}"] for n in given},
        names=names,
    )


def _check_repeats(sheet: str, studies: list[Study], findings: Findings) -> None:
    ids: dict[str, int] = {}
    used: dict[tuple[str, Path], int] = {}
    for study in studies:
        first = ids.setdefault(study.id.lower(), study.row)
        if first != study.row:
            what = (
                f"{study.tissue}, {study.mission}, {study.accession} is in row {first} already. "
                "Remove one, or give the parts of a study different accessions."
            )
            findings.wrong(at(sheet, study.row), what)
            continue
        files = {
            ("samples", study.tissue): study.samples
        }  # tissues of the same animals may share a table
        if study.counts is not None:
            files["counts", ""] = study.counts
        for (column, scope), path in files.items():
            first = used.setdefault((column + scope, path.resolve()), study.row)
            if first != study.row:
                what = f"{study.names[column]} is the file of row {first} already."
                findings.wrong(at(sheet, study.row, column), what)
        by_path: dict[Path, str] = {}
        for name, path in study.features.items():
            other = by_path.setdefault(path.resolve(), name)
            if other != name:
                where = at(sheet, study.row, FEATURE + name)
                findings.wrong(where, f"is the same file as {FEATURE}{other}.")
