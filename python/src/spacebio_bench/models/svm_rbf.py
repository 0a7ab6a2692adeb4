"""Support vector machine with a Gaussian kernel, which needs no labels: computed once a fold."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np

from spacebio_bench.models._labelings import score_each
from spacebio_bench.models._registry import ModelCard, Scorer, register
from spacebio_bench.typing import FloatArray, Labels, Matrix, Scores


@dataclass(frozen=True)
class _Decisions:
    """Decision values on a precomputed kernel."""

    train: FloatArray  # (n_train, n_train)
    test: FloatArray  # (n_test, n_train)
    c: float

    def score(self, labels: Labels) -> Scores:
        return score_each(labels, len(self.test), self._one)

    def _one(self, labels: Labels) -> FloatArray:
        from sklearn.svm import SVC

        machine = SVC(C=self.c, kernel="precomputed", class_weight="balanced")
        return np.asarray(machine.fit(self.train, labels).decision_function(self.test))


@dataclass(frozen=True)
class _PlattProbabilities:
    """Platt's probabilities by internal cross-validation, which turns some small folds round."""

    x_train: Matrix
    x_test: Matrix
    c: float
    seed: int

    def score(self, labels: Labels) -> Scores:
        return score_each(labels, len(self.x_test), self._one)

    def _one(self, labels: Labels) -> FloatArray:
        from sklearn.svm import SVC

        machine = SVC(
            C=self.c,
            kernel="rbf",
            gamma="scale",
            class_weight="balanced",
            probability=True,
            random_state=self.seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", FutureWarning
            )  # `probability` goes in scikit-learn 1.11
            machine.fit(self.x_train, labels)
        return np.asarray(machine.predict_proba(self.x_test)[:, 1])


@register(
    ModelCard(
        name="svm_rbf",
        track="classical",
        scaled=True,
        refit="batched",
        reference="Cortes & Vapnik 1995",
    ),
    libraries=("sklearn.svm", "sklearn.metrics"),
)
@dataclass(frozen=True)
class SupportVectorMachine:
    """Class-balanced support vector machine, gamma = 1 / (p * variance of the training matrix).

    Parameters
    ----------
    c
        Cost of a violated margin.
    score
        ``decision``: the signed distance. ``platt``: the published probabilities.
    """

    c: float = 1.0
    score: Literal["decision", "platt"] = "decision"

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        if self.score == "platt":
            return 1.6e-3 + 1.6e-9 * n_train**2 * n_features
        return 1.1e-3 + 2e-6 * n_train

    def prepare(self, x_train: Matrix, x_test: Matrix, *, seed: int) -> Scorer:
        if self.score == "platt":
            return _PlattProbabilities(x_train, x_test, self.c, seed)
        from sklearn.metrics.pairwise import rbf_kernel

        train, test = np.asarray(x_train, np.float64), np.asarray(x_test, np.float64)
        variance = train.var()
        gamma = 1.0 / (train.shape[1] * variance) if variance > 0 else 1.0
        return _Decisions(
            rbf_kernel(train, train, gamma=gamma), rbf_kernel(test, train, gamma=gamma), self.c
        )
