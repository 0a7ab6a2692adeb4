"""The cohort stores of a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.store import read_cohort
from spacebio_bench.errors import InputError, Problem


@dataclass(frozen=True)
class Stores:
    """Cohorts by tissue, and where each is."""

    cohorts: dict[str, Cohort]
    paths: dict[str, Path]


def open_stores(folder: Path) -> Stores:
    """Read every `<tissue>.zarr` of a folder.

    Raises
    ------
    InputError
        No store there, stores that cannot be read (all of them), or two of one tissue.
    """
    found = sorted(folder.glob("*.zarr"))
    if not found:
        raise InputError([Problem("--cohorts", f"{folder} holds no <tissue>.zarr.")])
    problems: list[Problem] = []
    cohorts: dict[str, Cohort] = {}
    paths: dict[str, Path] = {}
    for path in found:
        try:
            cohort = read_cohort(path)
        except InputError as error:
            problems += error.problems
            continue
        if cohort.tissue in cohorts:
            msg = f"holds {cohort.tissue}, as {paths[cohort.tissue]} does."
            problems.append(Problem(str(path), msg))
        cohorts[cohort.tissue], paths[cohort.tissue] = cohort, path.resolve()
    if problems:
        raise InputError(problems)
    return Stores(cohorts, paths)
