"""One easy problem, and one of the size and correlation of expression data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest


@dataclass(frozen=True)
class Problem:
    """A z-scored training matrix, test samples on the same scale, labelings and test labels."""

    x_train: np.ndarray
    x_test: np.ndarray
    labels: np.ndarray  # (n_train, L), column 0 is the truth
    test_labels: np.ndarray

    @property
    def truth(self) -> np.ndarray:
        return self.labels[:, 0]


def make_problem(
    *,
    n_train=40,
    n_test=20,
    p=60,
    n_signal=10,
    effect=1.5,
    n_labelings=10,
    seed=0,
    dtype=np.float64,
) -> Problem:
    """Correlated features (four factors), the first `n_signal` shifted by `effect` in positives."""
    rng = np.random.default_rng(seed)
    n = n_train + n_test
    y = rng.permutation(np.arange(n) % 5 < 2).astype(np.int8)
    y[:2], y[n_train : n_train + 2] = (0, 1), (0, 1)
    x = rng.normal(size=(n, 4)) @ rng.normal(size=(4, p)) + rng.normal(size=(n, p))
    x[:, :n_signal] += effect * y[:, None]
    train, test = x[:n_train], x[n_train:]
    mean, sd = train.mean(axis=0), train.std(axis=0, ddof=1)
    labels = np.column_stack(
        [y[:n_train], *(rng.permutation(y[:n_train]) for _ in range(n_labelings - 1))]
    )
    return Problem(
        ((train - mean) / sd).astype(dtype), ((test - mean) / sd).astype(dtype), labels, y[n_train:]
    )


@pytest.fixture(scope="session")
def obvious() -> Problem:
    """What even a network that stops at a tenth of the samples cannot miss."""
    return make_problem(n_train=120, p=20, n_signal=20, effect=3.0, n_labelings=2, seed=2)


@pytest.fixture(scope="session")
def easy() -> Problem:
    """More samples than a signal this strong needs."""
    return make_problem(effect=3.0, n_signal=30)


@pytest.fixture(scope="session")
def wide() -> Problem:
    """Many more features than samples."""
    return make_problem(n_train=36, p=3000, n_signal=30, effect=1.0, seed=1)
