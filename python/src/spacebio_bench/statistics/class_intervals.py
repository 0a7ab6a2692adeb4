"""Macro-F1 of fixed predictions: an interval within true classes, and the published pair."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spacebio_bench.statistics.bootstrap import percentile_interval
from spacebio_bench.statistics.classification import Classes, class_f1, confusion, macro_f1
from spacebio_bench.statistics.intervals import Interval
from spacebio_bench.statistics.published import Generator
from spacebio_bench.typing import FloatArray, IntArray


def stratified_class_bootstrap(
    predicted: ArrayLike,
    truth: ArrayLike,
    *,
    k: int,
    n_draws: int,
    seed: int,
    classes: Classes = "present",
    level: float = 0.95,
) -> Interval:
    """Percentile interval of macro-F1, were the samples of each true class drawn again.

    Parameters
    ----------
    predicted, truth
        Classes 0 to k - 1, shape (n,).
    classes
        Over which F1 is averaged, as for
        :func:`~spacebio_bench.statistics.classification.macro_f1`.

    Notes
    -----
    Where n_c samples of a class are drawn, how many are predicted to be of each class is
    multinomial: the rows of the confusion matrix are drawn, not the samples. Predictions without an
    error have an interval without width.
    """
    counts = confusion(predicted, truth, n_classes=k)[0]
    rng = np.random.default_rng(seed)
    drawn = np.zeros((n_draws, k, k), dtype=np.intp)
    for c, row in enumerate(counts):
        if row.sum():
            drawn[:, c] = rng.multinomial(row.sum(), row / row.sum(), size=n_draws)
    return percentile_interval(macro_f1(drawn, classes=classes), level=level)


def published_class_interval(
    predicted: ArrayLike,
    truth: ArrayLike,
    *,
    k: int,
    generator: Generator,
    n_bootstraps: int,
    seed: int,
) -> Interval:
    """Percentile bootstrap interval (95 %) of macro-F1, samples drawn whatever their class.

    Parameters
    ----------
    predicted, truth
        Classes 0 to k - 1, shape (n,), in the order of the published run.
    generator
        How samples are drawn: `RandomState.randint(0, n, n)` or `Generator.choice(n, n)`.

    Notes
    -----
    F1 is averaged over the classes that a draw has, which is scikit-learn's `f1_score`. A class
    that a draw happens to lack does not count as missed, so it is not the interval of a macro-F1
    over all classes.
    """
    p, y = np.asarray(predicted), np.asarray(truth)
    shape = (n_bootstraps, len(y))
    drawn: IntArray = (  # one call draws the same numbers as a call for each bootstrap
        np.random.RandomState(seed).randint(0, len(y), shape)
        if generator == "RandomState"
        else np.random.default_rng(seed).choice(len(y), size=shape, replace=True)
    )
    values = _f1_score(confusion(p[drawn], y[drawn].T, n_classes=k))
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(float(low), float(high))


def published_class_p(
    predicted: ArrayLike,
    truth: ArrayLike,
    *,
    k: int,
    generator: Generator,
    n_permutations: int,
    seed: int,
) -> float:
    """(b + 1) / (m + 1), where b permutations of the true classes have a macro-F1 >= the observed.

    The predictions stay, and no tolerance is given: what ties but for the last bit of the float
    does not count, as published.
    """
    y = np.asarray(truth)
    rng: np.random.RandomState | np.random.Generator = (
        np.random.RandomState(seed) if generator == "RandomState" else np.random.default_rng(seed)
    )
    shuffled = np.stack([y, *(rng.permutation(y) for _ in range(n_permutations))], axis=1)
    values = _f1_score(confusion(predicted, shuffled, n_classes=k))
    b = int(np.count_nonzero(values[1:] >= values[0]))
    return (b + 1) / (n_permutations + 1)


def _f1_score(counts: IntArray) -> FloatArray:
    """Macro-F1 over the classes present, bit for bit as scikit-learn averages it; shape (L,)."""
    f1, there = class_f1(counts), counts.sum(axis=2) + counts.sum(axis=1) > 0
    values = np.empty(len(counts))
    for number in np.unique(there.sum(axis=1)):  # the order of a sum depends on its length
        rows = np.flatnonzero(there.sum(axis=1) == number)
        values[rows] = f1[rows][there[rows]].reshape(len(rows), int(number)).mean(axis=1)
    return values
