"""What the grid left, read; result tables, written with the same bytes for the same numbers."""

from __future__ import annotations

import csv
import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import zarr
from numpy.typing import NDArray

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.statistics.classification import macro_f1
from spacebio_bench.typing import FloatArray

Row = dict[str, Any]
DONE = 1


@dataclass(frozen=True)
class FoldResult:
    """What the grid says of one fold of one cell; scores are in the order of the fold's samples.

    Where classes are named, a sample is there once for each class, side by side.
    """

    status: str
    reason: str
    n_features: int
    value: float
    seed_values: tuple[float, ...]
    samples: tuple[str, ...]
    scores: FloatArray


@dataclass(frozen=True)
class NullValues:
    """Value of each fold and labeling of a cell, shape (n_folds, 1 + m), and which were done.

    `counts` are the confusion matrices where classes are named, shape (n_folds, 1 + m, k, k).
    """

    folds: tuple[str, ...]
    value: FloatArray
    done: NDArray[np.bool_]
    counts: NDArray[np.int32] | None = None

    def leading(self, n_labelings: int) -> int:
        """How many labelings are done before the first that is not, the truth counted."""
        there = np.asarray(self.done[:, : n_labelings + 1].all(axis=0))
        return int(there.size if there.all() else np.argmin(there))

    def statistic(self, n: int) -> FloatArray:
        """Statistic of the cell for the first `n` labelings, shape (n,).

        The mean over folds; where classes are named, the macro-F1 of all folds' samples together.
        """
        if self.counts is None:
            mean: FloatArray = self.value[:, :n].mean(axis=0)
            return mean
        return macro_f1(self.counts[:, :n].sum(axis=0), classes="present")


@dataclass(frozen=True)
class Grid:
    """The files of `spacebio-bench run`."""

    folder: Path
    folds: Mapping[tuple[str, str], FoldResult]
    nulls: Mapping[str, NullValues]


def read_grid(folder: Path) -> Grid:
    """Read a grid folder; raises InputError when it is not one."""
    needed = ("folds.parquet", "predictions.parquet", "costs.csv", "nulls.zarr")
    problems = [
        Problem(str(folder / name), "does not exist; `run` writes it.")
        for name in needed
        if not (folder / name).exists()
    ]
    if problems:
        raise InputError(problems)
    predictions = pd.read_parquet(folder / "predictions.parquet")
    rows = predictions.groupby(["cell", "fold"], sort=False).indices
    samples = predictions["sample"].astype(str).to_numpy(object)
    scores = predictions["score"].to_numpy(np.float64)
    folds = {}
    for row in pd.read_parquet(folder / "folds.parquet").to_dict("records"):
        key = (str(row["cell"]), str(row["fold"]))
        own = rows.get(key, np.empty(0, dtype=np.intp))
        folds[key] = FoldResult(
            status=str(row["status"]),
            reason=str(row["reason"]),
            n_features=int(row["n_features"]),
            value=float(row["value"]),
            seed_values=tuple(float(v) for v in row["seed_values"]),
            samples=tuple(samples[own]),
            scores=scores[own],
        )
    return Grid(folder, folds, _read_nulls(folder / "nulls.zarr"))


def _read_nulls(path: Path) -> dict[str, NullValues]:
    found = {}
    root = zarr.open_group(path, mode="r")
    for _, group in root.groups():
        value, done = np.asarray(group["value"][:]), np.asarray(group["status"][:]) == DONE
        counts = np.asarray(group["counts"][:]) if "counts" in group else None
        names = tuple(str(fold) for fold in group["fold"][:])
        for i, cell in enumerate(group["cell"][:]):
            own = None if counts is None else counts[i]
            found[str(cell)] = NullValues(names, value[i], done[i], own)
    return found


def write_csv(path: Path, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """UTF-8, LF, shortest floats that read back the same, empty where missing."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_text(row.get(column)) for column in columns] for row in rows)


def write_parquet(path: Path, columns: Mapping[str, type], rows: Sequence[Row]) -> None:
    """The same rows as Parquet; `columns` gives the Python type of each, missing is null."""
    types = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    data = [[_known(row.get(name)) for row in rows] for name in columns]
    arrays = [pa.array(v, type=field.type) for v, field in zip(data, schema, strict=True)]
    pq.write_table(pa.table(arrays, schema=schema), path)


def copy_nulls(grid: Path, outdir: Path) -> None:
    """The null values as the grid wrote them."""
    target = outdir / "nulls.zarr"
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(grid / "nulls.zarr", target)


def _known(value: Any) -> Any:
    """The value, or None where it is missing."""
    missing = value is None or value == "" or (isinstance(value, float) and math.isnan(value))
    return None if missing else value


def _text(value: Any) -> str:
    known = _known(value)
    if known is None:
        return ""
    return repr(float(known)) if isinstance(known, float) else str(known)
