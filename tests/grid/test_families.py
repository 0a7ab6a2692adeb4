"""Every task family through the grid: numbers by another way, planted truths, null cohorts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import f1_score, roc_auc_score

from spacebio_bench.calibration.in_memory import run_in_memory, table_rows
from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.grid.plan import Plan
from spacebio_bench.grid.planner import Selection, make_plan
from spacebio_bench.grid.run import RunOptions, run_plan
from spacebio_bench.protocol import Protocol, load_protocol
from spacebio_bench.report.tables import write_tables

N_FEATURES = 12


def cohort(
    tissue: str,
    *,
    missions: tuple[str, ...] = ("M1", "M2", "M3"),
    per_class: int = 6,
    effect: float = 0.0,
    shift: float = 1.0,
    hardware: float = 0.0,
    holdout: str = "",
    seed: int = 0,
) -> Cohort:
    """A set `made` in which flight moves the first three columns, hardware the next three."""
    rng = np.random.default_rng([seed, *tissue.encode()])
    rows = [
        {"mission": m, "condition": c, "hardware": "AB"[i % 2]}
        for m in missions
        for c in ("FLT", "GC")
        for i in range(per_class)
    ]
    index = pd.Index([f"{r['mission']}_{i:03d}" for i, r in enumerate(rows)], name="sample")
    obs = pd.DataFrame(rows, index=index)
    obs["accession"] = "A-" + obs["mission"]
    obs["role"] = np.where(obs["mission"] == holdout, "holdout", "benchmark")
    x = rng.normal(size=(len(obs), N_FEATURES))
    x += pd.get_dummies(obs["mission"]).to_numpy(float) @ rng.normal(
        scale=shift, size=(len(missions), N_FEATURES)
    )
    x[:, :3] += effect * (obs["condition"] == "FLT").to_numpy()[:, None]
    x[:, 3:6] += hardware * (obs["hardware"] == "A").to_numpy()[:, None]
    frame = pd.DataFrame(x, index, [f"c{i:02d}" for i in range(N_FEATURES)])
    digests = {name: f"{tissue}-{name}-{seed}" for name in ("made", "obs")}
    empty = np.zeros((len(obs), 0), np.float32)
    return Cohort(tissue, obs, (), empty, {"made": frame}, digests)


def protocol(**labelings: int) -> Protocol:
    base = load_protocol("calibrated")
    inference = dataclasses.replace(
        base.inference,
        labelings={"default": 39, **labelings},
        family_labelings=39,
        stop_at=0,
        n_bootstraps=50,
    )
    published = dataclasses.replace(base.published, n_bootstraps=20, n_permutations=20)
    return dataclasses.replace(base, inference=inference, published=published)


def rows_of(*cohorts: Cohort, tasks: str, models: str, **labelings: int) -> dict[str, dict]:
    """Rows of cells by key, computed in memory."""
    chosen = Selection(tasks=(tasks,), models=(models,))
    named = {c.tissue: c for c in cohorts}
    plan = make_plan(named, protocol(**labelings), chosen, seed=3)
    plan = dataclasses.replace(plan, cells=tuple(c for c in plan.cells if c.status == "ok"))
    grid = run_in_memory(plan, *cohorts)
    return {key: row for key, (row, _) in table_rows(plan, grid).items()}


def direction_auroc(train: Cohort, test: Cohort, *, a: str = "", b: str = "") -> float:
    """AUROC of the difference of class means, plainly; of missions `a` and `b` where named."""
    x, y = train.matrices["made"], (train.obs["condition"] == "FLT")
    z, w = test.matrices["made"], (test.obs["condition"] == "FLT")
    if a:
        x, y = x[train.obs["mission"] == a], y[train.obs["mission"] == a]
        z, w = z[test.obs["mission"] == b], w[test.obs["mission"] == b]
    direction = x[y].mean() - x[~y].mean()
    return float(roc_auc_score(w, z.to_numpy() @ direction.to_numpy()))


def test_pairs_are_the_mean_of_plain_aurocs() -> None:
    eye = cohort("eye", effect=0.7)
    row = rows_of(eye, tasks="pairs", models="lfc")["eye.pairs/made/lfc"]
    names = ("M1", "M2", "M3")
    plain = [direction_auroc(eye, eye, a=a, b=b) for a in names for b in names if a != b]
    assert row["n_folds"] == 6
    assert row["value_mean"] == pytest.approx(np.mean(plain), abs=1e-12)
    assert row["p_method"] == "refit"
    assert row["ci_these_low"] < row["value_mean"] < row["ci_these_high"]


def test_cross_tissue_trains_on_one_and_tests_on_the_other() -> None:
    eye = cohort("eye", effect=0.7)
    liver = cohort("liver", effect=0.7, missions=("M4", "M5"), seed=1)
    rows = rows_of(eye, liver, tasks="cross_tissue", models="lfc")
    row = rows["eye_to_liver.cross_tissue.matrix/made/lfc"]
    assert row["value_mean"] == pytest.approx(direction_auroc(eye, liver), abs=1e-12)
    assert row["p_method"] == "fixed_exact"
    assert row["p_value"] >= row["p_attainable"]


def test_a_holdouts_p_is_the_exact_rank_test() -> None:
    eye = cohort("eye", effect=0.5, holdout="M3")
    row = rows_of(eye, tasks="holdout", models="lfc")["eye.holdout/made/lfc"]
    train = eye.obs["role"] == "benchmark"
    x, y = eye.matrices["made"][train], (eye.obs["condition"] == "FLT")[train]
    scores = eye.matrices["made"][~train] @ (x[y].mean() - x[~y].mean())
    flown = (eye.obs["condition"] == "FLT")[~train]
    plain = stats.mannwhitneyu(scores[flown], scores[~flown], alternative="greater", method="exact")
    assert row["value_mean"] == pytest.approx(plain.statistic / 36, abs=1e-12)
    assert row["p_value"] == pytest.approx(plain.pvalue, abs=1e-12)


def test_planted_truths_are_found_by_every_family() -> None:
    eye = cohort("eye", effect=2.5, hardware=2.5, holdout="M3")
    liver = cohort("liver", effect=2.5, missions=("M4", "M5"), seed=1)
    whole = cohort("eye", effect=2.5, hardware=2.5)
    single = cohort("eye", effect=2.5, missions=("M1",), per_class=10)
    found = {
        "pairs": rows_of(whole, tasks="pairs", models="lfc")["eye.pairs/made/lfc"],
        "holdout": rows_of(eye, tasks="holdout", models="pca_lr")["eye.holdout/made/pca_lr"],
        "kfold": rows_of(single, tasks="kfold", models="pca_lr")["eye.kfold/made/pca_lr"],
        "cross": rows_of(whole, liver, tasks="cross_tissue", models="pca_lr")[
            "eye_to_liver.cross_tissue.matrix/made/pca_lr"
        ],
        "hardware": rows_of(whole, tasks="confounder", models="multinomial_lr")[
            "eye.confounder.hardware/made/multinomial_lr"
        ],
    }
    for name, row in found.items():
        assert row["value_mean"] > 0.85, name
        assert row["p_value"] <= 0.025, name


def test_missions_are_named_where_they_lie_apart() -> None:
    apart = rows_of(cohort("eye", shift=3.0), tasks="confounder", models="multinomial_lr")
    row = apart["eye.confounder.mission/made/multinomial_lr"]
    assert row["value_mean"] > 0.9
    assert row["p_value"] == pytest.approx(1 / 40)


def null_p_values(family: str, n: int) -> Iterator[float]:
    for seed in range(n):
        eye = cohort("eye", holdout="M3" if family == "holdout" else "", seed=seed)
        liver = cohort("liver", missions=("M4", "M5"), seed=seed)
        if family == "pairs":
            yield rows_of(eye, tasks="pairs", models="lfc")["eye.pairs/made/lfc"]["p_value"]
        elif family == "holdout":
            yield rows_of(eye, tasks="holdout", models="lfc")["eye.holdout/made/lfc"]["p_value"]
        elif family == "cross_tissue":
            rows = rows_of(eye, liver, tasks="cross_tissue", models="lfc")
            yield rows["eye_to_liver.cross_tissue.matrix/made/lfc"]["p_value"]
        elif family == "kfold":
            one = cohort("eye", missions=("M1",), per_class=8, seed=seed)
            yield rows_of(one, tasks="kfold", models="lfc")["eye.kfold/made/lfc"]["p_value"]
        else:
            rows = rows_of(eye, tasks="confounder", models="multinomial_lr")
            yield rows["eye.confounder.hardware/made/multinomial_lr"]["p_value"]


@pytest.mark.slow
@pytest.mark.parametrize("family", ["pairs", "holdout", "cross_tissue", "kfold", "confounder"])
def test_null_cohorts_are_not_rejected_more_often_than_stated(family: str) -> None:
    n = 100
    p = np.array(list(null_p_values(family, n)))
    low, high = stats.binom.ppf([0.0005, 0.9995], n, 0.2) / n
    assert low <= np.mean(p <= 0.2) <= high


@pytest.fixture(scope="module")
def run_of_all(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Plan]:
    """Every family from stores on disk, by the serial backend."""
    from spacebio_bench.cohort.store import write_cohort
    from spacebio_bench.grid.stores import open_stores

    folder = tmp_path_factory.mktemp("families")
    for tissue, missions in (("eye", ("M1", "M2", "M3")), ("liver", ("M2", "M4"))):
        made = cohort(tissue, missions=missions, effect=1.0, hardware=1.0)
        path = folder / "cohorts" / f"{tissue}.zarr"
        write_cohort(path, tissue=tissue, obs=made.obs, matrices=made.matrices)
    stores = open_stores(folder / "cohorts")
    chosen = Selection(tasks=("all",), models=("pca_lr", "lfc", "multinomial_lr"))
    plan = make_plan(stores.cohorts, protocol(), chosen, seed=1)
    plan.save(folder / "plan")
    plan = Plan.load(folder / "plan")
    options = RunOptions(backend="serial", quiet=True)
    run_plan(
        plan,
        stores.cohorts,
        stores.paths,
        ledger_folder=folder / "ledger",
        outdir=folder / "grid",
        options=options,
    )
    write_tables(folder / "plan", folder / "grid", folder / "tables")
    return folder / "tables", plan


def test_every_planned_cell_ends_with_a_value_or_a_reason(run_of_all: tuple[Path, Plan]) -> None:
    tables, plan = run_of_all
    cells = pd.read_csv(tables / "cells.csv").set_index("cell")
    assert set(cells.index) == {c.cell for c in plan.cells}
    assert set(cells["status"]) == {"ok", "not_applicable"}
    assert cells.loc[cells["status"] == "ok", "value_mean"].notna().all()
    assert cells.loc[cells["status"] != "ok", "reason"].notna().all()
    families = set(cells.loc[cells["status"] == "ok", "family"])
    assert families == {"lomo", "pairs", "cross_tissue", "confounder", "control"}


def test_named_classes_agree_with_scikit_learn(run_of_all: tuple[Path, Plan]) -> None:
    tables, _ = run_of_all
    key = "eye.confounder.hardware/made/multinomial_lr"
    given = pd.read_parquet(tables / "predictions.parquet")
    own = given[given["cell"] == key]
    named = own.loc[own.groupby(["fold", "sample"])["score"].idxmax()]
    truth = named["label"].map({0: "A", 1: "B"})
    cells = pd.read_csv(tables / "cells.csv").set_index("cell")
    expected = f1_score(truth, named["class"], average="macro")
    assert cells.loc[key, "value_mean"] == pytest.approx(expected, abs=1e-12)
    classes = pd.read_csv(tables / "classes.csv")
    f1 = classes[classes["cell"] == key].set_index("class")["f1"]
    assert f1.to_dict() == pytest.approx(
        dict(zip("AB", f1_score(truth, named["class"], average=None), strict=True)), abs=1e-12
    )
    mistaken = pd.read_csv(tables / "confusion.csv")
    assert mistaken.loc[mistaken["cell"] == key, "n_samples"].sum() == len(named)


def test_controls_have_the_verdicts_that_they_must_have(run_of_all: tuple[Path, Plan]) -> None:
    tables, _ = run_of_all
    canaries = pd.read_csv(tables / "canaries.csv").set_index("control")
    ran = canaries[canaries["verdict"] != "none"]
    assert set(ran.loc[["shuffle", "gaussian"], "verdict"]) == {"quiet"}
    assert set(ran.loc[["planted"], "verdict"]) <= {"found", "missed"}
    assert (canaries.loc["housekeeping", "reason"] == "the studies came without counts").all()


def test_tissues_that_share_a_mission_have_no_p_but_a_variant_that_has(
    run_of_all: tuple[Path, Plan],
) -> None:
    tables, _ = run_of_all
    cells = pd.read_csv(tables / "cells.csv").set_index("cell")
    shared = cells.loc["eye_to_liver.cross_tissue.matrix/made/pca_lr"]
    assert shared["p_method"] == "none"
    assert "M2 in both tissues" in shared["reason"]
    assert cells.loc["eye_to_liver.cross_tissue.matrix_unshared/made/pca_lr", "p_value"] > 0


def test_models_that_do_not_go_with_a_family_leave_it_its_own() -> None:
    eye = cohort("eye")
    chosen = Selection(tasks=("pairs", "confounder"), models=("knn",))
    plan = make_plan({"eye": eye}, protocol(), chosen, seed=1)
    of = {cell.cell: cell for cell in plan.cells}
    assert of["eye.pairs/made/knn"].status == "ok"
    assert "eye.pairs/made/lfc" not in of
    refused = of["eye.confounder.mission/made/knn"]
    assert "does not name them" in refused.reason
    assert of["eye.confounder.mission/made/multinomial_lr"].status == "ok"


def test_any_column_of_the_samples_tables_can_be_a_confounder() -> None:
    eye = cohort("eye")
    eye.obs["batch"] = ["x", "y", "y"] * 12
    chosen = Selection(tasks=("confounder.batch",))
    plan = make_plan({"eye": eye}, protocol(), chosen, seed=1)
    assert [task.task for task in plan.tasks] == ["eye.confounder.batch"]
    assert plan.tasks[0].classes == ("x", "y")
    both = make_plan({"eye": eye}, protocol(), Selection(tasks=("all", "confounder.batch")), seed=1)
    targets = {task.variant for task in both.tasks if task.family == "confounder"}
    assert targets >= {"batch", "mission", "hardware"}


def test_published_protocols_give_no_p_where_there_is_none_and_go_to_lomo_alone() -> None:
    eye = cohort("eye", effect=2.0)
    chosen = Selection(tasks=("lomo", "pairs", "lomo.learning_curve"), models=("pca_lr",))
    plan = make_plan({"eye": eye}, load_protocol("v1"), chosen, seed=1)
    rows = {key: row for key, (row, _) in table_rows(plan, run_in_memory(plan, eye)).items()}
    assert rows["eye.lomo/made/pca_lr"]["pub_go"] in {True, False}
    assert rows["eye.lomo/made/pca_lr"]["p_method"] == "mean_of_folds"
    assert "pub_go" not in rows["eye.pairs/made/pca_lr"]
    curve = rows["eye.lomo.learning_curve_m1_d0/made/pca_lr"]
    assert (curve["p_method"], curve.get("p_value")) == ("none", None)
