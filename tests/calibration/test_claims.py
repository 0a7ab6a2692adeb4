"""Bounds, verdicts and Monte Carlo errors, against scipy and against counting."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from spacebio_bench.calibration.claims import (
    CHANCE,
    Claim,
    Result,
    chance_of,
    monte_carlo_error,
    pooled,
)
from spacebio_bench.calibration.designs import experiments
from spacebio_bench.calibration.statements import CLAIMS, NULL_COHORTS

SIZE = Claim("size", 0.035, 0.065)
COVER = Claim("coverage", low=0.92)
NEVER = Claim("never", high=1e-9)


@dataclass(frozen=True)
class Case:
    claim: Claim
    n: int
    estimate: float
    verdict: str


CASES = {
    "inside": Case(SIZE, 2000, 0.05, "holds"),
    "at the bound": Case(SIZE, 2000, 0.065, "holds"),
    "above, chance explains it": Case(SIZE, 200, 0.08, "open"),
    "above, it does not": Case(SIZE, 2000, 0.085, "fails"),
    "below, it does not": Case(SIZE, 2000, 0.02, "fails"),
    "coverage below, few": Case(COVER, 50, 0.90, "open"),
    "coverage below, many": Case(COVER, 2000, 0.89, "fails"),
    "once is too often": Case(NEVER, 25, 0.04, "fails"),
    "never": Case(NEVER, 25, 0.0, "holds"),
    "all but one": Case(Claim("all", low=1.0), 25, 0.96, "fails"),
    "nothing claimed": Case(Claim("told"), 25, 0.96, "reported"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_verdict(case: Case) -> None:
    row = Result("key", case.claim, "design", "model", case.n, case.estimate, 0.01)
    assert row.verdict == case.verdict


def test_a_claim_that_is_true_at_its_bound_seldom_fails() -> None:
    rng = np.random.default_rng(1)
    counts = rng.binomial(300, 0.065, size=4000)
    found = [Result("k", SIZE, "", "", 300, c / 300, 0.0).verdict for c in counts]
    assert found.count("fails") / 4000 < CHANCE + 0.004


def test_chance_is_the_binomial_test() -> None:
    up = stats.binomtest(31, 300, 0.065, alternative="greater").pvalue
    down = stats.binomtest(3, 300, 0.035, alternative="less").pvalue
    assert chance_of(31 / 300, 0.065, 300, above=True) == pytest.approx(up)
    assert chance_of(3 / 300, 0.035, 300, above=False) == pytest.approx(down)


def test_monte_carlo_error_is_the_sd_of_the_mean_over_repetitions() -> None:
    rng = np.random.default_rng(2)
    rates = (rng.random((3000, 150)) < 0.07).astype(float)
    errors = np.array([monte_carlo_error(row) for row in rates])
    assert errors.mean() == pytest.approx(rates.mean(axis=1).std(), rel=0.03)


def test_a_rate_of_none_has_an_error() -> None:
    none, all_of_them = monte_carlo_error(np.zeros(100)), monte_carlo_error(np.ones(100))
    assert 0 < none < 0.01
    assert none == pytest.approx(all_of_them)


def test_pooled_rows_are_those_of_all_cohorts_together() -> None:
    rng = np.random.default_rng(3)
    parts = [(rng.random(n) < 0.3).astype(float) for n in (60, 200)]
    rows = [
        Result("k", SIZE, str(i), "m", len(v), v.mean(), monte_carlo_error(v))
        for i, v in enumerate(parts)
    ]
    together = pooled(rows, "all")
    both = np.concatenate(parts)
    assert together.n == 260
    assert together.estimate == pytest.approx(both.mean())
    assert together.error == pytest.approx(monte_carlo_error(both), rel=0.02)


def test_bounds_are_those_that_were_promised() -> None:
    bounds = {key: (c.low, c.high) for key, c in CLAIMS.items()}
    assert bounds["refit_05"] == (0.035, 0.065)
    assert bounds["these"][0] == 0.92
    assert bounds["population"][0] == 0.9
    assert bounds["fixed_05"][0] == 0.085
    assert bounds["strata_ignored_05"][0] == 0.1
    assert bounds["planted"][0] == 0.9
    assert bounds["deflated_05"][1] == bounds["max_t_05"][1] == 0.065
    low, high = stats.binom.interval(0.99, NULL_COHORTS, 0.05)
    assert bounds["null_200"] == (low / NULL_COHORTS, high / NULL_COHORTS)


def test_every_design_has_cohorts_enough_and_a_name_of_its_own() -> None:
    every = experiments()
    names = [e.name for e in every]
    assert len(set(names)) == len(names)
    few = {e.name for e in every if e.cohorts < 2000}
    assert few == {
        "2x6+6-models",
        "2x6+6-slow",
        "3x6+6-linear",
        "4x6+6-planted",
        "3x6+6-reordered",
    }
    assert 8 < sum(e.quick_cohorts > 0 for e in every) < 20
