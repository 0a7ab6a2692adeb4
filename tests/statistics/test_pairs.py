"""Intervals over pairs: against other formulas, brute force, and simulations of missions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spacebio_bench.statistics.intervals import newcombe_mean
from spacebio_bench.statistics.pairs import (
    pairs_population,
    pairs_these,
    published_pairs_interval,
)


def off_diagonal(values: np.ndarray) -> np.ndarray:
    filled = np.array(values, dtype=float)
    np.fill_diagonal(filled, np.nan)
    return filled


@st.composite
def matrices(draw: st.DrawFn, least: int = 2) -> tuple[np.ndarray, list[int], list[int]]:
    k = draw(st.integers(least, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    values = off_diagonal(np.clip(rng.normal(0.8, draw(st.floats(0, 0.4)), (k, k)), 0, 1))
    return values, rng.integers(2, 15, k).tolist(), rng.integers(2, 15, k).tolist()


@given(matrices())
@settings(deadline=None, max_examples=60)
def test_these_are_the_test_missions_with_the_means_of_their_pairs(matrix) -> None:
    values, n_positive, n_negative = matrix
    expected = newcombe_mean(np.nanmean(values, axis=0), n_positive, n_negative)
    assert pairs_these(values, n_positive, n_negative) == pytest.approx(expected, abs=1e-9)


@given(matrices(least=3))
@settings(deadline=None, max_examples=60)
def test_population_holds_these_and_stays_inside(matrix) -> None:
    low, high = pairs_population(*matrix)
    these = pairs_these(*matrix)
    assert 0 <= low <= these.low
    assert these.high <= high <= 1
    assert high > low


def by_leaving_out(values: np.ndarray) -> float:
    """Half the width of t times the jackknife standard error, mission by mission."""
    k = len(values)
    without = [np.nanmean(np.delete(np.delete(values, m, 0), m, 1)) for m in range(k)]
    variance = (k - 1) / k * ((np.array(without) - np.mean(without)) ** 2).sum()
    return stats.t.ppf(0.975, k - 1) * np.sqrt(variance)


@pytest.mark.parametrize("k", [3, 5, 8])
def test_population_has_the_jackknife_standard_error_at_the_mean(k: int) -> None:
    """Wilson's bounds t solve |mean - t| = half sqrt(t (1 - t) / (mean (1 - mean)))."""
    rng = np.random.default_rng(k)
    values = off_diagonal(0.7 + 0.08 * rng.normal(size=(k, 1)) + 0.04 * rng.normal(size=(1, k)))
    mean, half = np.nanmean(values), by_leaving_out(values)
    many = [10**6] * k  # samples: nothing but missions counts
    for bound in pairs_population(values, many, many):
        shrink = np.sqrt(bound * (1 - bound) / (mean * (1 - mean)))
        assert abs(mean - bound) == pytest.approx(half * shrink, rel=1e-9)


def test_perfect_pairs_have_a_width() -> None:
    values = off_diagonal(np.ones((4, 4)))
    low, high = pairs_population(values, [6] * 4, [6] * 4)
    assert high == 1
    assert 0.8 < low < 0.99
    assert pairs_population(1 - values, [6] * 4, [6] * 4) == pytest.approx((0, 1 - low))


def test_two_missions_say_nothing_of_others() -> None:
    values = off_diagonal(np.array([[0, 0.8], [0.7, 0]]))
    assert np.isnan(pairs_population(values, [6, 6], [6, 6])).all()
    assert not np.isnan(pairs_these(values, [6, 6], [6, 6])).any()


def test_pairs_that_are_not_there_weigh_nothing() -> None:
    values = off_diagonal(np.full((4, 4), 0.8))
    values[:, 3] = np.nan  # never a test set: its counts do not matter
    with_counts = pairs_these(values, [6, 7, 8, 9], [6, 6, 6, 6])
    assert with_counts == pairs_these(values, [6, 7, 8, 0], [6, 6, 6, 0])
    assert pairs_population(values, [6, 7, 8, 0], [6, 6, 6, 0]).low > 0
    values[0, 1] = np.nan  # one pair fewer of one test mission: 2 of 8
    share, m, n, t = np.array([3, 2, 3]) / 8, np.array([6, 7, 8]), 6, 0.0
    low, _ = pairs_these(values, [6, 7, 8, 0], [6, 6, 6, 0])
    t, extra = low, (m + n) / 2 - 1
    of_fold = t * (1 - t) * (1 + extra * ((1 - t) / (2 - t) + t / (1 + t))) / (m * n)
    assert 0.8 - low == pytest.approx(1.959964 * np.sqrt((share**2 * of_fold).sum()), rel=1e-6)


