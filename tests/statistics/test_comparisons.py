"""Pairs over missions and ranks over blocks, against scipy, enumeration and Demsar's example."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from spacebio_bench.statistics.comparisons import (
    cluster_interval,
    friedman,
    nemenyi,
    ranks_in_blocks,
    sign_flip,
)

DEMSAR = """
.763 .768 .771 .798
.599 .591 .590 .569
.954 .971 .968 .967
.628 .661 .654 .657
.882 .888 .886 .898
.936 .931 .916 .931
.661 .668 .609 .685
.583 .583 .563 .625
.775 .838 .866 .875
1.00 1.00 1.00 1.00
.940 .962 .965 .962
.619 .666 .614 .669
.972 .981 .9751 .975
.957 .978 .946 .970
"""
"""Demsar (2006), JMLR 7:1-30, table 6: AUC of C4.5, +m, +cf and +m+cf on 14 data sets. In the last
row but one, +cf is ranked before +m+cf though both are printed as .975."""
AUC = np.array([[float(x) for x in line.split()] for line in DEMSAR.split("\n") if line])
Q_05 = [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164]
Q_10 = [1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920]
"""The same, table 5a: critical values for 2 to 10 classifiers."""


@pytest.mark.parametrize("k", [1, 2, 5, 8])
def test_sign_flips_are_all_counted(k: int) -> None:
    rng = np.random.default_rng(k)
    for _ in range(20):
        d = rng.integers(-4, 5, size=k) / 8
        means = [np.mean(np.multiply(s, d)) for s in itertools.product((1, -1), repeat=k)]
        found = sign_flip(d, seed=0)
        assert found.p == np.mean(np.abs(means) >= abs(d.mean()))
        assert found.attainable == 2 / 2**k


def test_sign_flip_is_scipys_one_sample_permutation_test() -> None:
    d = np.random.default_rng(3).normal(0.4, 1, size=9)
    theirs = stats.permutation_test(
        (d,), np.mean, permutation_type="samples", n_resamples=np.inf, vectorized=True
    )
    assert sign_flip(d, seed=0).p == pytest.approx(theirs.pvalue)


def test_clusters_that_all_agree_reach_what_is_attainable() -> None:
    for k in (1, 4, 16):
        assert sign_flip(np.arange(1, k + 1) / 10, seed=0) == (2 / 2**k, 2 / 2**k)


def test_sums_that_differ_by_rounding_tie() -> None:
    assert sign_flip([0.1, 0.2, -0.3], seed=0).p == 1.0
    assert sign_flip([0.1, 0.1, 0.1, 0.3, 0.0], seed=0).p == 4 / 32
    assert sign_flip(np.zeros(5), seed=0).p == 1.0


def test_many_clusters_are_sampled() -> None:
    """Every other sign of 17 sums of one size: the exact p is binomial."""
    d = np.repeat([1.0, -1.0], [14, 3])
    exact = 2 * stats.binom.sf(13, 17, 0.5)
    found = sign_flip(d, seed=1)
    assert found.p == pytest.approx(exact, abs=4 * np.sqrt(exact / 10_000))
    assert found.attainable == 1 / 10_000
    assert sign_flip(d, seed=1) == found != sign_flip(d, seed=2)
    assert sign_flip(np.ones(40), seed=0).p == 1 / 10_000
    assert sign_flip(np.ones(17), seed=0, n_draws=999_999).attainable == 2.0**-16


def test_sign_flip_holds_its_size() -> None:
    rng = np.random.default_rng(8)
    p = np.array([sign_flip(rng.standard_t(3, size=8), seed=0).p for _ in range(2000)])
    low, high = stats.binom.interval(0.999, 2000, 12 / 256)  # 0.05 lies between 12 / 256 and 14
    assert low <= (p <= 0.05).sum() <= high


def test_interval_of_clusters_is_students() -> None:
    d = np.random.default_rng(6).normal(size=7)
    assert cluster_interval(d) == pytest.approx(stats.ttest_1samp(d, 0).confidence_interval(0.95))
    assert np.isnan(cluster_interval([0.3])).all()


def test_ranks_are_from_the_best_and_ties_share_them() -> None:
    found = ranks_in_blocks([[0.9, 0.7, 0.9, 0.1], [0.1 + 0.2, 0.3, 0.2, 0.1]])
    assert found.tolist() == [[1.5, 3, 1.5, 4], [1.5, 1.5, 3, 4]]


def test_friedman_is_scipys() -> None:
    rng = np.random.default_rng(4)
    for n, k in ((2, 3), (5, 4), (12, 8)):
        values = rng.integers(0, 6, size=(n, k)) / 8
        assert friedman(values) == pytest.approx(tuple(stats.friedmanchisquare(*values.T)))


def test_blocks_that_are_one_tie_say_nothing() -> None:
    assert friedman(np.ones((4, 3))) == (0.0, 1.0)
    found = nemenyi(np.ones((4, 3)))
    assert found.ranks.tolist() == [2.0] * 3
    assert found.p == pytest.approx(np.ones((3, 3)))


def test_demsars_example() -> None:
    found = nemenyi(AUC)
    assert found.ranks == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    assert found.critical_difference == pytest.approx(1.25, abs=5e-3)
    assert nemenyi(AUC, level=0.90).critical_difference == pytest.approx(1.12, abs=5e-3)
    uncorrected = 12 * 14 / (4 * 5) * ((found.ranks**2).sum() - 4 * 5**2 / 4)
    assert uncorrected == pytest.approx(9.28, abs=0.01)
    assert friedman(AUC).statistic == pytest.approx(stats.friedmanchisquare(*AUC.T).statistic)
    assert (found.p > 0.05).all()  # at 0.10, only C4.5 alone against +m and +m+cf
    assert np.argwhere(np.triu(found.p < 0.10)).tolist() == [[0, 1], [0, 3]]


@pytest.mark.parametrize("k", range(2, 11))
def test_demsars_critical_values(k: int) -> None:
    unit = np.sqrt(k * (k + 1) / 6)
    blocks = np.tile(np.arange(k), (1, 1))
    for level, q in ((0.95, Q_05[k - 2]), (0.90, Q_10[k - 2])):
        found = nemenyi(blocks, level=level).critical_difference
        assert found / unit == pytest.approx(q, abs=1.5e-3)


def test_nemenyi_of_two_is_a_normal_test() -> None:
    values = np.array([[0.9, 0.5]] * 9 + [[0.4, 0.6]] * 3)
    z = abs(nemenyi(values).ranks @ [1, -1]) / np.sqrt(2 * 3 / (6 * 12))
    assert nemenyi(values).p[0, 1] == pytest.approx(2 * stats.norm.sf(z))
