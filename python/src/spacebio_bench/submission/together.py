"""What the folds of a submission say together: intervals, p-values, verdict or counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from spacebio_bench.statistics.exact import null_moments
from spacebio_bench.statistics.fixed import fixed_exact_p
from spacebio_bench.statistics.intervals import (
    Interval,
    newcombe_mean,
    next_mission,
    population_mean,
)
from spacebio_bench.statistics.pairs import (
    pairs_population,
    pairs_these,
    published_pairs_interval,
)
from spacebio_bench.statistics.permutation import fixed_deflated_p
from spacebio_bench.submission.evaluation import (
    HIGH_AUROC,
    LARGE_PAIR,
    LEVEL,
    FoldScore,
    PairCounts,
)
from spacebio_bench.submission.rules import Go, go, published_protocol
from spacebio_bench.typing import FloatArray, Labels

NO_P_OF_PAIRS = (
    "pairs score the same samples several times and train on missions that others test, so "
    "without refits their mean has no p; each pair has its own"
)
_ROUNDING = 1e-12
_NONE = Interval(math.nan, math.nan)


def lomo_statistics(
    ok: Sequence[FoldScore],
    scores: Sequence[FloatArray],
    truths: Sequence[Labels],
    *,
    saw_other_folds_labels: bool,
    rule: str,
) -> dict[str, Any]:
    """Of folds that each test one mission.

    Parameters
    ----------
    ok, scores, truths
        The scored folds, and the scores and labels of their test samples.
    saw_other_folds_labels
        Selects the deflated p; else the exact one.
    """
    values, n_positive, n_negative = _columns(ok)
    exact = fixed_exact_p(scores, truths, [None] * len(ok))
    deflated = fixed_deflated_p(
        values.tolist(),
        [null_moments(s, y) for s, y in zip(scores, truths, strict=True)],
        n_possible=1 / exact.attainable if exact.attainable > 0 else math.inf,
    )
    chosen = deflated if saw_other_folds_labels else exact
    published = _published_means(ok)
    return {
        **_intervals(
            newcombe_mean(values, n_positive, n_negative),
            population_mean(values, n_positive, n_negative),
            next_mission(values),
        ),
        **published,
        "p_fixed_exact": exact.p,
        "p_fixed_deflated": deflated.p,
        "p_value": chosen.p,
        "p_method": chosen.method,
        "p_attainable": exact.attainable,
        "p_reason": "",
        "go": go(
            rule,
            mean=float(values.mean()),
            pub_ci_low=published["pub_ci_low"],
            pub_p=published["pub_p"],
        ),
        "pairs": None,
    }


def pairs_statistics(ok: Sequence[FoldScore], *, rule: str) -> dict[str, Any]:
    """Of ordered pairs of missions."""
    values, n_positive, n_negative = _pair_table(ok)
    how = published_protocol().published
    low, high = published_pairs_interval(values, n_bootstraps=how.n_bootstraps, seed=how.seed)
    return {
        **_intervals(
            pairs_these(values, n_positive, n_negative),
            pairs_population(values, n_positive, n_negative),
            _NONE,
        ),
        **_published_means(ok),
        "pub_ci_low": low,
        "pub_ci_high": high,
        "p_fixed_exact": None,
        "p_fixed_deflated": None,
        "p_value": None,
        "p_method": "none",
        "p_attainable": None,
        "p_reason": NO_P_OF_PAIRS,
        "go": Go(rule, (), reason="pairs of missions have counts, no verdict"),
        "pairs": _counts(ok),
    }


def _counts(ok: Sequence[FoldScore]) -> PairCounts:
    large = [row.auroc for row in ok if row.n_test >= LARGE_PAIR and row.auroc is not None]
    return PairCounts(
        n_pairs=len(ok),
        high=sum(row.auroc is not None and row.auroc >= HIGH_AUROC - _ROUNDING for row in ok),
        pub_p_below=sum(row.pub_p is not None and row.pub_p < LEVEL for row in ok),
        exact_below=sum(row.p_exact is not None and row.p_exact < LEVEL - _ROUNDING for row in ok),
        large=len(large),
        large_mean=float(np.mean(large)) if large else None,
    )


def _published_means(ok: Sequence[FoldScore]) -> dict[str, float]:
    names = ("pub_ci_low", "pub_ci_high", "pub_p")
    return {name: float(np.mean([getattr(row, name) for row in ok])) for name in names}


def _intervals(these: Interval, population: Interval, ahead: Interval) -> dict[str, float | None]:
    named = {"ci_these": these, "ci_population": population, "pi_next": ahead}
    return {
        f"{name}_{end}": None if math.isnan(bound) else float(bound)
        for name, interval in named.items()
        for end, bound in zip(("low", "high"), interval, strict=True)
    }


def _columns(ok: Sequence[FoldScore]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """AUROC, positive and negative samples of each fold."""
    n_positive = np.array([float(row.n_positive) for row in ok])
    n_test = np.array([float(row.n_test) for row in ok])
    return np.array([row.auroc for row in ok], dtype=np.float64), n_positive, n_test - n_positive


def _pair_table(ok: Sequence[FoldScore]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """AUROC by train and test mission, NaN where there is none; samples of each test mission."""
    missions = sorted({m for row in ok for m in (*row.train_missions, row.test_mission)})
    place = {mission: i for i, mission in enumerate(missions)}
    values = np.full((len(missions), len(missions)), np.nan)
    n_positive, n_negative = np.zeros((2, len(missions)))
    for row in ok:
        test = place[row.test_mission]
        values[place[row.train_missions[0]], test] = row.auroc
        n_positive[test], n_negative[test] = row.n_positive, row.n_test - row.n_positive
    return values, n_positive, n_negative
