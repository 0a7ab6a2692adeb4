"""Paired differences against scipy's tests on cluster means."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spacebio_bench.statistics.transfer import paired_differences


@given(st.integers(2, 9), st.integers(0, 20), st.integers(0, 2**16))
@settings(deadline=None, max_examples=40)
def test_scipy_agrees_on_cluster_means(n_clusters: int, spare: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    clusters = np.array([*range(n_clusters), *rng.integers(0, n_clusters, spare)]).astype(str)
    a, b = rng.integers(0, 5, (2, len(clusters))) / 4 + rng.normal(0, 0.01, (2, len(clusters)))
    found = paired_differences(a, b, clusters, seed=0)
    means = pd.Series(a - b).groupby(clusters).mean().to_numpy()
    test = stats.ttest_1samp(means, 0)
    assert found.difference == pytest.approx(means.mean(), abs=1e-15)
    assert found.interval == pytest.approx(test.confidence_interval(0.95), abs=1e-12)
    # every flip one by one; scipy's permutation_test loses ties of a mean near 0
    flipped = [abs(np.mean(means * s)) for s in itertools.product((1, -1), repeat=n_clusters)]
    assert found.p == pytest.approx(np.mean(np.array(flipped) >= abs(means.mean()) - 1e-12))
    assert found.attainable == 2 / 2**n_clusters
    assert (found.wins, found.losses, found.ties) == ((a > b).sum(), (a < b).sum(), 0)


def test_counts_folds_and_weighs_clusters() -> None:
    a = [0.9, 0.9, 0.9, 0.5, 0.1 + 0.2]
    b = [0.5, 0.5, 0.5, 0.6, 0.3]
    found = paired_differences(a, b, ["RR-1", "RR-1", "RR-1", "RR-3", "RR-6"], seed=0)
    assert (found.wins, found.losses, found.ties, found.n_clusters) == (3, 1, 1, 3)
    assert found.difference == pytest.approx((0.4 - 0.1 + 0) / 3)
    turned = paired_differences(b, a, ["RR-1", "RR-1", "RR-1", "RR-3", "RR-6"], seed=0)
    assert turned.difference == -found.difference
    assert (turned.wins, turned.losses, turned.p) == (1, 3, found.p)


def test_one_cluster_has_a_difference_and_no_interval() -> None:
    found = paired_differences([0.8, 0.7], [0.5, 0.6], ["RR-1", "RR-1"], seed=0)
    assert found.difference == pytest.approx(0.2)
    assert np.isnan(found.interval).all()
    assert (found.p, found.attainable) == (1, 1)


@pytest.mark.parametrize(
    ("a", "b", "clusters", "message"),
    [
        ([0.5], [0.5, 0.6], ["x"], "are no pairs"),
        ([], [], [], "are no pairs"),
        ([0.5], [0.5], ["x", "y"], "are no pairs"),
        ([0.5, np.nan], [0.5, 0.6], ["x", "y"], "not finite"),
    ],
)
def test_what_does_not_pair_is_refused(a, b, clusters, message) -> None:
    with pytest.raises(ValueError, match=message):
        paired_differences(a, b, clusters, seed=0)
