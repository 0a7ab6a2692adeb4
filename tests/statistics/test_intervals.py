"""Intervals: formula solved elsewhere, limits, and what they cover in simulations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import optimize, stats

from spacebio_bench.statistics.auroc import auroc
from spacebio_bench.statistics.bootstrap import (
    bootstrap_auroc,
    drawn_missions,
    percentile_interval,
    stratified_draws,
    two_level_mean,
)
from spacebio_bench.statistics.intervals import (
    newcombe,
    newcombe_mean,
    next_mission,
    population_mean,
)


def variance(t: float, m: int, n: int) -> float:
    """Hanley & McNeil's exponential variance with (m + n) / 2 - 1 for both m - 1 and n - 1."""
    q1, q2, half = t / (2 - t), 2 * t**2 / (1 + t), (m + n) / 2 - 1
    return (t * (1 - t) + half * (q1 - t**2) + half * (q2 - t**2)) / (m * n)


@pytest.mark.parametrize(("value", "m", "n"), [(0.8, 10, 12), (0.35, 3, 3), (0.97, 35, 68)])
def test_newcombe_solves_hanley_and_mcneil(value: float, m: int, n: int) -> None:
    z = stats.norm.ppf(0.975)
    low, high = (
        optimize.brentq(lambda t: (value - t) ** 2 - z**2 * variance(t, m, n), a, b, xtol=1e-14)
        for a, b in ((1e-9, value), (value, 1 - 1e-9))
    )
    assert newcombe(value, m, n) == pytest.approx((low, high), abs=1e-9)


def test_newcombe_mirrors_at_a_half() -> None:
    low, high = newcombe(0.83, 7, 9)
    assert newcombe(0.17, 9, 7) == pytest.approx((1 - high, 1 - low), abs=1e-12)


def test_an_auroc_of_one_is_not_certain() -> None:
    few, many = newcombe(1.0, 3, 3), newcombe(1.0, 30, 30)
    assert few.high == many.high == 1.0
    assert 0.4 < few.low < 0.8 < many.low < 1.0
    assert newcombe(0.0, 3, 3).low == 0.0


def test_mean_of_one_fold_is_the_fold() -> None:
    assert newcombe_mean([0.7], [5], [8]) == newcombe(0.7, 5, 8)


def test_folds_that_differ_have_a_wider_mean() -> None:
    alike = newcombe_mean([0.8] * 4, [6] * 4, [6] * 4)
    one = newcombe(0.8, 6, 6)
    assert alike.high - alike.low < 0.6 * (one.high - one.low)
    assert newcombe_mean([0.6, 1.0, 0.6, 1.0], [6] * 4, [6] * 4) == pytest.approx(alike)


def test_next_mission_is_the_prediction_interval_of_a_normal_sample() -> None:
    rng = np.random.default_rng(4)
    for k in (3, 6):
        values = 0.7 + 0.05 * rng.normal(size=(4000, k + 1))
        within = [(b := next_mission(row[:-1])).low <= row[-1] <= b.high for row in values]
        assert 0.935 < np.mean(within) < 0.965


def test_next_mission_needs_three() -> None:
    assert np.isnan(next_mission([0.7, 0.8])).all()
    assert next_mission([0.9, 1.0, 0.2]) == (0.0, 1.0)


@dataclass(frozen=True)
class Design:
    missions: int
    positive: int
    negative: int
    shift: float


DESIGNS = {
    "two of 3+3, no signal": Design(2, 3, 3, 0.0),
    "four of 3+3": Design(4, 3, 3, 1.0),
    "eight of 3+3, near 1": Design(8, 3, 3, 2.5),
    "three of 4+12": Design(3, 4, 12, 1.0),
    "six of 12+12": Design(6, 12, 12, 1.0),
}


def simulated(design: Design, n: int, seed: int) -> tuple[np.ndarray, np.ndarray, float]:
    """AUROC of n x missions folds of normal scores, the scores, and the true AUROC."""
    rng = np.random.default_rng(seed)
    labels = np.repeat([1, 0], [design.positive, design.negative])
    scores = rng.normal(size=(n * design.missions, len(labels))) + design.shift * labels
    values = auroc(scores, np.tile(labels[:, None], len(scores)))
    true = float(stats.norm.cdf(design.shift / np.sqrt(2)))
    return values.reshape(n, -1), scores.reshape(n, design.missions, -1), true


@pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS.keys())
def test_mean_over_these_missions_is_covered(design: Design) -> None:
    values, _, true = simulated(design, 1500, seed=11)
    counts = [design.positive] * design.missions, [design.negative] * design.missions
    covered = [low <= true <= high for low, high in (newcombe_mean(v, *counts) for v in values)]
    assert np.mean(covered) > 0.92 - 3 * np.sqrt(0.92 * 0.08 / 1500)
    assert np.mean(covered) < 0.995


