"""Simulated truth: the grid finds what is planted, and nothing where nothing is."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import stats

from spacebio_bench.cohort.simulate import SimulatedCohort, simulate_cohort
from spacebio_bench.features import z_score
from spacebio_bench.models import build_model
from spacebio_bench.protocol import load_protocol
from spacebio_bench.statistics.auroc import auroc
from spacebio_bench.statistics.labelings import labelings
from spacebio_bench.statistics.permutation import refit_p

LINEAR = ("elasticnet_lr", "pca_lr")
NULL_COHORTS = 200
PERMUTATIONS = 39


def fold_values(cohort: SimulatedCohort, model: str, n_permutations: int, seed: int) -> np.ndarray:
    """AUROC of each fold and labeling, as the grid computes it: scale on train, fit, score."""
    labels = labelings(
        cohort.labels, cohort.missions, n_permutations=n_permutations, seed=seed
    ).labels
    built = build_model(model, **load_protocol("calibrated").models[model])
    values = []
    for mission in sorted(set(cohort.missions)):
        test = cohort.missions == mission
        x_train, x_test = z_score(cohort.x[~test], cohort.x[test], ddof=1)
        scores = built.prepare(x_train, x_test, seed=seed).score(labels[~test])
        values.append(auroc(scores, labels[test]))
    return np.array(values)


@cache
def null_p_values(model: str) -> tuple[float, ...]:
    """Refit p-values of cohorts in which flight changes nothing, three missions of 6 + 6."""
    found = []
    for seed in range(NULL_COHORTS):
        cohort = simulate_cohort(group_sizes=((6, 6),) * 3, n_genes=60, effect=0.0, seed=seed)
        values = fold_values(cohort, model, PERMUTATIONS, seed)
        found.append(refit_p(values, enumerated=False, n_possible=1e9).p)
    return tuple(found)


@pytest.mark.parametrize("model", LINEAR)
def test_linear_models_find_a_planted_signature(model: str) -> None:
    cohorts = [simulate_cohort(n_genes=300, effect=1.5, seed=seed) for seed in range(5)]
    means = [fold_values(c, model, 0, 1)[:, 0].mean() for c in cohorts]
    assert np.mean(means) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("model", ["knn", "pca_lr"])
@pytest.mark.parametrize("level", [0.05, 0.2])
def test_null_cohorts_are_rejected_as_often_as_stated(model: str, level: float) -> None:
    rejected = sum(p <= level + 1e-9 for p in null_p_values(model))
    low, high = stats.binom.interval(0.99, NULL_COHORTS, level)
    assert low <= rejected <= high


@pytest.mark.slow
def test_the_bound_would_catch_a_test_that_does_not_refit() -> None:
    """Test labels shuffled against fixed scores: the size is off, and the limits above see it."""
    cohorts = 2 * NULL_COHORTS
    rejected = 0
    for seed in range(cohorts):
        cohort = simulate_cohort(group_sizes=((6, 6),) * 4, n_genes=20, effect=0.0, seed=seed)
        labels = labelings(cohort.labels, cohort.missions, n_permutations=99, seed=seed).labels
        values = []
        for mission in sorted(set(cohort.missions)):
            test = cohort.missions == mission
            x_train, x_test = z_score(cohort.x[~test], cohort.x[test], ddof=1)
            prepared = build_model("pca_lr").prepare(x_train, x_test, seed=seed)
            fixed = prepared.score(labels[~test][:, :1])
            values.append(auroc(fixed, labels[test]))
        p = refit_p(np.array(values), enumerated=False, n_possible=1e9).p
        rejected += p <= 0.05
    assert rejected > stats.binom.interval(0.99, cohorts, 0.05)[1]


def test_a_gene_that_only_marks_the_mission_does_not_help() -> None:
    """Fifty features that tell missions apart perfectly leave the AUROC where it was."""
    rng = np.random.default_rng(5)
    with_markers, without = [], []
    for seed in range(12):
        cohort = simulate_cohort(n_genes=100, effect=0.6, seed=seed)
        _, mission = np.unique(cohort.missions, return_inverse=True)
        markers = 20.0 * rng.normal(size=(mission.max() + 1, 50))[mission]
        markers += rng.normal(0, 1e-3, markers.shape)
        marked = SimulatedCohort(
            np.hstack([cohort.x, markers]),
            cohort.labels,
            cohort.missions,
            cohort.strata,
            cohort.truth,
        )
        without.append(fold_values(cohort, "pca_lr", 0, 1)[:, 0].mean())
        with_markers.append(fold_values(marked, "pca_lr", 0, 1)[:, 0].mean())
    assert np.mean(with_markers) <= np.mean(without) + 0.02


@pytest.mark.parametrize("model", ["elasticnet_lr", "knn", "pca_lr", "svm_rbf"])
def test_labels_of_the_held_out_mission_change_no_score(model: str) -> None:
    cohort = simulate_cohort(n_genes=50, effect=1.0, seed=3)
    test = cohort.missions == "SIM-1"
    x_train, x_test = z_score(cohort.x[~test], cohort.x[test], ddof=1)
    flipped = np.where(test, 1 - cohort.labels, cohort.labels)
    built = build_model(model, **load_protocol("calibrated").models[model])
    prepared = built.prepare(x_train, x_test, seed=1)
    first = prepared.score(cohort.labels[~test, None].astype(np.int8))
    second = prepared.score(flipped[~test, None].astype(np.int8))
    np.testing.assert_array_equal(first, second)
