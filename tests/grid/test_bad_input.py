"""Data that allow little: a status with a reason or an exact small answer, never NaN or a crash."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spacebio_bench.cohort.store import write_cohort
from spacebio_bench.errors import InputError
from spacebio_bench.grid.planner import Selection, make_plan
from spacebio_bench.grid.run import RunOptions, run_plan
from spacebio_bench.grid.stores import open_stores
from spacebio_bench.protocol import load_protocol, protocol_from_dict
from spacebio_bench.report.tables import write_tables

MODELS = ("elasticnet_lr", "knn", "mlp", "pca_lr", "rf", "svm_rbf", "xgb")
NUMBERS = ("value_mean", "ci_these_low", "ci_these_high", "p_value", "p_attainable", "p_maxt")


@dataclass(frozen=True)
class Made:
    cells: list[dict[str, str]]
    folds: list[dict[str, str]]
    exit_code: int

    def of(self, model: str, feature: str = "embedding") -> dict[str, str]:
        (row,) = (c for c in self.cells if c["model"] == model and c["feature"] == feature)
        return row


def through_the_grid(
    folder: Path,
    samples: str,
    *,
    x: np.ndarray | None = None,
    strata: tuple[str, ...] = (),
    models: tuple[str, ...] = ("knn", "pca_lr"),
    asked: int = 19,
) -> Made:
    """Plan, run and tabulate; `samples`: a mission a word, F and G its animals (`A:FFFGGG`)."""
    rows = []
    for word in samples.split():
        mission, animals = word.split(":")
        for i, animal in enumerate(animals):
            condition = "FLT" if animal.upper() == "F" else "GC"
            strain = "b" if animal.islower() else "a"
            rows.append((f"{mission}{i:02d}", mission, f"ACC-{mission}", condition, strain))
    obs = pd.DataFrame(rows, columns=["sample", "mission", "accession", "condition", "strain"])
    obs = obs.set_index("sample").assign(role="benchmark")
    x = np.random.default_rng(1).normal(size=(len(obs), 8)) if x is None else x
    frame = pd.DataFrame(x, index=obs.index, columns=[f"f{i}" for i in range(x.shape[1])])
    write_cohort(
        folder / "cohorts" / "eye.zarr",
        tissue="eye",
        obs=obs,
        matrices={"embedding": frame},
        provenance={},
    )
    stores = open_stores(folder / "cohorts")
    data = load_protocol("calibrated").to_dict()
    data["models"] |= {"rf": {"n_trees": 5}, "xgb": {"n_trees": 3}}
    chosen = Selection(models=models, n_permutations={"default": asked}, strata=strata)
    plan = make_plan(stores.cohorts, protocol_from_dict(data), chosen, seed=42)
    plan.save(folder / "plan")
    outcome = run_plan(
        plan,
        stores.cohorts,
        stores.paths,
        ledger_folder=folder / "ledger",
        outdir=folder / "grid",
        options=RunOptions(backend="serial", quiet=True),
    )
    write_tables(folder / "plan", folder / "grid", folder / "results")
    found = {}
    for name in ("cells", "folds"):
        text = (folder / "results" / f"{name}.csv").read_text()
        assert "nan" not in text.lower().replace("finance", "")
        assert "inf" not in text.lower()
        found[name] = list(csv.DictReader(text.splitlines()))
        for row in found[name]:
            assert row["status"]
            assert row["status"] == "ok" or row["reason"]
    for row in found["cells"]:
        if row["status"] == "ok":
            assert all(row[name] for name in NUMBERS), row
            assert 0 < float(row["p_attainable"]) <= float(row["p_value"]) + 1e-12 <= 1 + 1e-9
            assert 0 <= float(row["ci_these_low"]) <= float(row["value_mean"])
            assert float(row["value_mean"]) <= float(row["ci_these_high"]) <= 1
    return Made(found["cells"], found["folds"], int(outcome["exit_code"]))


def test_a_stratum_with_one_class_stands_still_and_the_others_move(tmp_path: Path) -> None:
    """In mission A strain a is all flight: only the strata of B and C move."""
    made = through_the_grid(tmp_path, "A:FFFggg B:FFGG C:FFGG", strata=("strain",))
    row = made.of("knn")
    assert (row["status"], float(row["p_attainable"])) == ("ok", pytest.approx(1 / 20))
    by_fold = {f["fold"]: f for f in made.folds if f["cell"] == row["cell"]}
    assert (by_fold["fold_A_test"]["p_exact"], by_fold["fold_A_test"]["p_attainable"]) == (
        "1.0",
        "1.0",
    )
    assert float(by_fold["fold_B_test"]["p_attainable"]) == pytest.approx(1 / 6)


def test_labels_that_strata_fix_have_p_1_exactly(tmp_path: Path) -> None:
    made = through_the_grid(tmp_path, "A:FFgg B:FFgg", strata=("strain",))
    row = made.of("pca_lr")
    assert (row["p_value"], row["p_method"], row["p_attainable"]) == ("1.0", "refit_exact", "1.0")
    assert (row["n_permutations"], row["p_maxt"]) == ("0", "1.0")


def test_fewer_labelings_than_asked_are_all_run(tmp_path: Path) -> None:
    made = through_the_grid(tmp_path, "A:FFGG B:FFGG", asked=999)
    for row in made.cells:
        assert (row["p_method"], row["n_permutations"]) == ("refit_exact", "35")
        assert float(row["p_value"]) * 36 == pytest.approx(round(float(row["p_value"]) * 36))


def test_constant_features_tie_every_score(tmp_path: Path) -> None:
    """Nothing to learn from: AUROC one half, and no labeling is any worse."""
    made = through_the_grid(
        tmp_path, "A:FFFGGG B:FFFGGG C:FFFGGG", x=np.ones((18, 4)), models=MODELS
    )
    for model in MODELS:
        row = made.of(model)
        assert (row["status"], row["reason"], row["value_mean"]) == ("ok", "", "0.5")
        assert row["p_value"] == "1.0"
    assert {f["p_exact"] for f in made.folds} == {"1.0"}
    assert made.exit_code == 0


def test_one_constant_feature_among_others_is_no_trouble(tmp_path: Path) -> None:
    x = np.random.default_rng(2).normal(size=(18, 3))
    x[:, 1] = 7.0
    x[:6, 2] = 0.1  # constant in one mission only
    made = through_the_grid(tmp_path, "A:FFFGGG B:FFFGGG C:FFFGGG", x=x, models=MODELS)
    assert {row["status"] for row in made.cells} == {"ok"}


def test_features_that_are_equal_within_a_class_separate_perfectly(tmp_path: Path) -> None:
    flight = np.tile([1.0, 1, 1, 0, 0, 0], 3)
    x = np.column_stack([flight, 1 - flight])
    made = through_the_grid(tmp_path, "A:FFFGGG B:FFFGGG C:FFFGGG", x=x, models=("pca_lr", "knn"))
    for row in made.cells:
        assert row["value_mean"] == "1.0"
        assert float(row["ci_these_low"]) < 1
        assert float(row["p_value"]) == pytest.approx(1 / 20)


def test_a_mission_of_one_class_is_left_out_as_a_test_and_still_trains(tmp_path: Path) -> None:
    made = through_the_grid(tmp_path, "A:FFFF B:FFFGGG C:FFFGGG")
    row = made.of("knn")
    assert (row["status"], row["n_folds"]) == ("ok", "2")
    left_out = [f for f in made.folds if f["fold"] == "fold_A_test"]
    assert {f["status"] for f in left_out} == {"not_applicable"}
    assert {f["reason"] for f in left_out} == {
        "4 positive and 0 negative test samples, 2 of each needed"
    }
    trained = next(f for f in made.folds if f["fold"] == "fold_B_test")
    assert trained["train_missions"] == "A;C"


def test_training_missions_of_one_class_leave_a_fold_out(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the training missions have one class only"):
        through_the_grid(tmp_path, "A:FFFGGG B:FFFF")


def test_too_few_animals_are_said_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="1 positive and 1 negative test samples, 2 of each needed"
    ):
        through_the_grid(tmp_path, "A:FG B:FG C:FG")


def test_the_smallest_cohort_there_can_be_has_an_exact_answer(tmp_path: Path) -> None:
    made = through_the_grid(tmp_path, "A:FFGG B:FFGG", models=MODELS)
    assert {row["status"] for row in made.cells} == {"ok"}
    assert made.exit_code == 0
    assert {f["p_attainable"] for f in made.folds} == {repr(1 / 6)}


def test_features_that_are_not_numbers_everywhere_are_not_applicable(tmp_path: Path) -> None:
    x = np.random.default_rng(2).normal(size=(12, 3))
    x[0] = np.nan
    with pytest.raises(InputError, match="embedding lacks 1 of 12 labelled samples"):
        through_the_grid(tmp_path, "A:FFFGGG B:FFFGGG", x=x)
