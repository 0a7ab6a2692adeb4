"""The Mantel test with ranks, against all orders of the members one by one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from spacebio_bench.statistics.mantel import mantel


def table(values: list[float], n: int) -> np.ndarray:
    square = np.zeros((n, n))
    square[np.triu_indices(n, 1)] = values
    return square + square.T


@given(st.integers(0, 2**32 - 1), st.integers(3, 5))
def test_p_is_the_share_of_orders_that_go_together_as_well(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = (table(rng.normal(size=n * (n - 1) // 2).tolist(), n) for _ in range(2))
    upper = np.triu_indices(n, 1)
    each = [
        abs(spearmanr(a[np.ix_(order, order)][upper], b[upper]).statistic)
        for order in map(list, itertools.permutations(range(n)))
    ]
    found = mantel(a, b)
    assert found.rho == pytest.approx(spearmanr(a[upper], b[upper]).statistic, abs=1e-12)
    assert found.p == pytest.approx(np.mean(np.array(each) >= each[0] - 1e-9))
    assert found.attainable == pytest.approx(np.mean(np.array(each) >= max(each) - 1e-9))


def test_three_members_cannot_be_significant() -> None:
    perfect = mantel(table([1, 2, 3], 3), table([1, 2, 3], 3))
    assert (perfect.rho, perfect.p, perfect.attainable) == pytest.approx((1.0, 1 / 3, 1 / 3))
