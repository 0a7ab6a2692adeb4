"""Many cells, one family: false discovery rate, and the chance of any false discovery."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from spacebio_bench.statistics.permutation import TIE
from spacebio_bench.typing import FloatArray


def benjamini_hochberg(p_values: ArrayLike) -> FloatArray:
    """Adjusted p-values of one family.

    Parameters
    ----------
    p_values
        Shape (n,); NaN stands for cells without a p-value, which are not in the family.

    Returns
    -------
    Shape (n,), NaN where the input is.

    Notes
    -----
    Benjamini & Hochberg (1995).
    """
    p = np.asarray(p_values, dtype=np.float64)
    q = np.full(p.shape, np.nan)
    there = ~np.isnan(p)
    if there.any():
        q[there] = stats.false_discovery_control(p[there], method="bh")
    return q


def step_down_max_t(observed: ArrayLike, null: ArrayLike) -> FloatArray:
    """Adjusted p-values of cells that share their permuted labelings.

    Parameters
    ----------
    observed
        Statistic of each cell under the true labels, shape (n_cells,); large is extreme.
    null
        The same under permuted labels, shape (n_cells, m); a column is one labeling for all cells.

    Returns
    -------
    Shape (n_cells,). 1 for a cell whose null values do not vary, and for all where m < 2.

    Notes
    -----
    Free step-down max-T of Westfall & Young (1993), algorithm 4.1: a cell is compared with the
    largest statistic among itself and the cells that are less extreme. Each cell is standardised by
    the mean and SD of its own null values, so that no cell fills the maximum by its spread alone.
    p = (b + 1) / (m + 1) as for one cell; values within 1e-12 tie.
    """
    t, values = np.asarray(observed, np.float64), np.asarray(null, np.float64)
    if values.shape[1] < 2:
        return np.ones(len(t))
    mean, sd = values.mean(axis=1), values.std(axis=1, ddof=1)
    varies = sd > TIE
    scale = np.where(varies, sd, 1.0)
    z = np.where(varies, (t - TIE - mean) / scale, -np.inf)
    z_null = np.where(varies[:, None], (values - mean[:, None]) / scale[:, None], -np.inf)
    order = np.argsort(-z, kind="stable")
    largest = np.maximum.accumulate(z_null[order[::-1]], axis=0)[::-1]
    reached = np.count_nonzero(largest >= z[order, None], axis=1)
    p = np.empty(len(t))
    p[order] = np.maximum.accumulate((reached + 1) / (values.shape[1] + 1))
    return p
