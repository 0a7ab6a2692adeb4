"""The published fold statistics: bootstrap and permutation of fixed scores, call by call.

These are kept to reproduce published figures. The generator is made anew for the bootstrap and for
the permutation; the AUROC is scikit-learn's sum of trapezoids, whose rounding decides which
permuted values reach the observed one. :mod:`spacebio_bench.statistics.exact` has the exact answer.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import rankdata

from spacebio_bench.typing import FloatArray, IntArray

_NEAR = 1e-12
"""Much more than what rounding makes of an AUROC; all values as near as that are summed anew."""

Generator = Literal["RandomState", "default_rng"]


def published_interval(
    scores: ArrayLike,
    labels: ArrayLike,
    *,
    generator: Generator,
    bootstrap: Literal["randint", "choice"],
    n_bootstraps: int,
    seed: int,
) -> tuple[float, float]:
    """Percentile bootstrap interval (95 %) of a fold's AUROC; draws with one class are skipped.

    Parameters
    ----------
    scores, labels
        Shape (n,), in the order of the published run; labels are 0 or 1, both present.
    generator, bootstrap
        How samples are drawn: `RandomState.randint(0, n, n)` or `Generator.choice(n, n)`.
    """
    y = np.asarray(labels, dtype=np.int64)
    drawn, times = _resampled(generator, bootstrap, len(y), n_bootstraps, seed)
    positive, negative = times[:, y == 1], times[:, y == 0]
    pairs = positive.sum(axis=1) * negative.sum(axis=1)
    both = np.flatnonzero(pairs)
    wins = ((positive @ _wins(scores, y)) * negative).sum(axis=1)
    values = wins[both] / pairs[both]
    # right but for the last bits, which matter only in the values that the percentiles lie between
    for share in (0.025, 0.975):
        place = share * (len(both) - 1)
        for k in {int(np.floor(place)), int(np.ceil(place))}:
            near = np.abs(values - np.partition(values, k)[k]) < _NEAR
            rough = near & (values > 0.0) & (values < 1.0)  # those two are exact
            values[rough] = _resampled_auroc(scores, y, drawn[both[rough]])
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


def published_p(
    scores: ArrayLike, labels: ArrayLike, *, generator: Generator, n_permutations: int, seed: int
) -> float:
    """(b + 1) / (m + 1), where b permutations of the labels have a float AUROC >= the observed.

    No tolerance: two labelings with the same rank sum may differ in the last bit, and then do not
    tie, as published.
    """
    y = np.asarray(labels, dtype=np.int64)
    drawn = _permuted(generator, tuple(y.tolist()), n_permutations, seed)
    rank = rankdata(np.asarray(scores, dtype=np.float64))
    sums = drawn @ rank  # of multiples of a half: exact
    above, tied = np.count_nonzero(sums > sums[0]), np.flatnonzero(sums == sums[0])
    values = trapezoid_auroc(scores, drawn[tied])
    reached = np.count_nonzero(values[1:] >= values[0])
    return float((above + reached + 1) / (n_permutations + 1))


def trapezoid_auroc(scores: ArrayLike, labels: ArrayLike) -> FloatArray:
    """AUROC of each row of labels, bit for bit as scikit-learn's `roc_auc_score` sums it.

    Parameters
    ----------
    scores
        Shape (n,).
    labels
        0 or 1, shape (L, n).

    Returns
    -------
    Shape (L,); NaN for a row with one class.
    """
    y = np.asarray(labels, dtype=np.float64)
    group, n_groups = _descending_groups(scores)
    member = np.zeros((len(group), n_groups))
    member[np.arange(len(group)), group] = 1.0
    positive = y @ member
    return _trapezoid_auroc(positive, member.sum(axis=0) - positive)


def _make(generator: Generator, seed: int) -> np.random.RandomState | np.random.Generator:
    if generator == "RandomState":
        return np.random.RandomState(seed)
    return np.random.default_rng(seed)


@lru_cache(maxsize=32)
def _resampled(
    generator: Generator, bootstrap: str, n: int, n_bootstraps: int, seed: int
) -> tuple[IntArray, FloatArray]:
    """What each bootstrap draws; folds of a size share it.

    Returns
    -------
    Positions, and how often it draws each sample; shapes (n_bootstraps, n).
    """
    rng, shape = _make(generator, seed), (n_bootstraps, n)
    # one call draws the same numbers as a call for each bootstrap
    drawn: IntArray = (
        rng.randint(0, n, shape)
        if bootstrap == "randint" and isinstance(rng, np.random.RandomState)
        else rng.choice(n, size=shape, replace=True)
    )
    return drawn, _count((drawn + n * np.arange(n_bootstraps)[:, None]).ravel(), shape)


@lru_cache(maxsize=32)
def _permuted(
    generator: Generator, labels: tuple[int, ...], n_permutations: int, seed: int
) -> IntArray:
    """The labels, then each permutation of them: shape (1 + n_permutations, n)."""
    rng = _make(generator, seed)
    y = np.array(labels, dtype=np.intp)
    return np.array([y, *(rng.permutation(y) for _ in range(n_permutations))])


def _wins(scores: ArrayLike, labels: IntArray) -> FloatArray:
    """1, 1/2 or 0 for each positive sample over each negative, shape (n_positive, n_negative)."""
    s = np.asarray(scores, dtype=np.float64)  # infinite ones too: compared, not subtracted
    positive, negative = s[labels == 1][:, None], s[labels == 0]
    wins: FloatArray = (positive > negative) + 0.5 * (positive == negative)
    return wins


def _resampled_auroc(scores: ArrayLike, labels: IntArray, drawn: IntArray) -> FloatArray:
    """AUROC of samples drawn with repeats, bit for bit; drawn is (L, n) positions."""
    group, n_groups = _descending_groups(scores)
    flat = (group[drawn] + n_groups * np.arange(len(drawn))[:, None]).ravel()
    shape = (len(drawn), n_groups)
    positive = _count(flat[labels[drawn].ravel() == 1], shape)
    return _trapezoid_auroc(positive, _count(flat, shape) - positive)


def _count(flat: IntArray, shape: tuple[int, int]) -> FloatArray:
    return np.bincount(flat, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)


def _descending_groups(scores: ArrayLike) -> tuple[IntArray, int]:
    """Number of each sample's distinct score, 0 for the largest, and how many there are."""
    distinct, inverse = np.unique(np.asarray(scores, dtype=np.float64), return_inverse=True)
    return len(distinct) - 1 - inverse.ravel(), len(distinct)


