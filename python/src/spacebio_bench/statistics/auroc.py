"""AUROC of many labelings at once: scores are ranked once, a labeling is one matrix product."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spacebio_bench.typing import FloatArray

SIGNIFICANT_DIGITS = 12
_LARGEST_POWER = 300


def round_significant(values: ArrayLike, *, digits: int = SIGNIFICANT_DIGITS) -> FloatArray:
    """Round to significant decimal digits, so that the order of a summation decides no tie.

    Parameters
    ----------
    values
        Finite or infinite numbers, any shape.
    digits
        Significant digits that are kept, 1 to 15.

    Returns
    -------
    The rounded values, same shape. Order is kept, and numbers that round to the same decimal are
    the same float.
    """
    x = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(x) & (x != 0)
    size = np.abs(np.where(finite, x, 1.0))
    exponent = np.floor(np.log10(size))
    exponent = np.clip(exponent, digits - 1 - _LARGEST_POWER, None)
    mantissa = np.rint(size * 10.0 ** (digits - 1 - exponent))
    # 9.99..9 rounds to the mantissa of the next decade: the same decimal must be the same float
    carried = mantissa >= 10.0**digits
    exponent = np.where(carried, exponent + 1, exponent)
    mantissa = np.where(carried, 10.0 ** (digits - 1), mantissa)
    with np.errstate(over="ignore"):  # the largest floats round up to inf, which keeps their order
        rounded = mantissa / 10.0 ** (digits - 1 - exponent)
    return np.where(finite, np.copysign(rounded, x), x)


def twice_midranks(scores: ArrayLike) -> FloatArray:
    """Twice the midranks along the last axis: whole numbers, so sums of them are exact.

    Parameters
    ----------
    scores
        Shape (..., n); ranked after :func:`round_significant`.

    Returns
    -------
    Shape (..., n); 2 is the smallest untied value, tied scores share the mean of their ranks.
    """
    x = round_significant(scores)
    if np.isnan(x).any():
        msg = "scores hold NaN; they cannot be ranked"
        raise ValueError(msg)
    n = x.shape[-1]
    order = np.argsort(x, axis=-1, kind="stable")
    ordered = np.take_along_axis(x, order, axis=-1)
    new = np.ones(x.shape, dtype=bool)
    new[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    place = np.broadcast_to(np.arange(n), x.shape)
    first = np.maximum.accumulate(np.where(new, place, 0), axis=-1)
    ends = np.ones(x.shape, dtype=bool)
    ends[..., :-1] = new[..., 1:]
    last = np.where(ends, place, n - 1)
    last = np.minimum.accumulate(last[..., ::-1], axis=-1)[..., ::-1]
    ranks = np.empty(x.shape)
    np.put_along_axis(ranks, order, (first + last + 2).astype(np.float64), axis=-1)
    return ranks


def auroc(scores: ArrayLike, labels: ArrayLike) -> FloatArray:
    """Area under the ROC curve of each labeling; a tie counts half.

    Parameters
    ----------
    scores
        Scores of the test samples, larger is more positive: shape (n,) or (1, n) for one set of
        scores that all labelings share, or (L, n) with a row for each labeling.
    labels
        0 or 1, shape (n,) or (n, L).

    Returns
    -------
    Shape (L,), within [0, 1].

    Raises
    ------
    ValueError
        NaN among the scores, or a labeling with one class.

    Notes
    -----
    Mann & Whitney (1947): (R1 - n1 (n1 + 1) / 2) / (n1 n0), with R1 the midrank sum of the positive
    samples. Scores are rounded to 12 significant digits before ranking.
    """
    s = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    y: NDArray[np.float64] = np.asarray(labels).astype(np.float64)
    y = y.reshape(len(y), -1)
    ranks = twice_midranks(s)
    twice_sum = (ranks @ y)[0] if len(ranks) == 1 else np.einsum("ln,nl->l", ranks, y)
    return from_rank_sum(twice_sum, n_positive=y.sum(axis=0), n=len(y))


def from_rank_sum(twice_sum: ArrayLike, *, n_positive: ArrayLike, n: int) -> FloatArray:
    """AUROC from twice the midrank sum of the positive samples.

    Parameters
    ----------
    twice_sum
        Twice the midrank sum, shape (L,).
    n_positive
        Positive samples, broadcastable to (L,).
    n
        Samples.
    """
    n1 = np.asarray(n_positive, dtype=np.float64)
    n0 = n - n1
    if (n1 < 1).any() or (n0 < 1).any():
        msg = "a labeling holds one class only; its AUROC is not defined"
        raise ValueError(msg)
    value: FloatArray = (np.asarray(twice_sum) - n1 * (n1 + 1)) / (2 * n1 * n0)
    return value
