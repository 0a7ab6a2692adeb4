"""Logistic regression on principal components: found once a fold, they need no labels."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np

from spacebio_bench.models._labelings import has_both_classes, score_each
from spacebio_bench.models._logistic import ridge_logistic
from spacebio_bench.models._registry import ModelCard, Scorer, register
from spacebio_bench.typing import FloatArray, Labels, Matrix, Scores


@dataclass
class _Components:
    train: FloatArray  # (n_train, k) coordinates
    test: FloatArray  # (n_test, k)
    c: float
    largest_gap: float = 0.0

    def score(self, labels: Labels) -> Scores:
        scores = np.zeros((labels.shape[1], len(self.test)))
        both = has_both_classes(labels)
        if both.any() and self.train.shape[1]:
            fits = ridge_logistic(self.train, labels[:, both], c=self.c)
            scores[both] = fits.weights @ self.test.T + fits.intercepts[:, None]
            self.largest_gap = max(self.largest_gap, fits.largest_gap)
        return scores


@dataclass(frozen=True)
class _Lbfgs:
    train: FloatArray
    test: FloatArray
    c: float

    def score(self, labels: Labels) -> Scores:
        if self.train.shape[1] == 0:
            return np.zeros((labels.shape[1], len(self.test)))
        return score_each(labels, len(self.test), self._one)

    def _one(self, labels: Labels) -> FloatArray:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=self.c, class_weight="balanced", max_iter=1000)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(self.train, labels)
        return np.asarray(model.decision_function(self.test))


@register(
    ModelCard(
        name="pca_lr",
        track="classical",
        scaled=True,
        refit="batched",
        reference="Jolliffe 1982",
        scores="log_odds",
    ),
    libraries=("sklearn.linear_model",),
)
@dataclass(frozen=True)
class PrincipalComponentRegression:
    """Class-balanced ridge-penalised logistic regression on the leading principal components.

    Parameters
    ----------
    n_components
        Components kept; at most n_train - 1 and p.
    c
        Weight of the loss against the penalty.
    solver
        ``newton`` converges; ``lbfgs`` is scikit-learn's, which stops at its default tolerance.
    """

    n_components: int = 50
    c: float = 1.0
    solver: Literal["newton", "lbfgs"] = "newton"

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        kept = min(self.n_components, n_train - 1, n_features)
        return 2e-5 + 1e-9 * n_train * kept**2 if self.solver == "newton" else 8e-3

    def prepare(self, x_train: Matrix, x_test: Matrix, *, seed: int) -> Scorer:
        train, test = _components(
            np.asarray(x_train, np.float64), np.asarray(x_test, np.float64), self.n_components
        )
        how = _Components if self.solver == "newton" else _Lbfgs
        return how(train, test, self.c)


def _components(
    x_train: FloatArray, x_test: FloatArray, at_most: int
) -> tuple[FloatArray, FloatArray]:
    """Coordinates of train and test samples on the leading components of the training samples.

    They come from the eigenvectors of the n x n Gram matrix, without the p x k axes; a component
    without variance is left out.
    """
    mean = x_train.mean(axis=0)
    centred, shifted = x_train - mean, x_test - mean
    variance, vectors = np.linalg.eigh(centred @ centred.T)
    kept = min(at_most, len(x_train) - 1, x_train.shape[1])
    variance, vectors = variance[::-1][:kept], vectors[:, ::-1][:, :kept]
    real = variance > len(x_train) * np.finfo(np.float64).eps * max(variance[0], 0.0)
    length = np.sqrt(variance[real])
    vectors = vectors[:, real]
    return vectors * length, (shifted @ centred.T) @ vectors / length
