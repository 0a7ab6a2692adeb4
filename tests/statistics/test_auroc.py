"""AUROC against scipy and scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from sklearn.metrics import roc_auc_score

from spacebio_bench.statistics.auroc import auroc, round_significant, twice_midranks


@dataclass(frozen=True)
class Case:
    scores: tuple[float, ...]
    labels: tuple[int, ...]
    expected: float


CASES = {
    "perfect": Case((0.1, 0.2, 0.8), (0, 0, 1), 1.0),
    "reversed": Case((0.8, 0.2, 0.1), (0, 0, 1), 0.0),
    "tie counts half": Case((0.5, 0.5), (0, 1), 0.5),
    "all tied": Case((2.0, 2.0, 2.0, 2.0), (1, 0, 0, 1), 0.5),
    "a difference of rounding is a tie": Case((0.1 + 0.2, 0.3), (0, 1), 0.5),
    "a difference in the 11th digit is none": Case((1.00000000001, 1.0), (0, 1), 0.0),
    "infinite": Case((-np.inf, 0.0, np.inf), (0, 1, 1), 1.0),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_auroc(case: Case) -> None:
    assert auroc(case.scores, case.labels).tolist() == [case.expected]


@dataclass(frozen=True)
class ExpectFail:
    scores: tuple[float, ...]
    labels: tuple[int, ...]
    message: str


FAILURES = {
    "one class": ExpectFail((0.1, 0.2), (1, 1), "one class only"),
    "nan": ExpectFail((0.1, np.nan), (0, 1), "NaN"),
}


@pytest.mark.parametrize("case", FAILURES.values(), ids=FAILURES.keys())
def test_auroc_refuses(case: ExpectFail) -> None:
    with pytest.raises(ValueError, match=case.message):
        auroc(case.scores, case.labels)


@st.composite
def labelled_scores(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n = draw(st.integers(2, 30))
    n_labelings = draw(st.integers(1, 5))
    whole = draw(st.booleans())  # whole numbers: many ties
    elements = (
        st.integers(-3, 3).map(float) if whole else st.floats(-1e6, 1e6, allow_subnormal=False)
    )
    scores = draw(hnp.arrays(np.float64, (n_labelings, n), elements=elements))
    labels = np.zeros((n, n_labelings), dtype=np.int8)
    for column in range(n_labelings):
        positive = draw(st.sets(st.integers(0, n - 1), min_size=1, max_size=n - 1))
        labels[list(positive), column] = 1
    return scores, labels


@given(labelled_scores())
@settings(deadline=None)
def test_auroc_agrees_with_mann_whitney(case: tuple[np.ndarray, np.ndarray]) -> None:
    scores, labels = case
    rounded = round_significant(scores)
    for column, value in enumerate(auroc(scores, labels)):
        y = labels[:, column] == 1
        u = stats.mannwhitneyu(rounded[column, y], rounded[column, ~y]).statistic
        assert value == pytest.approx(u / (y.sum() * (~y).sum()), abs=1e-14)
        assert value == pytest.approx(roc_auc_score(y, rounded[column]), abs=1e-12)


def test_shared_scores_equal_repeated_scores() -> None:
    rng = np.random.default_rng(1)
    scores = rng.integers(0, 8, 40).astype(float)
    labels = np.stack([rng.permutation(np.arange(40) < 15) for _ in range(50)], axis=1)
    assert np.array_equal(auroc(scores, labels), auroc(np.tile(scores, (50, 1)), labels))


@given(hnp.arrays(np.float64, st.integers(1, 40), elements=st.integers(-4, 4).map(float)))
def test_midranks_agree_with_scipy(scores: np.ndarray) -> None:
    assert np.array_equal(twice_midranks(scores), 2 * stats.rankdata(scores))


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300))
def test_rounding_agrees_with_decimal_text(value: float) -> None:
    expected = float(f"{value:.11e}")
    assert round_significant(value) == pytest.approx(expected, rel=2e-12, abs=1e-289)


@given(hnp.arrays(np.float64, 30, elements=st.floats(-1e12, 1e12)))
def test_rounding_keeps_order(values: np.ndarray) -> None:
    ordered = np.sort(values)
    assert (np.diff(round_significant(ordered)) >= 0).all()


@pytest.mark.parametrize("power", range(-20, 20))
def test_a_carry_into_the_next_decade_is_a_tie(power: int) -> None:
    exact = float(f"1e{power}")
    below = np.nextafter(exact, -np.inf)
    a, b = round_significant([exact, below])
    assert a == b
