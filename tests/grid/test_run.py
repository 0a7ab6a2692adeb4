"""The grid: the same bytes on every backend, resume by unit, a status for whatever goes wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr
from sklearn.metrics import roc_auc_score

from spacebio_bench.errors import InputError
from spacebio_bench.grid import dask_run, parcels
from spacebio_bench.grid.ledger import SUFFIX, Ledger
from spacebio_bench.grid.plan import Plan
from spacebio_bench.grid.planner import Selection, make_plan
from spacebio_bench.grid.run import RunOptions, run_plan
from spacebio_bench.grid.stores import Stores, open_stores
from spacebio_bench.models import ModelCard
from spacebio_bench.models._registry import _REGISTRY, register
from spacebio_bench.protocol import Protocol, load_protocol, protocol_from_dict

from ._stores import write_store

SAME_BYTES = ("folds.parquet", "predictions.parquet")
ASKED = Selection(n_permutations={"default": 8, "rf": 2})


@pytest.fixture(scope="module")
def stores(tmp_path_factory) -> Stores:
    folder = tmp_path_factory.mktemp("cohorts")
    write_store(folder)
    write_store(folder, tissue="eye", missions=2, seed=2)
    return open_stores(folder)


def quick_protocol() -> Protocol:
    """`calibrated` with three models and a small forest."""
    data = load_protocol("calibrated").to_dict()
    data["models"] = {"knn": {}, "pca_lr": {}, "rf": {"n_trees": 5}}
    return protocol_from_dict(data)


@pytest.fixture(scope="module")
def plan(stores: Stores) -> Plan:
    return make_plan(stores.cohorts, quick_protocol(), ASKED, seed=42)


def run(plan: Plan, stores: Stores, folder: Path, **options: Any) -> dict[str, Any]:
    """Run into `folder/grid` with the ledger `folder/ledger`."""
    settings = RunOptions(**{"backend": "serial", "quiet": True, **options})
    return run_plan(
        plan,
        stores.cohorts,
        stores.paths,
        ledger_folder=folder / "ledger",
        outdir=folder / "grid",
        options=settings,
    )


def content(folder: Path) -> dict[str, bytes]:
    """Bytes of everything that must not depend on how a run went."""
    nulls = folder / "grid" / "nulls.zarr"
    files = [folder / "grid" / name for name in SAME_BYTES]
    files += sorted(p for p in nulls.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


@pytest.fixture(scope="module")
def undisturbed(plan: Plan, stores: Stores, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    outcome = run(plan, stores, folder)
    assert outcome["cells_by_status"] == {"ok": len(plan.cells)}
    return folder


def test_every_value_is_the_auroc_of_the_stored_scores(undisturbed: Path, plan: Plan) -> None:
    predictions = pd.read_parquet(undisturbed / "grid" / "predictions.parquet")
    folds = pd.read_parquet(undisturbed / "grid" / "folds.parquet").set_index(["cell", "fold"])
    assert len(folds) == sum(len(plan.task_of[c.task].folds) for c in plan.cells)
    for key, group in predictions.groupby(["cell", "fold"]):
        expected = roc_auc_score(group["label"], group["score"])
        assert folds.loc[key, "value"] == pytest.approx(expected, abs=1e-12)


def test_a_forest_is_fitted_with_five_seeds(undisturbed: Path) -> None:
    folds = pd.read_parquet(undisturbed / "grid" / "folds.parquet").set_index("cell")
    assert {len(v) for v in folds.loc["liver.lomo/gene/rf", "seed_values"]} == {4}
    assert {len(v) for v in folds.loc["liver.lomo/gene/knn", "seed_values"]} == {0}


def test_the_null_holds_what_was_asked_and_nothing_else(undisturbed: Path, plan: Plan) -> None:
    group = zarr.open_group(undisturbed / "grid" / "nulls.zarr", mode="r")["liver.lomo"]
    cells = list(group["cell"][:])
    assert group["value"].shape == (len(cells), 3, 9)
    rf = cells.index("liver.lomo/gene/rf")
    assert np.isfinite(group["value"][rf, :, :3]).all()
    assert np.isnan(group["value"][rf, :, 3:]).all()
    assert (group["status"][rf] == [1, 1, 1, 0, 0, 0, 0, 0, 0]).all()
    task = plan.task_of["liver.lomo"]
    labels = group["labels"][:]
    np.testing.assert_array_equal(labels, task.labels)
    for stratum in set(task.strata):
        rows = [s == stratum for s in task.strata]
        assert len(set(labels[rows].sum(axis=0))) == 1
    assert tuple(group["sample"][:]) == task.samples


@pytest.mark.parametrize("backend", ["joblib", "local"])
def test_every_backend_gives_the_same_bytes(
    backend: str, plan: Plan, stores: Stores, undisturbed: Path, tmp_path: Path
) -> None:
    outcome = run(plan, stores, tmp_path, backend=backend, workers=2)
    assert outcome["exit_code"] == 0
    assert content(tmp_path) == content(undisturbed)


def test_a_second_run_computes_nothing(
    plan: Plan, stores: Stores, undisturbed: Path, tmp_path: Path
) -> None:
    run(plan, stores, tmp_path)
    outcome = run(plan, stores, tmp_path)
    assert outcome["units_computed"] == 0
    assert outcome["units_reused"] == outcome["units_planned"] > 0
    assert content(tmp_path) == content(undisturbed)


def test_a_larger_plan_computes_only_what_it_adds(stores: Stores, tmp_path: Path) -> None:
    small = make_plan(stores.cohorts, quick_protocol(), Selection(models=("knn",)), seed=42)
    first = run(small, stores, tmp_path)
    more = Selection(models=("knn", "pca_lr"))
    large = make_plan(stores.cohorts, quick_protocol(), more, seed=42)
    second = run(large, stores, tmp_path)
    assert second["units_reused"] == first["units_planned"]
    assert second["units_computed"] == second["units_planned"] - first["units_planned"]


def test_another_seed_reuses_nothing(plan: Plan, stores: Stores, tmp_path: Path) -> None:
    run(plan, stores, tmp_path)
    outcome = run(make_plan(stores.cohorts, plan.protocol, ASKED, seed=7), stores, tmp_path)
    assert outcome["units_reused"] == 0


def test_a_damaged_segment_is_computed_again(
    plan: Plan, stores: Stores, undisturbed: Path, tmp_path: Path, capsys
) -> None:
    run(plan, stores, tmp_path)
    (segment,) = (tmp_path / "ledger").glob(f"*{SUFFIX}")
    segment.write_bytes(segment.read_bytes()[:-100])
    outcome = run(plan, stores, tmp_path)
    assert outcome["units_computed"] == outcome["units_planned"]
    assert "computed again" in capsys.readouterr().err
    assert content(tmp_path) == content(undisturbed)


KILLED = """
import sys
from pathlib import Path
from spacebio_bench.grid import run as grid_run
from spacebio_bench.grid.plan import Plan
from spacebio_bench.grid.stores import open_stores
grid_run.FLUSH_SECONDS = 0.0
cohorts, plan, out = map(Path, sys.argv[1:4])
stores = open_stores(cohorts)
grid_run.run_plan(
    Plan.load(plan), stores.cohorts, stores.paths,
    ledger_folder=out / "ledger", outdir=out / "grid",
    options=grid_run.RunOptions(backend=sys.argv[4], workers=2, quiet=True),
)
"""


@pytest.mark.parametrize(
    ("backend", "how"), [("serial", signal.SIGKILL), ("local", signal.SIGTERM)]
)
def test_a_killed_run_goes_on_where_it_was(
    backend: str,
    how: signal.Signals,
    plan: Plan,
    stores: Stores,
    undisturbed: Path,
    tmp_path: Path,
) -> None:
    plan.save(tmp_path / "plan")
    cohorts = next(iter(stores.paths.values())).parent
    arguments = [str(cohorts), str(tmp_path / "plan"), str(tmp_path), backend]
    process = subprocess.Popen([sys.executable, "-c", KILLED, *arguments])
    deadline = time.monotonic() + 120
    while len(list((tmp_path / "ledger").glob(f"*{SUFFIX}"))) < 3:
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, how)
    process.wait(60)
    assert process.returncode == (-9 if how == signal.SIGKILL else 143)
    assert not (tmp_path / "grid" / "outcome.json").exists()
    kept = len(Ledger.open(tmp_path / "ledger").done)
    outcome = run(plan, stores, tmp_path)
    assert outcome["units_reused"] == kept > 0
    assert outcome["units_computed"] == outcome["units_planned"] - kept > 0
    assert content(tmp_path) == content(undisturbed)


@dataclass(frozen=True)
class Misbehaving:
    """A model that does wrong in one way; registered for a test only."""

    how: str = "raise"

    def prepare(self, x_train: Any, x_test: Any, *, seed: int) -> Any:
        if self.how == "die":
            os._exit(1)
        return _Wrong(self.how, len(x_test))


@dataclass(frozen=True)
class _Wrong:
    how: str
    n_test: int

    def score(self, labels: Any) -> Any:
        if self.how == "raise":
            msg = "singular matrix\nin detail"
            raise ValueError(msg)
        if self.how == "memory":
            raise MemoryError
        if self.how == "hang":
            while True:
                time.sleep(0.01)
        shape = (labels.shape[1], self.n_test)
        return np.full(shape, np.nan) if self.how == "nan" else np.zeros((1, 1))


def register_misbehaving() -> None:
    """Enter the model, here or on a worker."""
    card = ModelCard("misbehaving", "classical", scaled=True, refit="loop", reference="none")
    if card.name not in _REGISTRY:
        register(card)(Misbehaving)


@pytest.fixture
def misbehaving() -> Iterator[None]:
    register_misbehaving()
    yield
    del _REGISTRY["misbehaving"]


def plan_with(stores: Stores, how: str) -> Plan:
    data = load_protocol("calibrated").to_dict()
    data["models"] = {"knn": {}, "misbehaving": {"how": how}}
    data["inference"]["labelings"] = {"default": 2}
    selection = Selection(tissues=("eye",), features=("gene",))
    return make_plan(stores.cohorts, protocol_from_dict(data), selection, seed=1)


@pytest.mark.usefixtures("misbehaving")
@pytest.mark.parametrize(
    ("how", "status", "reason"),
    [
        ("raise", "failed", "ValueError: singular matrix in detail"),
        ("memory", "failed", "MemoryError"),
        ("nan", "failed", "ValueError: scores are not finite"),
        ("shape", "failed", "scores of shape (1, 1)"),
        ("hang", "timed_out", "over the limit of 0.5 s"),
    ],
)
def test_what_goes_wrong_is_a_status_and_the_rest_finishes(
    how: str, status: str, reason: str, stores: Stores, tmp_path: Path
) -> None:
    outcome = run(plan_with(stores, how), stores, tmp_path, unit_timeout=0.5)
    assert outcome["exit_code"] == 3
    assert outcome["cells_by_status"] == {status: 1, "ok": 1}
    assert reason in outcome["causes"][0]["reason"]
    folds = pd.read_parquet(tmp_path / "grid" / "folds.parquet").set_index("cell")
    assert set(folds.loc["eye.lomo/gene/misbehaving", "status"]) == {status}
    assert set(folds.loc["eye.lomo/gene/knn", "status"]) == {"ok"}
    again = json.loads((tmp_path / "grid" / "outcome.json").read_text())
    assert again == outcome


@pytest.mark.slow
@pytest.mark.usefixtures("misbehaving")
@pytest.mark.parametrize(("how", "status"), [("die", "lost"), ("hang", "timed_out")])
def test_workers_that_die_or_hang_cost_only_their_unit(
    how: str, status: str, stores: Stores, project: Path, tmp_path: Path, monkeypatch
) -> None:
    """On Dask; the hang here resists the limit inside the worker, as compiled code would."""
    from distributed.diagnostics.plugin import WorkerPlugin

    class Register(WorkerPlugin):
        def setup(self, worker: Any) -> None:
            register_misbehaving()
            from spacebio_bench.grid import execute

            execute._time_limit = lambda _seconds: __import__("contextlib").nullcontext()

    on_dask = dask_run._on_dask

    def with_model(client: Any, *others: Any) -> Any:
        client.register_plugin(Register())
        return on_dask(client, *others)

    monkeypatch.syspath_prepend(project)  # for workers to import this module
    monkeypatch.setattr(dask_run, "_on_dask", with_model)
    monkeypatch.setattr(parcels, "GRACE_SECONDS", 1.0)
    plan = plan_with(stores, how)
    outcome = run(plan, stores, tmp_path, backend="local", workers=2, unit_timeout=1.0)
    assert outcome["cells_by_status"] == {status: 1, "ok": 1}
    assert outcome["exit_code"] == 3


def test_a_plan_that_cannot_run_is_an_input_error(tmp_path: Path) -> None:
    write_store(tmp_path, missions=1)
    with pytest.raises(InputError, match="one mission only"):
        make_plan(open_stores(tmp_path).cohorts, load_protocol("calibrated"), Selection(), seed=1)


def test_unknown_names_are_told_all_at_once(stores: Stores) -> None:
    wrong = Selection(
        tasks=("lomos",),
        tissues=("brain",),
        features=("genes",),
        models=("svm",),
        n_permutations={"forest": 3},
    )
    with pytest.raises(InputError) as error:
        make_plan(stores.cohorts, load_protocol("calibrated"), wrong, seed=1)
    told = str(error.value)
    for text in ("'lomos'", "'brain'", "'genes'", "'svm'", "'forest'", "5 problems"):
        assert text in told


def test_stores_that_are_not_the_plans_are_refused(
    plan: Plan, stores: Stores, tmp_path: Path
) -> None:
    write_store(tmp_path, per_class=3)
    with pytest.raises(InputError) as error:
        run(plan, open_stores(tmp_path), tmp_path)
    assert "there is no store of eye." in str(error.value)
    assert "the store of liver lacks 12 samples of the plan" in str(error.value)
    assert not (tmp_path / "ledger").exists()


def test_a_store_that_is_replaced_in_mid_run_gives_no_result(tmp_path: Path) -> None:
    """What it holds now would be kept under the name of what it held."""
    write_store(tmp_path / "cohorts", genes=20)
    opened = open_stores(tmp_path / "cohorts")
    plan = make_plan(opened.cohorts, quick_protocol(), Selection(models=("knn",)), seed=1)
    write_store(tmp_path / "cohorts", genes=20, seed=9)
    outcome = run(plan, opened, tmp_path)
    assert outcome["cells_by_status"] == {"failed": len(plan.cells)}
    assert "no longer what it was when the run began" in outcome["causes"][0]["reason"]
    assert not Ledger.open(tmp_path / "ledger").done


def test_a_folder_without_a_plan_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no plan"):
        Plan.load(tmp_path)
    (tmp_path / "plan.json").write_text("{")
    with pytest.raises(InputError, match="holds no plan"):
        Plan.load(tmp_path)


def test_a_plan_survives_its_file(plan: Plan, tmp_path: Path) -> None:
    plan.save(tmp_path)
    again = Plan.load(tmp_path)
    assert again.cells == plan.cells
    assert again.protocol.digest == plan.protocol.digest
    for a, b in zip(again.tasks, plan.tasks, strict=True):
        np.testing.assert_array_equal(a.labels, b.labels)
        assert (a.samples, a.strata, a.enumerated) == (b.samples, b.strata, b.enumerated)
        for f, g in zip(a.folds, b.folds, strict=True):
            np.testing.assert_array_equal(f.train, g.train)
            assert (f.fold, f.test_missions, f.status) == (g.fold, g.test_missions, g.status)
