"""Two methods over missions, and many methods over blocks: who is better, and by how much."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from spacebio_bench.statistics.auroc import round_significant
from spacebio_bench.statistics.intervals import Interval
from spacebio_bench.statistics.permutation import TIE
from spacebio_bench.typing import FloatArray

MOST_ENUMERATED = 16
"""Clusters whose sign flips are all tried."""


class SignFlip(NamedTuple):
    """Two-sided p-value, and the smallest one that so many clusters can give."""

    p: float
    attainable: float


class Friedman(NamedTuple):
    """Chi-squared of the rank sums, corrected for ties, and its p-value."""

    statistic: float
    p: float


class Nemenyi(NamedTuple):
    """Mean ranks (k,), p-values of pairs (k, k), and the difference that reaches the level."""

    ranks: FloatArray
    p: FloatArray
    critical_difference: float


def sign_flip(differences: ArrayLike, *, seed: int, n_draws: int = 9_999) -> SignFlip:
    """Test that differences of clusters are symmetric about 0.

    Parameters
    ----------
    differences
        One number a cluster, shape (n_clusters,), n_clusters >= 1.
    seed, n_draws
        For the flips that are drawn where clusters are more than 16.

    Returns
    -------
    Share of the sign flips whose mean is at least as far from 0, the truth counted once.

    Notes
    -----
    Fisher (1935). With K clusters no p-value is below 2 / 2 ** K. Sums within 1e-12 tie.
    """
    d = np.asarray(differences, dtype=np.float64)
    k = len(d)
    if k <= MOST_ENUMERATED:
        sums = d[:1]  # a flip and its mirror are equally far from 0: the first sign stays
        for value in d[1:].tolist():
            sums = np.concatenate([sums + value, sums - value])
        truth, drawn = 0, len(sums)
    else:
        signs = np.random.default_rng(seed).integers(0, 2, size=(n_draws, k)) * 2.0 - 1
        sums = signs @ d
        truth, drawn = 1, n_draws + 1
    reached = np.count_nonzero(np.abs(sums) >= abs(float(d.sum())) - TIE)
    return SignFlip(p=(reached + truth) / drawn, attainable=max(1 / drawn, 2.0 ** (1 - k)))


def cluster_interval(differences: ArrayLike, *, level: float = 0.95) -> Interval:
    """Interval of the mean of clusters: mean +- t(K - 1) sd / sqrt K; NaN for one cluster."""
    d = np.asarray(differences, dtype=np.float64)
    k = len(d)
    if k < 2:
        return Interval(np.nan, np.nan)
    half = float(stats.t.isf((1 - level) / 2, k - 1)) * float(d.std(ddof=1)) / np.sqrt(k)
    return Interval(float(d.mean() - half), float(d.mean() + half))


def ranks_in_blocks(values: ArrayLike) -> FloatArray:
    """Rank of each treatment in each block, 1 for the largest value, ties averaged.

    Parameters
    ----------
    values
        Shape (n_blocks, k); rounded to 12 significant digits before ranking.
    """
    ranks: FloatArray = stats.rankdata(-round_significant(values), axis=1)
    return ranks


def friedman(values: ArrayLike) -> Friedman:
    """Test that k >= 2 treatments have the same mean rank over blocks.

    Parameters
    ----------
    values
        Shape (n_blocks, k).

    Returns
    -------
    p is 1 where every block is one tie.

    Notes
    -----
    Friedman (1937); the sum of squares of ranks about (k + 1) / 2 takes the place of
    n k (k ** 2 - 1) / 12, which corrects for ties. Chi-squared with k - 1 degrees of freedom.
    """
    ranks = ranks_in_blocks(values)
    n, k = ranks.shape
    middle = (k + 1) / 2
    spread = float(((ranks - middle) ** 2).sum())
    if spread == 0:
        return Friedman(0.0, 1.0)
    statistic = (k - 1) * float(((ranks.sum(axis=0) - n * middle) ** 2).sum()) / spread
    return Friedman(statistic, float(stats.chi2.sf(statistic, k - 1)))


def nemenyi(values: ArrayLike, *, level: float = 0.95) -> Nemenyi:
    """Compare every pair of k treatments by their mean ranks over blocks.

    Parameters
    ----------
    values
        Shape (n_blocks, k).
    level
        Of the critical difference.

    Notes
    -----
    Nemenyi (1963), as in Demsar (2006), JMLR 7:1-30: the difference of two mean ranks over
    sqrt(k (k + 1) / (12 n)) against the studentised range of k with infinite degrees of freedom.
    """
    ranks = ranks_in_blocks(values)
    n, k = ranks.shape
    mean: FloatArray = ranks.mean(axis=0)
    unit = float(np.sqrt(k * (k + 1) / (12 * n)))
    apart = np.abs(mean[:, None] - mean) / unit
    p: FloatArray = np.clip(stats.studentized_range.sf(apart, k, np.inf), 0.0, 1.0)
    critical = unit * float(stats.studentized_range.isf(1 - level, k, np.inf))
    return Nemenyi(mean, p, critical)
