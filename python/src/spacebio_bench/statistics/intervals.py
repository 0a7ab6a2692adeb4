"""Intervals in closed form: of one fold's AUROC, of a mean over missions, of the next mission."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from spacebio_bench.typing import FloatArray


class Interval(NamedTuple):
    """Lower and upper bound; both NaN where the data allow none."""

    low: float
    high: float


def newcombe(
    auroc: ArrayLike, n_positive: ArrayLike, n_negative: ArrayLike, *, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Interval of an AUROC from its value and class counts.

    Parameters
    ----------
    auroc, n_positive, n_negative
        Of each fold, broadcastable to (n_folds,).
    level
        Confidence.

    Returns
    -------
    Lower and upper bounds, each (n_folds,). At AUROC 1 the upper bound is 1 and the lower is not.

    Notes
    -----
    Newcombe (2006), doi:10.1002/sim.2324, method 5: the values t whose distance to the estimate is
    z sqrt V(t), with V(t) = t (1 - t) (1 + N (1 - t) / (2 - t) + N t / (1 + t)) / (m n) and
    N = (m + n) / 2 - 1. Solved by bisection to 1e-15.
    """
    a, m, n = np.broadcast_arrays(
        np.asarray(auroc, dtype=np.float64), np.asarray(n_positive), np.asarray(n_negative)
    )
    z = stats.norm.isf((1 - level) / 2)
    extra = (m + n) / 2 - 1

    def excess(t: FloatArray) -> FloatArray:
        """How far t is from the estimate, less what chance allows."""
        shape = 1 + extra * (1 - t) / (2 - t) + extra * t / (1 + t)
        chance: FloatArray = z * np.sqrt(np.maximum(t * (1 - t) * shape / (m * n), 0.0))
        return np.abs(a - t) - chance

    bounds = []
    for outer in (0.0, 1.0):  # `excess` changes its sign once between the estimate and each end
        out, inside = np.full(a.shape, outer), a.copy()
        for _ in range(60):
            middle = (out + inside) / 2
            beyond = excess(middle) > 0
            out, inside = np.where(beyond, middle, out), np.where(beyond, inside, middle)
        bounds.append(np.where(a == outer, outer, out))
    return bounds[0], bounds[1]


def mover_mean(values: ArrayLike, low: ArrayLike, high: ArrayLike) -> Interval:
    """Interval of the mean of independent values from the interval of each.

    Parameters
    ----------
    values, low, high
        Shape (n_folds,).

    Notes
    -----
    Zou & Donner (2008), doi:10.1002/sim.3095: the distances to the bounds are added in squares.
    """
    v, lo, hi = (np.asarray(x, dtype=np.float64) for x in (values, low, high))
    mean, n = float(v.mean()), len(v)
    below = float(np.sqrt(((v - lo) ** 2).sum())) / n
    above = float(np.sqrt(((hi - v) ** 2).sum())) / n
    return Interval(mean - below, mean + above)


def next_mission(values: ArrayLike, *, level: float = 0.95) -> Interval:
    """Where the AUROC of the next mission is expected, given those of K >= 3; NaN for fewer.

    Notes
    -----
    mean +- t(K - 1) sd sqrt(1 + 1 / K), cut to [0, 1]: the prediction interval of a normal sample.
    """
    v = np.asarray(values, dtype=np.float64)
    k = len(v)
    if k < 3:
        return Interval(np.nan, np.nan)
    mean = float(v.mean())
    half = stats.t.isf((1 - level) / 2, k - 1) * float(v.std(ddof=1)) * np.sqrt(1 + 1 / k)
    return Interval(max(mean - half, 0.0), min(mean + half, 1.0))
