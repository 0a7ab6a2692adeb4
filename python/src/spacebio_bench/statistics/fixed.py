"""The exact null of a mean AUROC over folds whose training samples no fold tests."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from spacebio_bench.statistics.auroc import twice_midranks
from spacebio_bench.statistics.exact import RankSumNull, Strata, attainable_p, rank_sum_null
from spacebio_bench.statistics.permutation import PValue
from spacebio_bench.typing import FloatArray, IntArray

MOST_POINTS = 1_000_000
"""Values of the mean that are told apart."""
_ROUNDING = 1e-6  # of a bin: much more than what adding shares of a bin can be off


def fixed_exact_p(
    scores_by_fold: Sequence[ArrayLike],
    labels_by_fold: Sequence[ArrayLike],
    strata_by_fold: Sequence[Strata | None],
) -> PValue:
    """Upper-tail p-value of the mean AUROC over folds, the scores held fixed.

    Parameters
    ----------
    scores_by_fold, labels_by_fold
        Of the test samples of each fold, shape (n_test,) each; labels are 0 or 1.
    strata_by_fold
        Labels are exchanged within equal values only, shape (n_test,) each; None is one stratum.

    Returns
    -------
    Share of all labelings of the folds whose mean AUROC reaches the observed one. For one fold it
    is :func:`~spacebio_bench.statistics.exact.exact_p`.

    Notes
    -----
    The folds' exact null distributions are convolved: that needs test samples that are independent
    of each other and of what the models were fitted on. AUROCs of folds are multiples of fractions;
    where these have more than 1e6 common multiples, values are rounded up to one of so many bins,
    which can make p larger, never smaller.
    """
    nulls, steps, places = [], [], []
    for scores, labels, strata in zip(scores_by_fold, labels_by_fold, strata_by_fold, strict=True):
        y, ranks = np.asarray(labels), twice_midranks(scores)
        null = rank_sum_null(ranks, y, strata)
        n_positive = int((y == 1).sum())
        nulls.append(null)
        steps.append(Fraction(null.step, 2 * n_positive * (len(y) - n_positive)))
        places.append((round(float(ranks[y == 1].sum())) - null.lowest) // null.step)
    if not nulls:
        msg = "no fold; there is no mean to test"
        raise ValueError(msg)
    lowest = math.prod(
        attainable_p(labels, strata)
        for labels, strata in zip(labels_by_fold, strata_by_fold, strict=True)
    )
    p = _reached(nulls, steps, places)
    return PValue(p=p, method="fixed_exact", n_permutations=0, attainable=lowest)


def _reached(
    nulls: Sequence[RankSumNull], steps: Sequence[Fraction], places: Sequence[int]
) -> float:
    """P(sum of AUROCs >= the observed one), each fold's AUROC counted in steps from its lowest."""
    unit = Fraction(
        math.gcd(*(s.numerator for s in steps)), math.lcm(*(s.denominator for s in steps))
    )
    span = sum(s * (len(null.probability) - 1) for s, null in zip(steps, nulls, strict=True))
    if span / unit < MOST_POINTS:
        strides = [int(s / unit) for s in steps]
        supports = [
            stride * np.arange(len(null.probability))
            for stride, null in zip(strides, nulls, strict=True)
        ]
        first = sum(stride * place for stride, place in zip(strides, places, strict=True))
    else:
        bins = [float(s / span) * (MOST_POINTS - 1 - len(nulls)) for s in steps]
        supports = [
            np.ceil(size * np.arange(len(null.probability)) - _ROUNDING).astype(np.intp)
            for size, null in zip(bins, nulls, strict=True)
        ]
        observed = sum(size * place for size, place in zip(bins, places, strict=True))
        first = math.ceil(observed - (len(nulls) + 1) * _ROUNDING)
    return min(_upper_tail([null.probability for null in nulls], supports, first), 1.0)


def _upper_tail(
    probabilities: Sequence[FloatArray], supports: Sequence[IntArray], first: int
) -> float:
    """P(sum >= `first`): one half of the folds weighs the tails of the other half."""
    widest_first = sorted(
        zip(probabilities, supports, strict=True), key=lambda fold: len(fold[0]), reverse=True
    )
    one, other = _convolved(widest_first[::2]), _convolved(widest_first[1::2])
    tails = np.cumsum(other[::-1])[::-1]
    reach = np.clip(first - np.arange(len(one)), 0, len(other))
    there = reach < len(other)
    return float((one[there] * tails[reach[there]]).sum())


def _convolved(folds: Sequence[tuple[FloatArray, IntArray]]) -> FloatArray:
    """Distribution of the sum; sums of products only, so that small tails keep their digits."""
    if not folds:
        return np.ones(1)
    (probability, support), *others = folds  # the widest is spread out at once, not step by step
    whole = np.asarray(np.bincount(support, weights=probability), dtype=np.float64)
    for probability, support in others:
        longer = np.zeros(len(whole) + int(support[-1]))
        for share, place in zip(probability.tolist(), support.tolist(), strict=True):
            if share > 0:
                longer[place : place + len(whole)] += share * whole
        whole = longer
    return whole