def _trapezoid_auroc(positive: FloatArray, negative: FloatArray) -> FloatArray:
    """Sum of trapezoids under each ROC curve.

    Parameters
    ----------
    positive, negative
        Samples of each class with each distinct score, descending: shape (L, n_groups). Scores
        that a row does not have are 0 in both.
    """
    n_rows, n_groups = positive.shape
    present = (positive + negative) > 0
    n_points = present.sum(axis=1)
    tps, fps = positive.cumsum(axis=1), negative.cumsum(axis=1)
    if not present.all():  # the points of a row side by side, what follows them is not looked at
        filled = np.arange(n_groups) < n_points[:, None]
        for points in (tps, fps):
            points[filled] = points[present]
    place = np.arange(n_groups)
    last = place == n_points[:, None] - 1
    # scikit-learn drops points between collinear neighbours; how many terms are summed, and so the
    # rounding, depends on it
    corner = (place == 0) | last
    corner[:, 1:-1] |= (np.diff(fps, 2) != 0) | (np.diff(tps, 2) != 0)
    corner &= place < n_points[:, None]
    both = (positive.sum(axis=1) > 0) & (negative.sum(axis=1) > 0)
    n_corners = np.where(both, corner.sum(axis=1), 0)
    values = np.full(n_rows, np.nan)
    for n in np.unique(n_corners[both]):
        rows = np.flatnonzero(n_corners == n)
        chosen = corner[rows]
        x, y = np.zeros((2, len(rows), int(n) + 1))
        x[:, 1:] = fps[rows][chosen].reshape(len(rows), int(n))
        y[:, 1:] = tps[rows][chosen].reshape(len(rows), int(n))
        x, y = x / x[:, -1:], y / y[:, -1:]
        terms = np.diff(x) * (y[:, 1:] + y[:, :-1]) / 2.0
        values[rows] = np.ascontiguousarray(terms).sum(axis=-1)
    return values
