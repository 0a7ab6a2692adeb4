"""Variances of AUROCs against the definitions written out, and against simulated variances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from sklearn.metrics import roc_auc_score

from spacebio_bench.statistics.auroc import auroc
from spacebio_bench.statistics.variances import delong, delong_test, hanley_mcneil_variance


def by_definition(scores: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """AUROCs and covariance of DeLong et al., sample by sample and pair by pair."""

    def psi(x: float, y: float) -> float:
        return 1.0 if y < x else 0.5 if y == x else 0.0

    v10, v01 = [], []
    for row in scores:
        x, y = row[labels == 1], row[labels == 0]
        v10.append([np.mean([psi(a, b) for b in y]) for a in x])
        v01.append([np.mean([psi(a, b) for a in x]) for b in y])
    up, down = np.array(v10), np.array(v01)
    value = up.mean(axis=1)
    m, n = up.shape[1], down.shape[1]
    covariance = np.empty((len(scores), len(scores)))
    for r in range(len(scores)):
        for s in range(len(scores)):
            s10 = sum((up[r] - value[r]) * (up[s] - value[s])) / (m - 1)
            s01 = sum((down[r] - value[r]) * (down[s] - value[s])) / (n - 1)
            covariance[r, s] = s10 / m + s01 / n
    return value, covariance


@st.composite
def several_scores(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    m, n, n_scores = draw(st.integers(2, 9)), draw(st.integers(2, 9)), draw(st.integers(1, 3))
    elements = st.integers(-3, 3).map(float) if draw(st.booleans()) else st.integers(-999, 999)
    scores = draw(hnp.arrays(np.float64, (n_scores, m + n), elements=elements))
    return scores, np.array(draw(st.permutations([1] * m + [0] * n)))


@given(several_scores())
@settings(deadline=None)
def test_delong_is_the_definition(case: tuple[np.ndarray, np.ndarray]) -> None:
    scores, labels = case
    found = delong(scores, labels)
    value, covariance = by_definition(scores, labels)
    assert found.auroc == pytest.approx(value, abs=1e-14)
    assert found.auroc == pytest.approx([roc_auc_score(labels, s) for s in scores], abs=1e-14)
    assert found.covariance == pytest.approx(covariance, abs=1e-15)


@given(several_scores())
@settings(deadline=None)
def test_paired_test_is_the_definition(case: tuple[np.ndarray, np.ndarray]) -> None:
    scores, labels = case
    first, second = scores[0], scores[-1] if len(scores) > 1 else np.sort(scores[0])
    value, c = by_definition(np.stack([first, second]), labels)
    variance = c[0, 0] + c[1, 1] - 2 * c[0, 1]
    if variance < 1e-12:
        if abs(value[0] - value[1]) > 1e-12:
            with pytest.raises(ValueError, match="says nothing"):
                delong_test(first, second, labels)
        else:
            assert delong_test(first, second, labels) == (0.0, 0.0, 0.0, 1.0)
        return
    found = delong_test(first, second, labels)
    assert found.difference == pytest.approx(value[0] - value[1], abs=1e-14)
    assert found.variance == pytest.approx(variance, rel=1e-9)
    assert found.z == pytest.approx((value[0] - value[1]) / np.sqrt(variance), abs=1e-9)
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(found.z)), rel=1e-12)
    back = delong_test(second, first, labels)
    assert (back.difference, back.z, back.p) == (-found.difference, -found.z, found.p)


def test_each_class_divides_its_own_covariance() -> None:
    """Ten positives, of which one loses to two negatives: swapped divisors give another number."""
    scores = np.r_[np.linspace(2, 3, 9), 0.0, -1.0, 1.0, 1.5]
    labels = np.repeat([1, 0], [10, 3])
    up, down = np.var([1.0] * 9 + [1 / 3], ddof=1), np.var([1.0, 0.9, 0.9], ddof=1)
    found = delong(scores, labels).covariance[0, 0]
    assert found == pytest.approx(up / 10 + down / 3, rel=1e-12)
    assert found < 0.5 * (up / 3 + down / 10)


def simulated(m: int, n: int, ratio: float, n_rounds: int, seed: int) -> np.ndarray:
    """Scores of m positives and n negatives; exponential, means `ratio` and 1."""
    rng = np.random.default_rng(seed)
    scores = rng.exponential(size=(n_rounds, m + n))
    scores[:, :m] *= ratio
    return scores


@pytest.mark.parametrize(("m", "n", "ratio"), [(30, 8, 3.0), (6, 40, 3.0), (12, 12, 1.0)])
def test_both_variances_are_the_variance(m: int, n: int, ratio: float) -> None:
    """Exponential scores, P(X > Y) = ratio / (1 + ratio): Hanley & McNeil hold exactly there."""
    labels = np.repeat([1, 0], [m, n])
    scores = simulated(m, n, ratio, 20_000, seed=m)
    values = auroc(scores, np.tile(labels[:, None], len(scores)))
    true = ratio / (1 + ratio)
    assert hanley_mcneil_variance(true, m, n) == pytest.approx(values.var(), rel=0.04)
    estimates = [delong(s, labels).covariance[0, 0] for s in scores[:2000]]
    assert np.mean(estimates) == pytest.approx(values.var(), rel=0.06)


def test_paired_test_holds_its_size() -> None:
    rng = np.random.default_rng(5)
    labels = np.repeat([1, 0], [25, 40])
    rejected = 0
    for _ in range(2000):
        shared = rng.normal(size=65) + labels
        rejected += (
            delong_test(shared + rng.normal(size=65), shared + rng.normal(size=65), labels).p < 0.05
        )
    assert 0.035 < rejected / 2000 < 0.065


def test_hanley_mcneil_is_the_formula() -> None:
    a, m, n = np.meshgrid(np.linspace(0, 1, 21), [1, 2, 5, 40], [1, 3, 60])
    q1, q2 = a / (2 - a), 2 * a**2 / (1 + a)
    expected = (a * (1 - a) + (m - 1) * (q1 - a**2) + (n - 1) * (q2 - a**2)) / (m * n)
    found = hanley_mcneil_variance(a, m, n)
    assert found == pytest.approx(expected, abs=1e-15)
    assert (found >= 0).all()
    assert not found[(a == 0) | (a == 1)].any()


def test_hanley_mcneil_published_example() -> None:
    """Their Table I ratings: 51 abnormal, 58 normal, area 0.893, standard error 0.032."""
    normal, abnormal = [33, 6, 6, 11, 2], [3, 2, 2, 11, 33]
    scores = np.r_[np.repeat(range(5), abnormal), np.repeat(range(5), normal)]
    value = auroc(scores, np.repeat([1, 0], [51, 58]))[0]
    assert value == pytest.approx(0.893, abs=5e-4)
    assert np.sqrt(hanley_mcneil_variance(value, 51, 58)) == pytest.approx(0.032, abs=5e-4)


@dataclass(frozen=True)
class ExpectFail:
    scores: object
    labels: tuple[int, ...]
    message: str


FAILURES = {
    "one positive": ExpectFail((0.1, 0.2, 0.3), (1, 0, 0), "two samples of each class.* 1 and 2"),
    "one class": ExpectFail((0.1, 0.2, 0.3), (1, 1, 1), "two samples of each class.* 3 and 0"),
    "nan": ExpectFail((0.1, np.nan, 0.3, 0.2), (1, 0, 0, 1), "NaN"),
    "lengths": ExpectFail((0.1, 0.2, 0.3), (1, 0), "do not fit"),
    "other labels": ExpectFail((0.1, 0.2, 0.3, 0.4), (1, 2, 1, 2), "labels of 0 and 1"),
    "dimensions": ExpectFail(np.zeros((2, 2, 4)), (1, 0, 0, 1), "do not fit"),
}


@pytest.mark.parametrize("case", FAILURES.values(), ids=FAILURES.keys())
def test_delong_refuses(case: ExpectFail) -> None:
    with pytest.raises(ValueError, match=case.message):
        delong(case.scores, case.labels)


@pytest.mark.parametrize("case", [(1.1, 3, 3), (-0.1, 3, 3), (np.nan, 3, 3), (0.5, 0, 3)])
def test_hanley_mcneil_refuses(case: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="outside"):
        hanley_mcneil_variance(*case)


def test_certain_aurocs() -> None:
    labels = np.repeat([1, 0], [3, 4])
    perfect, weak = np.arange(7.0)[::-1], np.array([3.0, 1, 2, 2, 0, 1, 3])
    assert delong(perfect, labels).covariance.tolist() == [[0.0]]
    assert delong(np.ones(7), labels) == (pytest.approx([0.5]), pytest.approx(np.zeros((1, 1))))
    assert 0 < delong_test(perfect, weak, labels).p < 1
    assert delong_test(perfect, perfect * 2, labels) == (0.0, 0.0, 0.0, 1.0)
    with pytest.raises(ValueError, match="says nothing"):
        delong_test(perfect, -perfect, labels)
