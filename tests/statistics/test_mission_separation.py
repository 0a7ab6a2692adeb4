"""How well features separate missions, against scikit-learn and plain loops."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import NearestCentroid

from spacebio_bench.statistics.mission_separation import nearest_centroid_accuracy, separation


@pytest.mark.parametrize("seed", range(8))
def test_accuracy_is_that_of_scikit_learn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat(["a", "b", "c"], [4, 9, 5]))
    shift = rng.normal(0, 0.5, (3, 12))[np.unique(group, return_inverse=True)[1]]
    x = rng.normal(size=(18, 12)) + shift
    named = cross_val_predict(NearestCentroid(), x, group, cv=LeaveOneOut())
    assert nearest_centroid_accuracy(x, group) == pytest.approx(
        balanced_accuracy_score(group, named)
    )


def test_a_sample_alone_in_its_mission_cannot_be_named() -> None:
    x = np.array([[0.0], [0.1], [9.0]])
    assert nearest_centroid_accuracy(x, ["a", "a", "b"]) == 0.5


def test_features_without_difference_name_no_mission() -> None:
    assert nearest_centroid_accuracy(np.ones((6, 3)), ["a", "b"] * 3) == 0


@pytest.mark.parametrize("seed", range(4))
def test_shares_are_those_of_a_regression(seed: int) -> None:
    """R^2 of multivariate least squares on mission indicators, and what the label adds to it."""
    rng = np.random.default_rng(seed)
    mission = rng.permutation(np.repeat([0, 1, 2, 3], [5, 6, 8, 5]))
    label = rng.permutation(np.repeat([0, 1], 12))
    x = rng.normal(size=(24, 30)) + rng.normal(size=(4, 30))[mission] + label[:, None] * 0.7
    z = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    dummies = np.eye(4)[mission]

    def explained(design: np.ndarray) -> float:
        left = z - LinearRegression().fit(design, z).predict(design)
        return float(1 - (left**2).sum() / (z**2).sum())

    found = separation(x, mission, label)
    both = np.column_stack([dummies, label])
    assert found.mission_share == pytest.approx(explained(dummies))
    assert found.label_share == pytest.approx(explained(both) - explained(dummies))


def test_random_groups_have_the_share_that_chance_gives() -> None:
    rng = np.random.default_rng(3)
    group, label = np.repeat(["a", "b"], 10), [0, 1] * 10
    found = [separation(rng.normal(size=(20, 40)), group, label) for _ in range(300)]
    share = np.mean([f.mission_share for f in found])
    assert share == pytest.approx(found[0].mission_chance, rel=0.05)
    assert found[0].accuracy_chance == 0.5


def test_labels_shuffled_within_missions_have_the_share_that_chance_gives() -> None:
    rng = np.random.default_rng(4)
    mission = np.repeat([0, 1, 2], [6, 8, 10])
    x = rng.normal(size=(24, 15)) + 2 * rng.normal(size=(3, 15))[mission]
    label = np.arange(24) % 2
    found = []
    for _ in range(600):
        for m in range(3):
            label[mission == m] = rng.permutation(label[mission == m])
        found.append(separation(x, mission, label))
    share = np.mean([f.label_share for f in found])
    assert share == pytest.approx(found[0].label_chance, rel=0.06)


def test_one_mission_or_one_label_has_no_answer() -> None:
    rng = np.random.default_rng(0)
    found = separation(rng.normal(size=(8, 5)), ["a"] * 8, [1] * 8)
    assert np.isnan([found.accuracy, found.mission_share, found.label_share]).all()


def test_constant_and_rescaled_features_change_nothing() -> None:
    rng = np.random.default_rng(1)
    x, mission, label = rng.normal(size=(12, 6)), ["a", "b", "c"] * 4, [0, 1] * 6
    changed = np.column_stack([x * np.logspace(-3, 3, 6) + 5, np.full(12, 7.0)])
    plain, other = separation(x, mission, label), separation(changed, mission, label)
    assert vars(plain) == pytest.approx(vars(other))
