"""Log-fold-change direction: sums over samples of Gram matrices, which need no labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spacebio_bench.models._labelings import has_both_classes
from spacebio_bench.models._registry import ModelCard, register
from spacebio_bench.typing import FloatArray, Labels, Matrix, Scores


@dataclass(frozen=True)
class _Projections:
    train: FloatArray  # (n_train, n_train) products of centred samples
    test: FloatArray  # (n_test, n_train)

    def score(self, labels: Labels) -> Scores:
        scores = np.zeros((labels.shape[1], len(self.test)))
        both = np.flatnonzero(has_both_classes(labels))
        y = labels[:, both].astype(np.float64)
        ground = (1 - y) / (1 - y).sum(axis=0)
        change = y / y.sum(axis=0) - ground
        bent = self.train @ change
        squared = (change * bent).sum(axis=0)
        # equal means leave nothing but rounding, which has no direction
        real = squared > len(y) * np.finfo(np.float64).eps * self.train.diagonal().max()
        along = self.test @ change - (ground * bent).sum(axis=0)
        scores[both[real]] = (along[:, real] / np.sqrt(squared[real])).T
        return scores


@register(
    ModelCard(
        name="lfc",
        track="classical",
        scaled=False,
        refit="batched",
        reference="difference of class means",
    )
)
@dataclass(frozen=True)
class LogFoldChange:
    """Where a sample lies on the way from the mean of class 0 to that of class 1.

    The features keep their scale, so on log counts the direction is the log fold change, of unit
    length.
    """

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        return 5e-7 + 8e-10 * n_train * n_train

    def prepare(self, x_train: Matrix, x_test: Matrix, *, seed: int) -> _Projections:
        train = np.asarray(x_train, np.float64)
        mean = train.mean(axis=0)
        centred = train - mean
        return _Projections(
            centred @ centred.T, (np.asarray(x_test, np.float64) - mean) @ centred.T
        )
