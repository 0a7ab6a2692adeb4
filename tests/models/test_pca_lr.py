"""PCA-LR against scikit-learn's full SVD and a tightly converged lbfgs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from spacebio_bench.models import _logistic, build_model
from spacebio_bench.models._logistic import ridge_logistic


def reference(x_train, x_test, y, *, k, c=1.0):
    pca = PCA(k, svd_solver="full").fit(x_train)
    model = LogisticRegression(C=c, class_weight="balanced", tol=1e-13, max_iter=100_000)
    return model.fit(pca.transform(x_train), y).decision_function(pca.transform(x_test))


@pytest.mark.parametrize("k", [3, 50])
@pytest.mark.parametrize("problem", ["easy", "wide"])
def test_agrees_with_scikit_learn(problem, k, request):
    data = request.getfixturevalue(problem)
    scores = (
        build_model("pca_lr", n_components=k)
        .prepare(data.x_train, data.x_test, seed=0)
        .score(data.labels)
    )
    kept = min(k, len(data.x_train) - 1, data.x_train.shape[1])
    for column in range(3):
        theirs = reference(data.x_train, data.x_test, data.labels[:, column], k=kept)
        polished = newton_polish(data, kept, data.labels[:, column])
        np.testing.assert_allclose(scores[column], polished, atol=1e-8)
        np.testing.assert_allclose(scores[column], theirs, atol=1e-4)  # as far as lbfgs gets
        np.testing.assert_array_equal(np.argsort(scores[column]), np.argsort(polished))


def newton_polish(data, k, y):
    """scikit-learn's own Newton solver on its own components, in full precision."""
    pca = PCA(k, svd_solver="full").fit(data.x_train)
    model = LogisticRegression(
        class_weight="balanced", solver="newton-cholesky", tol=1e-14, max_iter=1000
    )
    return model.fit(pca.transform(data.x_train), y).decision_function(pca.transform(data.x_test))


@pytest.mark.parametrize("c", [1e-3, 1.0, 100.0])
def test_the_gradient_vanishes(wide, c):
    x = wide.x_train[:, :20]
    weights, intercepts, gap = ridge_logistic(x, wide.labels, c=c)
    assert 0 <= gap < 1e-12
    for y, w, b in zip(wide.labels.T, weights, intercepts, strict=True):
        sign = 2.0 * y - 1
        s = np.where(y == 1, len(y) / (2 * y.sum()), len(y) / (2 * (len(y) - y.sum())))
        pull = c * s * sign / (1 + np.exp(sign * (x @ w + b)))
        assert np.abs(x.T @ pull - w).max() < 1e-10
        assert abs(pull.sum()) < 1e-10


def test_more_labelings_than_a_chunk(easy):
    rng = np.random.default_rng(0)
    labels = np.column_stack([rng.permutation(easy.truth) for _ in range(_logistic._CHUNK + 5)])
    scorer = build_model("pca_lr").prepare(easy.x_train, easy.x_test, seed=0)
    np.testing.assert_allclose(scorer.score(labels)[-5:], scorer.score(labels[:, -5:]), atol=1e-10)


def test_labelings_that_do_not_converge_are_an_error(monkeypatch, easy):
    monkeypatch.setattr(_logistic, "_STEPS", 1)
    with pytest.raises(ArithmeticError, match="did not converge"):
        build_model("pca_lr").prepare(easy.x_train, easy.x_test, seed=0).score(easy.labels)


def test_published_solver_is_scikit_learns_default(wide):
    pca = PCA(35, svd_solver="full").fit(wide.x_train)
    model = LogisticRegression(class_weight="balanced", max_iter=1000)
    theirs = model.fit(pca.transform(wide.x_train), wide.truth).decision_function(
        pca.transform(wide.x_test)
    )
    ours = build_model("pca_lr", solver="lbfgs").prepare(wide.x_train, wide.x_test, seed=0)
    np.testing.assert_allclose(ours.score(wide.labels[:, :1])[0], theirs, rtol=1e-6)
