"""MOVER of fold intervals: published intervals, symmetric limits, what it covers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from spacebio_bench.statistics.intervals import Interval, mover_mean, newcombe

DIFFERENCES = [
    ((56, 70), (48, 80), (0.0524, 0.3339)),
    ((9, 10), (3, 10), (0.1705, 0.8090)),
    ((6, 7), (2, 7), (0.0582, 0.8062)),
    ((5, 56), (0, 29), (-0.0381, 0.1926)),
    ((10, 10), (0, 20), (0.6791, 1.0)),
]
"""Newcombe (1998), Statistics in Medicine 17:873, Table II, method 10."""


@pytest.mark.parametrize(("first", "second", "published"), DIFFERENCES)
def test_published_differences_of_proportions(
    first: tuple[int, int], second: tuple[int, int], published: tuple[float, float]
) -> None:
    """Method 10 is MOVER of Wilson intervals: p1 - p2 = 2 mean(p1, 1 - p2) - 1."""
    pairs = [first, (second[1] - second[0], second[1])]
    wilson = [stats.binomtest(*pair).proportion_ci(method="wilson") for pair in pairs]
    found = mover_mean([k / n for k, n in pairs], [Interval(*bounds) for bounds in wilson])
    assert [2 * bound - 1 for bound in found] == pytest.approx(published, abs=5.1e-5)


def test_symmetric_intervals_add_like_standard_errors() -> None:
    value, se = np.array([0.6, 0.7, 0.9]), np.array([0.05, 0.1, 0.02])
    low, high = mover_mean(value, np.c_[value - 2 * se, value + 2 * se])
    half = 2 * np.sqrt((se**2).sum()) / 3
    assert (low, high) == pytest.approx((value.mean() - half, value.mean() + half))


def test_one_fold_is_its_interval() -> None:
    assert mover_mean([0.7], [newcombe(0.7, 5, 8)]) == pytest.approx(newcombe(0.7, 5, 8))


def test_stays_inside_and_has_width_at_one() -> None:
    fold = newcombe(1.0, 3, 3)
    low, high = mover_mean([1.0] * 4, [fold] * 4)
    assert high == 1.0
    assert low == pytest.approx(1 - (1 - fold.low) / 2)  # sqrt 4 folds


@pytest.mark.parametrize(("missions", "n", "shift"), [(2, 6, 0.0), (4, 12, 1.0), (8, 6, 1.0)])
def test_covers_about_as_said(missions: int, n: int, shift: float) -> None:
    """0.891 to 0.946 over the designs that chose Newcombe's method for the mean instead."""
    rng = np.random.default_rng(missions)
    scores = rng.normal(size=(800, missions, 2 * n))
    scores[..., :n] += shift
    values = (scores[..., :n, None] > scores[..., None, n:]).mean(axis=(2, 3))
    fold = {v: newcombe(v, n, n) for v in np.unique(values)}
    true = stats.norm.cdf(shift / np.sqrt(2))
    bounds = [mover_mean(row, [fold[v] for v in row]) for row in values]
    assert 0.87 < np.mean([low <= true <= high for low, high in bounds]) < 0.97


@pytest.mark.parametrize(
    ("values", "bounds", "message"),
    [
        ([], np.zeros((0, 2)), "do not fit"),
        ([0.5, 0.6], [(0.4, 0.6)], "do not fit"),
        ([0.5], [(0.6, 0.7)], "does not hold"),
        ([0.5], [(np.nan, 0.7)], "does not hold"),
    ],
)
def test_refuses(values: list[float], bounds: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mover_mean(values, np.array(bounds, dtype=float))
