"""The result tables of a run as plain rows: the only thing the page knows about the grid."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from spacebio_bench.errors import InputError, Problem

Row = dict[str, Any]

CELL_COLUMNS = (
    "cell",
    "task",
    "family",
    "tissue",
    "feature",
    "model",
    "status",
    "reason",
    "metric",
    "n_folds",
    "value_mean",
    "p_value",
    "p_method",
)
FOLD_COLUMNS = ("cell", "fold", "test_missions", "value", "status", "reason")
MORE = (
    "confounders",
    "classes",
    "confusion",
    "canaries",
    "gene_vs_pathway",
    "batch",
    "conservation",
    "samples",
    "duplicates",
    "top_features",
    "within_mission",
    "calibration",
)
"""Tables that some questions have: stems of their files, in the folder or in ``diagnostics/``."""
TEXTS = dict.fromkeys(("fold", "test_missions", "train_missions", "tissue", "variant"), str)
TEXTS |= dict.fromkeys(("class", "named", "mission", "mission_a", "mission_b", "sample"), str)


@dataclass(frozen=True)
class Results:
    """Rows of the tables; a missing value is None, numbers are floats.

    Attributes
    ----------
    cells, folds, comparisons, costs, pooled
        One dictionary a row, in the order of the file.
    outcome
        ``outcome.json`` of the grid; empty when there is none.
    more
        The tables of `MORE` that there are, by name.
    """

    folder: Path
    cells: tuple[Row, ...]
    folds: tuple[Row, ...]
    comparisons: tuple[Row, ...]
    costs: tuple[Row, ...]
    outcome: Mapping[str, Any]
    pooled: tuple[Row, ...] = ()
    more: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    def plain(self) -> Results:
        """Only the leave-one-mission-out question without a variant: what the leaderboard ranks."""
        cells = tuple(c for c in self.cells if c["family"] == "lomo" and not c.get("variant"))
        own = {cell["cell"] for cell in cells}
        return replace(
            self,
            cells=cells,
            folds=tuple(row for row in self.folds if row["cell"] in own),
            costs=tuple(row for row in self.costs if row["cell"] in own),
            pooled=tuple(row for row in self.pooled if row["cell"] in own),
        )

    def family(self, name: str, *, beginning: str = "") -> list[Row]:
        """The cells of a family whose variant begins so."""
        return [
            cell
            for cell in self.cells
            if cell["family"] == name and str(cell.get("variant") or "").startswith(beginning)
        ]

    @property
    def tasks(self) -> tuple[str, ...]:
        """Keys of the tasks, sorted."""
        return tuple(sorted({row["task"] for row in self.cells}))

    def cells_of(self, task: str) -> tuple[Row, ...]:
        """The cells of a task."""
        return tuple(row for row in self.cells if row["task"] == task)

    def folds_by_cell(self) -> dict[str, list[Row]]:
        """The rows of ``folds.csv`` under their cell."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.folds:
            found[row["cell"]].append(row)
        return found


def read_results(folder: Path) -> Results:
    """Read the tables of a results folder.

    Raises
    ------
    InputError
        A table that the page needs is missing, unreadable or lacks columns: all of them.
    """
    problems: list[Problem] = []
    cells = _read_csv(folder / "cells.csv", CELL_COLUMNS, problems)
    folds = _read_csv(folder / "folds.csv", FOLD_COLUMNS, problems)
    optional: list[list[Row]] = [
        _read_csv(path, (), problems) if (path := folder / name).is_file() else []
        for name in ("comparisons.csv", "costs.csv", "pooled.csv")
    ]
    more = {
        name: tuple(_read_csv(path, (), problems))
        for name in MORE
        for path in (folder / f"{name}.csv", folder / "diagnostics" / f"{name}.csv")
        if path.is_file()
    }
    outcome = _read_json(folder / "outcome.json", problems)
    if problems:
        raise InputError(problems)
    return Results(
        folder=folder,
        cells=tuple(cells),
        folds=tuple(folds),
        comparisons=tuple(optional[0]),
        costs=tuple(optional[1]),
        outcome=outcome,
        pooled=tuple(optional[2]),
        more=more,
    )


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """A frame as dictionaries; NaN becomes None."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in plain.to_dict("records")]


def _read_csv(path: Path, needed: Sequence[str], problems: list[Problem]) -> list[Row]:
    try:
        frame = pd.read_csv(path, dtype=TEXTS)
    except FileNotFoundError:
        problems.append(Problem(str(path), "does not exist; `summarize` writes it."))
        return []
    except pd.errors.EmptyDataError:
        if needed:
            problems.append(Problem(str(path), "is empty."))
        return []
    except (OSError, ValueError) as error:
        problems.append(Problem(str(path), f"cannot be read: {error}"))
        return []
    absent = [name for name in needed if name not in frame.columns]
    if absent:
        problems.append(Problem(str(path), f"has no column {', '.join(absent)}."))
    return rows_of(frame)


def _read_json(path: Path, problems: list[Problem]) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        problems.append(Problem(str(path), f"cannot be read: {error}"))
        return {}
    return found if isinstance(found, dict) else {}
