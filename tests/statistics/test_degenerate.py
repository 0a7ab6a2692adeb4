"""Every kernel on data that say little: a defined value or an error that says why, never NaN."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacebio_bench.errors import NotApplicableError
from spacebio_bench.statistics.auroc import auroc, round_significant, twice_midranks
from spacebio_bench.statistics.bootstrap import (
    bootstrap_auroc,
    percentile_interval,
    stratified_draws,
)
from spacebio_bench.statistics.classification import (
    accuracy,
    class_f1,
    confusion,
    macro_f1,
    predicted_class,
)
from spacebio_bench.statistics.exact import attainable_p, exact_p, null_moments
from spacebio_bench.statistics.intervals import mover_mean, newcombe, newcombe_mean
from spacebio_bench.statistics.labelings import labelings
from spacebio_bench.statistics.permutation import fixed_deflated_p, refit_p
from spacebio_bench.statistics.pooling import dersimonian_laird
from spacebio_bench.statistics.published import published_interval, published_p
from spacebio_bench.statistics.variances import delong, delong_test, hanley_mcneil_variance

Kernel = Callable[[np.ndarray, np.ndarray], Any]


def two_classes(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Counts of labels against the class whose score is larger, as a model of two classes has."""
    return confusion(predicted_class(np.stack([-scores, scores], axis=1)), labels, n_classes=2)


def refitted(scores: np.ndarray, labels: np.ndarray) -> Any:
    matrix = labelings(labels, ["one"] * len(labels), n_permutations=9, seed=0)
    values = np.stack([auroc(scores, matrix.labels)] * 2)
    return refit_p(values, enumerated=matrix.enumerated, n_possible=matrix.n_possible)


def deflated(scores: np.ndarray, labels: np.ndarray) -> Any:
    value, moments = float(auroc(scores, labels)[0]), null_moments(scores, labels)
    return fixed_deflated_p([value] * 3, [moments] * 3, n_possible=9.0)


def bootstrapped(scores: np.ndarray, labels: np.ndarray) -> Any:
    values = bootstrap_auroc(scores, labels, stratified_draws(labels, n_draws=20, seed=0))
    return values, percentile_interval(values)


def fold_interval(scores: np.ndarray, labels: np.ndarray) -> Any:
    value, m = float(auroc(scores, labels)[0]), int(labels.sum())
    fold = newcombe(value, m, len(labels) - m)
    return (
        fold,
        newcombe_mean([value] * 2, [m] * 2, [len(labels) - m] * 2),
        mover_mean([value] * 2, [fold] * 2),
    )


def pooled(scores: np.ndarray, labels: np.ndarray) -> Any:
    found = delong(scores, labels)
    return dersimonian_laird([found.auroc[0], 0.5], [found.covariance[0, 0], 0.1])


def certain(scores: np.ndarray, labels: np.ndarray) -> Any:
    m = int(labels.sum())
    return hanley_mcneil_variance(auroc(scores, labels), m, len(labels) - m)


PUBLISHED = {"generator": "default_rng", "seed": 1}
NEED_BOTH_CLASSES: dict[str, Kernel] = {
    "auroc": auroc,
    "fold interval": fold_interval,
    "Hanley-McNeil": certain,
    "DeLong": delong,
    "DeLong test": lambda s, y: delong_test(s, s[::-1], y),
    "pooled": pooled,
    "refit p": refitted,
    "deflated p": deflated,
}
DEFINED_FOR_ONE: dict[str, Kernel] = {
    "rounding": lambda s, y: round_significant(s),
    "midranks": lambda s, y: twice_midranks(s),
    "exact p": exact_p,
    "exact p within strata": lambda s, y: exact_p(s, y, list(range(len(y)))),
    "least exact p": lambda s, y: attainable_p(y),
    "labelings": lambda s, y: labelings(y, ["one"] * len(y), n_permutations=5, seed=1).labels,
    "accuracy": lambda s, y: accuracy(two_classes(s, y)),
    "class F1": lambda s, y: class_f1(two_classes(s, y)),
    "macro F1": lambda s, y: macro_f1(two_classes(s, y), classes="present"),
    "macro F1 of all": lambda s, y: macro_f1(two_classes(s, y), classes=(0, 1)),
}
BOTH_ONLY: dict[str, Kernel] = {  # the tables call them for folds of both classes only
    "bootstrap": bootstrapped,
    "published p": lambda s, y: published_p(s, y, n_permutations=20, **PUBLISHED),
    "published interval": lambda s, y: published_interval(
        s, y, bootstrap="choice", n_bootstraps=50, **PUBLISHED
    ),
    "moments": null_moments,
}
ALL = NEED_BOTH_CLASSES | DEFINED_FOR_ONE | BOTH_ONLY


