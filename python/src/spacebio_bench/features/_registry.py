"""What a feature set gives a fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol as Interface

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.protocol import Protocol
from spacebio_bench.typing import IntArray, Matrix


@dataclass(frozen=True)
class FoldMatrix:
    """Features of one fold, everything fitted on its training samples.

    Attributes
    ----------
    train, test
        Shapes (n_train, p) and (n_test, p).
    names
        The p features.
    scaled
        The set has its own scale, which the grid must leave alone.
    """

    train: Matrix
    test: Matrix
    names: tuple[str, ...]
    scaled: bool = False


class FeatureSet(Interface):
    """A named view of a cohort."""

    def lacks(self, cohort: Cohort, rows: IntArray) -> str:
        """Why these samples cannot have the features; an empty text when they can."""
        ...

    def sources(self, cohort: Cohort) -> tuple[str, ...]:
        """Names in `cohort.digests` of the data that the set is made of."""
        ...

    def width(self, cohort: Cohort, protocol: Protocol) -> int:
        """About how many features a fold has; for guesses of its cost."""
        ...

    def fold_matrix(
        self, cohort: Cohort, train: IntArray, test: IntArray, protocol: Protocol
    ) -> FoldMatrix:
        """Features of the samples at rows `train` and `test` of the cohort."""
        ...


def variance_filter(train: Matrix, quantile: float | None) -> IntArray:
    """Columns whose variance (ddof 1) reaches a quantile (linear) of all columns' variances."""
    if quantile is None or train.shape[1] == 0:
        return np.arange(train.shape[1])
    variance = train.var(axis=0, ddof=1, dtype=np.float64)
    return np.flatnonzero(variance >= np.quantile(variance, quantile))


def z_score(train: Matrix, test: Matrix, *, ddof: int) -> tuple[Matrix, Matrix]:
    """Both matrices on the scale of the training samples.

    A feature that is constant in training is 0 there. The moments are float64 whatever the matrices
    are; a zero SD becomes 1.
    """
    mean = train.mean(axis=0, dtype=np.float64)
    sd = train.std(axis=0, ddof=ddof, dtype=np.float64)
    # moments of a constant column are off by a rounding, which must not blow up a test sample
    constant = np.ptp(train, axis=0) == 0
    mean[constant], sd[constant | (sd == 0)] = train[0, constant], 1.0
    mean, sd = mean.astype(train.dtype), sd.astype(train.dtype)
    return (train - mean) / sd, (test - mean) / sd


def scale_fold(matrix: FoldMatrix, feature: str, protocol: Protocol) -> FoldMatrix:
    """A fold's features z-scored on its training samples, as the protocol wants them."""
    rule = protocol.scaling
    ddof = rule.ddof if feature in ("gene", "combined") else rule.stored_ddof
    train, test = z_score(
        matrix.train.astype(rule.dtype), matrix.test.astype(rule.dtype), ddof=ddof
    )
    return FoldMatrix(train, test, matrix.names, scaled=True)
