"""Models whose fits are a library's: the same numbers as that library used the plain way."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.svm import SVC
from xgboost import XGBClassifier

from spacebio_bench.models import build_model

from .conftest import make_problem


def ours(name, data, settings=None, columns=3):
    model = build_model(name, **(settings or {}))
    return model.prepare(data.x_train, data.x_test, seed=42).score(data.labels[:, :columns])


def theirs(data, make, method="predict_proba", columns=3):
    scores = []
    for y in data.labels[:, :columns].T:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            out = getattr(make().fit(data.x_train, y), method)(data.x_test)
        scores.append(out[:, 1] if method == "predict_proba" else out)
    return np.array(scores)


def test_forest(wide):
    def make():
        return RandomForestClassifier(
            200, max_features="sqrt", class_weight="balanced", n_jobs=1, random_state=42
        )

    np.testing.assert_array_equal(ours("rf", wide), theirs(wide, make))


@pytest.mark.parametrize("max_bin", [256, 16])
@pytest.mark.parametrize("problem", ["easy", "wide"])
def test_boosting_with_a_shared_binned_matrix(problem, max_bin, request):
    data = request.getfixturevalue(problem)

    def make():
        return XGBClassifier(
            n_estimators=200,
            max_depth=3,
            subsample=0.7,
            learning_rate=0.1,
            scale_pos_weight=1,
            eval_metric="logloss",
            n_jobs=1,
            random_state=42,
            **({} if max_bin == 256 else {"max_bin": max_bin}),
        )

    np.testing.assert_array_equal(ours("xgb", data, {"max_bin": max_bin}), theirs(data, make))


@pytest.mark.parametrize("problem", ["easy", "wide"])
def test_support_vectors_on_a_shared_kernel(problem, request):
    data = request.getfixturevalue(problem)

    def make():
        return SVC(C=1.0, gamma="scale", class_weight="balanced")

    expected = theirs(data, make, "decision_function", 10)
    np.testing.assert_allclose(ours("svm_rbf", data, columns=10), expected, atol=1e-9)


def test_platt_probabilities(easy):
    def make():
        return SVC(C=1.0, gamma="scale", class_weight="balanced", probability=True, random_state=42)

    np.testing.assert_array_equal(ours("svm_rbf", easy, {"score": "platt"}), theirs(easy, make))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_neighbours(wide, dtype):
    data = type(wide)(
        wide.x_train.astype(dtype), wide.x_test.astype(dtype), wide.labels, wide.test_labels
    )
    data.x_test[0] = data.x_train[7]  # a twin outvotes all others

    def make():
        return KNeighborsClassifier(5, weights="distance")

    np.testing.assert_allclose(ours("knn", data), theirs(data, make), atol=1e-15)


# 230 samples are two batches an epoch, 700 features three blocks
@pytest.mark.parametrize("size", [None, {"n_train": 230, "p": 40}, {"n_train": 40, "p": 700}])
def test_perceptron(size, easy):
    data = easy if size is None else make_problem(**size, n_signal=5, effect=1.0, seed=4)

    def make():
        return MLPClassifier(
            (256, 64),
            alpha=1e-4,
            learning_rate="adaptive",
            learning_rate_init=1e-3,
            max_iter=500,
            early_stopping=True,
            validation_fraction=0.1,
            n_iter_no_change=10,
            random_state=42,
        )

    expected = theirs(data, make)
    np.testing.assert_array_equal(ours("mlp", data), expected)
    np.testing.assert_allclose(ours("mlp", data, {"dtype": "float32"}), expected, atol=1e-5)
