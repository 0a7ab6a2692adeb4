"""Elastic-net logistic regression: published unconverged fits, or converged ones."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np

from spacebio_bench.models._elastic_net import ElasticNet
from spacebio_bench.models._labelings import has_both_classes, score_each
from spacebio_bench.models._registry import ModelCard, Scorer, register
from spacebio_bench.typing import FloatArray, Labels, Matrix, Scores


@dataclass(frozen=True)
class _Saga:
    x_train: Matrix
    x_test: Matrix
    model: ElasticNetLogistic
    seed: int

    def score(self, labels: Labels) -> Scores:
        return score_each(labels, len(self.x_test), self._one)

    def _one(self, labels: Labels) -> FloatArray:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(
            C=self.model.c,
            l1_ratio=self.model.l1_ratio,
            solver="saga",
            class_weight="balanced",
            max_iter=self.model.max_iter,
            random_state=self.seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # as published: it stops short
            model.fit(self.x_train, labels)
        return np.asarray(model.decision_function(self.x_test), dtype=np.float64)


@dataclass
class _Converged:
    problem: ElasticNet
    x_test: FloatArray
    largest_gap: float = 0.0

    def score(self, labels: Labels) -> Scores:
        scores = np.zeros((labels.shape[1], len(self.x_test)))
        both = np.flatnonzero(has_both_classes(labels))
        for row, fit in zip(both, self.problem.fit(labels[:, both]), strict=True):
            scores[row] = self.x_test[:, fit.features] @ fit.weights + fit.intercept
            self.largest_gap = max(self.largest_gap, fit.gap)
        return scores


@register(
    ModelCard(
        name="elasticnet_lr",
        track="classical",
        scaled=True,
        refit="batched",
        reference="Zou & Hastie 2005",
        scores="log_odds",
    ),
    libraries=("sklearn.linear_model",),
)
@dataclass(frozen=True)
class ElasticNetLogistic:
    """Class-balanced logistic regression with elastic-net penalty, scored by its decision value.

    Parameters
    ----------
    solver
        ``converged``: to the optimum. ``saga``: scikit-learn's, in the precision of the input; it
        stops at `max_iter` epochs or its default tolerance, as published.
    c
        Weight of the loss against the penalty.
    l1_ratio
        Share of the absolute values in the penalty, the rest is squares; below 1.
    max_iter
        Epochs of saga.
    """

    solver: Literal["converged", "saga"] = "converged"
    c: float = 1.0
    l1_ratio: float = 0.5
    max_iter: int = 10_000

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        if self.solver == "converged":
            return 5e-4 + 7e-8 * n_train * math.sqrt(n_train * n_features)
        # with fewer features than samples saga stops early, else after about 6,000 iterations
        hard = n_features / (n_features + 500) * min(1.0, self.max_iter / 6_000)
        return 0.02 + 4.5e-5 * hard * n_train * n_features

    def prepare(self, x_train: Matrix, x_test: Matrix, *, seed: int) -> Scorer:
        if self.solver == "saga":
            return _Saga(x_train, x_test, self, seed)
        columns = np.ascontiguousarray(x_train.T, np.float64)
        problem = ElasticNet(columns, c=self.c, l1_ratio=self.l1_ratio)
        return _Converged(problem, np.asarray(x_test, np.float64))


@register(
    ModelCard(
        name="lr",
        track="classical",
        scaled=True,
        refit="batched",
        reference="Zou & Hastie 2005",
        scores="log_odds",
    ),
    libraries=("sklearn.linear_model",),
)
@dataclass(frozen=True)
class PublishedLogistic(ElasticNetLogistic):
    """The same under the name that the published baselines give it."""

    solver: Literal["converged", "saga"] = "saga"
    max_iter: int = 5_000
