"""The catalog's tables, joined and counted again by other means than those that made them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from spacebio_bench.release.catalog.build import catalog_problems, make_catalog
from spacebio_bench.release.catalog.columns import TABLES

V9 = "release/catalog/v9"
# Tasks and studies as the issue of the catalog names them.
STUDIES = {
    "A1_liver_lomo": "RR-1 OSD-48, RR-3 OSD-137, RR-6 OSD-245, RR-8 OSD-379, RR-9 OSD-242, "
    "MHU-2 OSD-686",
    "A2_gastrocnemius_lomo": "RR-1 OSD-101, RR-5 OSD-401, RR-9 OSD-326",
    "A3_kidney_lomo": "RR-1 OSD-102, RR-3 OSD-163, RR-7 OSD-253",
    "A4_thymus_lomo": "RR-6 OSD-244, MHU-1 OSD-289, MHU-2 OSD-289, RR-9 OSD-421",
    "A5_skin_lomo": "MHU-2 OSD-238, MHU-2 OSD-239, RR-6 OSD-243, RR-7 OSD-254",
    "A6_eye_lomo": "RR-1 OSD-100, RR-3 OSD-194, TBD OSD-397",
    "lung_kfold": "RR-6 OSD-248",
    "colon_kfold": "RR-6 OSD-247",
    "thymus_holdout": "RR-6 OSD-244, MHU-1 OSD-289, MHU-2 OSD-289, RR-9 OSD-421, RR-23 OSD-515",
}
# n_train and n_test of v9/task_data_index.csv of jang1563/GeneLab_benchmark @c42aa70.
PUBLISHED = {
    ("A1_liver_lomo", "MHU-2"): (187, 6),
    ("A1_liver_lomo", "RR-1"): (179, 14),
    ("A1_liver_lomo", "RR-3"): (181, 12),
    ("A1_liver_lomo", "RR-6"): (154, 39),
    ("A1_liver_lomo", "RR-8"): (90, 103),
    ("A1_liver_lomo", "RR-9"): (174, 19),
    ("A2_gastrocnemius_lomo", "RR-1"): (20, 12),
    ("A2_gastrocnemius_lomo", "RR-5"): (20, 12),
    ("A2_gastrocnemius_lomo", "RR-9"): (24, 8),
    ("A4_thymus_lomo", "MHU-1"): (61, 6),
    ("A4_thymus_lomo", "MHU-2"): (61, 6),
    ("A4_thymus_lomo", "RR-6"): (32, 35),
    ("A4_thymus_lomo", "RR-9"): (47, 20),
    ("A6_eye_lomo", "RR-1"): (25, 12),
    ("A6_eye_lomo", "RR-3"): (28, 9),
    ("A6_eye_lomo", "TBD"): (21, 16),
}


def table(project: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(project / V9 / f"{name}.csv")


def manifest(project: Path, task: str) -> dict:
    return json.loads((project / V9 / "manifests" / f"{task}.json").read_text(encoding="utf-8"))


def test_ours_is_as_it_should_be(project: Path) -> None:
    assert catalog_problems(project, make_catalog(project)) == []


def test_every_mission_of_every_task_joins_a_source(project: Path) -> None:
    tasks, sources = table(project, "tasks"), table(project, "sources")
    asked = tasks[["task_id", "tissue", "missions", "holdout_missions"]].fillna("")
    asked["mission"] = (asked["missions"] + ";" + asked["holdout_missions"]).str.split(";")
    asked = asked.explode("mission").query("mission != ''")
    joined = asked.merge(sources, on=["tissue", "mission"], how="left")
    assert len(asked) > 40
    assert joined["source_id"].notna().all()
    linked = table(project, "task_sources")
    assert set(map(tuple, joined[["task_id", "source_id"]].to_numpy())) == set(
        map(tuple, linked[["task_id", "source_id"]].to_numpy())
    )


@pytest.mark.parametrize("spec", TABLES, ids=[t.name for t in TABLES])
def test_keys_and_links(project: Path, spec) -> None:
    rows = table(project, spec.name)
    assert not rows.duplicated(list(spec.key)).any()
    for column, (other, field) in spec.links.items():
        assert set(rows[column]) <= set(table(project, other)[field])
        assert len(rows) > 0
    missing = [c.name for c in spec.columns if c.required and rows[c.name].isna().any()]
    assert missing == []


@pytest.mark.parametrize("task", STUDIES)
def test_studies_of_a_task(project: Path, task: str) -> None:
    links = table(project, "task_sources").query("task_id == @task")
    own = links.merge(table(project, "sources"), on="source_id", validate="1:1")
    wanted = {tuple(pair.split()) for pair in STUDIES[task].split(", ")}
    assert set(zip(own["mission"], own["accession"], strict=True)) == wanted


def test_there_are_no_other_tasks(project: Path) -> None:
    pairs = {f"B{t[1]}{t[2:].replace('_lomo', '_cross_mission')}" for t in STUDIES if t[0] == "A"}
    assert set(table(project, "tasks")["task_id"]) == {*STUDIES, *pairs}


def test_excluded_by_name_and_reason(project: Path) -> None:
    rows = table(project, "excluded").set_index("accession")
    assert set(rows.index) == {"OSD-168", "OSD-25", "OSD-173"}
    assert "microarray" in rows.loc["OSD-25", "reason"]
    assert not set(rows.index) & set(table(project, "sources")["accession"])


@pytest.mark.parametrize("task", [task for task in STUDIES if task.endswith("_lomo")])
def test_folds_leave_one_mission_out(project: Path, task: str) -> None:
    found = manifest(project, task)
    missions = {pair.split()[0] for pair in STUDIES[task].split(", ")}
    assert {fold["fold"] for fold in found["folds"]} == {f"fold_{m}_test" for m in missions}
    every = {f"{p.split()[1]}.{found['tissue']}.{p.split()[0]}" for p in STUDIES[task].split(", ")}
    for fold in found["folds"]:
        train, test = fold["train"], fold["test"]
        assert {*train["missions"], *test["missions"]} == missions
        assert test["missions"] == [fold["fold"].removeprefix("fold_").removesuffix("_test")]
        assert set(train["sources"]).isdisjoint(test["sources"])
        assert {*train["sources"], *test["sources"]} == every
    assert {entry["source_id"] for entry in found["data"]} == every


def test_folds_have_the_published_sizes(project: Path) -> None:
    sizes = {}
    for task in {task for task, _ in PUBLISHED}:
        for fold in manifest(project, task)["folds"]:
            parts = (fold["train"], fold["test"])
            numbers = tuple(part["n_positive"] + part["n_negative"] for part in parts)
            sizes[task, fold["test"]["missions"][0]] = numbers
    assert sizes == PUBLISHED


def test_the_holdout_is_never_trained_on(project: Path) -> None:
    (fold,) = manifest(project, "thymus_holdout")["folds"]
    assert fold["test"]["sources"] == ["OSD-515.thymus.RR-23"]
    assert "OSD-515.thymus.RR-23" not in fold["train"]["sources"]
    assert fold["test"]["n_positive"] is None
    others = table(project, "task_sources").query("source_id == 'OSD-515.thymus.RR-23'")
    assert list(others["task_id"]) == ["thymus_holdout"]


def test_what_was_not_fetched_is_empty_and_not_zero(project: Path) -> None:
    sources = table(project, "sources")
    counted = ["n_samples", "n_FLT", "n_GC", "n_VC", "n_BC", "n_AG", "n_excluded"]
    counted += ["samples_sha256", "counts_sha256", "n_genes", "strain_by_ids", "data_origin"]
    absent = sources["status"] == "not fetched yet"
    assert 0 < absent.sum() < len(sources)
    assert sources.loc[absent, counted].isna().all(axis=None)
    assert sources.loc[~absent, counted[:6]].notna().all(axis=None)
    parts = sources.loc[~absent, ["n_FLT", "n_GC", "n_VC", "n_BC", "n_AG"]].sum(axis=1)
    assert (parts == sources.loc[~absent, "n_samples"]).all()


def test_status_of_a_task_follows_from_its_sources(project: Path) -> None:
    linked = table(project, "task_sources").merge(table(project, "sources"), on="source_id")
    for task, own in linked.groupby("task_id"):
        absent = own["status"] == "not fetched yet"
        row = table(project, "tasks").set_index("task_id").loc[task]
        assert row["n_sources"] == len(own)
        assert row["n_sources_seen"] == len(own) - absent.sum()
        if absent.all():
            assert row["status"] == "not fetched yet"
        elif absent.any():
            assert row["status"] == "partly not fetched yet"
        else:
            assert row["status"] in ("samples seen", "counts seen")


def test_strains_of_rr3_and_of_thymus_mhu1(project: Path) -> None:
    sources = table(project, "sources").set_index("source_id")
    for name in ("OSD-137.liver.RR-3", "OSD-194.eye.RR-3"):
        assert sources.loc[name, "strain_by_ids"] == "BALB/cAnNTac"
        assert sources.loc[name, "strain_published"] == "C57BL/6J"
    assert sources.loc["OSD-289.thymus.MHU-1", "strain_by_ids"] == "C57BL/6CR;C57BL/6J"
    trap = table(project, "traps").set_index("trap_id").loc["thymus_mhu1_strain", "shown_by"]
    assert "Flight is C57BL/6J (" in trap
    assert "Ground is C57BL/6CR (" in trap


@pytest.mark.parametrize("spec", TABLES, ids=[t.name for t in TABLES])
def test_parquet_is_the_csv(project: Path, spec) -> None:
    texts = pd.read_csv(project / V9 / f"{spec.name}.csv", dtype=str, keep_default_na=False)
    typed = pd.read_parquet(project / V9 / f"{spec.name}.parquet", dtype_backend="pyarrow")
    assert list(typed.columns) == list(texts.columns)
    assert len(typed) == len(texts)
    for column in texts:
        known = typed[column].notna()
        assert (texts[column] != "").tolist() == known.tolist()
        if pd.api.types.is_float_dtype(typed[column].dtype):
            read = texts.loc[known, column].astype(float)
            assert read.tolist() == typed.loc[known, column].tolist()
        else:
            assert texts.loc[known, column].tolist() == typed.loc[known, column].map(str).tolist()


def test_baselines_are_the_cells_they_name(project: Path) -> None:
    rows = table(project, "baselines")
    grid = pd.read_csv(project / "release/results/v7_1/grid.csv")
    mine = rows[rows["surface"] == "v7.1 grid"].copy()
    mine["line"] = mine["source"].str.extract(r"row (\d+)$").astype(int)
    joined = mine.merge(grid, left_on="line", right_on=grid.index + 2, suffixes=("", "_grid"))
    assert len(joined) == len(mine) == len(grid)
    assert (joined["value"] == joined["mean_auroc"]).all()
    assert (joined["model"] == joined["model_grid"]).all()
    assert (joined["feature"] == joined["feature_grid"]).all()
    tissue = joined["task_id"].str.extract(r"^(?:A\d_)?([a-z]+)_(?:lomo|kfold)$")[0]
    assert (tissue == joined["tissue"]).all()
    inside = joined["split"] != "LOMO"
    assert (joined["task_id"].str.endswith("_kfold") == inside).all()


def test_pathway_baselines_are_the_published_means(project: Path) -> None:
    figures = pd.read_csv(project / "docs/published-figures.csv")
    means = figures.query("unit == 'mean_over_folds' and task == 'lomo'")
    wide = means.pivot_table(
        index=["tissue", "feature", "model"], columns="metric", values="published"
    ).reset_index()
    rows = table(project, "baselines").query("surface == 'GSVA scores'").copy()
    rows["tissue"] = rows["task_id"].str.extract(r"^A\d_([a-z]+)_lomo$")[0]
    joined = rows.merge(wide, on=["tissue", "feature", "model"])
    assert len(joined) == len(rows) == len(wide)
    assert (joined["value"] == joined["mean_auroc"]).all()
    assert (joined["ci_low"] == joined["mean_ci_lower"]).all()
    assert (joined["n_folds_x"] == joined["n_folds_y"]).all()
