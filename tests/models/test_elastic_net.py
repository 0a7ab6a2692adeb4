"""The dual Newton solver against scikit-learn's saga, the optimality conditions, and symmetry."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from spacebio_bench.models import _elastic_net, build_model
from spacebio_bench.models._elastic_net import ElasticNet


def solve(x, labels, *, c=1.0, l1_ratio=0.5):
    return list(ElasticNet(np.ascontiguousarray(x.T), c=c, l1_ratio=l1_ratio).fit(labels))


def dense(fit, p):
    w = np.zeros(p)
    w[fit.features] = fit.weights
    return w


def class_weights(y):
    return np.where(y == 1, len(y) / (2 * y.sum()), len(y) / (2 * (len(y) - y.sum())))


def objective(x, y, w, b, *, c=1.0, l1_ratio=0.5):
    margin = (2.0 * y - 1) * (x @ w + b)
    penalty = l1_ratio * np.abs(w).sum() + (1 - l1_ratio) / 2 * (w @ w)
    return c * class_weights(y) @ np.logaddexp(0, -margin) + penalty


def worst_violation(x, y, w, b, *, c=1.0, l1_ratio=0.5):
    """How far zero is from the subgradient of the objective, written down from its definition."""
    sign = 2.0 * y - 1
    pull = c * class_weights(y) * sign / (1 + np.exp(sign * (x @ w + b)))
    slope = x.T @ pull - (1 - l1_ratio) * w
    features = np.where(
        w != 0, np.abs(slope - l1_ratio * np.sign(w)), np.maximum(np.abs(slope) - l1_ratio, 0)
    )
    return max(features.max(), abs(pull.sum()))


def saga(x, y, *, c=1.0, l1_ratio=0.5, tol=1e-12, max_iter=1_000_000):
    model = LogisticRegression(
        C=c,
        l1_ratio=l1_ratio,
        solver="saga",
        class_weight="balanced",
        tol=tol,
        max_iter=max_iter,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, y)
    return model.coef_[0], model.intercept_[0]


@pytest.mark.parametrize(("c", "l1_ratio"), [(1.0, 0.5), (0.3, 0.9), (0.3, 0.1)])
def test_agrees_with_saga_run_to_convergence(easy, c, l1_ratio):
    for column in range(2):
        y = easy.labels[:, column]
        fit = solve(easy.x_train, y[:, None], c=c, l1_ratio=l1_ratio)[0]
        w, b = saga(easy.x_train, y, c=c, l1_ratio=l1_ratio)
        np.testing.assert_allclose(dense(fit, len(w)), w, atol=1e-7)
        assert fit.intercept == pytest.approx(b, abs=1e-7)


def test_is_optimal_where_features_outnumber_samples(wide):
    for y, fit in zip(wide.labels.T, solve(wide.x_train, wide.labels), strict=True):
        w = dense(fit, wide.x_train.shape[1])
        assert worst_violation(wide.x_train, y, w, fit.intercept) < 1e-9
        assert fit.gap < 1e-12
        assert 10 < len(fit.features) < 300


def test_is_no_worse_than_published_saga_and_ranks_differently_from_it(wide):
    y = wide.truth
    fit = solve(wide.x_train, y[:, None])[0]
    w, b = saga(wide.x_train, y, tol=1e-4, max_iter=1000)
    ours = objective(wide.x_train, y, dense(fit, len(w)), fit.intercept)
    assert ours < objective(wide.x_train, y, w, b)
    assert (
        np.abs(dense(fit, len(w)) - w).max() > 1e-4
    )  # it stops short, so that this test sees a bound


@settings(max_examples=60, deadline=None)
@given(
    n=st.integers(4, 25),
    p=st.integers(1, 60),
    log_c=st.floats(-3, 2),
    l1_ratio=st.floats(0.02, 0.98),
    scale=st.sampled_from([1e-3, 1.0, 30.0]),
    seed=st.integers(0, 2**16),
)
def test_is_optimal_for_any_problem(n, p, log_c, l1_ratio, scale, seed):
    rng = np.random.default_rng(seed)
    x = scale * rng.normal(size=(n, p))
    y = rng.permutation(np.arange(n) < rng.integers(1, n)).astype(np.int8)
    fit = solve(x, y[:, None], c=10**log_c, l1_ratio=l1_ratio)[0]
    w = dense(fit, p)
    bound = 1e-7 * max(1.0, 10**log_c * n * scale)
    assert worst_violation(x, y, w, fit.intercept, c=10**log_c, l1_ratio=l1_ratio) < bound
    assert fit.gap <= _elastic_net.LARGEST_GAP


def test_turning_the_labels_turns_the_scores(easy):
    fits = solve(easy.x_train, np.column_stack([easy.truth, 1 - easy.truth]))
    np.testing.assert_allclose(fits[0].weights, -fits[1].weights, rtol=1e-9)
    assert fits[0].intercept == pytest.approx(-fits[1].intercept, abs=1e-10)


def test_without_information_all_weights_are_zero():
    fit = solve(np.zeros((10, 3)), (np.arange(10) < 3).astype(np.int8)[:, None])[0]
    assert fit.features.size == 0
    assert fit.intercept == pytest.approx(0, abs=1e-12)  # balanced classes


def test_a_fit_that_does_not_converge_is_an_error_not_a_score(monkeypatch, easy):
    monkeypatch.setattr(_elastic_net, "_STEPS", 2)
    with pytest.raises(ArithmeticError, match="duality gap"):
        solve(easy.x_train, easy.labels)


@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_pure_penalties_are_refused(ratio):
    with pytest.raises(ValueError, match="between 0 and 1"):
        ElasticNet(np.zeros((2, 4)), c=1.0, l1_ratio=ratio)


def test_published_solver_keeps_the_precision_it_is_given(wide):
    x = wide.x_train.astype(np.float32)
    ours = build_model("elasticnet_lr", solver="saga", max_iter=300).prepare(
        x, wide.x_test.astype(np.float32), seed=42
    )
    model = LogisticRegression(
        l1_ratio=0.5, solver="saga", class_weight="balanced", max_iter=300, random_state=42
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = model.fit(x, wide.truth).decision_function(wide.x_test.astype(np.float32))
    np.testing.assert_array_equal(ours.score(wide.labels[:, :1])[0], theirs)
