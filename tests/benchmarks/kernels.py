"""AUROC of permuted labels and of bootstrap draws, and the exact p of a fold."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from folds import simulated_labels
from scipy import stats
from sklearn.metrics import roc_auc_score
from timing import Result, Timed, cpu

from spacebio_bench.statistics import exact
from spacebio_bench.statistics.auroc import auroc
from spacebio_bench.statistics.bootstrap import Draws, bootstrap_auroc, stratified_draws

N_DRAWS = 1_000
FLOORS = {20: (3_000, 500, 0.3e-3), 103: (1_000, 150, 15e-3)}


def results(*, quick: bool) -> Iterator[Result]:
    n_draws = 60 if quick else N_DRAWS
    for n, (permuted, drawn, seconds) in FLOORS.items():
        rng = np.random.default_rng(n)
        y = rng.permutation(simulated_labels(n, 0.5 if n == 20 else 0.34))
        scores = rng.normal(size=n) + 0.7 * y
        yield _permutations(scores, y, n_draws, permuted)
        yield _bootstrap(scores, y, n_draws, drawn)
        yield from _exact(scores, y, seconds)


def _permutations(scores: np.ndarray, y: np.ndarray, n_draws: int, floor: float) -> Result:
    rng = np.random.default_rng(1)
    labels = np.column_stack([rng.permutation(y) for _ in range(n_draws)])

    def usual() -> np.ndarray:
        return np.array([roc_auc_score(column, scores) for column in labels.T])

    return Result(
        f"{n_draws:,} permutation AUROCs",
        f"n = {len(y)}",
        cpu(lambda: auroc(scores, labels), repeats=51),
        cpu(usual, repeats=3, how="`roc_auc_score` in a loop"),
        floor,
        difference=float(np.abs(auroc(scores, labels) - usual()).max()),
        allowed=1e-12,
        remark="labels drawn beforehand on both sides",
    )


def _bootstrap(scores: np.ndarray, y: np.ndarray, n_draws: int, floor: float) -> Result:
    classes = [np.flatnonzero(y == 1), np.flatnonzero(y == 0)]

    def chosen(rng: np.random.Generator) -> np.ndarray:
        return np.concatenate([rng.choice(c, len(c)) for c in classes])

    def usual() -> list[float]:
        rng = np.random.default_rng(2)
        values = []
        for _ in range(n_draws):
            i = chosen(rng)
            values.append(roc_auc_score(y[i], scores[i]))
        return values

    def ours() -> np.ndarray:
        return bootstrap_auroc(scores, y, stratified_draws(y, n_draws=n_draws, seed=2))

    rng = np.random.default_rng(2)
    times = np.array([np.bincount(chosen(rng), minlength=len(y)) for _ in range(n_draws)], float)
    same = bootstrap_auroc(scores, y, Draws(times[:, classes[0]], times[:, classes[1]]))
    return Result(
        f"{n_draws:,} bootstrap AUROCs",
        f"n = {len(y)}",
        cpu(ours, repeats=51),
        cpu(usual, repeats=3, how="`choice` and `roc_auc_score` in a loop"),
        floor,
        difference=float(np.abs(same - usual()).max()),
        allowed=1e-12,
        remark="drawing included on both sides; numbers compared on the same draws",
    )


def _exact(scores: np.ndarray, y: np.ndarray, floor: float) -> Iterator[Result]:
    def ours(values: np.ndarray) -> float:
        exact._share_of_sums.cache_clear()
        return exact.exact_p(values, y)

    positive, negative = scores[y == 1], scores[y == 0]
    how = {"alternative": "greater", "method": "exact"}
    begun = cpu(lambda: stats.mannwhitneyu(positive, negative, **how), repeats=1)
    theirs = float(stats.mannwhitneyu(positive, negative, **how).pvalue)
    yield Result(
        "exact fold p, no ties",
        f"n = {len(y)}",
        cpu(lambda: ours(scores), repeats=51),
        floor=floor,
        difference=abs(ours(scores) / theirs - 1),
        allowed=1e-9,
        remark=f"first of its size; scipy's `mannwhitneyu` takes {_ms(begun)}",
    )
    tied = np.round(scores, 1)
    sampled = stats.PermutationMethod(n_resamples=9_999, rng=np.random.default_rng(3))

    def permuted() -> float:
        return float(
            stats.mannwhitneyu(
                tied[y == 1], tied[y == 0], alternative="greater", method=sampled
            ).pvalue
        )

    p, took = permuted(), cpu(permuted, repeats=1)
    error = np.sqrt(p * (1 - p) / 9_999)
    yield Result(
        "exact fold p, ties",
        f"n = {len(y)}",
        cpu(lambda: ours(tied), repeats=51),
        floor=floor,
        difference=max(0.0, abs(ours(tied) - p) - 4.5 * error),
        allowed=2e-4,
        remark=f"scipy has no exact one; 9,999 permutations of it take {_ms(took)}",
    )


def _ms(timed: Timed) -> str:
    return f"{1e3 * timed.seconds:,.1f} ms"
