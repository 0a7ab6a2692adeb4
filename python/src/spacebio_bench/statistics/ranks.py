"""What ranks of cells are certain: pairs compared on one shared bootstrap, all at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from spacebio_bench.statistics.intervals import SamplingVariance
from spacebio_bench.statistics.permutation import TIE
from spacebio_bench.typing import BoolArray, FloatArray, IntArray


class Ranks(NamedTuple):
    """Least and largest rank of each cell (1 is best) and its group of ties, shape (N,)."""

    low: IntArray
    high: IntArray
    tie_group: IntArray


def rank_intervals(
    values: ArrayLike,
    draws: ArrayLike,
    n_positive: ArrayLike,
    n_negative: ArrayLike,
    *,
    level: float = 0.95,
) -> Ranks:
    """Simultaneous intervals of the ranks of N cells.

    Parameters
    ----------
    values
        Mean AUROC over folds of each cell, shape (N,).
    draws
        The same in each bootstrap draw, shape (N, B); a column is one draw for all cells.
    n_positive, n_negative
        Test samples of each fold, shape (n_folds,): the same for all cells.

    Returns
    -------
    `low` is 1 + the number of cells that are significantly better, `high` N - the number that are
    significantly worse. With probability `level` no true rank is outside its interval.
    """
    better = significantly_better(values, draws, n_positive, n_negative, level=level)
    n = len(better)
    return Ranks(
        low=1 + better.sum(axis=0),
        high=n - better.sum(axis=1),
        tie_group=tie_groups(values, better),
    )


def significantly_better(
    values: ArrayLike,
    draws: ArrayLike,
    n_positive: ArrayLike,
    n_negative: ArrayLike,
    *,
    level: float = 0.95,
) -> BoolArray:
    """Which cells are better than which, over all pairs at once.

    Parameters
    ----------
    values, draws, n_positive, n_negative
        As for :func:`rank_intervals`.

    Returns
    -------
    Shape (N, N); [i, j] says that i is better than j.

    Notes
    -----
    By `max |t|` of paired differences. The SD of a difference is that of the bootstrap, but no less
    than Newcombe's (2006) variance V at the mean of the two AUROCs allows, as if they were equal:
    sqrt(2 V (1 - r)), r the correlation over draws. The bootstrap alone has no width at AUROC 1 and
    too little on small folds. For the same reason its quantile of `max |t|` (at least that of one
    pair) is taken from the normal to the t distribution with one degree of freedom a test sample
    less two a fold. In 1,000 simulations of each of 18 designs (2 to 8 missions; 2+2 to 12+12
    samples; 6 to 32 cells, equal or not, independent to nearly alike) all true ranks were inside at
    once in 0.935 to 1.000; with the bootstrap alone in 0.67 on two folds of 3+3.
    """
    v = np.asarray(values, dtype=np.float64)
    n_test = np.asarray(n_positive) + np.asarray(n_negative)
    centred, spread, alike = _spread(np.asarray(draws, dtype=np.float64))
    largest = _quantile_of_largest(centred, spread, level)
    df = max(float((n_test - 2).sum()), 1.0)
    critical = float(stats.t.isf(stats.norm.sf(largest), df))
    sampling = SamplingVariance.of(n_positive, n_negative)
    equal = np.sqrt(2 * sampling.at((v[:, None] + v) / 2) * (1 - alike))
    excess = v[:, None] - v
    better: BoolArray = (excess > TIE) & (excess > critical * np.maximum(spread, equal))
    return better


def tie_groups(values: ArrayLike, better: BoolArray) -> IntArray:
    """Group cells that the best one does not leave behind; then the same among the rest.

    Parameters
    ----------
    values
        Shape (N,).
    better
        From :func:`significantly_better`, shape (N, N).

    Returns
    -------
    Shape (N,), from 1. Cells with the same best value count as the best together.
    """
    v = np.asarray(values, dtype=np.float64)
    group = np.zeros(len(v), dtype=np.intp)
    number = 0
    while (group == 0).any():
        number += 1
        rest = group == 0
        best = rest & (v >= v[rest].max() - TIE)
        group[rest & ~better[best].any(axis=0)] = number
    return group


def _spread(draws: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Centred draws; SD of paired differences, 0 where there is none; correlations, 0 likewise."""
    centred = draws - draws.mean(axis=1, keepdims=True)
    shared = centred @ centred.T / max(draws.shape[1] - 1, 1)
    own = np.diag(shared)
    scale = np.sqrt(own[:, None] * own)
    varies = scale > TIE**2
    alike = np.where(varies, shared / np.where(varies, scale, 1.0), 0.0)
    variance = own[:, None] + own - 2 * shared
    there = variance > TIE * (own[:, None] + own)
    return centred, np.sqrt(np.where(there, variance, 0.0)), np.clip(alike, -1.0, 1.0)


def _quantile_of_largest(centred: FloatArray, spread: FloatArray, level: float) -> float:
    """Quantile over draws of the largest |t| of all pairs, at least that of one normal pair."""
    largest = np.zeros(centred.shape[1])
    for i in range(len(centred) - 1):
        other = i + 1 + np.flatnonzero(spread[i, i + 1 :])
        if len(other):
            t = (centred[other] - centred[i]) / spread[i, other, None]
            np.maximum(largest, np.abs(t, out=t).max(axis=0), out=largest)
    return max(float(np.quantile(largest, level)), float(stats.norm.isf((1 - level) / 2)))
