"""Intervals and p of macro-F1 against scikit-learn call by call, brute force and simulation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score
from sklearn.model_selection import RepeatedStratifiedKFold

from spacebio_bench.models import build_model
from spacebio_bench.statistics.class_intervals import (
    published_class_interval,
    published_class_p,
    stratified_class_bootstrap,
)

GENERATORS = ("RandomState", "default_rng")


def drawn(n: int, k: int, *, right: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, n)
    return np.where(rng.random(n) < right, truth, rng.integers(0, k, n)), truth


def macro(truth: np.ndarray, predicted: np.ndarray) -> float:
    return f1_score(truth, predicted, average="macro", zero_division=0)


@pytest.mark.parametrize("generator", GENERATORS)
@pytest.mark.parametrize(("n", "k"), [(9, 3), (60, 6), (40, 10)])
def test_published_interval_is_scikit_learns_call_by_call(generator: str, n: int, k: int) -> None:
    predicted, truth = drawn(n, k, right=0.5, seed=n)
    rng = np.random.RandomState(42) if generator == "RandomState" else np.random.default_rng(42)
    values = []
    for _ in range(150):
        i = rng.randint(0, n, n) if generator == "RandomState" else rng.choice(n, n)
        values.append(macro(truth[i], predicted[i]))
    found = published_class_interval(
        predicted, truth, k=k, generator=generator, n_bootstraps=150, seed=42
    )
    assert tuple(found) == tuple(np.percentile(values, [2.5, 97.5]))


@given(st.integers(3, 12), st.integers(2, 9), st.sampled_from(GENERATORS), st.integers(0, 99))
@settings(deadline=None, max_examples=10)
def test_published_p_is_scikit_learns_call_by_call(
    n: int, k: int, generator: str, seed: int
) -> None:
    """Few samples tie often, so that the last bit matters."""
    predicted, truth = drawn(n, k, right=0.4, seed=seed)
    rng = np.random.RandomState(7) if generator == "RandomState" else np.random.default_rng(7)
    observed = macro(truth, predicted)
    b = sum(macro(rng.permutation(truth), predicted) >= observed for _ in range(60))
    found = published_class_p(predicted, truth, k=k, generator=generator, n_permutations=60, seed=7)
    assert found == (b + 1) / 61


def test_interval_within_classes_is_that_of_drawn_samples() -> None:
    predicted, truth = drawn(80, 4, right=0.6, seed=1)
    rng = np.random.default_rng(0)
    members = [np.flatnonzero(truth == c) for c in range(4)]
    values = []
    for _ in range(800):
        i = np.concatenate([rng.choice(m, len(m)) for m in members])
        values.append(macro(truth[i], predicted[i]))
    found = stratified_class_bootstrap(predicted, truth, k=4, n_draws=20_000, seed=3)
    assert found == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=0.015)
    again = stratified_class_bootstrap(predicted, truth, k=4, n_draws=20_000, seed=3)
    assert found == again
    assert found != stratified_class_bootstrap(predicted, truth, k=4, n_draws=20_000, seed=4)


def test_interval_within_classes_covers_the_macro_f1_of_many_samples() -> None:
    sizes, confused = [30, 20, 10], np.array([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.2, 0.2, 0.6]])
    expected = confused * np.array(sizes)[:, None]
    true = np.mean(2 * expected.diagonal() / (expected.sum(axis=0) + expected.sum(axis=1)))
    rng, truth = np.random.default_rng(5), np.repeat(np.arange(3), sizes)
    covered = []
    for run in range(400):
        predicted = (rng.random((60, 1)) > confused.cumsum(axis=1)[truth]).sum(axis=1)
        low, high = stratified_class_bootstrap(predicted, truth, k=3, n_draws=400, seed=run)
        covered.append(low <= true <= high)
    assert 0.9 < np.mean(covered) < 0.99


def test_predictions_without_an_error_and_classes_that_do_not_occur() -> None:
    truth = np.array([0, 0, 2, 2])
    assert stratified_class_bootstrap(truth, truth, k=4, n_draws=50, seed=0) == (1, 1)
    half = stratified_class_bootstrap(truth, truth, k=4, n_draws=50, seed=0, classes=range(4))
    assert half == (0.5, 0.5)
    assert (
        published_class_p(truth, truth, k=4, generator="default_rng", n_permutations=9, seed=0) < 1
    )


@pytest.mark.data
def test_published_liver_missions_come_out(development_data: Path) -> None:
    """Task D3: samples by id, five folds ten times, probabilities added up over repeats."""
    folder = development_data / "reference" / "gsva"
    studies = pd.read_csv(folder / "studies.csv").query("tissue == 'liver'")
    parts = [
        pd.read_csv(folder / row["feature.hallmark"], index_col=0).assign(mission=row["mission"])
        for _, row in studies.iterrows()
    ]
    table = pd.concat(parts, join="inner").sort_index()
    truth = pd.factorize(table["mission"], sort=True)[0].astype(np.int8)
    x = table.drop(columns="mission").to_numpy()
    total = np.zeros((len(x), 6))
    splits = RepeatedStratifiedKFold(n_splits=5, n_repeats=10, random_state=42)
    for train, test in splits.split(x, truth):
        mean, sd = x[train].mean(axis=0), x[train].std(axis=0, ddof=1)
        model = build_model("multinomial_lr", solver="lbfgs")
        scorer = model.prepare((x[train] - mean) / sd, (x[test] - mean) / sd, seed=0)
        total[test] += scorer.score(truth[train][:, None])[0]
    predicted = total.argmax(axis=1)
    rows = pd.read_csv(folder / "published.csv").query("task == 'D3'")
    classes = rows[rows["metric"] == "f1"].sort_values("unit")["value"].to_numpy()
    published = rows[rows["unit"] == "all"].set_index("metric")["value"]
    assert f1_score(truth, predicted, average=None) == pytest.approx(classes, abs=1e-12)
    assert macro(truth, predicted) == pytest.approx(published["macro_f1"], abs=1e-12)
    setup = {"k": 6, "generator": "RandomState", "seed": 42}
    interval = published_class_interval(predicted, truth, n_bootstraps=2000, **setup)
    assert interval == pytest.approx((published["ci_low"], published["ci_high"]), abs=1e-12)
    p = published_class_p(predicted, truth, n_permutations=10_000, **setup)
    assert p == published["perm_p"]
