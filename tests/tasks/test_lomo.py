"""Leave one mission out: which samples are where, and what cannot be asked."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.errors import InputError
from spacebio_bench.protocol import load_protocol
from spacebio_bench.tasks.lomo import lomo


def cohort(rows: list[tuple[str, str, str]], **columns: list[str]) -> Cohort:
    """A cohort without features from (sample, mission, condition) rows."""
    obs = pd.DataFrame(rows, columns=["sample", "mission", "condition"]).set_index("sample")
    obs = obs.assign(accession="A", role="benchmark").assign(**columns)
    return Cohort("eye", obs, (), np.zeros((len(obs), 0), np.float32), {}, {})


def mission(name: str, conditions: str) -> list[tuple[str, str, str]]:
    return [(f"{name}_{i}", name, c) for i, c in enumerate(conditions.split())]


TWO = mission("M2", "FLT FLT GC VC BC AG") + mission("M1", "FLT GC GC FLT")


def test_every_mission_is_held_out_once() -> None:
    (task,) = lomo({"eye": cohort(TWO)}, load_protocol("calibrated"), strata=())
    assert task.key == "eye.lomo"
    assert [f.name for f in task.folds] == ["fold_M1_test", "fold_M2_test"]
    for fold in task.folds:
        assert {task.missions[i] for i in fold.test} == set(fold.test_missions)
        assert not set(fold.test_missions) & {task.missions[i] for i in fold.train}
        assert sorted([*fold.train, *fold.test]) == list(range(len(task.samples)))
        assert fold.reason == ""


@dataclass(frozen=True)
class Rule:
    protocol: str
    samples: list[str]
    truth: list[int]


RULES = [
    Rule(
        "calibrated",
        ["M1_0", "M1_1", "M1_2", "M1_3", "M2_0", "M2_1", "M2_2", "M2_3"],
        [1, 0, 0, 1, 1, 1, 0, 0],
    ),
    Rule(
        "v1",
        ["M2_0", "M2_1", "M2_2", "M2_3", "M1_0", "M1_1", "M1_2", "M1_3"],
        [1, 1, 0, 0, 1, 0, 0, 1],
    ),
    Rule(
        "v4",
        ["M1_0", "M1_1", "M1_2", "M1_3", "M2_0", "M2_1", "M2_2", "M2_3", "M2_4"],
        [1, 0, 0, 1, 1, 1, 0, 0, 0],
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.protocol)
def test_labels_and_order_are_the_protocols(rule: Rule) -> None:
    (task,) = lomo({"eye": cohort(TWO)}, load_protocol(rule.protocol), strata=())
    assert list(task.samples) == rule.samples
    assert task.truth.tolist() == rule.truth


@dataclass(frozen=True)
class Degenerate:
    conditions: str
    protocol: str
    reason: str


DEGENERATE = {
    "one class": Degenerate("FLT FLT FLT FLT", "calibrated", "4 positive and 0 negative"),
    "one negative": Degenerate("FLT FLT FLT GC", "calibrated", "2 of each needed"),
    "three samples": Degenerate("FLT FLT GC", "v4", "3 test samples, 4 needed"),
}


@pytest.mark.parametrize("case", DEGENERATE.values(), ids=DEGENERATE.keys())
def test_a_fold_that_cannot_be_scored_says_why(case: Degenerate) -> None:
    rows = TWO + mission("M3", case.conditions)
    (task,) = lomo({"eye": cohort(rows)}, load_protocol(case.protocol), strata=())
    reasons = {f.name: f.reason for f in task.folds}
    assert case.reason in reasons.pop("fold_M3_test")
    assert set(reasons.values()) == {""}
    assert task.reason == ""


def test_training_missions_of_one_class_make_a_fold_degenerate() -> None:
    rows = mission("M1", "FLT FLT GC GC") + mission("M2", "FLT FLT FLT FLT")
    (task,) = lomo({"eye": cohort(rows)}, load_protocol("calibrated"), strata=())
    assert task.folds[0].reason == "the training missions have one class only"
    assert "no fold can be scored" in task.reason


def test_one_mission_cannot_be_left_out() -> None:
    (task,) = lomo({"eye": cohort(mission("M1", "FLT GC FLT GC"))}, load_protocol("v1"), strata=())
    assert "one mission only" in task.reason


def test_hold_out_studies_take_no_part() -> None:
    c = cohort(TWO + mission("M3", "FLT FLT GC GC"))
    roles = ["holdout" if m == "M3" else "benchmark" for m in c.obs["mission"]]
    (task,) = lomo(
        {"eye": replace(c, obs=c.obs.assign(role=roles))}, load_protocol("v1"), strata=()
    )
    assert set(task.missions) == {"M1", "M2"}


def test_strata_lie_within_missions() -> None:
    c = cohort(
        mission("M1", "FLT FLT GC GC") + mission("M2", "FLT FLT GC GC"), sex=list("fmfmfmfm")
    )
    (task,) = lomo({"eye": c}, load_protocol("v1"), strata=("sex",))
    assert sorted(set(task.strata)) == ["M1|f", "M1|m", "M2|f", "M2|m"]
    with pytest.raises(InputError, match="no column age"):
        list(lomo({"eye": c}, load_protocol("v1"), strata=("age",)))