def numbers(found: Any) -> Iterator[np.ndarray]:
    if isinstance(found, tuple):
        for part in found:
            yield from numbers(part)
    elif not isinstance(found, str):
        yield np.asarray(found, dtype=float)


def check(kernel: Kernel, scores: np.ndarray, labels: np.ndarray) -> bool:
    """Whether it gave numbers, all finite; else it said why not."""
    try:
        with np.errstate(invalid="raise", divide="raise"):
            found = kernel(scores, labels)
    except (ValueError, NotApplicableError) as error:
        assert len(str(error)) > 15  # noqa: PT017
        return False
    parts = list(numbers(found))
    assert parts
    assert all(np.isfinite(part).all() for part in parts)
    return True


NEEDS_MORE = {"DeLong", "DeLong test", "pooled"}


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("n", [2, 3, 6])
def test_all_tied(name: str, n: int) -> None:
    """No order at all: a number, but where a variance is asked of too few or of nothing."""
    labels = np.arange(n) % 2
    assert check(ALL[name], np.full(n, 0.3), labels) == (
        name not in NEEDS_MORE or (n == 6 and name != "pooled")
    )


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("scores", [(0.0, 1.0), (1.0, 0.0)])
def test_one_sample_of_each_class(name: str, scores: tuple[float, float]) -> None:
    assert check(ALL[name], np.array(scores), np.array([0, 1])) == (name not in NEEDS_MORE)


@pytest.mark.parametrize("name", NEED_BOTH_CLASSES)
@pytest.mark.parametrize("label", [0, 1])
def test_one_class_is_refused(name: str, label: int) -> None:
    for n in (1, 2, 5):
        assert not check(NEED_BOTH_CLASSES[name], np.arange(float(n)), np.full(n, label))


@pytest.mark.parametrize("name", DEFINED_FOR_ONE)
@pytest.mark.parametrize("label", [0, 1])
def test_one_class_has_a_value(name: str, label: int) -> None:
    for n in (1, 2, 5):
        assert check(DEFINED_FOR_ONE[name], np.arange(float(n)), np.full(n, label))


@pytest.mark.parametrize(
    "name", [*NEED_BOTH_CLASSES, "midranks", "exact p", "accuracy", "bootstrap", "moments"]
)
def test_nan_is_refused(name: str) -> None:
    assert not check(ALL[name], np.array([0.1, np.nan, 0.3, 0.2]), np.array([0, 1, 0, 1]))


@pytest.mark.parametrize("name", ALL)
@given(data=st.data())
@settings(deadline=None, max_examples=25)
def test_small_and_tied(name: str, data: st.DataObject) -> None:
    """Any few samples of both classes, most of them tied, some scores very large or infinite."""
    n = data.draw(st.integers(2, 6))
    some = st.sampled_from([0.0, -0.0, 1.0, 1.0 + 1e-15, 1e300, -1e300, 5e-324, np.inf])
    scores = np.array(data.draw(st.lists(some, min_size=n, max_size=n)))
    positive = data.draw(st.sets(st.integers(0, n - 1), min_size=1, max_size=n - 1))
    if name == "rounding":
        scores = np.where(np.isinf(scores), 0.0, scores)  # inf stays inf
    given_numbers = check(ALL[name], scores, np.isin(np.arange(n), list(positive)).astype(int))
    assert given_numbers or name in NEEDS_MORE
