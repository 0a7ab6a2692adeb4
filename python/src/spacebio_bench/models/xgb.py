"""Gradient boosting: the binned matrix needs no labels and is built once a fold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spacebio_bench.models._labelings import score_each
from spacebio_bench.models._registry import ModelCard, register
from spacebio_bench.typing import FloatArray, Labels, Matrix, Scores

if TYPE_CHECKING:
    import xgboost


@dataclass(frozen=True)
class _Boosted:
    train: xgboost.QuantileDMatrix
    x_test: Matrix
    parameters: dict[str, object]
    n_trees: int

    def score(self, labels: Labels) -> Scores:
        return score_each(labels, len(self.x_test), self._one)

    def _one(self, labels: Labels) -> FloatArray:
        import xgboost

        self.train.set_label(labels)
        booster = xgboost.train(self.parameters, self.train, num_boost_round=self.n_trees)
        return np.asarray(booster.inplace_predict(self.x_test), dtype=np.float64)


@register(
    ModelCard(
        name="xgb",
        track="classical",
        scaled=False,
        refit="loop",
        reference="Chen & Guestrin 2016",
        scores="probability",
        stochastic=True,
    ),
    libraries=("xgboost",),
)
@dataclass(frozen=True)
class GradientBoosting:
    """Probability of boosted shallow trees, log-loss, histogram splits.

    Parameters
    ----------
    n_trees, max_depth
        Rounds, and depth of their trees.
    subsample
        Share of the training samples that a round sees.
    learning_rate
        Shrinkage of each tree.
    max_bin
        Quantile bins of a feature, between which splits are looked for. 256 is every value of most
        training sets; 16 take a third of the time at 60 samples and a sixth at 240.
    """

    n_trees: int = 200
    max_depth: int = 3
    subsample: float = 0.7
    learning_rate: float = 0.1
    max_bin: int = 256

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        bins = min(n_train, self.max_bin)
        tree = 7.5e-5 + 2.8e-9 * n_train * n_features * math.sqrt(bins)
        return self.n_trees * self.max_depth / 3 * tree

    def prepare(self, x_train: Matrix, x_test: Matrix, *, seed: int) -> _Boosted:
        import xgboost

        parameters: dict[str, object] = {
            "objective": "binary:logistic",
            "eval_metric": "logloss",
            "max_depth": self.max_depth,
            "subsample": self.subsample,
            "learning_rate": self.learning_rate,
            "scale_pos_weight": 1,
            "max_bin": self.max_bin,
            "nthread": 1,
            "seed": seed % 2**31,  # the library's seeds are 32-bit integers with a sign
            "verbosity": 0,
        }
        train = xgboost.QuantileDMatrix(
            np.asarray(x_train, np.float32), nthread=1, max_bin=self.max_bin
        )
        return _Boosted(train, np.asarray(x_test, np.float32), parameters, self.n_trees)
