"""k-nearest neighbours: who they are needs no labels, so a labeling costs one matrix product."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spacebio_bench.models._registry import ModelCard, register
from spacebio_bench.typing import FloatArray, Labels, Matrix, Scores


@dataclass(frozen=True)
class _Votes:
    weights: FloatArray  # (n_test, n_train): k entries a row, which sum to 1

    def score(self, labels: Labels) -> Scores:
        return (self.weights @ labels.astype(np.float64)).T


@register(
    ModelCard(
        name="knn",
        track="classical",
        scaled=True,
        refit="batched",
        reference="Cover & Hart 1967",
        scores="probability",
    ),
    libraries=("sklearn.neighbors",),
)
@dataclass(frozen=True)
class NearestNeighbours:
    """Distance-weighted vote of the nearest training samples.

    Parameters
    ----------
    n_neighbours
        Neighbours that vote; all of them when the training set is smaller.
    """

    n_neighbours: int = 5

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        return 2e-7 + 4e-9 * n_train

    def prepare(self, x_train: Matrix, x_test: Matrix, *, seed: int) -> _Votes:
        from sklearn.neighbors import NearestNeighbors

        k = min(self.n_neighbours, len(x_train))
        distance, neighbour = NearestNeighbors(n_neighbors=k).fit(x_train).kneighbors(x_test)
        same = distance == 0  # identical samples outvote all others, as in scikit-learn
        vote = np.where(same.any(axis=1, keepdims=True), same, 1 / np.where(same, 1, distance))
        weights = np.zeros((len(x_test), len(x_train)))
        np.put_along_axis(weights, neighbour, vote / vote.sum(axis=1, keepdims=True), axis=1)
        return _Votes(weights)