def test_published_bootstrap_draws_pairs() -> None:
    values = off_diagonal(np.random.default_rng(0).random((5, 5)))
    pairs = values[~np.isnan(values)]
    rng = np.random.default_rng(42)
    means = [rng.choice(pairs, 20, replace=True).mean() for _ in range(300)]
    found = published_pairs_interval(values, n_bootstraps=300, seed=42)
    assert found == pytest.approx(np.percentile(means, [2.5, 97.5]), abs=1e-12)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.full((2, 3), 0.5), "not those of ordered pairs"),
        (np.full((2, 2), 0.5), "paired with itself"),
        (np.full((2, 2), np.nan), "no pair"),
    ],
)
def test_what_is_no_matrix_of_pairs_is_refused(values, message) -> None:
    with pytest.raises(ValueError, match=message):
        pairs_these(values, [6, 6], [6, 6])


@dataclass(frozen=True)
class Missions:
    """SDs of the effects of train mission, test mission and pair on how far the classes are apart.

    In SDs of a score; `shared` is the share of its variance that all models of a test mission have
    in common.
    """

    k: int
    apart: float
    train: float = 0.0
    test: float = 0.0
    pair: float = 0.0
    shared: float = 0.7

    @property
    def true(self) -> float:
        """Mean AUROC over pairs of missions like these."""
        variance = 2 + self.train**2 + self.test**2 + self.pair**2
        return float(stats.norm.cdf(self.apart * np.sqrt(2 / variance)))

    def draw(self, n: int, *, samples: int, seed: int) -> np.ndarray:
        """AUROC of each pair, `samples` of each class in each mission; shape (n, k, k)."""
        rng, k = np.random.default_rng(seed), self.k
        shift = self.apart * np.sqrt(2) + self.train * rng.normal(size=(n, k, 1))
        shift = (
            shift + self.test * rng.normal(size=(n, 1, k)) + self.pair * rng.normal(size=(n, k, k))
        )
        values = np.empty((n, k, k))
        for b in range(k):
            common = np.sqrt(self.shared) * rng.normal(size=(n, 1, 2, samples))
            scores = common + np.sqrt(1 - self.shared) * rng.normal(size=(n, k, 2, samples))
            up, down = scores[:, :, 0, :, None] + shift[:, :, b, None, None], scores[:, :, 1, None]
            values[:, :, b] = (up > down).mean(axis=(2, 3))
        values[:, range(k), range(k)] = np.nan
        return values


def coverage(
    design: Missions, interval, *, n: int = 2000, samples: int = 6, seed: int = 1
) -> float:
    found = np.array([interval(v) for v in design.draw(n, samples=samples, seed=seed)])
    return float(((found[:, 0] <= design.true) & (design.true <= found[:, 1])).mean())


@pytest.mark.slow
@pytest.mark.parametrize("k", [3, 4, 6])
@pytest.mark.parametrize("apart", [0.0, 0.7, 1.75])
@pytest.mark.parametrize(("samples", "shared"), [(6, 0.3), (6, 0.95), (3, 0.95)])
def test_these_cover_where_missions_do_not_differ(k, apart, samples, shared) -> None:
    design = Missions(k, apart, shared=shared)
    counts = [samples] * k
    assert coverage(design, lambda v: pairs_these(v, counts, counts), samples=samples) >= 0.92


@pytest.mark.slow
@pytest.mark.parametrize("k", [3, 4, 6])
@pytest.mark.parametrize("apart", [0.0, 0.7, 1.75])
@pytest.mark.parametrize("effects", [(0, 0, 0), (0.5, 0.5, 0.3), (0, 1, 0), (1, 0, 0), (1, 2, 0.5)])
def test_population_covers_and_the_published_bootstrap_does_not(k, apart, effects) -> None:
    design, counts = Missions(k, apart, *effects), [6] * k
    found = coverage(design, lambda v: pairs_population(v, counts, counts))
    assert found >= 0.90
    published = coverage(
        design, lambda v: published_pairs_interval(v, n_bootstraps=200, seed=1), n=400
    )
    assert published < 0.80
