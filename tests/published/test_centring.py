"""Features centred within missions name them worse than chance, whatever they measure."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from . import centring


def macro_f1(x: np.ndarray, mission: np.ndarray) -> float:
    """Of five-fold naming of the mission, by scikit-learn alone."""
    model = make_pipeline(
        StandardScaler(), LogisticRegression(class_weight="balanced", max_iter=2000)
    )
    folds = StratifiedKFold(5, shuffle=True, random_state=42)
    return float(f1_score(mission, cross_val_predict(model, x, mission, cv=folds), average="macro"))


@pytest.mark.parametrize("shift", [0.0, 2.0])
def test_centring_brings_the_naming_of_missions_below_chance(shift: float) -> None:
    """With missions that lie apart as with those that do not."""
    plain, centred, chance = [], [], []
    for seed in range(5):
        x, mission = centring.simulated(n_missions=4, n_samples=12, shift=shift, seed=seed)
        shuffled = np.random.default_rng(seed).permutation(mission)
        plain.append(macro_f1(x, mission))
        centred.append(macro_f1(centring.centred(x, mission), mission))
        chance.append(macro_f1(x - x.mean(axis=0), shuffled))
    assert np.mean(chance) == pytest.approx(0.25, abs=0.1)
    assert max(centred) < 0.1
    assert max(centred) < min(chance)
    if shift:
        assert min(plain) > 0.95
    else:
        assert np.mean(plain) == pytest.approx(0.25, abs=0.1)


def test_training_samples_of_a_mission_lie_opposite_to_those_left_out() -> None:
    x, mission = centring.simulated(n_missions=3, n_samples=10, shift=2.0, seed=1)
    own = centring.centred(x, mission)[mission == 1]
    left_out, train = own[:3], own[3:]
    np.testing.assert_allclose(left_out.sum(axis=0), -train.sum(axis=0), atol=1e-12)
    cosine = left_out.mean(axis=0) @ train.mean(axis=0)
    cosine /= np.linalg.norm(left_out.mean(axis=0)) * np.linalg.norm(train.mean(axis=0))
    assert cosine == pytest.approx(-1)
