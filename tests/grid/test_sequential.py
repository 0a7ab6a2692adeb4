"""Sequential stopping and budgets in the grid: decided by results alone, whoever computes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import zarr

from spacebio_bench.grid import units
from spacebio_bench.grid.cost import affordable_labelings
from spacebio_bench.grid.ledger import Ledger
from spacebio_bench.grid.plan import Plan
from spacebio_bench.grid.planner import Selection, make_plan
from spacebio_bench.grid.run import RunOptions, run_plan
from spacebio_bench.grid.stores import Stores, open_stores
from spacebio_bench.models import seconds_per_fit
from spacebio_bench.protocol import Protocol, load_protocol, protocol_from_dict
from spacebio_bench.report.tables import write_tables

from ._stores import write_store

FAMILY, STOP_AT = 9, 3
BUDGETS = {"default": 120, "rf": 20}


def protocol(**inference: object) -> Protocol:
    data = load_protocol("calibrated").to_dict()
    data["models"] = {"knn": {}, "pca_lr": {}, "rf": {"n_trees": 5}}
    data["inference"] |= {"family_labelings": FAMILY, "stop_at": STOP_AT, "n_seeds": 2}
    data["inference"] |= inference
    return protocol_from_dict(data)


@pytest.fixture(scope="module")
def stores(tmp_path_factory) -> Stores:
    """A tissue with a signature, one without, one of 2 x 2 animals a mission (36 labelings)."""
    folder = tmp_path_factory.mktemp("cohorts")
    write_store(folder, tissue="signal", effect=2.5, seed=1)
    write_store(folder, tissue="silence", effect=0.0, seed=2)
    write_store(folder, tissue="tiny", missions=2, per_class=2, effect=0.0, seed=3)
    return open_stores(folder)


@pytest.fixture(scope="module")
def plan(stores: Stores) -> Plan:
    chosen = Selection(n_permutations=BUDGETS, features=("gene", "pathway_hallmark"))
    return make_plan(stores.cohorts, protocol(), chosen, seed=42)


def run(plan: Plan, stores: Stores, folder: Path, backend: str = "serial") -> dict[str, object]:
    outcome = run_plan(
        plan,
        stores.cohorts,
        stores.paths,
        ledger_folder=folder / "ledger",
        outdir=folder / "grid",
        options=RunOptions(backend=backend, quiet=True, workers=2),
    )
    plan.save(folder / "plan")
    write_tables(folder / "plan", folder / "grid", folder / "results")
    return outcome


def tables(folder: Path) -> dict[str, bytes]:
    found = {n: (folder / "results" / n).read_bytes() for n in ("cells.csv", "folds.csv")}
    nulls = folder / "results" / "nulls.zarr"
    return found | {
        str(p.relative_to(nulls)): p.read_bytes() for p in nulls.rglob("*") if p.is_file()
    }


@pytest.fixture(scope="module")
def undisturbed(plan: Plan, stores: Stores, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    outcome = run(plan, stores, folder)
    assert outcome["units_planned"] == outcome["units_computed"]
    return folder


def cells(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "results" / "cells.csv").set_index("cell")


def test_every_p_is_that_of_its_stored_null_by_hand(undisturbed: Path, plan: Plan) -> None:
    table = cells(undisturbed)
    root = zarr.open_group(undisturbed / "results" / "nulls.zarr", mode="r")
    methods = set()
    for name, row in table.iterrows():
        group = root[row["task"]]
        values = group["value"][list(group["cell"][:]).index(name)]
        done = np.isfinite(values).all(axis=0)
        mean = values[:, done].mean(axis=0)
        reached = np.flatnonzero(mean[1:] >= mean[0] - 1e-12) + 1
        planned = next(c.n_labelings for c in plan.cells if c.cell == name)
        methods.add(row["p_method"])
        if row["p_method"] == "refit_sequential":
            assert row["n_permutations"] == reached[STOP_AT - 1]
            assert row["p_value"] == pytest.approx(STOP_AT / reached[STOP_AT - 1])
            assert done.sum() == 1 + max(FAMILY, reached[STOP_AT - 1])
        else:
            assert row["n_permutations"] == planned == done.sum() - 1
            assert row["p_value"] == pytest.approx((len(reached) + 1) / (planned + 1))
        possible = plan.task_of[row["task"]].n_possible
        assert row["p_attainable"] == pytest.approx(max(1 / (planned + 1), 1 / possible))
        assert row["p_value"] >= row["p_attainable"] - 1e-12
    assert methods == {"refit", "refit_sequential", "refit_exact"}


def test_a_planted_tissue_runs_to_the_end_and_a_silent_one_stops(undisturbed: Path) -> None:
    table = cells(undisturbed).query("model == 'pca_lr' and feature == 'gene'").set_index("tissue")
    assert table.loc["signal", "p_method"] == "refit"
    assert table.loc["silence", "p_method"] == "refit_sequential"
    assert table.loc["silence", "n_permutations"] < BUDGETS["default"]


def test_a_few_labelings_are_all_run(undisturbed: Path) -> None:
    table = cells(undisturbed)
    tiny = table[(table["tissue"] == "tiny") & (table["model"] != "rf")]
    assert set(tiny["p_method"]) == {"refit_exact"}
    assert set(tiny["n_permutations"]) == {35}


@pytest.mark.parametrize("backend", ["joblib", pytest.param("local", marks=pytest.mark.slow)])
def test_other_backends_stop_at_the_same_labelings(
    backend: str, plan: Plan, stores: Stores, undisturbed: Path, tmp_path: Path
) -> None:
    run(plan, stores, tmp_path, backend)
    assert tables(tmp_path) == tables(undisturbed)


@pytest.mark.parametrize(("batch", "seconds"), [(7, 0.01), (500, 1e9)])
def test_block_sizes_do_not_show(
    batch, seconds, plan: Plan, stores: Stores, undisturbed: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr(units, "BATCH", batch)
    monkeypatch.setattr(units, "LOOP_SECONDS", seconds)
    run(plan, stores, tmp_path)
    ours, theirs = tables(tmp_path), tables(undisturbed)
    assert ours["folds.csv"] == theirs["folds.csv"]
    assert ours["cells.csv"] == theirs["cells.csv"]
    assert ours == theirs


def test_a_run_that_was_cut_off_decides_as_the_undisturbed_one(
    plan: Plan, stores: Stores, undisturbed: Path, tmp_path: Path
) -> None:
    """Any part of the ledger, later stages without earlier ones too, leads to the same tables."""
    there = Ledger.open(undisturbed / "ledger")
    kept = [r for i, r in enumerate(sorted(there.done.values(), key=lambda r: r.key)) if i % 3]
    (tmp_path / "ledger").mkdir()
    Ledger.open(tmp_path / "ledger").add(kept)
    outcome = run(plan, stores, tmp_path)
    assert outcome["units_reused"] == len(kept)
    assert outcome["units_computed"] == len(there.done) - len(kept)
    assert tables(tmp_path) == tables(undisturbed)
    again = run(plan, stores, tmp_path)
    assert (again["units_computed"], again["units_reused"]) == (0, outcome["units_planned"])


def test_a_cpu_budget_cuts_labelings_in_the_plan_and_says_so(stores: Stores) -> None:
    settings = protocol().models["rf"]
    n_train = [16, 16, 16]
    a_labeling = sum(seconds_per_fit("rf", settings, n, 45) for n in n_train)
    minutes = 30.5 * a_labeling / 60
    chosen = Selection(
        n_permutations={"default": 120}, features=("gene",), tissues=("signal",), models=("rf",)
    )
    (cell,) = make_plan(stores.cohorts, protocol(cell_cpu_minutes=minutes), chosen, seed=1).cells
    assert cell.status == "ok"
    allowed = affordable_labelings("rf", settings, protocol(cell_cpu_minutes=minutes), n_train, 45)
    assert cell.n_labelings == allowed
    assert 19 <= cell.n_labelings < 120
    assert cell.reason.startswith(f"refitted on {allowed} of 120 labelings: a budget of ")


def test_too_small_a_budget_falls_back_to_a_named_p(stores: Stores, tmp_path: Path) -> None:
    small = protocol(cell_cpu_minutes=1e-6)
    chosen = Selection(n_permutations={"default": 120}, features=("gene",), tissues=("signal",))
    plan = make_plan(stores.cohorts, small, replace(chosen, models=("rf", "knn")), seed=1)
    run(plan, stores, tmp_path)
    row = cells(tmp_path).loc["signal.lomo/gene/rf"]
    assert (row["status"], row["p_method"], row["n_permutations"]) == ("ok", "fixed_deflated", 0)
    assert row["reason"].startswith("not refitted: a budget of 1e-06 CPU minutes")


def test_a_small_number_that_was_asked_for_is_run(stores: Stores) -> None:
    chosen = Selection(n_permutations={"default": 9}, features=("gene",), models=("rf",))
    assert {c.n_labelings for c in make_plan(stores.cohorts, protocol(), chosen, seed=1).cells} == {
        9
    }
