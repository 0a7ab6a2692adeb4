"""The matrix of a fold as the grid gives it to a model."""

from __future__ import annotations

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.errors import NotApplicableError
from spacebio_bench.features import FoldMatrix, feature_set, scale_fold
from spacebio_bench.models import model_card
from spacebio_bench.protocol import Protocol
from spacebio_bench.typing import IntArray


def fold_features(
    cohort: Cohort, feature: str, train: IntArray, test: IntArray, protocol: Protocol
) -> FoldMatrix:
    """Features of rows of the cohort, everything fitted on `train`.

    Raises
    ------
    NotApplicableError
        No feature passes the protocol's filters.
    """
    matrix = feature_set(feature).fold_matrix(cohort, train, test, protocol)
    if not matrix.names:
        msg = f"no feature of {feature} passes the protocol's filters"
        raise NotApplicableError(msg)
    return matrix


def for_model(matrix: FoldMatrix, feature: str, model: str, protocol: Protocol) -> FoldMatrix:
    """The matrix on the scale that the model's card asks for."""
    if matrix.scaled or not model_card(model).scaled:
        return matrix
    return scale_fold(matrix, feature, protocol)
