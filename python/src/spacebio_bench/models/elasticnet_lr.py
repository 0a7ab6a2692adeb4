"""Elastic-net logistic regression: published unconverged fits, or converged ones."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

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


@dataclass(frozen=True)
class _Converged:
    problem: ElasticNet
    x_test: FloatArray

    def score(self, labels: Labels) -> Scores:
        scores = np.zeros((labels.shape[1], len(self.x_test)))
        both = np.flatnonzero(has_both_classes(labels))
        for row, fit in zip(both, self.problem.fit(labels[:, both]), strict=True):
            scores[row] = self.x_test[:, fit.features] @ fit.weights + fit.intercept
        return scores


@register(
    ModelCard(
        name="elasticnet_lr",
        track="classical",
        scaled=True,
        refit="batched",
        reference="Zou & Hastie 2005",
        cost_s=0.004,
    )
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
        cost_s=60.0,
    )
)
@dataclass(frozen=True)
class PublishedLogistic(ElasticNetLogistic):
    """The same under the name that the published baselines give it."""

    solver: Literal["converged", "saga"] = "saga"
    max_iter: int = 5_000
