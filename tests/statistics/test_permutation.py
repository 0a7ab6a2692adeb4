"""Cell p-values and the family of them, against enumeration, simulation and scipy's own."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from spacebio_bench.statistics.auroc import auroc
from spacebio_bench.statistics.exact import null_moments
from spacebio_bench.statistics.multiplicity import benjamini_hochberg
from spacebio_bench.statistics.permutation import fixed_deflated_p, permutation_p_value, refit_p


def test_monte_carlo_p_counts_the_truth_once() -> None:
    assert permutation_p_value(np.array([0.1, 0.5, 0.9]), 0.5) == 3 / 4
    assert permutation_p_value(np.array([0.1, 0.2, 0.3]), 0.5) == 1 / 4


def test_a_rounding_apart_is_a_tie() -> None:
    null = np.array([(0.1 + 0.2) / 3, 0.05])
    assert permutation_p_value(null, 0.3 / 3 + 1e-16) == 2 / 3


def test_enumerated_labelings_give_their_share() -> None:
    """Two folds of 2 + 2 with fixed scores: 36 labelings, counted by hand in a loop."""
    scores = np.array([[0.1, 0.4, 0.3, 0.9], [0.2, 0.2, 0.5, 0.7]])
    truth = (0, 0, 1, 1)
    columns = [np.isin(range(4), c).astype(int) for c in itertools.combinations(range(4), 2)]
    pairs = [(truth, truth)] + [
        (a, b) for a, b in itertools.product(columns, columns) if tuple(a) + tuple(b) != truth * 2
    ]
    values = np.array([[auroc(s, y)[0] for s, y in zip(scores, p, strict=True)] for p in pairs]).T
    found = refit_p(values, enumerated=True, n_possible=36)
    assert found.method == "refit_exact"
    assert found.p == pytest.approx((values.mean(axis=0) >= values.mean(axis=0)[0]).mean())
    assert (found.n_permutations, found.attainable) == (35, 1 / 36)
    some = refit_p(values[:, :20], enumerated=True, n_possible=36)
    assert (some.method, some.n_permutations, some.attainable) == ("refit", 19, 1 / 20)


def test_fixed_scores_are_tested_with_twice_the_variance() -> None:
    """For two folds of fixed scores, the normal p before deflation is that of many labelings."""
    rng = np.random.default_rng(3)
    folds = []
    for n_positive, n_negative in ((20, 25), (30, 15)):
        labels = np.repeat([1, 0], [n_positive, n_negative])
        folds.append((np.round(rng.normal(size=len(labels)) + 0.6 * labels, 1), labels))
    values = [float(auroc(s, y)[0]) for s, y in folds]
    found = fixed_deflated_p(values, [null_moments(s, y) for s, y in folds], n_possible=1e20)
    null = np.mean(
        [auroc(s, np.stack([rng.permutation(y) for _ in range(20_000)], axis=1)) for s, y in folds],
        axis=0,
    )
    plain = np.mean(null >= np.mean(values) - 1e-12)
    undeflated = stats.norm.sf(stats.norm.isf(found.p) * np.sqrt(2))
    assert undeflated == pytest.approx(plain, rel=0.2)
    assert 0.003 < plain < 0.1
    assert found.p > 2 * plain


def test_all_tied_scores_have_p_one() -> None:
    assert fixed_deflated_p([0.5, 0.5], [(0.5, 0.0)] * 2, n_possible=400.0).p == 1.0


def test_benjamini_hochberg() -> None:
    """The worked example of Benjamini & Hochberg (1995), table 1: four rejections at 0.05."""
    p = [
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0000,
    ]  # fmt: skip
    q = benjamini_hochberg(p)
    assert (q <= 0.05).tolist() == [True] * 4 + [False] * 11
    assert q[3] == pytest.approx(0.0095 * 15 / 4)


def test_cells_without_p_are_no_part_of_the_family() -> None:
    assert benjamini_hochberg([0.01, np.nan, 0.04])[[0, 2]].tolist() == [0.02, 0.04]
    assert np.isnan(benjamini_hochberg([0.01, np.nan])[1])
    assert np.isnan(benjamini_hochberg([np.nan])).all()
