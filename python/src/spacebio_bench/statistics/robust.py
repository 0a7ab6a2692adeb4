"""Distances from the median in units that a few wild values do not stretch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spacebio_bench.typing import FloatArray

MAD_TO_SD = 1.482602218505602
"""1 / the upper quartile of the standard normal: the MAD of normal values times it is their SD."""
MEAN_AD_TO_SD = 1.2533141373155001
"""sqrt(pi / 2), the same for the mean absolute deviation."""


def robust_z(values: ArrayLike) -> FloatArray:
    """Distance from the median in robust SDs, column by column.

    Parameters
    ----------
    values
        Shape (n,) or (n, k), no missing values.

    Returns
    -------
    Same shape. The SD is the scaled median absolute deviation; where that is 0 because more than
    half of the values are the same, the scaled mean absolute deviation; 0 where all are the same.

    Notes
    -----
    Iglewicz & Hoaglin (1993), How to Detect and Handle Outliers.
    """
    x = np.asarray(values, dtype=np.float64)
    deviation = x - np.median(x, axis=0)
    size = np.abs(deviation)
    rounding = 1e-12 * np.abs(x).max(axis=0, initial=0.0)
    mad, mean = MAD_TO_SD * np.median(size, axis=0), MEAN_AD_TO_SD * size.mean(axis=0)
    sd = np.where(mad > rounding, mad, mean)
    z: FloatArray = np.where(sd > rounding, deviation / np.where(sd > rounding, sd, 1.0), 0.0)
    return z
