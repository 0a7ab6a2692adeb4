"""How much a feature weighs, over folds and over models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from spacebio_bench.typing import FloatArray, IntArray


@dataclass(frozen=True)
class Stability:
    """Importance of p features over folds, each of shape (p,).

    Attributes
    ----------
    mean
        Mean over folds; a fold that lacks the feature counts as 0.
    sign_consistency
        Share of folds whose importance has the sign of the mean; 0 where the mean is 0.
    n_folds_in_top
        Folds that have it among their largest.
    mean_rank
        Mean over folds of its rank by size, 1 the largest; ties share the mean of their ranks, and
        features that a fold lacks tie with those of no weight.
    """

    mean: FloatArray
    sign_consistency: FloatArray
    n_folds_in_top: IntArray
    mean_rank: FloatArray


def stability(importances: ArrayLike, *, top: int, signed: bool) -> Stability:
    """Summarise the importances of one model over folds.

    Parameters
    ----------
    importances
        Shape (n_folds, p); NaN where a fold lacks the feature.
    top
        How many of the largest a fold puts in its top; features of no weight are never in it, and
        all that tie with the last are.
    signed
        Whether a negative importance says as much as a positive one (a coefficient), or is what
        chance makes of none (a loss of AUROC).
    """
    known = np.nan_to_num(np.asarray(importances, dtype=np.float64), nan=0.0)
    size = np.abs(known) if signed else np.maximum(known, 0.0)
    mean = known.mean(axis=0)
    agrees = (np.sign(known) == np.sign(mean)) & (mean != 0)
    best = stats.rankdata(-size, method="min", axis=1)
    return Stability(
        mean=mean,
        sign_consistency=agrees.mean(axis=0),
        n_folds_in_top=((best <= top) & (size > 0)).sum(axis=0),
        mean_rank=stats.rankdata(-size, axis=1).mean(axis=0),
    )


def consensus_rank(mean_ranks: ArrayLike) -> FloatArray:
    """Rank of each feature by its mean rank over models, 1 the most important.

    Parameters
    ----------
    mean_ranks
        Shape (n_models, p).

    Returns
    -------
    Shape (p,); ties share the mean of their ranks.
    """
    return np.asarray(stats.rankdata(np.mean(np.asarray(mean_ranks, np.float64), axis=0)))
