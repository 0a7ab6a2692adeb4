"""Whether probabilities are what they say: Brier score, calibration error, slope and intercept."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from spacebio_bench.statistics.bootstrap import percentile_interval
from spacebio_bench.statistics.intervals import Interval
from spacebio_bench.typing import BoolArray, FloatArray

NEAREST = 1e-6
"""Probabilities nearer to 0 or 1 are taken as this far: their log odds would decide alone."""
_STEPS = 100
_DECREMENT = 1e-16


class Measure(NamedTuple):
    """A value and the percentile bootstrap interval (95 %) over samples."""

    value: float
    interval: Interval


class Calibration(NamedTuple):
    """How well probabilities are calibrated.

    Attributes
    ----------
    brier
        Mean squared distance from the outcome.
    error
        Expected calibration error.
    slope
        1 when calibrated, below 1 when too extreme; infinite where a threshold tells the classes
        apart, NaN where all probabilities are equal.
    intercept
        0 when calibrated in the large, below 0 when too high on the whole.
    """

    brier: Measure
    error: Measure
    slope: Measure
    intercept: Measure


def calibration(
    probability: ArrayLike, labels: ArrayLike, *, n_draws: int, seed: int, n_bins: int = 10
) -> Calibration:
    """All measures with their intervals.

    Parameters
    ----------
    probability
        Of class 1, shape (n,), within [0, 1].
    labels
        0 or 1, both present, shape (n,).
    n_bins
        Bins of equal width of the expected calibration error.

    Notes
    -----
    Samples are drawn with replacement, the same for all measures; draws with one class are left
    out. A calibration error is never below 0, so that the draws of small folds lie above it: it is
    to be read beside its size by chance.
    """
    p, y = _checked(probability, labels)
    n = len(p)
    times = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=n_draws)
    positive = times @ y
    times = times[(positive > 0) & (positive < n)]
    weights = np.vstack([np.ones(n), times])
    logit = _logit(p)
    return Calibration(
        *(
            _measure(values)
            for values in (
                weights @ (p - y) ** 2 / n,
                _binned_error(p, y, weights, n_bins),
                _slope(logit, y, weights),
                _intercept(logit, y, weights),
            )
        )
    )


def brier_score(probability: ArrayLike, labels: ArrayLike) -> float:
    """Mean of (p - y) ** 2 (Brier 1950)."""
    p, y = _checked(probability, labels)
    return float(((p - y) ** 2).mean())


def expected_calibration_error(
    probability: ArrayLike, labels: ArrayLike, *, n_bins: int = 10
) -> float:
    """Mean over samples of |observed share - mean probability| of their bin.

    Notes
    -----
    Naeini et al. (2015), with `n_bins` bins of equal width; each has its upper edge, the first 0
    too.
    """
    p, y = _checked(probability, labels)
    return float(_binned_error(p, y, np.ones((1, len(p))), n_bins)[0])


def calibration_slope(probability: ArrayLike, labels: ArrayLike) -> float:
    """The b of logit P(y = 1) = a + b logit(p), by maximum likelihood (Cox 1958)."""
    p, y = _checked(probability, labels)
    return float(_slope(_logit(p), y, np.ones((1, len(p))))[0])


def calibration_intercept(probability: ArrayLike, labels: ArrayLike) -> float:
    """The a of logit P(y = 1) = a + logit(p), the slope held at 1.

    Notes
    -----
    Calibration in the large, Van Calster et al. (2019), doi:10.1186/s12916-019-1466-7.
    """
    p, y = _checked(probability, labels)
    return float(_intercept(_logit(p), y, np.ones((1, len(p))))[0])


def _checked(probability: ArrayLike, labels: ArrayLike) -> tuple[FloatArray, FloatArray]:
    p, y = (np.asarray(x, dtype=np.float64) for x in (probability, labels))
    if p.shape != y.shape or p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        msg = f"{p.shape} values are not probabilities of {y.shape} labels"
        raise ValueError(msg)
    if set(np.unique(y).tolist()) != {0.0, 1.0}:
        msg = "labels are not 0 and 1, both present; calibration is not defined"
        raise ValueError(msg)
    return p, y


def _logit(p: FloatArray) -> FloatArray:
    return np.asarray(special.logit(np.clip(p, NEAREST, 1 - NEAREST)))


def _measure(values: FloatArray) -> Measure:
    """The first value, and the interval of the others."""
    drawn = values[1:][~np.isnan(values[1:])]
    if drawn.size == 0:
        return Measure(float(values[0]), Interval(np.nan, np.nan))
    if np.isinf(drawn).any():  # no interpolation between a number and infinity
        low, high = np.quantile(drawn, [0.025, 0.975], method="inverted_cdf")
        return Measure(float(values[0]), Interval(float(low), float(high)))
    return Measure(float(values[0]), percentile_interval(drawn))


def _binned_error(p: FloatArray, y: FloatArray, weights: FloatArray, n_bins: int) -> FloatArray:
    """Expected calibration error of each row of weights, shape (L, n)."""
    place = np.searchsorted(np.linspace(0, 1, n_bins + 1)[1:-1], p, side="left")
    member = np.zeros((len(p), n_bins))
    member[np.arange(len(p)), place] = y - p
    error: FloatArray = np.abs(weights @ member).sum(axis=1) / weights.sum(axis=1)
    return error


def _intercept(logit: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Where sum of weight (y - expit(a + logit)) is 0, by bisection: it falls with a."""
    low = np.full(len(weights), -40.0 - np.abs(logit).max())
    high = -low
    wanted = weights @ y
    for _ in range(70):
        middle = (low + high) / 2
        below = (weights * special.expit(middle[:, None] + logit)).sum(axis=1) < wanted
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return np.asarray((low + high) / 2)


