"""Bootstraps as weighted Mann-Whitney counts: a draw is a vector of how often each sample is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spacebio_bench.statistics.auroc import round_significant
from spacebio_bench.statistics.intervals import Interval
from spacebio_bench.typing import FloatArray, IntArray


@dataclass(frozen=True)
class Draws:
    """How often each sample of a fold is drawn, the class counts kept.

    Attributes
    ----------
    positive, negative
        Shapes (n_draws, n_positive) and (n_draws, n_negative), in the order of the fold's samples;
        rows sum to the number of columns.
    """

    positive: FloatArray
    negative: FloatArray


def stratified_draws(labels: ArrayLike, *, n_draws: int, seed: int) -> Draws:
    """Draw the samples of each class with replacement, `n_draws` times.

    Parameters
    ----------
    labels
        0 or 1, shape (n,).
    """
    y = np.asarray(labels)
    rng = np.random.default_rng(seed)
    positive, negative = (
        rng.multinomial(size, np.full(size, 1 / size), size=n_draws).astype(np.float64)
        for size in (int((y == 1).sum()), int((y == 0).sum()))
    )
    return Draws(positive, negative)


def bootstrap_auroc(scores: ArrayLike, labels: ArrayLike, draws: Draws) -> FloatArray:
    """AUROC of each draw.

    Parameters
    ----------
    scores, labels
        Of one fold, shape (n,).

    Returns
    -------
    Shape (n_draws,).

    Raises
    ------
    ValueError
        NaN among the scores.
    """
    s, y = round_significant(scores), np.asarray(labels)
    if np.isnan(s).any():
        msg = "scores hold NaN; they cannot be ranked"
        raise ValueError(msg)
    up, down = s[y == 1][:, None], s[y == 0]
    wins = (up > down) + 0.5 * (up == down)  # no difference: infinite scores tie too
    won = ((draws.positive @ wins) * draws.negative).sum(axis=1)
    value: FloatArray = won / wins.size
    return value


def percentile_interval(values: FloatArray, *, level: float = 0.95) -> Interval:
    """The middle `level` of the values."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))


def drawn_missions(n_missions: int, *, n_draws: int, seed: int) -> IntArray:
    """Missions drawn with replacement, shape (n_draws, n_missions)."""
    return np.random.default_rng(seed).integers(0, n_missions, size=(n_draws, n_missions))


def two_level_mean(draws: Sequence[FloatArray], missions: IntArray) -> FloatArray:
    """Mean AUROC over resampled missions whose samples are resampled too.

    Parameters
    ----------
    draws
        AUROC of each draw of each mission's samples: n_missions arrays of shape (n_draws,).
    missions
        Shape (n_draws, n_missions).

    Returns
    -------
    Shape (n_draws,). A mission that is drawn twice brings two different draws of its samples.
    """
    pool = np.stack(draws)
    n_draws, n_missions = missions.shape
    draw = (np.arange(n_draws)[:, None] + np.arange(n_missions)) % n_draws
    mean: FloatArray = pool[missions, draw].mean(axis=1)
    return mean
