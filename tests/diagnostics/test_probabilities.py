"""Calibration of a cell's probabilities: right ones, too extreme ones, and log odds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import brier_score_loss

from spacebio_bench.cohort.simulate import simulate_cohort
from spacebio_bench.diagnostics.probabilities import calibration_rows
from spacebio_bench.grid.plan import Plan

from ._plans import planned


def one_cell(model: str) -> Plan:
    plan, _ = planned(simulate_cohort(n_genes=20, seed=1))
    cell = dataclasses.replace(plan.cells[0], model=model)
    return dataclasses.replace(plan, cells=(cell,))


def predictions(plan: Plan, scores: np.ndarray, labels: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"cell": plan.cells[0].cell, "label": labels, "score": scores})


@pytest.mark.parametrize(("factor", "slope"), [(1.0, 1.0), (3.0, 1 / 3)])
def test_log_odds_that_are_too_extreme_have_a_slope_below_one(factor: float, slope: float) -> None:
    rng = np.random.default_rng(5)
    logit = rng.normal(scale=1.5, size=4000)
    labels = (rng.random(4000) < expit(logit)).astype(int)
    plan = one_cell("pca_lr")
    (row,) = calibration_rows(plan, predictions(plan, factor * logit, labels))
    assert row["slope"] == pytest.approx(slope, rel=0.1)
    assert row["slope_low"] < slope < row["slope_high"]
    assert row["brier"] == pytest.approx(brier_score_loss(labels, expit(factor * logit)))


def test_probabilities_are_taken_as_they_are_and_margins_are_not_asked() -> None:
    rng = np.random.default_rng(6)
    p = rng.random(500)
    labels = (rng.random(500) < p).astype(int)
    forest, machine = one_cell("rf"), one_cell("svm_rbf")
    (row,) = calibration_rows(forest, predictions(forest, p, labels))
    assert row["brier"] == pytest.approx(brier_score_loss(labels, p))
    assert calibration_rows(machine, predictions(machine, p, labels)) == []
