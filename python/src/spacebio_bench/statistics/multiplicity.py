"""Many cells, one family: false discovery rate."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

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
