"""Accuracy and F1 of k classes for many labelings at once: everything follows from the counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from spacebio_bench.statistics.auroc import round_significant
from spacebio_bench.typing import FloatArray, IntArray

Classes = Literal["present"] | Sequence[int]
NEAR, TINY = 2e-11, 1e-280
"""Numbers that differ by more, relatively and in all, never round to the same 12 digits."""


def predicted_class(scores: ArrayLike) -> IntArray:
    """The class with the largest score; of tied classes the lowest.

    Parameters
    ----------
    scores
        Shape (..., k); compared after :func:`round_significant`.

    Returns
    -------
    Shape (...), 0 to k - 1.
    """
    x = np.asarray(scores, dtype=np.float64)
    if np.isnan(x).any():
        msg = "scores hold NaN; no class has the largest"
        raise ValueError(msg)
    first: IntArray = np.array(np.argmax(x, axis=-1))  # the first of equals
    top = np.max(x, axis=-1, keepdims=True, where=np.isfinite(x), initial=-np.inf)
    close = (x >= top - NEAR * np.abs(top) - TINY).sum(axis=-1) > 1
    if close.any():  # rounding is slow, and decides nothing elsewhere
        first[close] = np.argmax(round_significant(x[close]), axis=-1)
    return first


def confusion(predicted: ArrayLike, labels: ArrayLike, *, n_classes: int) -> IntArray:
    """How many samples of each class are predicted to be of each class.

    Parameters
    ----------
    predicted
        Classes 0 to `n_classes` - 1, shape (n,) or (1, n) for predictions that all labelings share,
        or (L, n).
    labels
        True classes, shape (n,) or (n, 1) for a truth that all predictions share, or (n, L).

    Returns
    -------
    Shape (L, n_classes, n_classes): rows are the true classes, columns the predicted ones.

    Raises
    ------
    ValueError
        No sample, a class that is none, or shapes that do not belong together.
    """
    p, y = np.atleast_2d(np.asarray(predicted)), np.asarray(labels)
    if y.size == 0:
        msg = "no sample; nothing can be counted"
        raise ValueError(msg)
    y = y.reshape(len(y), -1).T
    if p.shape[1] != y.shape[1] or not (len(p) == len(y) or 1 in {len(p), len(y)}):
        msg = f"{p.shape} predictions (labelings, samples) do not fit {y.shape} labels"
        raise ValueError(msg)
    for name, values in (("predictions", p), ("labels", y)):
        whole = values.dtype.kind in "biu"
        if not whole or values.min() < 0 or values.max() >= n_classes:
            msg = f"{name} hold classes other than 0 to {n_classes - 1}"
            raise ValueError(msg)
    p, y = np.broadcast_arrays(p, y)
    labeling = np.arange(len(p))[:, None]
    place = (labeling * n_classes + y.astype(np.intp)) * n_classes + p.astype(np.intp)
    shape = (len(p), n_classes, n_classes)
    return np.bincount(place.ravel(), minlength=int(np.prod(shape))).reshape(shape)


def accuracy(counts: IntArray) -> FloatArray:
    """Share of the samples whose class is predicted.

    Parameters
    ----------
    counts
        Of :func:`confusion`, shape (L, k, k).

    Returns
    -------
    Shape (L,).
    """
    hits: FloatArray = np.trace(counts, axis1=1, axis2=2) / counts.sum(axis=(1, 2))
    return hits


def class_f1(counts: IntArray) -> FloatArray:
    """F1 of each class, 2 TP / (2 TP + FP + FN); 0 for a class that no sample has or is given.

    Parameters
    ----------
    counts
        Of :func:`confusion`, shape (L, k, k).

    Returns
    -------
    Shape (L, k).
    """
    hits, either = np.diagonal(counts, axis1=1, axis2=2), _occurrences(counts)
    f1: FloatArray = 2 * hits / np.maximum(either, 1)
    return f1


def macro_f1(counts: IntArray, *, classes: Classes) -> FloatArray:
    """Mean F1 over classes, each class weighing the same.

    Parameters
    ----------
    counts
        Of :func:`confusion`, shape (L, k, k).
    classes
        `present`: the classes that occur in the truth or the predictions of a labeling, which is
        scikit-learn's `f1_score(average="macro", zero_division=0)`. Or the classes themselves, the
        same for all labelings, which is its argument `labels`: one that does not occur counts 0.

    Returns
    -------
    Shape (L,), within [0, 1].
    """
    f1 = class_f1(counts)
    if classes == "present":
        there = _occurrences(counts) > 0
        mean: FloatArray = np.where(there, f1, 0.0).sum(axis=1) / there.sum(axis=1)
        return mean
    chosen = [int(c) for c in classes]
    if not chosen or len(set(chosen)) < len(chosen) or not set(chosen) <= set(range(f1.shape[1])):
        msg = f"classes {chosen} are not distinct ones of 0 to {f1.shape[1] - 1}"
        raise ValueError(msg)
    over: FloatArray = f1[:, chosen].mean(axis=1)
    return over


def _occurrences(counts: IntArray) -> IntArray:
    """How often each class is the truth plus how often it is predicted, shape (L, k)."""
    times: IntArray = counts.sum(axis=2) + counts.sum(axis=1)
    return times
