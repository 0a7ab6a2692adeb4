"""The sections about all questions but the plain one, in the order of the page."""

from __future__ import annotations

from spacebio_bench.report._apart_section import holdout_section, kfold_section
from spacebio_bench.report._confounder_section import confounder_section
from spacebio_bench.report._conservation_section import conservation_section
from spacebio_bench.report._control_section import control_section
from spacebio_bench.report._cross_section import cross_section
from spacebio_bench.report._diagnostics_section import diagnostics_section
from spacebio_bench.report._paired_section import paired_section
from spacebio_bench.report._pairs_section import pairs_section
from spacebio_bench.report._results import Results, Row
from spacebio_bench.report._section import Section
from spacebio_bench.report._variants_section import batch_section, curves_section
from spacebio_bench.report._verdicts import not_run

SECTIONS = (
    control_section,
    confounder_section,
    pairs_section,
    cross_section,
    holdout_section,
    kfold_section,
    batch_section,
    curves_section,
    paired_section,
    conservation_section,
    diagnostics_section,
)


def families(results: Results) -> tuple[Section, ...]:
    """A section for each kind of question that has a result."""
    return tuple(s for make in SECTIONS if (s := make(results)) is not None)


def all_not_run(results: Results) -> list[Row]:
    """`not_run` of all cells, with `n`, `questions`, and `what` the names in `cells` are.

    Cells of plain leave-one-mission-out are named one by one: each has a tile on the page. Of any
    other task, the task stands for all its cells, or a model of it for all its feature sets.
    """
    of_cell = {row["cell"]: row for row in results.cells}
    plain = {row["cell"] for row in results.plain().cells}
    wholes: dict[str, set[str]] = {}
    for cell in results.cells:
        for name in _wholes(cell):
            wholes.setdefault(name, set()).add(cell["cell"])
    found = []
    for group in not_run(results.cells):
        own = set(group["cells"])
        names = {
            next((n for n in _wholes(of_cell[c]) if wholes[n] <= own), c) if c not in plain else c
            for c in own
        }
        questions = sorted({of_cell[cell]["family"] for cell in own})
        more = {"n": len(own), "questions": questions, "cells": sorted(names)}
        found.append({**group, **more, "what": "cells" if names <= own else "names"})
    return found


def _wholes(cell: Row) -> tuple[str, str]:
    return cell["task"], f"{cell['task']}/*/{cell['model']}"
