"""The exact null of a fold's AUROC: every labeling within strata, ties as they are, no sampling."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spacebio_bench.statistics.auroc import twice_midranks
from spacebio_bench.statistics.labelings import number_of_labelings
from spacebio_bench.typing import FloatArray, IntArray

Strata = Sequence[Hashable] | NDArray[np.str_]


@dataclass(frozen=True)
class RankSumNull:
    """Distribution of twice the midrank sum of the positive samples.

    The value `lowest + step * i` has probability `probability[i]`.
    """

    lowest: int
    step: int
    probability: FloatArray

    def upper_tail(self, twice_sum: float) -> float:
        """P(sum >= `twice_sum`), at most 1."""
        first = max(int(np.ceil((twice_sum - self.lowest) / self.step)), 0)
        return min(float(self.probability[first:].sum()), 1.0)


def exact_p(scores: ArrayLike, labels: ArrayLike, strata: Strata | None = None) -> float:
    """Upper-tail p-value of a fold's AUROC over all labelings within strata.

    Parameters
    ----------
    scores
        Shape (n,); tied scores stay tied under every labeling.
    labels
        0 or 1, shape (n,).
    strata
        Labels are exchanged within equal values only, shape (n,); None is one stratum.

    Returns
    -------
    Share of the labelings whose midrank sum reaches the observed one; never 0. Relative error about
    n times 1e-16.

    Notes
    -----
    Streitberg & Röhmel (1986), the shift algorithm; strata by convolution. Labelings within strata
    with the same class counts have the same n1, so the order of rank sums is that of AUROCs.
    """
    ranks = twice_midranks(scores)
    y = np.asarray(labels)
    return rank_sum_null(ranks, y, strata).upper_tail(float(ranks[y == 1].sum()))


def rank_sum_null(
    ranks: FloatArray, labels: ArrayLike, strata: Strata | None = None
) -> RankSumNull:
    """Null distribution of twice the midrank sum.

    Parameters
    ----------
    ranks
        Twice the midranks over all samples, shape (n,).
    labels, strata
        As for :func:`exact_p`; only the class counts of each stratum matter.
    """
    y = np.asarray(labels)
    whole = np.rint(ranks).astype(np.int64)
    groups = _groups(len(y), strata)
    step = np.gcd.reduce([np.gcd.reduce(whole[g] - whole[g].min()) for g in groups])
    step = max(int(step), 1)
    lowest, probability = 0, np.ones(1)
    for group in groups:
        part = np.sort(whole[group])
        n_positive = int((y[group] == 1).sum())
        lowest += int(part[:n_positive].sum())
        share = _share_of_sums(tuple(((part - part[0]) // step).tolist()), n_positive)
        probability = np.convolve(probability, share)
    return RankSumNull(lowest, step, probability)


def null_moments(
    scores: ArrayLike, labels: ArrayLike, strata: Strata | None = None
) -> tuple[float, float]:
    """Exact mean and variance of a fold's AUROC over all labelings within strata, given ties."""
    ranks = twice_midranks(scores)
    y = np.asarray(labels)
    mean = variance = 0.0
    for group in _groups(len(y), strata):
        part, n, n1 = ranks[group], len(group), int((y[group] == 1).sum())
        mean += n1 * float(part.mean())
        if n > 1:
            variance += n1 * (n - n1) / (n * (n - 1)) * float(((part - part.mean()) ** 2).sum())
    n1 = int((y == 1).sum())
    pairs = 2 * n1 * (len(y) - n1)
    return (mean - n1 * (n1 + 1)) / pairs, variance / pairs**2


def attainable_p(labels: ArrayLike, strata: Strata | None = None) -> float:
    """1 / number of labelings within strata: no p-value of the fold can be smaller."""
    y = np.asarray(labels)
    groups = _groups(len(y), strata)
    return 1.0 / number_of_labelings([(len(g), int((y[g] == 1).sum())) for g in groups])


def _groups(n: int, strata: Strata | None) -> list[IntArray]:
    if strata is None:
        return [np.arange(n)]
    members: dict[Hashable, list[int]] = {}
    for position, stratum in enumerate(strata):
        members.setdefault(stratum, []).append(position)
    return [np.array(group, dtype=np.intp) for group in members.values()]


@lru_cache(maxsize=128)
def _share_of_sums(values: tuple[int, ...], size: int) -> FloatArray:
    """Share of the subsets of a size that have each sum, from the least sum to the largest.

    `values` are ascending and the first is 0. The counts only add, so nothing cancels. Folds
    without ties share one distribution: it is kept.
    """
    n = len(values)
    if size > n - size:  # fewer are left out: their mirrored sums run in the same order
        return _share_of_sums(tuple(values[-1] - v for v in reversed(values)), n - size)
    before = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    counts = np.zeros((size + 1, int(before[n] - before[n - size]) + 1))
    counts[0, 0] = 1.0
    for i, value in enumerate(values):
        most = min(i + 1, size)  # subsets have grown to at most this size,
        least = max(1, size - (n - i - 1))  # and smaller ones can no longer reach the full size
        reach = int(before[i] - before[i - most + 1]) + 1
        counts[least : most + 1, value : value + reach] += counts[least - 1 : most, :reach]
    share: FloatArray = counts[size, int(before[size]) :] / counts[size].sum()
    share.setflags(write=False)
    return share
