"""Random forest: every labeling grows its own trees."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from spacebio_bench.models._labelings import score_each
from spacebio_bench.models._registry import ModelCard, register
from spacebio_bench.typing import FloatArray, Labels, Matrix, Scores


@dataclass(frozen=True)
class _Forests:
    x_train: Matrix  # float32, as trees want it
    x_test: Matrix
    n_trees: int
    seed: int

    def score(self, labels: Labels) -> Scores:
        return score_each(labels, len(self.x_test), self._one)

    def _one(self, labels: Labels) -> FloatArray:
        from sklearn.ensemble import RandomForestClassifier

        forest = RandomForestClassifier(
            n_estimators=self.n_trees,
            max_features="sqrt",
            class_weight="balanced",
            n_jobs=1,
            random_state=self.seed,
        )
        return np.asarray(forest.fit(self.x_train, labels).predict_proba(self.x_test)[:, 1])


@register(
    ModelCard(
        name="rf",
        track="classical",
        scaled=False,
        refit="loop",
        reference="Breiman 2001",
        scores="probability",
        stochastic=True,
    ),
    libraries=("sklearn.ensemble",),
)
@dataclass(frozen=True)
class RandomForest:
    """Share of trees, class-balanced and with sqrt(p) candidates a split, that say positive.

    Parameters
    ----------
    n_trees
        Trees a labeling.
    """

    n_trees: int = 200

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        return self.n_trees * (1e-3 + 3.3e-7 * n_train * math.sqrt(n_features))

    def prepare(self, x_train: Matrix, x_test: Matrix, *, seed: int) -> _Forests:
        return _Forests(
            np.ascontiguousarray(x_train, np.float32),
            np.ascontiguousarray(x_test, np.float32),
            self.n_trees,
            seed,
        )
