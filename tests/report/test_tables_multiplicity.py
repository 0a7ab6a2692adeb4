"""Columns and rows that need more than one cell: max-T, ranks, tie groups, comparisons."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from spacebio_bench.grid.plan import Plan, PlannedTask
from spacebio_bench.protocol import load_protocol
from spacebio_bench.report.tables import write_tables
from spacebio_bench.report.tables_comparisons import COMPARISON_COLUMNS, comparison_rows
from spacebio_bench.report.tables_io import NullValues
from spacebio_bench.report.tables_multiplicity import add_p_maxt

from .test_tables import Made, Outcome, made_plan, make, write_grid

OUTCOMES = {
    "best": Outcome(effect=9.0),
    "copy": Outcome(effect=9.0),
    "middle": Outcome(effect=1.0),
    "wrong": Outcome(effect=-9.0),
    "fixed": Outcome(n_labelings=0),
    "cut": Outcome(done=8),
    "failing": Outcome(folds={"B": ("failed", "ValueError: x")}),
}
OK = ("best", "copy", "middle", "wrong", "fixed", "cut")
FAMILY = ("best", "copy", "middle", "wrong")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("family"), OUTCOMES)


def max_t(made: Made, models: tuple[str, ...], m: int) -> dict[str, float]:
    """Step-down max-T of the kept null values, a labeling at a time."""
    t = {model: made.nulls(model).mean(axis=0)[: m + 1] for model in models}
    z = {k: (v - v[1:].mean()) / v[1:].std(ddof=1) for k, v in t.items()}
    order = sorted(models, key=lambda k: -z[k][0])
    p, before = {}, 0.0
    for place, model in enumerate(order):
        rest = order[place:]
        count = sum(max(z[k][b] for k in rest) > z[model][0] - 1e-9 for b in range(1, m + 1))
        before = p[model] = max(before, (int(count) + 1) / (m + 1))
    return p


def test_p_maxt_is_of_the_cells_that_ran_all_shared_labelings(made: Made) -> None:
    expected = max_t(made, FAMILY, 19)
    for model in OUTCOMES:
        text = made.cell(model)["p_maxt"]
        assert text == (str(expected[model]) if model in FAMILY else ""), model
    for model in FAMILY:
        assert float(made.cell(model)["p_maxt"]) >= float(made.cell(model)["p_value"])


def shorter(plan: Plan, n: int) -> Plan:
    rule = replace(plan.protocol.inference, family_labelings=n)
    return replace(plan, protocol=replace(plan.protocol, inference=rule))


def written(folder: Path, plan: Plan, outcomes: Mapping[str, Outcome]) -> Made:
    plan.save(folder / "plan")
    write_grid(folder / "grid", plan, outcomes)
    write_tables(folder / "plan", folder / "grid", folder / "tables")
    return Made(plan, folder / "grid", folder / "tables")


def test_later_labelings_are_no_part_of_the_family(made: Made, tmp_path: Path) -> None:
    """With seven shared labelings the cell that was cut at seven is in."""
    found = written(tmp_path, shorter(made.plan, 7), OUTCOMES)
    expected = max_t(found, (*FAMILY, "cut"), 7)
    for model in (*FAMILY, "cut"):
        assert float(found.cell(model)["p_maxt"]) == expected[model]


@pytest.mark.parametrize("protocol", ["v1", "v4"])
def test_a_published_protocol_has_ranks_and_no_family(protocol: str, tmp_path: Path) -> None:
    outcomes = {"best": Outcome(effect=9.0), "middle": Outcome()}
    found = make(tmp_path, outcomes, protocol)
    assert [r["p_maxt"] for r in found.rows("cells.csv")] == ["", ""]
    assert found.cell("best")["rank_low"] == "1"


def test_methods_that_are_refits_are_in() -> None:
    plan = made_plan({"a": Outcome(), "b": Outcome(), "c": Outcome()})
    rng = np.random.default_rng(0)
    methods = ("refit_sequential", "refit_exact", "fixed_deflated")
    rows: list[dict[str, Any]] = [
        {"cell": cell.cell, "task": cell.task, "p_method": method}
        for cell, method in zip(plan.cells, methods, strict=True)
    ]
    null = NullValues(("A", "B", "C"), rng.uniform(size=(3, 20)), np.ones((3, 20), bool))
    add_p_maxt(rows, plan, dict.fromkeys([c.cell for c in plan.cells], null))
    assert ["p_maxt" in row for row in rows] == [True, True, False]


def test_ranks_are_of_the_cells_that_are_ok(made: Made) -> None:
    rows = {model: made.cell(model) for model in OUTCOMES}
    for name in ("rank_low", "rank_high", "tie_group"):
        assert rows["failing"][name] == ""
    low = {model: int(rows[model]["rank_low"]) for model in OK}
    high = {model: int(rows[model]["rank_high"]) for model in OK}
    assert low["best"] == low["copy"] == 1
    assert min(high["best"], high["copy"]) >= 2
    assert (low["wrong"], high["wrong"]) == (6, 6)
    assert all(low[m] <= high[m] <= 6 for m in OK)
    assert low["middle"] < 6
    groups = {model: int(rows[model]["tie_group"]) for model in OK}
    assert groups["best"] == groups["copy"] == 1
    assert groups["wrong"] == max(groups.values()) > 1


def test_a_cell_alone_is_first(tmp_path: Path) -> None:
    row = make(tmp_path, {"plain": Outcome()}).cell("plain")
    assert [row[k] for k in ("rank_low", "rank_high", "tie_group")] == ["1", "1", "1"]
    assert float(row["p_maxt"]) == float(row["p_value"])


def test_a_pair_is_compared_where_both_ran(made: Made) -> None:
    rows = {(r["a"], r["b"]): r for r in made.rows("comparisons.csv") if r["method"] == "sign_flip"}
    assert list(rows) == list(itertools.combinations(sorted(OUTCOMES), 2))
    for (a, b), row in rows.items():
        left, right = made.folds(a), made.folds(b)
        both = [m for m in "ABC" if left[m]["value"] and right[m]["value"]]
        assert both == (["A", "C"] if "failing" in (a, b) else ["A", "B", "C"])
        d = np.array([float(left[m]["value"]) - float(right[m]["value"]) for m in both])
        assert float(row["difference"]) == pytest.approx(d.mean(), abs=1e-15)
        assert (row["by"], int(row["n_clusters"])) == ("model", len(both))
        assert float(row["p_attainable"]) == 2 / 2 ** len(both)
    assert not [r for r in made.rows("comparisons.csv") if r["method"] != "sign_flip"]


Values = dict[tuple[str, str, str, str], float]
"""AUROC by tissue, feature set, model and mission."""


def plan_of(tissues: set[str], *, family: str = "lomo", variant: str = "") -> Plan:
    name = f".{family}" + (f".{variant}" if variant else "")
    tasks = tuple(
        PlannedTask(
            task=f"{tissue}{name}",
            family=family,
            variant=variant,
            tissue=tissue,
            samples=(),
            missions=(),
            conditions=(),
            strata=(),
            labels=np.zeros((0, 1), np.int8),
            enumerated=False,
            n_possible=1.0,
            folds=(),
            status="ok",
            reason="",
        )
        for tissue in sorted(tissues)
    )
    return Plan(load_protocol("calibrated"), 42, tasks, ())


def compared(
    values: Values,
    *,
    failed: tuple[tuple[str, str, str, str], ...] = (),
    plan: Plan | None = None,
) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """The rows by (by, method, a, b)."""
    plan = plan or plan_of({key[0] for key in values})
    task_of = {task.tissue: task.task for task in plan.tasks}
    cells: dict[str, dict[str, Any]] = {}
    folds = []
    for key, value in values.items():
        tissue, feature, model, mission = key
        cell = f"{task_of[tissue]}/{feature}/{model}"
        row = cells.setdefault(
            cell,
            {"cell": cell, "task": task_of[tissue], "feature": feature, "model": model}
            | {"status": "ok", "values": []},
        )
        fold = {"cell": cell, "fold": f"fold_{mission}_test", "test_missions": mission}
        if key in failed:
            row["status"] = "failed"
            folds.append({**fold, "status": "failed"})
        else:
            row["values"].append(value)
            folds.append({**fold, "status": "ok", "value": value})
    for row in cells.values():
        row["value_mean"] = float(np.mean(row.pop("values"))) if row["status"] == "ok" else None
    rows = comparison_rows(plan, list(cells.values()), folds)
    assert all(set(row) <= set(COMPARISON_COLUMNS) for row in rows)
    keys = [(row["by"], row["method"], row["a"], row["b"]) for row in rows]
    assert [tuple(k.encode() for k in key) for key in keys] == sorted(
        {tuple(k.encode() for k in key) for key in keys}
    )
    return dict(zip(keys, rows, strict=True))


def made_up(
    missions: Mapping[str, str], features: str = "gh", models: str = "abc", seed: int = 0
) -> Values:
    rng = np.random.default_rng(seed)
    return {
        (tissue, feature, model, mission): rng.integers(0, 33) / 32
        for tissue, own in missions.items()
        for feature in features
        for model in models
        for mission in own
    }


THREE = {"eye": "ABC", "skin": "BCD", "liver": "AD"}


@pytest.mark.parametrize("by", ["model", "feature"])
def test_clusters_are_missions_across_tissues(by: str) -> None:
    values = made_up(THREE)
    a, b = ("a", "c") if by == "model" else ("g", "h")
    d = []
    for mission in "ABCD":
        own = []
        for (tissue, feature, model, where), value in values.items():
            if where == mission and (model if by == "model" else feature) == a:
                other = (tissue, feature, b, where) if by == "model" else (tissue, b, model, where)
                own.append(value - values[other])
        d.append(np.mean(own))
    row = compared(values)[by, "sign_flip", a, b]
    means = [np.mean(np.multiply(s, d)) for s in itertools.product((1, -1), repeat=4)]
    expected = np.mean(np.abs(means) >= abs(np.mean(d)) - 1e-12)
    assert (row["n_clusters"], row["p_value"], row["p_attainable"]) == (4, expected, 1 / 8)
    assert row["difference"] == pytest.approx(np.mean(d))
    interval = stats.ttest_1samp(d, 0).confidence_interval()
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(interval)


def test_a_failed_fold_is_left_out_of_its_pairs_only() -> None:
    values = made_up({"eye": "ABC"}, features="g")
    rows = compared(values, failed=(("eye", "g", "a", "B"),))
    left = [values["eye", "g", "a", m] - values["eye", "g", "b", m] for m in "AC"]
    row = rows["model", "sign_flip", "a", "b"]
    assert (row["n_clusters"], row["difference"]) == (2, pytest.approx(np.mean(left)))
    assert rows["model", "sign_flip", "b", "c"]["n_clusters"] == 3


def test_one_mission_is_no_evidence() -> None:
    row = compared(made_up({"eye": "A", "skin": "A"}))["model", "sign_flip", "a", "b"]
    assert (row["n_clusters"], row["p_value"], row["p_attainable"]) == (1, 1.0, 1.0)
    assert np.isnan([row["ci_low"], row["ci_high"]]).all()


def test_what_never_meets_is_not_compared() -> None:
    values = made_up({"eye": "AB"}, features="g", models="a")
    values |= made_up({"skin": "AB"}, features="h", models="b")
    assert compared(values) == {}
    assert compared(made_up({"eye": "AB"}, features="g", models="a")) == {}


@pytest.mark.parametrize(("family", "variant"), [("lomo", "batch"), ("kfold", "")])
def test_only_plain_leave_one_mission_out(family: str, variant: str) -> None:
    values = made_up(THREE)
    assert compared(values, plan=plan_of(set(THREE), family=family, variant=variant)) == {}


def test_published_tests_have_tissue_and_feature_set_for_blocks() -> None:
    values = made_up(THREE, models="abcd")
    rows = compared(values)
    blocks = np.array(
        [
            [np.mean([values[t, f, m, k] for k in own]) for m in "abcd"]
            for t, own in THREE.items()
            for f in "gh"
        ]
    )
    whole = rows["model", "friedman", "", ""]
    assert whole["n_clusters"] == 6
    assert whole["p_value"] == pytest.approx(stats.friedmanchisquare(*blocks.T).pvalue)
    assert "difference" not in whole
    ranks = stats.rankdata(-blocks, axis=1).mean(axis=0)
    distance = stats.studentized_range.isf(0.05, 4, np.inf) * np.sqrt(4 * 5 / 72)
    for i, j in itertools.combinations(range(4), 2):
        row = rows["model", "nemenyi", "abcd"[i], "abcd"[j]]
        assert row["difference"] == pytest.approx(ranks[i] - ranks[j])
        assert row["ci_high"] - row["difference"] == pytest.approx(distance)
        assert (row["p_value"] < 0.05) == (abs(row["difference"]) > distance)
    assert not [key for key in rows if key[:2] == ("feature", "nemenyi")]


def test_a_block_without_one_of_the_models_is_left_out() -> None:
    values = made_up(THREE)
    rows = compared(values, failed=(("eye", "g", "a", "B"),))
    assert rows["model", "friedman", "", ""]["n_clusters"] == 5
    never = tuple(key for key in values if key[2] == "a")
    rows = compared(values, failed=never)
    assert ("model", "friedman", "", "") not in rows  # two models are left
    assert ("model", "sign_flip", "b", "c") in rows


def test_one_block_or_two_models_have_no_published_test() -> None:
    for values in (made_up({"eye": "ABC"}, features="g"), made_up(THREE, models="ab")):
        assert {key[1] for key in compared(values)} == {"sign_flip"}


def test_more_missions_than_can_be_enumerated_are_sampled_by_identity() -> None:
    values = made_up({"eye": "ABCDEFGHIJKLMNOPQRST"}, features="g")
    values |= {key: v / 2 + 0.5 for key, v in values.items() if key[2] == "a"}
    rows = compared(values)
    assert rows == compared(dict(reversed(values.items())))
    row = rows["model", "sign_flip", "a", "b"]
    assert (row["n_clusters"], row["p_attainable"]) == (20, 1e-4)


def test_the_file_is_what_the_rows_say(made: Made) -> None:
    with (made.tables / "comparisons.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert tuple(rows[0]) == COMPARISON_COLUMNS
    assert len(rows) == 1 + 7 * 6 // 2