def test_bootstrap_of_auroc_is_the_loop() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([1, 0, 1], [4, 6, 3])
    scores = rng.integers(0, 5, len(labels)).astype(float)
    draws = stratified_draws(labels, n_draws=50, seed=1)
    assert (draws.positive.sum(axis=1) == 7).all()
    assert (draws.negative.sum(axis=1) == 6).all()
    expected = []
    for up, down in zip(draws.positive.astype(int), draws.negative.astype(int), strict=True):
        drawn = np.r_[np.repeat(scores[labels == 1], up), np.repeat(scores[labels == 0], down)]
        expected.append(auroc(drawn, np.repeat([1, 0], [7, 6]))[0])
    assert bootstrap_auroc(scores, labels, draws) == pytest.approx(np.array(expected))


def test_two_level_bootstrap_has_both_variances() -> None:
    """Variance of a mean over resampled missions: between / K + mean within / K."""
    rng = np.random.default_rng(2)
    centres = np.array([0.5, 0.6, 0.9, 0.8])
    draws = [rng.normal(c, 0.05, 40_000) for c in centres]
    means = two_level_mean(draws, drawn_missions(4, n_draws=40_000, seed=3))
    assert means.mean() == pytest.approx(0.7, abs=2e-3)
    assert means.var() == pytest.approx((centres.var() + 0.05**2) / 4, rel=0.03)


@pytest.mark.parametrize("values", [(0.9, 0.7, 0.8), (1.0, 0.9, 0.4, 0.8), (0.1, 0.5, 0.3)])
def test_population_solves_its_equation(values: tuple[float, ...]) -> None:
    """Distance to the mean = t quantile times the larger of two standard errors at the bound."""
    mean, k, m, n = float(np.mean(values)), len(values), 6, 9
    q = stats.t.ppf(0.975, k - 1)
    ratio = np.var(values, ddof=1) / (mean * (1 - mean))

    def excess(t: float) -> float:
        larger = max(ratio * t * (1 - t) / k, variance(t, m, n) / k)
        return (mean - t) ** 2 - q**2 * larger

    low, high = (optimize.brentq(excess, a, b, xtol=1e-14) for a, b in ((0, mean), (mean, 1)))
    assert population_mean(values, [m] * k, [n] * k) == pytest.approx((low, high), abs=1e-9)


def test_population_of_two_missions_is_not_known() -> None:
    assert np.isnan(population_mean([0.7, 0.8], [6, 6], [6, 6])).all()


@pytest.mark.parametrize("values", [(1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.8, 0.8, 0.8, 0.8)])
def test_population_is_wider_than_these_where_folds_agree(values: tuple[float, ...]) -> None:
    counts = [6] * len(values), [6] * len(values)
    like, these = population_mean(values, *counts), newcombe_mean(values, *counts)
    assert like.high - like.low > these.high - these.low > 0
    assert 0 <= like.low <= these.low <= these.high <= like.high <= 1


@pytest.mark.parametrize("missions", [3, 6])
@pytest.mark.parametrize("true", [0.5, 0.8, 0.95])
def test_mean_over_missions_like_these_is_covered(missions: int, true: float) -> None:
    """Shifts that differ between missions by one SD of the scores."""
    rng = np.random.default_rng(8)
    n, labels = 1000, np.repeat([1, 0], [8, 8])
    shift = stats.norm.ppf(true) * np.sqrt(3) + rng.normal(size=(n * missions, 1))
    scores = rng.normal(size=(n * missions, 16)) + shift * labels
    values = auroc(scores, np.tile(labels[:, None], len(scores))).reshape(n, missions)
    intervals = [population_mean(v, [8] * missions, [8] * missions) for v in values]
    assert np.mean([low <= true <= high for low, high in intervals]) > 0.91


def test_two_level_bootstrap_is_too_narrow_for_three_missions_that_differ() -> None:
    """Why `ci_population` is none: see docs/calibration.md."""
    rng = np.random.default_rng(9)
    missions = drawn_missions(3, n_draws=500, seed=1)
    covered = []
    for _ in range(400):
        centres = stats.norm.cdf((stats.norm.ppf(0.8) * np.sqrt(3) + rng.normal(size=3)) / 2**0.5)
        draws = [np.clip(rng.normal(c, 0.1, 500), 0, 1) for c in centres + rng.normal(0, 0.1, 3)]
        low, high = percentile_interval(two_level_mean(draws, missions))
        covered.append(low <= 0.8 <= high)
    assert np.mean(covered) < 0.9
