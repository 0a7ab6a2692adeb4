"""Multilayer perceptron: 256 and 64 rectified units, stopped early on a tenth of the samples."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np

from spacebio_bench.errors import NotApplicableError
from spacebio_bench.models._labelings import has_both_classes, score_each
from spacebio_bench.models._perceptron import Perceptron, Schedule
from spacebio_bench.models._registry import ModelCard, Scorer, register
from spacebio_bench.typing import FloatArray, Labels, Matrix, Scores


@dataclass(frozen=True)
class _Perceptrons:
    x_train: Matrix
    x_test: Matrix
    model: MultilayerPerceptron
    seed: int

    def score(self, labels: Labels) -> Scores:
        _check(labels)
        return score_each(labels, len(self.x_test), self._one)

    def _one(self, labels: Labels) -> FloatArray:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        network = MLPClassifier(
            hidden_layer_sizes=(self.model.first, self.model.second),
            activation="relu",
            solver="adam",
            alpha=self.model.alpha,
            learning_rate="adaptive",
            learning_rate_init=self.model.learning_rate,
            max_iter=self.model.max_epochs,
            early_stopping=True,
            validation_fraction=_validation(len(labels)),
            n_iter_no_change=self.model.patience,
            random_state=self.seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            network.fit(self.x_train, labels)
        return np.asarray(network.predict_proba(self.x_test)[:, 1], dtype=np.float64)


@dataclass(frozen=True)
class _SinglePrecision:
    perceptron: Perceptron
    n_test: int
    schedule: Schedule

    def score(self, labels: Labels) -> Scores:
        _check(labels)
        return score_each(
            labels, self.n_test, lambda y: self.perceptron.fit_and_score(y, self.schedule)
        )


def _check(labels: Labels) -> None:
    positive = labels.sum(axis=0)[has_both_classes(labels)]
    if np.any(np.minimum(positive, len(labels) - positive) < 2):
        msg = "early stopping needs two training samples of each class"
        raise NotApplicableError(msg)


def _validation(n_train: int) -> float:
    """Share of the samples that stops the training: a tenth of 10 samples has one class."""
    return max(0.1, 2 / n_train)


@register(
    ModelCard(
        name="mlp",
        track="classical",
        scaled=True,
        refit="loop",
        reference="Kingma & Ba 2015 (Adam)",
        scores="probability",
        stochastic=True,
    ),
    libraries=("sklearn.neural_network", "sklearn.model_selection"),
)
@dataclass(frozen=True)
class MultilayerPerceptron:
    """Probability of a small perceptron trained with Adam.

    Parameters
    ----------
    first, second
        Units of the hidden layers.
    alpha
        L2 penalty.
    learning_rate
        Step size of Adam.
    max_epochs, patience
        Most epochs, and epochs without a better validation accuracy before it stops.
    dtype
        Precision of the fit: of the input, by scikit-learn; or single, by our own form of the same
        steps, which takes a third to a half of scikit-learn's time in single precision.
    """

    first: int = 256
    second: int = 64
    alpha: float = 1e-4
    learning_rate: float = 1e-3
    max_epochs: int = 500
    patience: int = 10
    dtype: Literal["as_given", "float32"] = "as_given"

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        width = (self.first + self.second) / 320
        if self.dtype == "float32":
            return width * (0.015 + n_features * (1e-5 + 2e-7 * n_train))
        return width * (0.03 + n_features * (8e-5 + 5e-7 * n_train))

    def prepare(self, x_train: Matrix, x_test: Matrix, *, seed: int) -> Scorer:
        if self.dtype == "as_given":
            return _Perceptrons(x_train, x_test, self, seed)
        schedule = Schedule(
            alpha=self.alpha,
            learning_rate=self.learning_rate,
            max_epochs=self.max_epochs,
            patience=self.patience,
            validation=_validation(len(x_train)),
        )
        hidden = (self.first, self.second)
        perceptron = Perceptron(x_train, x_test, hidden, seed=seed)
        return _SinglePrecision(perceptron, len(x_test), schedule)
