"""Calibration against scikit-learn, R's glm, a plain loop, and simulations with a known answer."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss

from spacebio_bench.statistics.calibration_curve import (
    NEAREST,
    brier_score,
    calibration,
    calibration_intercept,
    calibration_slope,
    expected_calibration_error,
)


def drawn(n: int, *, slope=1.0, intercept=0.0, seed=0) -> tuple[np.ndarray, np.ndarray]:
    """Stated probabilities, and labels whose log odds are intercept + slope times the stated."""
    rng = np.random.default_rng(seed)
    logit = rng.normal(size=n) * 1.5
    y = (rng.random(n) < special.expit(intercept + slope * logit)).astype(int)
    y[:2] = 0, 1
    return special.expit(logit), y


@given(st.integers(4, 60), st.integers(1, 12), st.integers(0, 2**16))
@settings(deadline=None, max_examples=50)
def test_brier_and_binned_error(n: int, n_bins: int, seed: int) -> None:
    p, y = drawn(n, seed=seed)
    p = np.where(np.arange(n) % 3 == 0, np.round(p, 1), p)
    assert brier_score(p, y) == pytest.approx(brier_score_loss(y, p), abs=1e-15)
    edges, error = np.linspace(0, 1, n_bins + 1), 0.0
    for b in range(n_bins):
        inside = (p > edges[b]) & (p <= edges[b + 1]) | ((b == 0) & (p == 0))
        if inside.any():
            error += inside.mean() * abs(y[inside].mean() - p[inside].mean())
    assert expected_calibration_error(p, y, n_bins=n_bins) == pytest.approx(error, abs=1e-14)


@given(st.integers(12, 60), st.floats(0.1, 1.2), st.floats(-1, 1), st.integers(0, 2**16))
@settings(deadline=None, max_examples=40)
def test_slope_is_that_of_scikit_learn(n: int, slope: float, intercept: float, seed: int) -> None:
    p, y = drawn(n, slope=slope, intercept=intercept, seed=seed)
    y[2:6], p[2:6] = (0, 1, 0, 1), (0.9, 0.1, 0.2, 0.8)  # the classes overlap
    logit = special.logit(p)[:, None]
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12, max_iter=500)
    assert calibration_slope(p, y) == pytest.approx(model.fit(logit, y).coef_[0, 0], abs=1e-7)


@given(st.integers(4, 60), st.floats(-3, 3), st.integers(0, 2**16))
@settings(deadline=None, max_examples=40)
def test_intercept_makes_the_mean_right(n: int, intercept: float, seed: int) -> None:
    p, y = drawn(n, intercept=intercept, seed=seed)
    found = calibration_intercept(p, y)
    assert special.expit(special.logit(p) + found).mean() == pytest.approx(y.mean(), abs=1e-12)


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not there")
def test_slope_and_intercept_are_those_of_glm() -> None:
    p, y = drawn(40, slope=0.6, intercept=-0.5, seed=3)
    script = f"""
        p <- c({",".join(map(repr, p.tolist()))}); y <- c({",".join(map(str, y.tolist()))})
        tight <- glm.control(epsilon = 1e-14, maxit = 100)
        slope <- coef(glm(y ~ qlogis(p), family = binomial, control = tight))[[2]]
        level <- coef(glm(y ~ offset(qlogis(p)), family = binomial, control = tight))[[1]]
        cat(sprintf("%.15g %.15g", slope, level))
    """
    done = subprocess.run(
        ["Rscript", "--vanilla", "-e", script], capture_output=True, text=True, check=True
    )
    slope, level = map(float, done.stdout.split())
    assert calibration_slope(p, y) == pytest.approx(slope, rel=1e-9)
    assert calibration_intercept(p, y) == pytest.approx(level, rel=1e-9)


def test_of_many_samples_is_the_truth() -> None:
    p, y = drawn(40_000, slope=0.5, intercept=0.8, seed=1)
    assert calibration_slope(p, y) == pytest.approx(0.5, abs=0.04)
    p, y = drawn(40_000, seed=2)
    assert calibration_intercept(p, y) == pytest.approx(0, abs=0.05)
    assert expected_calibration_error(p, y) < 0.02
    assert expected_calibration_error(p**3, y) > 0.1


def test_intervals_are_those_of_drawn_samples_one_by_one() -> None:
    p, y = drawn(30, seed=4)
    found = calibration(p, y, n_draws=200, seed=9)
    singles = (brier_score, expected_calibration_error, calibration_slope, calibration_intercept)
    draws = np.random.default_rng(9).multinomial(30, np.full(30, 1 / 30), size=200)
    for measure, single in zip(found, singles, strict=True):
        assert measure.value == pytest.approx(single(p, y), abs=1e-12)
        values = [single(np.repeat(p, d), np.repeat(y, d)) for d in draws]
        assert np.isfinite(values).all()
        low, high = np.quantile(values, [0.025, 0.975])
        assert measure.interval == pytest.approx((low, high), abs=1e-8)


@pytest.mark.slow
def test_intervals_cover() -> None:
    covered = []
    for run in range(200):
        p, y = drawn(100, slope=0.7, intercept=0.3, seed=run)
        low, high = calibration(p, y, n_draws=200, seed=run).slope.interval
        covered.append(low <= 0.7 <= high)
    assert 0.88 < np.mean(covered) < 0.99


def test_what_a_threshold_tells_apart_has_an_infinite_slope() -> None:
    y = np.array([0, 0, 0, 1, 1, 1])
    p = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.9])
    found = calibration(p, y, n_draws=100, seed=0)
    assert found.slope == (np.inf, (np.inf, np.inf))
    assert np.isfinite([found.intercept.value, *found.intercept.interval]).all()
    assert calibration_slope(1 - p, y) == -np.inf
    tied = np.array([0.1, 0.2, 0.5, 0.5, 0.7, 0.9])  # quasi-complete
    assert calibration_slope(tied, y) == np.inf
    some = calibration(np.array([0.1, 0.2, 0.65, 0.6, 0.7, 0.9]), y, n_draws=400, seed=0).slope
    assert 0 < some.value < some.interval.high == np.inf
    assert np.isfinite(some.interval.low)


@pytest.mark.parametrize("middle", [0.4, 0.6, 0.75])
@pytest.mark.parametrize("gap", [1e-3, 1e-6, 1e-9])
def test_classes_that_overlap_by_a_hair_have_a_finite_slope(middle: float, gap: float) -> None:
    """The slope at which the gradient, summed with its two near samples apart, is 0."""
    p, y = np.array([0.1, 0.2, middle + gap, middle, 0.85, 0.9]), np.array([0, 0, 0, 1, 1, 1])
    slope, x = calibration_slope(p, y), special.logit(p)
    assert 4 < slope < 60
    x = x - x[3]  # at the maximum over the intercept both gradients vanish
    low, high = -1.0, 1.0
    for _ in range(200):
        level = (low + high) / 2
        too_low = (special.expit(level + slope * x) - y).sum() < 0
        low, high = (level, high) if too_low else (low, level)
    wrong = np.where(y == 1, special.expit(-level - slope * x), special.expit(level + slope * x))
    parts = np.where(y == 1, wrong, -wrong) * x
    assert abs(parts.sum()) < 1e-3 * np.abs(parts).sum()


def test_equal_probabilities_have_no_slope() -> None:
    found = calibration(np.full(10, 0.3), np.arange(10) % 2, n_draws=50, seed=0)
    assert np.isnan([found.slope.value, *found.slope.interval]).all()
    assert found.intercept.value == pytest.approx(special.logit(0.5) - special.logit(0.3))


def test_certainty_counts_as_nearly_certain() -> None:
    p, y = np.array([0.0, 0.0, 1.0, 1.0, 0.4]), np.array([0, 1, 0, 1, 1])
    near = np.clip(p, NEAREST, 1 - NEAREST)
    assert calibration_slope(p, y) == calibration_slope(near, y)
    assert calibration_intercept(p, y) == calibration_intercept(near, y)


@pytest.mark.parametrize(
    ("p", "y", "message"),
    [
        ([0.5, 1.2], [0, 1], "not probabilities"),
        ([0.5, np.nan], [0, 1], "not probabilities"),
        ([0.5], [0, 1], "not probabilities"),
        ([0.5, 0.6], [1, 1], "not 0 and 1"),
        ([0.5, 0.6], [1, 2], "not 0 and 1"),
    ],
)
def test_what_has_no_calibration_is_refused(p, y, message) -> None:
    with pytest.raises(ValueError, match=message):
        calibration(p, y, n_draws=9, seed=0)
