"""The refits of a cell go in stages: after each, the values so far say whether more are needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spacebio_bench.statistics.permutation import stopped_at
from spacebio_bench.typing import FloatArray

FIRST_STAGE = 199
"""Labelings of the first stage where no family asks for a number."""


def stage_ends(n_labelings: int, *, family: int, stop_at: int) -> tuple[int, ...]:
    """Permuted labelings done after each stage: what the family needs, then doubling.

    Parameters
    ----------
    n_labelings
        Planned permuted labelings.
    family
        Those that every cell of the task runs; 0 for none.
    stop_at
        Exceedances that end the refits; 0 runs all labelings in one stage.
    """
    if n_labelings == 0:
        return (0,)
    end = (family or FIRST_STAGE) if stop_at else n_labelings
    ends = [min(end, n_labelings)]
    while ends[-1] < n_labelings:
        ends.append(min(2 * ends[-1] + 1, n_labelings))
    return tuple(ends)


def labelings_needed(
    values: FloatArray | Sequence[Sequence[float]], *, family: int, stop_at: int
) -> int | None:
    """Permuted labelings that decide a cell, or None while more of them could matter.

    Parameters
    ----------
    values
        AUROC of each fold and labeling done so far, shape (n_folds, 1 + m); column 0 is the truth.
    family, stop_at
        As for :func:`stage_ends`.

    Returns
    -------
    The larger of the family and the number of the labeling at which the refits stop. Nothing but
    the values matters: not the stages, nor which worker was first.
    """
    if stop_at == 0:
        return None
    mean = np.asarray(values, dtype=np.float64).mean(axis=0)
    number = stopped_at(mean[1:], float(mean[0]), exceedances=stop_at)
    return None if number is None else max(family, number)
