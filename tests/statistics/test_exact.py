"""The exact fold p against enumeration, scipy and a published table."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from spacebio_bench.statistics.exact import attainable_p, exact_p, null_moments


def every_labeling(labels: np.ndarray, strata: Sequence[str]) -> Iterator[np.ndarray]:
    groups = [np.flatnonzero(np.array(strata) == s) for s in sorted(set(strata))]
    choices = [itertools.combinations(g, int(labels[g].sum())) for g in groups]
    for chosen in itertools.product(*(list(c) for c in choices)):
        labeling = np.zeros(len(labels), dtype=int)
        labeling[[i for part in chosen for i in part]] = 1
        yield labeling


@st.composite
def folds(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, list[str]]:
    n = draw(st.integers(2, 9))
    scores = np.array(draw(st.lists(st.integers(0, 6), min_size=n, max_size=n)), dtype=float)
    positive = draw(st.sets(st.integers(0, n - 1), min_size=1, max_size=n - 1))
    labels = np.isin(np.arange(n), list(positive)).astype(int)
    strata = draw(st.lists(st.sampled_from("ab"), min_size=n, max_size=n))
    return scores, labels, strata if draw(st.booleans()) else ["a"] * n


@given(folds())
@settings(deadline=None, max_examples=80)
def test_enumeration_agrees(fold: tuple[np.ndarray, np.ndarray, list[str]]) -> None:
    scores, labels, strata = fold
    observed = roc_auc_score(labels, scores)
    null = np.array([roc_auc_score(y, scores) for y in every_labeling(labels, strata)])
    assert exact_p(scores, labels, strata) == pytest.approx((null >= observed - 1e-9).mean())
    mean, variance = null_moments(scores, labels, strata)
    assert mean == pytest.approx(null.mean())
    assert variance == pytest.approx(null.var(), abs=1e-15)
    assert attainable_p(labels, strata) == pytest.approx(1 / len(null))


@pytest.mark.parametrize(("n_positive", "n_negative"), [(3, 3), (10, 10), (35, 68), (100, 100)])
def test_scipy_agrees_without_ties(n_positive: int, n_negative: int) -> None:
    rng = np.random.default_rng(n_positive)
    labels = np.repeat([1, 0], [n_positive, n_negative])
    scores = rng.normal(size=len(labels)) + 0.5 * labels
    expected = stats.mannwhitneyu(
        scores[labels == 1], scores[labels == 0], alternative="greater", method="exact"
    )
    assert exact_p(scores, labels) == pytest.approx(expected.pvalue, rel=1e-9)


@pytest.mark.parametrize(("n_positive", "n_negative"), [(12, 20), (60, 43)])
def test_sampled_labelings_agree_with_ties_and_strata(n_positive: int, n_negative: int) -> None:
    rng = np.random.default_rng(5)
    labels = rng.permutation(np.repeat([1, 0], [n_positive, n_negative]))
    strata = rng.choice(["a", "b", "c"], len(labels))
    scores = np.round(rng.normal(size=len(labels)) + 0.4 * labels, 1)
    ranks, null = stats.rankdata(scores), []
    for _ in range(20_000):
        drawn = labels.copy()
        for stratum in "abc":
            drawn[strata == stratum] = rng.permutation(labels[strata == stratum])
        null.append(ranks @ drawn)
    share = np.mean(np.array(null) >= ranks @ labels)
    p = exact_p(scores, labels, strata)
    assert abs(p - share) < 4.5 * math.sqrt(p * (1 - p) / 20_000)


def test_critical_value_of_a_printed_table() -> None:
    """Mann-Whitney table, n = m = 10, one-sided 0.05: U = 27 (73 upper) is the last within it."""
    labels = np.repeat([0, 1], 10)

    def p_of(u: int) -> float:
        # start from all negatives first, U = 100, and move positives down a step at a time
        order = list(labels)
        for _ in range(100 - u):
            swap = next(i for i in range(19) if order[i : i + 2] == [0, 1])
            order[swap : swap + 2] = [1, 0]
        return exact_p(np.arange(20.0), np.array(order))

    assert p_of(73) <= 0.05 < p_of(72)


@pytest.mark.parametrize(
    ("labels", "floor"), [((1, 1, 1, 0, 0, 0), 0.05), ((1, 1, 1, 0, 0), 0.1), ((1, 0), 0.5)]
)
def test_small_folds_have_a_floor(labels: tuple[int, ...], floor: float) -> None:
    assert exact_p(np.array(labels, dtype=float), labels) == pytest.approx(floor)
    assert attainable_p(labels) == pytest.approx(floor)


def test_the_published_thymus_fold() -> None:
    """3 + 3 samples, AUROC 7/9: 0.145 as published, 0.2 exactly."""
    assert exact_p([1, 2, 3, 4, 5, 6], [0, 0, 1, 0, 1, 1]) == pytest.approx(2 / 20)
    assert exact_p([1, 2, 3, 4, 5, 6], [0, 1, 0, 0, 1, 1]) == pytest.approx(4 / 20)


def test_all_tied_scores_say_nothing() -> None:
    assert exact_p([1.0] * 6, [1, 0, 1, 0, 1, 0]) == pytest.approx(1.0)
    assert null_moments([1.0] * 6, [1, 0, 1, 0, 1, 0]) == (0.5, 0.0)
