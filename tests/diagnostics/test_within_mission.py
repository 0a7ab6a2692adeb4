"""Within a mission: against scikit-learn, the grid, and what chance gives."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline

from spacebio_bench.calibration.in_memory import run_in_memory
from spacebio_bench.cohort.simulate import simulate_cohort
from spacebio_bench.diagnostics import within_mission as module
from spacebio_bench.diagnostics.within_mission import WITHIN_COLUMNS, within_mission

from ._plans import planned, z_scored


def peer(x: np.ndarray, y: np.ndarray, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Decision values of scikit-learn's PCA and logistic regression."""
    x_train, x_test = z_scored(x[train], x[test])
    model = make_pipeline(
        PCA(len(train) - 1, svd_solver="full"),
        LogisticRegression(class_weight="balanced", tol=1e-10, max_iter=10_000),
    )
    return model.fit(x_train, y[train]).decision_function(x_test)


def test_values_are_those_of_scikit_learn() -> None:
    cohort = simulate_cohort(group_sizes=((4, 5), (5, 4), (4, 4)), n_genes=30, effect=0.8, seed=3)
    plan, cohorts = planned(cohort)
    rows = within_mission(plan, cohorts)
    assert [r["mission"] for r in rows] == ["SIM-1", "SIM-2", "SIM-3"]
    y = cohort.labels
    for row in rows:
        own = np.flatnonzero(cohort.missions == row["mission"])
        alone = [peer(cohort.x, y, np.setdiff1d(own, i), np.array([i]))[0] for i in own]
        assert row["loo_auroc"] == pytest.approx(roc_auc_score(y[own], alone))
        wins = []
        for pair in product(own[y[own] == 1], own[y[own] == 0]):
            first, second = peer(cohort.x, y, np.setdiff1d(own, pair), np.array(pair))
            wins.append(first > second)
        assert row["pair_auroc"] == pytest.approx(np.mean(wins))
        assert row["n_pairs"] == len(wins)
        others = np.setdiff1d(np.arange(len(y)), own)
        assert row["lomo_auroc"] == pytest.approx(
            roc_auc_score(y[own], peer(cohort.x, y, others, own))
        )


def test_the_fold_beside_it_is_the_one_of_the_grid() -> None:
    cohort = simulate_cohort(group_sizes=((5, 5),) * 3, n_genes=60, effect=0.5, seed=4)
    plan, cohorts = planned(cohort, scores=True)
    rows = within_mission(plan, cohorts)
    grid = run_in_memory(plan, next(iter(cohorts.values())))
    assert len(rows) == 6
    for row in rows:
        cell = f"{row['task']}/{row['feature_set']}/{row['model']}"
        assert row["lomo_auroc"] == grid.folds[cell, f"fold_{row['mission']}_test"].value
    assert {r["feature_set"]: r["transductive"] for r in rows} == {
        "gene": "features",
        "scores": "no",
    }


def test_chance_is_a_half_by_pairs_and_less_by_samples() -> None:
    loo, pairs = [], []
    for seed in range(12):
        cohort = simulate_cohort(group_sizes=((4, 4),) * 2, n_genes=20, effect=0.0, seed=seed)
        rows = within_mission(*planned(cohort))
        loo += [r["loo_auroc"] for r in rows]
        pairs += [r["pair_auroc"] for r in rows]
    error = np.std(pairs) / np.sqrt(len(pairs))
    assert abs(np.mean(pairs) - 0.5) < 3 * error
    assert np.mean(loo) < np.mean(pairs) - 0.05


def test_a_mission_of_one_sample_of_a_class_has_the_reason() -> None:
    cohort = simulate_cohort(group_sizes=((4, 4), (1, 4), (4, 4)), n_genes=20, seed=1)
    table = pd.DataFrame(within_mission(*planned(cohort)), columns=list(WITHIN_COLUMNS))
    table = table.set_index("mission")
    assert list(table["status"]) == ["ok", "not_applicable", "ok"]
    assert "2 of each needed" in table["reason"]["SIM-2"]
    assert table.loc["SIM-2", ["loo_auroc", "pair_auroc", "lomo_auroc"]].isna().all()


def test_a_large_mission_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PAIRS", 10)
    cohort = simulate_cohort(group_sizes=((4, 4),) * 2, n_genes=20, effect=3.0, seed=1)
    rows = within_mission(*planned(cohort))
    assert {r["n_pairs"] for r in rows} == {10}
    assert rows == within_mission(*planned(cohort))
    assert min(r["pair_auroc"] for r in rows) > 0.8
