"""Principal components, against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from spacebio_bench.statistics.ordination import principal_components


@pytest.mark.parametrize("shape", [(12, 300), (30, 5)])
def test_scores_and_shares_are_those_of_scikit_learn(shape: tuple[int, int]) -> None:
    x = np.random.default_rng(0).normal(size=shape) * np.linspace(1, 4, shape[1])
    reference = PCA(n_components=3, svd_solver="full").fit(x)
    expected = reference.transform(x)
    scores, shares = principal_components(x, 3)
    sign = np.sign((scores * expected).sum(axis=0))
    np.testing.assert_allclose(scores, expected * sign, atol=1e-9)
    np.testing.assert_allclose(shares, reference.explained_variance_ratio_, atol=1e-12)


def test_the_largest_score_is_positive_whatever_the_sign_of_the_data() -> None:
    x = np.random.default_rng(1).normal(size=(9, 20))
    scores, _ = principal_components(x, 2)
    mirrored, _ = principal_components(-x, 2)
    for found in (scores, mirrored):
        assert (found.max(axis=0) >= -found.min(axis=0)).all()
    np.testing.assert_allclose(scores, mirrored, atol=1e-9)


def test_missing_dimensions_are_zero() -> None:
    scores, shares = principal_components(np.array([[0.0], [2.0]]), 3)
    np.testing.assert_allclose(scores[:, 1:], 0, atol=1e-9)
    np.testing.assert_allclose(shares, [1, 0, 0], atol=1e-12)


def test_equal_samples_have_no_components() -> None:
    scores, shares = principal_components(np.ones((4, 3)), 2)
    assert not scores.any()
    assert not shares.any()
