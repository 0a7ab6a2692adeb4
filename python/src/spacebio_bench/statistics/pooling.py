"""Random-effects pooling of estimates with known variances, as the published benchmark pools folds.

No mean of this project's own is pooled: missions weigh the same there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from spacebio_bench.errors import NotApplicableError

NO_VARIANCE = 1e-300
"""Below this the inverse is no number."""


class Pooled(NamedTuple):
    """A pooled estimate, its interval, and how much the studies differ.

    Attributes
    ----------
    tau2
        Variance between the studies' true values.
    i2
        Share of the variation between estimates that is not chance, within [0, 1).
    q, p_heterogeneity
        Cochran's Q and its chi-squared p-value with K - 1 degrees of freedom.
    """

    estimate: float
    low: float
    high: float
    tau2: float
    i2: float
    q: float
    p_heterogeneity: float


def dersimonian_laird(estimates: ArrayLike, variances: ArrayLike, *, level: float = 0.95) -> Pooled:
    """Pool the estimates of studies whose true values differ.

    Parameters
    ----------
    estimates
        One a study, shape (K,).
    variances
        Of each estimate, taken as known; shape (K,).
    level
        Confidence of the normal interval, which is not cut to a range.

    Raises
    ------
    NotApplicableError
        Fewer than two studies, or one without variance: its weight has no bound.
    ValueError
        Shapes that differ, numbers that are not finite, a variance below 0.

    Notes
    -----
    DerSimonian & Laird (1986), doi:10.1016/0197-2456(86)90046-2: weights 1 / (v + tau2), with tau2
    from the moments of Q, not below 0. I2 by Higgins & Thompson (2002), doi:10.1002/sim.1186.
    """
    y, v = (np.asarray(x, dtype=np.float64) for x in (estimates, variances))
    if y.ndim != 1 or y.shape != v.shape:
        msg = f"{y.shape} estimates do not fit {v.shape} variances"
        raise ValueError(msg)
    if not (np.isfinite(y).all() and np.isfinite(v).all() and (v >= 0).all()):
        msg = "an estimate or variance is not finite, or a variance is below 0"
        raise ValueError(msg)
    if len(y) < 2:
        msg = f"pooling needs two studies or more; there {'is 1' if len(y) == 1 else 'are 0'}"
        raise NotApplicableError(msg)
    if (v < NO_VARIANCE).any():
        n_certain = np.count_nonzero(v < NO_VARIANCE)
        msg = f"{n_certain} of {len(y)} studies have no variance to weigh them by"
        raise NotApplicableError(msg)
    w, df = 1 / v, len(y) - 1
    q = float((w * (y - np.average(y, weights=w)) ** 2).sum())
    share = w / w.sum()
    pairs = float(w.sum() * 2 * np.triu(np.outer(share, share), 1).sum())  # W - sum w^2 / W
    tau2 = max(0.0, (q - df) / pairs) if pairs > 0 else 0.0
    weight = 1 / (v + tau2)
    estimate = float(np.average(y, weights=weight))
    half = float(stats.norm.isf((1 - level) / 2) / np.sqrt(weight.sum()))
    return Pooled(
        estimate=estimate,
        low=estimate - half,
        high=estimate + half,
        tau2=tau2,
        i2=max(0.0, (q - df) / q) if q > 0 else 0.0,
        q=q,
        p_heterogeneity=float(stats.chi2.sf(q, df)),
    )
