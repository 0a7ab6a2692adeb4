"""Simulated folds of the published sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Size:
    """One leave-one-mission-out fold of a tissue."""

    name: str
    n_train: int
    n_test: int
    n_features: int
    share: float  # of positive samples

    def __str__(self) -> str:
        return f"{self.name}, {self.n_train} + {self.n_test} x {self.n_features:,}"


THYMUS = Size("thymus-like", 46, 20, 28_235, 0.5)
LIVER = Size("liver-like", 140, 103, 22_987, 0.34)
SMALL_THYMUS = Size("small thymus-like", 30, 12, 400, 0.5)
SMALL_LIVER = Size("small liver-like", 60, 40, 300, 0.34)


@dataclass(frozen=True)
class Fold:
    """z-scored on train; labels (n_train, 1 + m) with the truth first."""

    x_train: np.ndarray
    x_test: np.ndarray
    labels: np.ndarray
    test_labels: np.ndarray


def simulated_labels(n: int, share: float) -> np.ndarray:
    return (np.arange(n) < round(share * n)).astype(np.int8)


def simulated_fold(size: Size, *, n_labelings: int = 1, seed: int = 0) -> Fold:
    """Eight factors, noise, and a shift of a hundredth of the features in positive samples."""
    rng = np.random.default_rng([seed, size.n_train, size.n_features])
    train = rng.permutation(simulated_labels(size.n_train, size.share))
    test = rng.permutation(simulated_labels(size.n_test, size.share))
    y = np.concatenate([train, test])
    n, p = len(y), size.n_features
    x = rng.normal(size=(n, 8)) @ rng.normal(size=(8, p)) + rng.normal(size=(n, p))
    x[:, : max(p // 100, 1)] += 0.8 * y[:, None]
    mean, sd = x[: len(train)].mean(axis=0), x[: len(train)].std(axis=0, ddof=1)
    x = (x - mean) / sd
    others = [rng.permutation(train) for _ in range(n_labelings - 1)]
    labels = np.column_stack([train, *others])
    return Fold(x[: len(train)], x[len(train) :], labels, test)
