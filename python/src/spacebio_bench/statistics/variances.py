"""Variances of an AUROC that need no resampling, and the paired test of two AUROCs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from spacebio_bench.statistics.auroc import twice_midranks
from spacebio_bench.typing import FloatArray


class DeLong(NamedTuple):
    """AUROCs of several scores on the same samples, and their covariance.

    Attributes
    ----------
    auroc
        Shape (S,).
    covariance
        Shape (S, S).
    """

    auroc: FloatArray
    covariance: FloatArray


class PairedTest(NamedTuple):
    """Difference of two AUROCs on the same samples, first less second, and its two-sided test."""

    difference: float
    variance: float
    z: float
    p: float


def hanley_mcneil_variance(
    auroc: ArrayLike, n_positive: ArrayLike, n_negative: ArrayLike
) -> FloatArray:
    """Variance of an AUROC from its value and class counts.

    Parameters
    ----------
    auroc
        Within [0, 1], any shape.
    n_positive, n_negative
        Samples of each class, at least one; broadcastable to `auroc`.

    Returns
    -------
    The shape of the arguments; 0 at an AUROC of 0 or 1.

    Notes
    -----
    Hanley & McNeil (1982), doi:10.1148/radiology.143.1.7063747, for exponential scores:
    (A (1 - A) + (m - 1) (A / (2 - A) - A^2) + (n - 1) (2 A^2 / (1 + A) - A^2)) / (m n).
    """
    a, m, n = (np.asarray(x, dtype=np.float64) for x in (auroc, n_positive, n_negative))
    if not ((a >= 0) & (a <= 1)).all() or not ((m >= 1) & (n >= 1)).all():
        msg = "an AUROC outside [0, 1], or a class without samples"
        raise ValueError(msg)
    # A / (2 - A) - A^2 = A (1 - A)^2 / (2 - A), 2 A^2 / (1 + A) - A^2 = A^2 (1 - A) / (1 + A):
    # nothing cancels
    two_positive, two_negative = (1 - a) / (2 - a), a / (1 + a)
    variance: FloatArray = a * (1 - a) * (1 + (m - 1) * two_positive + (n - 1) * two_negative)
    return variance / (m * n)


def delong(scores: ArrayLike, labels: ArrayLike) -> DeLong:
    """AUROCs and their covariance from structural components.

    Parameters
    ----------
    scores
        Larger is more positive: shape (n,) or (S, n), the rows on the same samples. Ranked after
        :func:`spacebio_bench.statistics.auroc.round_significant`.
    labels
        0 or 1, shape (n,).

    Raises
    ------
    ValueError
        NaN among the scores, or fewer than two samples of a class.

    Notes
    -----
    DeLong, DeLong & Clarke-Pearson (1988), doi:10.2307/2531595. The component of a positive sample
    is the share of the negatives below it, ties half; their covariance S10 (ddof 1) is divided by
    the number of positives. That of a negative is the share of the positives above it; S01 is
    divided by the number of negatives. Components from midranks (Sun & Xu 2014,
    doi:10.1109/LSP.2014.2337313): n log n steps.
    """
    won, lost, m, n = _twice_wins(scores, labels)
    return DeLong(auroc=won.sum(axis=1) / (2 * m * n), covariance=_covariance(won, lost))


def delong_test(first: ArrayLike, second: ArrayLike, labels: ArrayLike) -> PairedTest:
    """Two-sided z-test of two AUROCs on the same samples.

    Parameters
    ----------
    first, second
        Scores, shape (n,).
    labels
        0 or 1, shape (n,).

    Returns
    -------
    z = 0 and p = 1 where the AUROCs are equal and so is every component.

    Raises
    ------
    ValueError
        As :func:`delong`; or the AUROCs differ and the difference has no variance, as when one
        score orders the classes and the other reverses them: the test says nothing then.

    Notes
    -----
    It holds the models fixed and takes the samples as independent: samples of several folds, whose
    models differ, are not for it.
    """
    won, lost, m, n = _twice_wins(np.stack([np.asarray(first), np.asarray(second)]), labels)
    difference = float((won[0] - won[1]).sum()) / (2 * m * n)
    # the variance of differences, not a difference of variances: it cannot come out negative
    variance = float(_covariance(won[:1] - won[1:], lost[:1] - lost[1:])[0, 0])
    if variance == 0:
        if difference != 0:
            msg = "the difference of the AUROCs has no variance; DeLong's test says nothing"
            raise ValueError(msg)
        return PairedTest(difference=0.0, variance=0.0, z=0.0, p=1.0)
    z = difference / np.sqrt(variance)
    return PairedTest(difference, variance, z=float(z), p=float(2 * stats.norm.sf(abs(z))))


def _twice_wins(scores: ArrayLike, labels: ArrayLike) -> tuple[FloatArray, FloatArray, int, int]:
    """Twice the negatives below each positive, twice the positives above each negative, m and n.

    Shapes (S, m) and (S, n); whole numbers, so that equal components have no variance.
    """
    s, y = np.atleast_2d(np.asarray(scores, dtype=np.float64)), np.asarray(labels)
    if s.ndim != 2 or y.shape != s.shape[1:] or not np.isin(y, (0, 1)).all():
        msg = f"{s.shape} scores do not fit {y.shape} labels of 0 and 1"
        raise ValueError(msg)
    positive = y == 1
    m, n = int(positive.sum()), int((~positive).sum())
    if min(m, n) < 2:
        msg = f"DeLong's variance needs two samples of each class; there are {m} and {n}"
        raise ValueError(msg)
    ranks = twice_midranks(s)
    won = ranks[:, positive] - twice_midranks(s[:, positive])
    lost = 2 * m - (ranks[:, ~positive] - twice_midranks(s[:, ~positive]))
    return won, lost, m, n


def _covariance(won: FloatArray, lost: FloatArray) -> FloatArray:
    """S10 / m + S01 / n, shape (S, S)."""
    m, n = won.shape[1], lost.shape[1]
    s10 = np.atleast_2d(np.cov(won)) / (2 * n) ** 2
    s01 = np.atleast_2d(np.cov(lost)) / (2 * m) ** 2
    covariance: FloatArray = s10 / m + s01 / n
    return covariance
