"""The null distributions of a run, binned for the page."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import zarr

from spacebio_bench.typing import FloatArray, IntArray

N_BINS = 50


@dataclass(frozen=True)
class NullOfCell:
    """Mean AUROC over folds under permuted labels, as a histogram over 0 to 1.

    Attributes
    ----------
    observed
        The statistic under the true labels.
    counts
        Labelings in each of `N_BINS` bins of equal width.
    reached
        Labelings whose statistic is at least the observed one.
    mean, sd
        Of the null; NaN without labelings.
    """

    cell: str
    observed: float
    counts: IntArray
    reached: int
    mean: float
    sd: float

    @property
    def n(self) -> int:
        """Permuted labelings that this cell was refitted on."""
        return int(self.counts.sum())


def read_nulls(path: Path, tasks: Collection[str]) -> dict[str, NullOfCell]:
    """Cells of these tasks with labelings beside the truth, from ``nulls.zarr``, if it is there."""
    if not path.is_dir():
        return {}
    found: dict[str, NullOfCell] = {}
    store = zarr.open_group(path, mode="r")
    for name, group in sorted(store.groups()):
        if name not in tasks:
            continue
        values, cells = np.asarray(group["value"][:], np.float64), group["cell"][:]
        for cell, value in zip(cells, values, strict=True):
            null = summarise(str(cell), value)
            if null is not None:
                found[null.cell] = null
    return found


def summarise(cell: str, value: FloatArray) -> NullOfCell | None:
    """The null of one cell from its values (folds, labelings); None where there is only the truth.

    A labeling counts when every fold that has a value under the truth has one under it.
    """
    scored = np.isfinite(value[:, 0])
    if not scored.any():
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        statistic = np.round(value[scored].mean(axis=0), 12)
    null = statistic[1:][np.isfinite(statistic[1:])]
    if not null.size:
        return None
    counts = np.histogram(null, bins=N_BINS, range=(0.0, 1.0))[0].astype(np.intp)
    return NullOfCell(
        cell=cell,
        observed=float(statistic[0]),
        counts=counts,
        reached=int((null >= statistic[0]).sum()),
        mean=float(null.mean()),
        sd=float(null.std(ddof=1)) if null.size > 1 else float("nan"),
    )
