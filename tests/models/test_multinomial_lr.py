"""Softmax regression against scikit-learn's other solvers, and the optimality conditions."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from spacebio_bench.models import build_model, multinomial_lr

from .conftest import make_problem


def problem_of(k, *, n=60, p=20, effect=0.7, n_labelings=4, seed=0):
    """Features of `make_problem`, and labelings of k classes the first of which they show."""
    made = make_problem(n_train=n, n_test=15, p=p, n_signal=0, seed=seed)
    rng = np.random.default_rng(seed)
    truth = rng.permutation(np.minimum(np.arange(n) % (k + 1), k - 1)).astype(np.int8)
    x = made.x_train.copy()
    x[:, :k] += effect * np.eye(k)[truth][:, : x.shape[1]]
    labels = np.column_stack([truth, *(rng.permutation(truth) for _ in range(n_labelings - 1))])
    return x, made.x_test, labels


def probabilities(x_train, x_test, labels, **options):
    return build_model("multinomial_lr", **options).prepare(x_train, x_test, seed=0).score(labels)


def scikit_learn(x_train, x_test, y, *, c=1.0, solver="newton-cholesky", **options):
    model = LogisticRegression(C=c, class_weight="balanced", solver=solver, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(x_train, y).predict_proba(x_test)


@pytest.mark.parametrize("k", [2, 3, 6])
@pytest.mark.parametrize("p", [1, 8, 40])
@pytest.mark.parametrize("c", [0.05, 1.0])
def test_agrees_with_scikit_learn_run_to_convergence(k, p, c):
    x_train, x_test, labels = problem_of(k, p=max(p, k))
    x_train, x_test = x_train[:, :p], x_test[:, :p]
    found = probabilities(x_train, x_test, labels, c=c)
    assert found.shape == (labels.shape[1], len(x_test), k)
    for row, y in zip(found, labels.T, strict=True):
        expected = scikit_learn(x_train, x_test, y, c=c, tol=1e-12, max_iter=1000)
        np.testing.assert_allclose(row, expected, atol=1e-9)


def test_agrees_where_features_outnumber_samples():
    x_train, x_test, labels = problem_of(3, n=36, p=400, n_labelings=2)
    found = probabilities(x_train, x_test, labels)
    for row, y in zip(found, labels.T, strict=True):
        expected = scikit_learn(x_train, x_test, y, solver="newton-cg", tol=1e-12, max_iter=1000)
        np.testing.assert_allclose(row, expected, atol=1e-8)


@pytest.mark.parametrize("k", [2, 4])
def test_published_solver_is_scikit_learns(k):
    x_train, x_test, labels = problem_of(k)
    found = probabilities(x_train, x_test, labels, solver="lbfgs")
    for row, y in zip(found, labels.T, strict=True):
        expected = scikit_learn(x_train, x_test, y, solver="lbfgs", max_iter=2000)
        assert row.tobytes() == expected.tobytes()
    short = probabilities(x_train, x_test, labels, solver="lbfgs", max_iter=3)
    assert np.abs(short - found).max() > 1e-3


def test_published_solver_stops_short_of_ours():
    x_train, x_test, labels = problem_of(4, n=36, p=400, n_labelings=2)
    gap = np.abs(
        probabilities(x_train, x_test, labels)
        - probabilities(x_train, x_test, labels, solver="lbfgs")
    )
    assert 1e-6 < gap.max() < 0.1


@pytest.mark.parametrize("solver", ["newton", "lbfgs"])
def test_classes_that_a_labeling_lacks_have_probability_zero(solver):
    x_train, x_test, labels = problem_of(4, n_labelings=5)
    labels = labels.copy()
    labels[labels[:, 1] == 2, 1] = 0  # three classes are left,
    labels[:, 2] = np.where(labels[:, 2] < 2, 1, 3)  # two of them,
    labels[:, 3] = 2  # one
    found = probabilities(x_train, x_test, labels, solver=solver)
    np.testing.assert_allclose(found.sum(axis=2), 1)
    options = {"solver": "lbfgs", "max_iter": 2000}
    if solver == "newton":
        options = {"solver": "newton-cholesky", "tol": 1e-12, "max_iter": 1000}
    for column in range(5):
        there = np.unique(labels[:, column])
        assert not np.delete(found[column], there, axis=1).any()
        if len(there) > 1:
            expected = scikit_learn(x_train, x_test, labels[:, column], **options)
            np.testing.assert_allclose(found[column][:, there], expected, atol=1e-9)
    assert (found[3, :, 2] == 1).all()


@settings(max_examples=60, deadline=None)
@given(
    k=st.integers(2, 5),
    spare=st.integers(0, 20),
    p=st.integers(1, 40),
    log_c=st.floats(-3, 2),
    scale=st.sampled_from([1e-3, 1.0, 30.0]),
    seed=st.integers(0, 2**16),
)
def test_is_optimal_for_any_problem(k, spare, p, log_c, scale, seed):
    """At the optimum the weights are the pulls of the samples, and the pulls cancel in a class."""
    rng = np.random.default_rng(seed)
    y = rng.permutation([*range(k), *rng.integers(0, k, spare)]).astype(np.int8)
    n, c = len(y), 10**log_c
    x = scale * rng.normal(size=(n, p))
    at_train = probabilities(x, x, y[:, None], c=c)[0]
    weight = n / (k * np.bincount(y)[y])
    pull = c * weight[:, None] * (np.eye(k)[y] - at_train)
    unit = c * n
    assert np.abs(pull.sum(axis=0)).max() < 1e-8 * unit
    # binary: one vector with half the pull of the difference; else one a class
    w = x.T @ pull * (0.5 if k == 2 else 1.0)
    logits = np.log(at_train) - np.log(at_train[:, :1])
    predicted = x @ (w - w[:, :1])
    off = (logits - predicted) - (logits - predicted)[:1]
    seen = (at_train > 1e-200).all(axis=1)
    bound = 1e-6 * max(1.0, unit * scale**2 * p)
    assert np.abs(off[seen] - off[seen][:1]).max(initial=0) < bound


def test_renaming_the_classes_renames_the_probabilities():
    x_train, x_test, labels = problem_of(4)
    name = np.array([2, 0, 3, 1], dtype=np.int8)
    found = probabilities(x_train, x_test, labels)
    renamed = probabilities(x_train, x_test, name[labels])
    np.testing.assert_allclose(renamed[:, :, name], found, atol=1e-10)


def test_a_labeling_does_not_depend_on_its_block(monkeypatch):
    x_train, x_test, labels = problem_of(3, n_labelings=7)
    whole = probabilities(x_train, x_test, labels)
    monkeypatch.setattr(multinomial_lr, "_AT_ONCE", 2 * 3 * len(x_train))
    np.testing.assert_allclose(probabilities(x_train, x_test, labels), whole, atol=1e-11)


def test_conjugate_gradients_do_not_stall_in_rounding(monkeypatch):
    """They once went on to a thousand steps below the rounding of the gradient."""
    monkeypatch.setattr(multinomial_lr, "_CG_STEPS", 60)
    x_train, x_test, labels = problem_of(6, n=120, p=50)
    found = probabilities(x_train, x_test, labels)
    monkeypatch.undo()
    np.testing.assert_allclose(probabilities(x_train, x_test, labels), found, atol=1e-12)


def test_a_fit_that_does_not_converge_is_an_error_not_a_score(monkeypatch):
    monkeypatch.setattr(multinomial_lr, "_STEPS", 2)
    x_train, x_test, labels = problem_of(3)
    with pytest.raises(ArithmeticError, match="did not converge in 2 steps"):
        probabilities(x_train, x_test, labels)
