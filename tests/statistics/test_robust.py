"""Robust z against SciPy, and where the median absolute deviation is 0."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from spacebio_bench.statistics.robust import robust_z


@given(seed=st.integers(0, 999), n=st.integers(2, 30))
def test_the_spread_is_that_of_scipy(seed: int, n: int) -> None:
    x = np.random.default_rng(seed).standard_t(2, size=(n, 3)) * [1, 1e-4, 1e5]
    spread = stats.median_abs_deviation(x, axis=0, scale="normal")
    np.testing.assert_allclose(robust_z(x), (x - np.median(x, axis=0)) / spread, rtol=1e-9)


def test_when_most_are_the_same_the_mean_deviation_measures() -> None:
    z = robust_z([5.0] * 7 + [6.0])
    np.testing.assert_allclose(z[-1], 1 / (np.sqrt(np.pi / 2) / 8))
    assert not z[:-1].any()


def test_all_the_same_are_at_no_distance() -> None:
    assert not robust_z(np.full((4, 2), 0.1 + 0.2)).any()
