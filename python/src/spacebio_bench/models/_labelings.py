"""What every classifier does with a label matrix: class weights, and a fit for each column."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spacebio_bench.typing import BoolArray, FloatArray, Labels, Scores


def has_both_classes(labels: Labels) -> BoolArray:
    """Whether each labeling, a column, holds both classes; shape (L,)."""
    return np.asarray(labels.min(axis=0) != labels.max(axis=0))


def balanced_weights(labels: Labels) -> FloatArray:
    """Sample weights n / (2 n_class), shape (n_train, L): both classes of a labeling weigh n / 2.

    Both classes have to be there.
    """
    n = len(labels)
    positive = labels.sum(axis=0, dtype=np.float64)
    weights: FloatArray = np.where(labels == 1, n / (2 * positive), n / (2 * (n - positive)))
    return weights


def score_each(
    labels: Labels, n_test: int, fit_and_score: Callable[[Labels], FloatArray]
) -> Scores:
    """Scores of a classifier that is fitted anew for each labeling.

    Parameters
    ----------
    labels
        Shape (n_train, L).
    n_test
        Number of test samples.
    fit_and_score
        Takes one labeling, shape (n_train,), and gives the scores of the test samples.

    Returns
    -------
    Shape (L, n_test). A labeling of one class has nothing to learn from: its scores are all 0.
    """
    scores = np.zeros((labels.shape[1], n_test))
    for column in np.flatnonzero(has_both_classes(labels)):
        scores[column] = fit_and_score(np.ascontiguousarray(labels[:, column]))
    return scores