def _slope(logit: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Maximum likelihood slope of each row of weights, shape (L, n)."""
    slope = np.full(len(weights), np.nan)
    there = weights > 0
    up, down = there & (y == 1), there & (y == 0)
    (up_least, up_most), (down_least, down_most) = (_extremes(logit, w) for w in (up, down))
    above, below = up_least >= down_most, up_most <= down_least
    slope[above & ~below], slope[below & ~above] = np.inf, -np.inf
    overlap = ~above & ~below
    if overlap.any():
        slope[overlap] = _newton(logit, y, weights[overlap])
    return slope


def _extremes(logit: FloatArray, which: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest log odds of the marked samples of each row."""
    return (
        np.where(which, logit, np.inf).min(axis=1),
        np.where(which, logit, -np.inf).max(axis=1),
    )


def _newton(logit: FloatArray, y: FloatArray, weights: FloatArray) -> FloatArray:
    """Slopes where the classes overlap, so that the likelihood has a maximum."""
    unit = logit.std()
    x = (logit - logit.mean()) / unit
    coefficients = np.zeros((2, len(weights)))

    def loss(at: FloatArray) -> FloatArray:
        f = at[0][:, None] + at[1][:, None] * x
        return np.asarray((weights * (np.logaddexp(0, f) - y * f)).sum(axis=1))

    value = loss(coefficients)
    for _ in range(_STEPS):
        share = special.expit(coefficients[0][:, None] + coefficients[1][:, None] * x)
        pull, curve = weights * (y - share), weights * share * (1 - share)
        g0, h0 = pull.sum(axis=1), curve.sum(axis=1)
        centre = curve @ x / h0
        off = x - centre[:, None]  # samples of nearly equal log odds may hold all of the curvature
        g1, h1 = (pull * off).sum(axis=1), (curve * off**2).sum(axis=1)
        step = np.stack([g0 / h0 - centre * g1 / h1, g1 / h1])
        moved = loss(coefficients + step)
        for _ in range(30):
            worse = moved > value + 1e-12 * (1 + value)
            if not worse.any():
                break
            step[:, worse] /= 2
            moved = loss(coefficients + step)
        coefficients, value = coefficients + step, moved
        if (g0**2 / h0 + g1**2 / h1 <= _DECREMENT).all():
            return np.asarray(coefficients[1] / unit)
    msg = f"a calibration slope did not converge in {_STEPS} steps"
    raise ArithmeticError(msg)
