"""Classification measures of many labelings against scikit-learn and a count by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from spacebio_bench.statistics.auroc import round_significant
from spacebio_bench.statistics.classification import (
    accuracy,
    class_f1,
    confusion,
    macro_f1,
    predicted_class,
)


@dataclass(frozen=True)
class Case:
    predicted: tuple[int, ...]
    truth: tuple[int, ...]
    n_classes: int
    accuracy: float
    present: float
    all_classes: float


CASES = {
    "all right": Case((0, 1, 2), (0, 1, 2), 3, 1.0, 1.0, 1.0),
    "all wrong": Case((1, 0), (0, 1), 2, 0.0, 0.0, 0.0),
    "a class that nobody is": Case((0, 1, 1), (0, 1, 1), 3, 1.0, 1.0, 2 / 3),
    "a class that is predicted only": Case((0, 2), (0, 0), 3, 0.5, 1 / 3, 2 / 9),
    "a class that is never predicted": Case((0, 0), (0, 1), 2, 0.5, 1 / 3, 1 / 3),
    "one sample": Case((0,), (0,), 2, 1.0, 1.0, 0.5),
    "one class in truth and prediction": Case((1, 1), (1, 1), 2, 1.0, 1.0, 0.5),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_measures(case: Case) -> None:
    counts = confusion(case.predicted, case.truth, n_classes=case.n_classes)
    assert accuracy(counts).tolist() == [case.accuracy]
    assert macro_f1(counts, classes="present") == pytest.approx([case.present])
    assert macro_f1(counts, classes=range(case.n_classes)) == pytest.approx([case.all_classes])


@st.composite
def predictions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    n, k, n_labelings = draw(st.integers(1, 20)), draw(st.integers(2, 6)), draw(st.integers(1, 4))
    elements = st.integers(0, draw(st.integers(0, k - 1)))  # some classes are often absent
    predicted = draw(hnp.arrays(np.int64, (n_labelings, n), elements=elements))
    return predicted, draw(hnp.arrays(np.int8, (n, n_labelings), elements=elements)), k


@given(predictions())
@settings(deadline=None)
def test_measures_agree_with_scikit_learn(case: tuple[np.ndarray, np.ndarray, int]) -> None:
    predicted, labels, k = case
    counts = confusion(predicted, labels, n_classes=k)
    every = list(range(k))
    for i, (y, p) in enumerate(zip(labels.T, predicted, strict=True)):
        assert np.array_equal(counts[i], confusion_matrix(y, p, labels=every))
        assert accuracy(counts)[i] == pytest.approx(accuracy_score(y, p), abs=1e-15)
        what = {"zero_division": 0}
        each = f1_score(y, p, labels=every, average=None, **what)
        assert class_f1(counts)[i] == pytest.approx(each, abs=1e-15)
        present = f1_score(y, p, average="macro", **what)
        assert macro_f1(counts, classes="present")[i] == pytest.approx(present, abs=1e-15)
        for chosen in (every, every[::2], [k - 1]):
            expected = f1_score(y, p, labels=chosen, average="macro", **what)
            assert macro_f1(counts, classes=chosen)[i] == pytest.approx(expected, abs=1e-15)


def test_counted_by_hand() -> None:
    rng = np.random.default_rng(1)
    predicted, labels = rng.integers(0, 4, (30, 50)), rng.integers(0, 4, (50, 30))
    counts = confusion(predicted, labels, n_classes=4)
    for labeling in range(30):
        f1 = []
        for c in range(4):
            hit = sum(
                p == c == y for p, y in zip(predicted[labeling], labels[:, labeling], strict=True)
            )
            said = sum(p == c for p in predicted[labeling])
            are = sum(y == c for y in labels[:, labeling])
            f1.append(2 * (hit / said) * (hit / are) / (hit / said + hit / are) if hit else 0.0)
        assert macro_f1(counts, classes="present")[labeling] == pytest.approx(np.mean(f1))


def test_shared_predictions_and_a_shared_truth() -> None:
    rng = np.random.default_rng(2)
    predicted, labels = rng.integers(0, 3, (8, 20)), rng.integers(0, 3, (20, 8))
    one = confusion(predicted[0], labels, n_classes=3)
    assert np.array_equal(one, confusion(np.tile(predicted[0], (8, 1)), labels, n_classes=3))
    shared = confusion(predicted, labels[:, 0], n_classes=3)
    assert np.array_equal(shared, confusion(predicted, np.tile(labels[:, :1], (1, 8)), n_classes=3))
    assert np.array_equal(one[0], shared[0])


def test_tied_scores_give_the_lowest_class() -> None:
    scores = [[0.2, 0.5, 0.5], [0.5, 0.5, 0.5], [0.1, 0.2, 0.1 + 0.2], [0.3, 0.0, 0.1 + 0.2]]
    assert predicted_class(scores).tolist() == [1, 0, 2, 0]  # 0.1 + 0.2 ties with 0.3
    assert predicted_class(np.tile(scores, (5, 1, 1))).shape == (5, 4)


@given(hnp.arrays(np.float64, (3, 5, 4), elements=st.integers(-3, 3).map(float)))
def test_predicted_class_is_the_first_of_the_largest(scores: np.ndarray) -> None:
    for place in np.ndindex(3, 5):
        row = scores[place].tolist()
        assert predicted_class(scores)[place] == row.index(max(row))


@given(st.data())
@settings(deadline=None)
def test_ties_are_those_of_twelve_digits(data: st.DataObject) -> None:
    """Rounding only what is close gives what rounding everything gives."""
    size = data.draw(st.sampled_from([1.0, -1.0, 1e-12, 1e12, 1e300, 1e-295, 9.999999999995]))
    step = data.draw(st.sampled_from([0.0, 1e-15, 3e-13, 1e-12, 5e-12, 1e-11, 3e-11]))
    steps = data.draw(hnp.arrays(np.float64, (20, 3), elements=st.integers(-2, 2).map(float)))
    scores = size * (1 + step * steps)
    where = data.draw(hnp.arrays(np.int8, (20, 3), elements=st.integers(0, 9)))
    scores = np.where(where == 0, np.inf, np.where(where == 1, -np.inf, scores))
    assert np.array_equal(predicted_class(scores), np.argmax(round_significant(scores), axis=-1))
    assert predicted_class(scores[0]) == predicted_class(scores)[0]


@dataclass(frozen=True)
class ExpectFail:
    predicted: object
    labels: object
    message: str


FAILURES = {
    "no sample": ExpectFail(np.zeros((1, 0), int), np.zeros((0, 1), int), "no sample"),
    "class above": ExpectFail((0, 2), (0, 1), "predictions hold classes other than 0 to 1"),
    "class below": ExpectFail((0, 1), (0, -1), "labels hold classes other than 0 to 1"),
    "no class": ExpectFail((0.0, np.nan), (0, 1), "predictions hold classes other than 0 to 1"),
    "lengths": ExpectFail((0, 1, 1), (0, 1), "do not fit"),
    "labelings": ExpectFail(np.zeros((2, 4), int), np.zeros((4, 3), int), "do not fit"),
}


@pytest.mark.parametrize("case", FAILURES.values(), ids=FAILURES.keys())
def test_confusion_refuses(case: ExpectFail) -> None:
    with pytest.raises(ValueError, match=case.message):
        confusion(case.predicted, case.labels, n_classes=2)


def test_refused_scores_and_classes() -> None:
    with pytest.raises(ValueError, match="NaN"):
        predicted_class([[0.1, np.nan]])
    counts = confusion((0, 1), (0, 1), n_classes=2)
    for classes in ((), (0, 0), (0, 2)):
        with pytest.raises(ValueError, match="not distinct ones of 0 to 1"):
            macro_f1(counts, classes=classes)
