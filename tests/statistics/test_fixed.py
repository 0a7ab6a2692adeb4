"""The p of a mean over folds with fixed scores: enumeration, one fold, simulation, bins."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from spacebio_bench.statistics import fixed
from spacebio_bench.statistics.auroc import auroc
from spacebio_bench.statistics.exact import exact_p
from spacebio_bench.statistics.fixed import fixed_exact_p

from .test_exact import every_labeling, folds


@given(st.lists(folds(), min_size=1, max_size=2), st.sampled_from([1_000_000, 3_000]))
@settings(deadline=None, max_examples=60)
def test_enumeration_agrees(tested, most: int) -> None:
    labelings = [list(every_labeling(y, strata)) for _, y, strata in tested]
    values = [
        [roc_auc_score(y, fold[0]) for y in every]
        for fold, every in zip(tested, labelings, strict=True)
    ]
    observed = np.mean([roc_auc_score(y, scores) for scores, y, _ in tested])
    null = np.array([np.mean(chosen) for chosen in itertools.product(*values)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixed, "MOST_POINTS", most)
        found = fixed_exact_p(*(list(part) for part in zip(*tested, strict=True)))
    assert found.p == pytest.approx((null >= observed - 1e-9).mean())
    assert found.attainable == pytest.approx(1 / math.prod(map(len, labelings)))
    assert (found.method, found.n_permutations) == ("fixed_exact", 0)


def drawn(sizes: list[tuple[int, int]], *, effect: float, seed: int):
    rng = np.random.default_rng(seed)
    labels = [np.repeat([1, 0], size) for size in sizes]
    return [rng.normal(size=len(y)) + effect * y for y in labels], labels, [None] * len(sizes)


@given(folds())
@settings(deadline=None, max_examples=60)
def test_one_fold_is_exact_p(fold) -> None:
    scores, labels, strata = fold
    assert fixed_exact_p([scores], [labels], [strata]).p == exact_p(scores, labels, strata)


AWKWARD = [(7, 8), (11, 12), (13, 9), (10, 10), (17, 5)]
"""Their numbers of pairs have 12 million common multiples."""


def test_bins_are_conservative_and_close(monkeypatch) -> None:
    sizes = [(7, 8), (11, 12), (9, 5)]
    fold = drawn(sizes, effect=0.6, seed=1)
    exact = fixed_exact_p(*fold).p
    for most, close in ((100_000, 1e-4), (3_000, 1e-2), (300, 5e-2)):
        monkeypatch.setattr(fixed, "MOST_POINTS", most)
        assert exact * (1 - 1e-9) <= fixed_exact_p(*fold).p < exact + close


def test_many_awkward_folds_agree_with_simulation() -> None:
    scores, labels, strata = drawn(AWKWARD, effect=0.35, seed=3)
    found = fixed_exact_p(scores, labels, strata).p
    rng = np.random.default_rng(0)
    n = 100_000
    null = np.mean(
        [
            auroc(s, rng.permuted(np.tile(y, (n, 1)), axis=1).T)
            for s, y in zip(scores, labels, strict=True)
        ],
        axis=0,
    )
    observed = np.mean([auroc(s, y)[0] for s, y in zip(scores, labels, strict=True)])
    share = (null >= observed - 1e-9).mean()
    assert 0.001 < found < 0.2
    assert found == pytest.approx(share, abs=4 * math.sqrt(share / n))


def test_perfect_folds_reach_the_smallest_p() -> None:
    labels = [np.repeat([1, 0], size) for size in AWKWARD]
    found = fixed_exact_p([y * 1.0 + np.arange(len(y)) * 1e-3 for y in labels], labels, [None] * 5)
    assert found.attainable == pytest.approx(1 / math.prod(math.comb(a + b, a) for a, b in AWKWARD))
    assert found.attainable <= found.p < 1e-4 * found.attainable**0.5


@pytest.mark.slow
def test_rejects_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    sizes = [(6, 6), (5, 7), (4, 9)]
    p = []
    for _ in range(2000):
        labels = [np.repeat([1, 0], size) for size in sizes]
        p.append(fixed_exact_p([rng.normal(size=len(y)) for y in labels], labels, [None] * 3).p)
    assert 0.035 < np.mean(np.array(p) <= 0.05) <= 0.0575


def test_no_fold_has_no_mean() -> None:
    with pytest.raises(ValueError, match="no fold"):
        fixed_exact_p([], [], [])
