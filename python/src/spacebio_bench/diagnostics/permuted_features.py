"""What a model that is not linear loses when a feature of the held-out mission is shuffled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spacebio_bench.models import Model
from spacebio_bench.statistics.auroc import auroc
from spacebio_bench.typing import FloatArray, IntArray, Labels, Matrix

CANDIDATES = 50
"""Features that are shuffled; a shuffle costs a fit, and a fold has thousands of genes."""
REPEATS = 5


@dataclass(frozen=True)
class HeldOut:
    """A fold as a model sees it: matrices (n, p), labels (n,) of both."""

    x_train: Matrix
    x_test: Matrix
    y_train: Labels
    y_test: Labels


def permutation_losses(
    model: Model, fold: HeldOut, *, seed: int, candidates: int = CANDIDATES, repeats: int = REPEATS
) -> FloatArray:
    """Mean loss of AUROC in the held-out samples when one feature is shuffled among them.

    Parameters
    ----------
    candidates
        Only so many features are shuffled: those with the largest Welch t between the classes of
        the training samples.
    repeats
        Shuffles of a feature.

    Returns
    -------
    Shape (p,), NaN for features that are not candidates.

    Notes
    -----
    By scikit-learn's `permutation_importance`. Features that say the same hide each other.
    """
    from sklearn.inspection import permutation_importance  # noqa: PLC0415  takes a second

    chosen = np.sort(np.argsort(-welch_t(fold.x_train, fold.y_train), kind="stable")[:candidates])
    found = permutation_importance(
        _Shuffled(model, fold, chosen, seed),
        np.asarray(fold.x_test[:, chosen], dtype=np.float64),
        fold.y_test,
        scoring=_score,
        n_repeats=repeats,
        random_state=seed,
        n_jobs=1,
    )
    losses = np.full(fold.x_train.shape[1], np.nan)
    losses[chosen] = found.importances_mean
    return losses


def welch_t(x: Matrix, labels: Labels) -> FloatArray:
    """Size of Welch's t between the classes of each column, shape (p,); 0 for a constant one."""
    up, down = (np.asarray(x[labels == c], np.float64) for c in (1, 0))
    error = sum((g.var(axis=0, ddof=1) if len(g) > 1 else 0.0) / len(g) for g in (up, down))
    difference = np.abs(up.mean(axis=0) - down.mean(axis=0))
    t: FloatArray = np.where(error > 0, difference / np.sqrt(np.where(error > 0, error, 1)), 0.0)
    return t


@dataclass(frozen=True)
class _Shuffled:
    """An estimator on the candidates alone; the other features stay as they are."""

    model: Model
    fold: HeldOut
    chosen: IntArray
    seed: int

    def fit(self, x: Matrix, y: Labels) -> _Shuffled:
        """scikit-learn asks whether there is one; each scoring fits anew."""
        return self

    def scores(self, candidates: FloatArray) -> FloatArray:
        x_test = np.array(self.fold.x_test)
        x_test[:, self.chosen] = candidates
        scorer = self.model.prepare(self.fold.x_train, x_test, seed=self.seed)
        return np.asarray(scorer.score(self.fold.y_train[:, np.newaxis])[0])


def _score(estimator: _Shuffled, candidates: FloatArray, labels: Labels) -> float:
    return float(auroc(estimator.scores(candidates), labels)[0])
