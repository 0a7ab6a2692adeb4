"""The log-fold-change direction against its definition, sample by sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from spacebio_bench.models import build_model


def by_definition(x_train, x_test, y):
    ground = x_train[y == 0].mean(axis=0)
    change = x_train[y == 1].mean(axis=0) - ground
    return (x_test - ground) @ (change / np.linalg.norm(change))


def scores_of(x_train, x_test, labels):
    return build_model("lfc").prepare(x_train, x_test, seed=0).score(labels)


@settings(deadline=None, max_examples=60)
@given(
    n=st.integers(3, 12),
    p=st.integers(1, 40),
    level=st.sampled_from([0.0, 8.0, 1e3]),
    seed=st.integers(0, 2**16),
)
def test_is_its_definition_for_any_problem(n, p, level, seed):
    rng = np.random.default_rng(seed)
    x = level + rng.normal(size=(n + 4, p))
    labels = np.column_stack(
        [rng.permutation(np.arange(n) < rng.integers(1, n)) for _ in range(5)]
    ).astype(np.int8)
    scores = scores_of(x[:n], x[n:], labels)
    expected = [by_definition(x[:n], x[n:], y) for y in labels.T]
    np.testing.assert_allclose(scores, expected, rtol=1e-6, atol=1e-6 * (1 + level / 100))


def test_of_expression_size_and_precision(wide):
    expected = [by_definition(wide.x_train, wide.x_test, y) for y in wide.labels.T]
    scores = scores_of(wide.x_train, wide.x_test, wide.labels)
    np.testing.assert_allclose(scores, expected, rtol=1e-10, atol=1e-10)
    single = scores_of(wide.x_train.astype(np.float32), wide.x_test.astype(np.float32), wide.labels)
    np.testing.assert_allclose(single, expected, atol=1e-4)


def test_a_sample_at_a_class_mean_scores_the_distance_it_has_gone(easy):
    x, y = easy.x_train, easy.truth
    means = np.stack([x[y == 0].mean(axis=0), x[y == 1].mean(axis=0)])
    scores = scores_of(x, means, y[:, None])[0]
    assert scores == pytest.approx([0, np.linalg.norm(means[1] - means[0])], abs=1e-12)


@given(hnp.arrays(np.float64, (3, 6), elements=st.floats(-5, 5)))
def test_classes_with_equal_means_have_no_direction(half):
    x = np.vstack([half, half])
    labels = np.repeat([0, 1], 3).astype(np.int8)[:, None]
    assert not scores_of(x, x + 1, labels).any()
