"""DerSimonian-Laird pooling: the published table, its definition, what it covers, bad studies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from spacebio_bench.errors import NotApplicableError
from spacebio_bench.statistics.pooling import dersimonian_laird
from spacebio_bench.statistics.variances import hanley_mcneil_variance

PUBLISHED = Path(__file__).resolve().parents[1] / "golden" / "published_forest.csv"


@pytest.mark.parametrize("cell", ["elasticnet_lr", "pca_lr", "rf", "xgb", "svm_rbf"])
def test_published_forest_plots(cell: str) -> None:
    """The fold AUROCs were rounded to four digits before they were pooled."""
    table = pd.read_csv(PUBLISHED)
    table = table[table["cell"] == f"liver/gene/{cell}"]
    value = table["auroc"]
    clipped = value.clip(0.001, 0.999)
    variance = hanley_mcneil_variance(clipped, table["n_positive"], table["n_negative"])
    assert np.sqrt(variance) == pytest.approx(table["se"].to_numpy(), abs=5.1e-5)
    found, row = dersimonian_laird(value, variance), table.iloc[0]
    assert found.estimate == pytest.approx(row["pooled"], abs=5.1e-5)
    assert found.low == pytest.approx(row["low"], abs=6e-5)
    assert found.high == pytest.approx(row["high"], abs=6e-5)
    assert found.tau2 == pytest.approx(row["tau2"], abs=5.1e-7)
    assert found.i2 * 100 == pytest.approx(row["i2_percent"], abs=0.051)
    assert found.q == pytest.approx(row["q"], abs=5.1e-4)
    assert found.p_heterogeneity == pytest.approx(row["q_p"], abs=5.1e-5)


STUDIES = st.lists(st.tuples(st.floats(-5, 5), st.floats(1e-4, 10)), min_size=2, max_size=8)


@given(STUDIES)
def test_moments_are_solved(studies: list[tuple[float, float]]) -> None:
    """tau2 makes the expected Q, given fixed weights, the observed one; solved, not written out."""
    y, v = np.array(studies).T
    found, w = dersimonian_laird(y, v), 1 / v
    centre = w / w.sum()

    def expected_q(tau2: float) -> float:
        """Trace of the quadratic form of Q with the covariance diag(v + tau2)."""
        form = np.diag(w) - np.outer(w, w) / w.sum()
        return float(np.trace(form @ np.diag(v + tau2)))

    assert found.q == pytest.approx(float(w @ (y - centre @ y) ** 2), rel=1e-9, abs=1e-9)
    if found.q <= len(y) - 1:
        assert (found.tau2, found.i2) == (0.0, 0.0)
    else:
        root = optimize.brentq(lambda t: expected_q(t) - found.q, -1.0, 1e4, xtol=1e-12)
        assert found.tau2 == pytest.approx(root, rel=1e-6, abs=1e-9)
        assert found.i2 == pytest.approx(1 - (len(y) - 1) / found.q)
    weight = 1 / (v + found.tau2)
    assert found.estimate == pytest.approx((weight @ y) / weight.sum(), abs=1e-12)
    assert found.low <= found.estimate <= found.high
    assert min(y) - 1e-12 <= found.estimate <= max(y) + 1e-12
    assert np.isfinite(found).all()


def test_interval_covers_with_many_studies() -> None:
    rng = np.random.default_rng(3)
    v = rng.uniform(0.002, 0.02, 40)
    covered = []
    for _ in range(1500):
        y = 0.7 + rng.normal(0, 0.1, 40) + rng.normal(0, np.sqrt(v))
        found = dersimonian_laird(y, v)
        covered.append(found.low <= 0.7 <= found.high)
    assert 0.93 < np.mean(covered) < 0.965


def test_heterogeneity_p_is_uniform_without_any() -> None:
    rng = np.random.default_rng(4)
    v = np.array([0.01, 0.05, 0.02, 0.1])
    p = [dersimonian_laird(rng.normal(0.7, np.sqrt(v)), v).p_heterogeneity for _ in range(2000)]
    assert stats.kstest(p, "uniform").pvalue > 1e-3


def test_equal_variances_weigh_alike() -> None:
    found = dersimonian_laird([0.2, 0.9, 0.7], [0.01] * 3)
    assert found.estimate == pytest.approx(0.6)
    assert found.tau2 == pytest.approx(np.var([0.2, 0.9, 0.7], ddof=1) - 0.01)
    narrow = dersimonian_laird([0.2, 0.9, 0.7], [0.01] * 3, level=0.5)
    assert found.low < narrow.low < 0.6 < narrow.high < found.high


@pytest.mark.parametrize(
    ("estimates", "variances", "reason"),
    [
        ([], [], "two studies or more; there are 0"),
        ([0.7], [0.01], "two studies or more; there is 1"),
        ([0.7, 1.0, 1.0], [0.01, 0.0, 0.0], "2 of 3 studies have no variance"),
        ([0.7, 1.0], [0.01, 5e-324], "1 of 2 studies have no variance"),
    ],
)
def test_what_cannot_be_pooled(estimates: list[float], variances: list[float], reason: str) -> None:
    with pytest.raises(NotApplicableError, match=reason):
        dersimonian_laird(estimates, variances)


@pytest.mark.parametrize(
    ("estimates", "variances", "message"),
    [
        ([0.7, 0.8], [0.01], "do not fit"),
        ([[0.7, 0.8]], [[0.01, 0.02]], "do not fit"),
        ([0.7, np.nan], [0.01, 0.01], "not finite"),
        ([0.7, 0.8], [0.01, np.inf], "not finite"),
        ([0.7, 0.8], [0.01, -0.01], "below 0"),
    ],
)
def test_bad_input(estimates: list[float], variances: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dersimonian_laird(estimates, variances)


def test_weights_far_apart_stay_finite() -> None:
    for small in (1e-12, 1e-100, 1e-299):
        assert np.isfinite(dersimonian_laird([1.0, 0.5, 0.2], [small, 0.02, 0.1])).all()
        assert np.isfinite(dersimonian_laird([1.0, 1.0, 0.5], [small, small, 0.1])).all()
