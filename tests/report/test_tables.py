"""The result tables: a row for whatever was planned, right numbers, the same bytes."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import zarr
from click.testing import CliRunner
from scipy import stats
from sklearn.metrics import roc_auc_score

from spacebio_bench.cli import main
from spacebio_bench.errors import InputError
from spacebio_bench.grid.plan import Plan, PlannedCell, PlannedFold, PlannedTask
from spacebio_bench.protocol import load_protocol
from spacebio_bench.report.tables import write_tables
from spacebio_bench.report.tables_cells import go
from spacebio_bench.statistics.labelings import labelings

CELL_COLUMNS = [
    "cell",
    "task",
    "family",
    "variant",
    "tissue",
    "feature",
    "model",
    "track",
    "protocol",
    "status",
    "reason",
    "metric",
    "n_folds",
    "n_samples",
    "n_positive",
    "value_mean",
    "value_sd",
    "value_seed_sd",
    "ci_these_low",
    "ci_these_high",
    "ci_population_low",
    "ci_population_high",
    "pi_next_low",
    "pi_next_high",
    "p_value",
    "p_method",
    "n_permutations",
    "p_attainable",
    "p_maxt",
    "q_bh",
    "rank_low",
    "rank_high",
    "tie_group",
    "pub_ci_low",
    "pub_ci_high",
    "pub_p",
    "pub_go",
]
FOLD_COLUMNS = [
    "cell",
    "fold",
    "train_missions",
    "test_missions",
    "n_train",
    "n_test",
    "n_positive",
    "n_features",
    "metric",
    "value",
    "seed_sd",
    "ci_low",
    "ci_high",
    "p_exact",
    "p_attainable",
    "pub_ci_low",
    "pub_ci_high",
    "pub_p",
    "status",
    "reason",
]
STATISTICS = CELL_COLUMNS[CELL_COLUMNS.index("value_mean") :]
TASK = "eye.lomo"
N = {"A": 6, "B": 8, "C": 10, "D": 3}
"""Samples of each mission, half of them positive; D is too small for a fold."""


@dataclass(frozen=True)
class Outcome:
    """What the made-up grid says of one cell; scores grow with the label by `effect`."""

    effect: float = 1.0
    n_labelings: int = 19
    planned: tuple[str, str] = ("ok", "")
    folds: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    done: int | None = None
    seeds: int = 0


OUTCOMES = {
    "plain": Outcome(),
    "seeded": Outcome(seeds=2),
    "strong": Outcome(effect=9.0),
    "cut": Outcome(done=8),
    "uncut": Outcome(done=1),
    "fixed": Outcome(n_labelings=0),
    "planned_off": Outcome(planned=("not_applicable", "no torch here")),
    "failing": Outcome(folds={"B": ("failed", "ValueError: x"), "C": ("timed_out", "over 5 s")}),
    "losing": Outcome(folds={"A": ("lost", "three workers"), "C": ("failed", "y")}),
    "silent": Outcome(absent=("C",)),
}


def made_plan(outcomes: Mapping[str, Outcome] = OUTCOMES, protocol: str = "calibrated") -> Plan:
    missions = np.repeat(list(N), list(N.values()))
    samples = tuple(f"{m}{i:02d}" for i, m in enumerate(missions))
    truth = np.concatenate([np.arange(n) % 2 for n in N.values()]).astype(np.int8)
    labels, enumerated, possible = labelings(truth, missions, n_permutations=19, seed=1)
    folds = []
    for m in N:
        held = missions == m
        others = tuple(o for o in N if o != m)
        status = ("not_applicable", "3 test samples, 4 needed") if m == "D" else ("ok", "")
        where = np.flatnonzero(~held), np.flatnonzero(held)
        folds.append(PlannedFold(f"fold_{m}_test", *where, others, (m,), *status))
    task = PlannedTask(
        task=TASK,
        family="lomo",
        variant="",
        tissue="eye",
        samples=samples,
        missions=tuple(missions),
        conditions=tuple("FLT" if t else "GC" for t in truth),
        strata=tuple(missions),
        labels=labels,
        enumerated=enumerated,
        n_possible=possible,
        folds=tuple(folds),
        status="ok",
        reason="",
    )
    cells = tuple(
        PlannedCell(
            f"{TASK}/gene/{name}", TASK, "gene", name, "classical", o.n_labelings, *o.planned
        )
        for name, o in outcomes.items()
    )
    return Plan(load_protocol(protocol), 42, (task,), cells)


def write_grid(folder: Path, plan: Plan, outcomes: Mapping[str, Outcome]) -> None:
    """The files that the grid leaves, from made-up scores."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(7)
    task = plan.tasks[0]
    folds, predictions, costs, values, states = [], [], [], [], []
    ran = [cell for cell in plan.cells if cell.status == "ok"]
    for cell in ran:
        outcome = outcomes[cell.model]
        value = rng.uniform(0.2, 0.8, (len(task.scored_folds), task.labels.shape[1]))
        state = np.ones(value.shape, np.int8)
        state[:, (outcome.done or cell.n_labelings + 1) :] = 0
        for j, fold in enumerate(task.scored_folds):
            mission = fold.test_missions[0]
            truth = task.labels[fold.test, 0]
            scores = np.round(rng.normal(size=len(truth)) + outcome.effect * truth, 1)
            value[j, 0] = roc_auc_score(truth, scores)
            status, reason = outcome.folds.get(mission, ("ok", ""))
            if mission in outcome.absent:
                continue
            seeds = rng.uniform(0.4, 0.9, outcome.seeds)
            known = value[j, 0] if status == "ok" else np.nan
            folds.append((cell.cell, fold.fold, status, reason, 60, known, seeds))
            names = [task.samples[i] for i in fold.test]
            rows = itertools.product(
                [cell.cell], [fold.fold], zip(names, truth, scores, strict=True)
            )
            predictions += [(c, f, s, int(y), "1", x) for c, f, (s, y, x) in rows if status == "ok"]
            costs.append((cell.cell, fold.fold, 0.5, 0.25, 0, 100.0, "w"))
        value[state == 0] = np.nan
        values.append(value)
        states.append(state)
    names = ["cell", "fold", "status", "reason", "n_features", "value", "seed_values"]
    pd.DataFrame(folds, columns=names).to_parquet(folder / "folds.parquet")
    names = ["cell", "fold", "sample", "label", "class", "score"]
    pd.DataFrame(predictions, columns=names).to_parquet(folder / "predictions.parquet")
    names = ["cell", "fold", "fit_cpu_s", "score_cpu_s", "units_reused", "peak_rss_mb", "worker"]
    pd.DataFrame(costs, columns=names).to_csv(folder / "costs.csv", index=False)
    group = zarr.open_group(folder / "nulls.zarr", mode="w", zarr_format=3).create_group(TASK)
    for name, array in (("value", np.array(values)), ("status", np.array(states))):
        group.create_array(name, data=array)
    for name, texts in (
        ("cell", [c.cell for c in ran]),
        ("fold", [f.fold for f in task.scored_folds]),
    ):
        array = group.create_array(name, shape=(len(texts),), dtype=str)
        array[:] = np.array(texts, dtype=np.dtypes.StringDType())


@dataclass(frozen=True)
class Made:
    plan: Plan
    grid: Path
    tables: Path

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.tables / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def cell(self, model: str) -> dict[str, str]:
        (row,) = [r for r in self.rows("cells.csv") if r["model"] == model]
        return row

    def folds(self, model: str) -> dict[str, dict[str, str]]:
        rows = [r for r in self.rows("folds.csv") if r["cell"].endswith(f"/{model}")]
        return {r["test_missions"]: r for r in rows}

    def nulls(self, model: str) -> np.ndarray:
        group = zarr.open_group(self.grid / "nulls.zarr", mode="r")[TASK]
        return group["value"][list(group["cell"][:]).index(f"{TASK}/gene/{model}")]


def make(
    folder: Path, outcomes: Mapping[str, Outcome] = OUTCOMES, protocol: str = "calibrated"
) -> Made:
    plan = made_plan(outcomes, protocol)
    plan.save(folder / "plan")
    write_grid(folder / "grid", plan, outcomes)
    write_tables(folder / "plan", folder / "grid", folder / "tables")
    return Made(plan, folder / "grid", folder / "tables")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return make(tmp_path_factory.mktemp("tables"))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Made:
    outcomes = {"plain": Outcome(), "strong": Outcome(effect=9.0), "failing": OUTCOMES["failing"]}
    return make(tmp_path_factory.mktemp("v1"), outcomes, "v1")


def test_columns_and_order(made: Made) -> None:
    for name, columns in (("cells.csv", CELL_COLUMNS), ("folds.csv", FOLD_COLUMNS)):
        text = (made.tables / name).read_bytes()
        assert text.decode().splitlines()[0].split(",") == columns
        assert b"\r" not in text
        keys = [(r["cell"].encode(), r.get("fold", "").encode()) for r in made.rows(name)]
        assert keys == sorted(set(keys))
    header = "by,a,b,n_clusters,difference,ci_low,ci_high,p_value,p_attainable,method"
    assert (made.tables / "comparisons.csv").read_text().splitlines()[0] == header


def test_every_planned_cell_and_fold_has_a_row(made: Made) -> None:
    assert {r["model"] for r in made.rows("cells.csv")} == set(OUTCOMES)
    for model in OUTCOMES:
        assert set(made.folds(model)) == set(N)


@dataclass(frozen=True)
class Status:
    status: str
    reason: str


STATUSES = {
    "plain": Status("ok", ""),
    "cut": Status("ok", ""),
    "planned_off": Status("not_applicable", "no torch here"),
    "failing": Status("timed_out", "fold_C_test: over 5 s"),
    "losing": Status("lost", "fold_A_test: three workers"),
    "silent": Status("failed", "fold_C_test: the grid has no result"),
}


@pytest.mark.parametrize("model", STATUSES)
def test_status_of_a_cell(made: Made, model: str) -> None:
    row = made.cell(model)
    assert Status(row["status"], row["reason"]) == STATUSES[model]
    empty = {name for name in STATISTICS if row[name] == ""}
    of_ok = {"value_seed_sd", "p_maxt"} if model == "cut" else {"value_seed_sd"}
    assert empty == (of_ok if row["status"] == "ok" else set(STATISTICS))
    assert (row["n_folds"], row["n_samples"], row["n_positive"]) == ("3", "27", "13")


def test_a_fold_too_small_is_left_out_alike_with_its_reason(made: Made) -> None:
    for model in OUTCOMES:
        row = made.folds(model)["D"]
        assert (row["status"], row["reason"]) == ("not_applicable", "3 test samples, 4 needed")
        assert row["value"] == row["p_exact"] == ""
        assert (row["n_train"], row["n_test"], row["n_positive"]) == ("24", "3", "1")


def test_a_failed_fold_says_why_and_the_others_keep_their_numbers(made: Made) -> None:
    folds = made.folds("failing")
    assert (folds["B"]["status"], folds["B"]["reason"]) == ("failed", "ValueError: x")
    assert folds["B"]["value"] == ""
    assert folds["A"]["status"] == "ok"
    assert 0 <= float(folds["A"]["value"]) <= 1


def test_numbers_of_a_cell(made: Made) -> None:
    row, folds = made.cell("plain"), made.folds("plain")
    values = np.array([float(folds[m]["value"]) for m in "ABC"])
    assert float(row["value_mean"]) == values.mean()
    assert float(row["value_sd"]) == pytest.approx(values.std(ddof=1))
    half = stats.t.ppf(0.975, 2) * values.std(ddof=1) * math.sqrt(4 / 3)
    assert float(row["pi_next_low"]) == pytest.approx(max(values.mean() - half, 0))
    assert float(row["pi_next_high"]) == pytest.approx(min(values.mean() + half, 1))
    assert float(row["ci_population_low"]) <= float(row["ci_these_low"]) < values.mean()
    assert values.mean() < float(row["ci_these_high"]) <= float(row["ci_population_high"])
    for name in ("pub_ci_low", "pub_ci_high", "pub_p"):
        mean = np.mean([float(folds[m][name]) for m in "ABC"])
        assert float(row[name]) == pytest.approx(mean)


def test_refit_p_is_of_the_mean_over_folds(made: Made) -> None:
    row, mean = made.cell("plain"), made.nulls("plain").mean(axis=0)
    expected = ((mean[1:] >= mean[0] - 1e-12).sum() + 1) / 20
    assert float(row["p_value"]) == expected
    assert (row["p_method"], row["n_permutations"]) == ("refit", "19")
    assert float(row["p_attainable"]) == 0.05
    assert float(made.cell("strong")["p_value"]) == 0.05


def test_a_cell_that_stopped_early_uses_what_it_has(made: Made) -> None:
    row, mean = made.cell("cut"), made.nulls("cut")[:, :8].mean(axis=0)
    assert float(row["p_value"]) == ((mean[1:] >= mean[0] - 1e-12).sum() + 1) / 8
    assert (row["n_permutations"], float(row["p_attainable"])) == ("7", 1 / 20)  # as planned


def test_a_cell_without_a_permuted_labeling_has_no_p(made: Made) -> None:
    path = made.tables.parent / "no_p"
    outcomes = {"uncut": Outcome(done=1)}
    row = make(path, outcomes).cell("uncut")
    assert (row["status"], row["p_method"], row["p_value"], row["q_bh"]) == ("ok", "none", "", "")


def test_a_model_that_is_not_refitted_says_so(made: Made) -> None:
    row = made.cell("fixed")
    assert (row["p_method"], row["n_permutations"]) == ("fixed_deflated", "0")
    possible = math.comb(6, 3) * math.comb(8, 4) * math.comb(10, 5) * math.comb(3, 1)
    assert float(row["p_attainable"]) == pytest.approx(1 / possible)
    assert 0 < float(row["p_value"]) < 1


def test_seeds_are_shown_beside_the_first(made: Made) -> None:
    frame = pd.read_parquet(made.grid / "folds.parquet")
    frame = frame[frame["cell"] == f"{TASK}/gene/seeded"]
    seeds = np.array([[v, *s] for v, s in zip(frame["value"], frame["seed_values"], strict=True)])
    row, folds = made.cell("seeded"), made.folds("seeded")
    assert float(row["value_mean"]) == seeds[:, 0].mean()
    assert float(row["value_seed_sd"]) == pytest.approx(seeds.mean(axis=0).std(ddof=1))
    assert float(folds["A"]["seed_sd"]) == pytest.approx(seeds[0].std(ddof=1))
    assert folds["A"]["fold"] == frame["fold"].iloc[0]


def test_q_is_of_one_family(made: Made) -> None:
    rows = [r for r in made.rows("cells.csv") if r["p_value"]]
    q = stats.false_discovery_control([float(r["p_value"]) for r in rows])
    assert [float(r["q_bh"]) for r in rows] == pytest.approx(q.tolist())


def test_published_protocol_averages_folds(published: Made) -> None:
    for model in ("plain", "strong"):
        row, folds = published.cell(model), published.folds(model)
        p = np.mean([float(folds[m]["pub_p"]) for m in "ABC"])
        assert float(row["p_value"]) == float(row["pub_p"]) == pytest.approx(p)
        assert (row["p_method"], row["n_permutations"]) == ("mean_of_folds", "1000")
        floor = np.mean([1 / math.comb(n, n // 2) for n in (6, 8)] + [1 / 252])
        assert float(row["p_attainable"]) == pytest.approx(floor)
        values = [float(folds[m]["value"]) for m in "ABC"]
        assert float(row["value_sd"]) == pytest.approx(np.std(values))
        expected = np.mean(values) > 0.7 and float(row["pub_ci_low"]) > 0.6 and p < 0.05
        assert row["pub_go"] == str(expected)
    assert published.cell("strong")["pub_go"] == "True"
    assert published.cell("failing")["pub_go"] == ""


@pytest.mark.parametrize(
    ("values", "gene", "verdict"),
    [
        ((0.71, 0.51, 0.04), False, True),
        ((0.71, 0.51, 0.04), True, False),
        ((0.71, 0.61, 0.04), True, True),
        ((0.70, 0.61, 0.04), False, False),
        ((0.71, 0.50, 0.04), False, False),
        ((0.71, 0.51, 0.05), False, False),
    ],
)
def test_go(values: tuple[float, float, float], gene: bool, verdict: bool) -> None:
    rule = load_protocol("v1").go
    assert rule is not None
    assert go(rule, *values, gene=gene) is verdict


def test_parquet_says_the_same(made: Made) -> None:
    table = pq.read_table(made.tables / "cells.parquet")
    assert table.column_names == CELL_COLUMNS
    for row, line in zip(table.to_pylist(), made.rows("cells.csv"), strict=True):
        shown = {
            k: "" if v is None else repr(v) if isinstance(v, float) else str(v)
            for k, v in row.items()
        }
        assert shown == line


def test_predictions_give_the_values(made: Made) -> None:
    predictions = pd.read_parquet(made.tables / "predictions.parquet")
    assert list(predictions) == ["cell", "fold", "sample", "label", "class", "score"]
    groups = predictions.groupby(["cell", "fold"], sort=False)
    assert list(groups.groups) == sorted(groups.groups)
    value = {(r["cell"], r["fold"]): r["value"] for r in made.rows("folds.csv")}
    for key, frame in groups:
        assert roc_auc_score(frame["label"], frame["score"]) == pytest.approx(float(value[key]))


def digests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield str(path.relative_to(folder)), hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_bytes_again_and_in_another_order(made: Made, tmp_path: Path) -> None:
    grid = tmp_path / "grid"
    backwards = replace(made.plan, cells=made.plan.cells[::-1])
    backwards.save(tmp_path / "plan")
    write_grid(grid, made.plan, OUTCOMES)
    for name in ("folds", "predictions"):
        frame = pd.read_parquet(grid / f"{name}.parquet")
        parts = [part for _, part in frame.groupby(["cell", "fold"], sort=False)]
        pd.concat(parts[::-1]).to_parquet(grid / f"{name}.parquet")
    write_tables(tmp_path / "plan", grid, tmp_path / "tables")
    write_tables(tmp_path / "plan", grid, tmp_path / "tables")
    assert dict(digests(tmp_path / "tables")) == dict(digests(made.tables))


def test_verb(made: Made, tmp_path: Path) -> None:
    made.plan.save(tmp_path / "plan")
    words = ["summarize", "--plan", str(tmp_path / "plan"), "--grid", str(made.grid)]
    result = CliRunner().invoke(main, [*words, "--outdir", str(tmp_path / "out"), "--json"])
    assert result.exit_code == 0
    found = json.loads(result.stdout)["cells_by_status"]
    assert found == {"failed": 1, "lost": 1, "not_applicable": 1, "ok": 6, "timed_out": 1}
    assert dict(digests(tmp_path / "out")) == dict(digests(made.tables))


def test_folders_that_are_something_else(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no plan\.json; `plan` writes it"):
        write_tables(tmp_path, tmp_path, tmp_path / "out")
    made_plan().save(tmp_path)
    with pytest.raises(InputError, match="4 problems") as caught:
        write_tables(tmp_path, tmp_path, tmp_path / "out")
    assert "nulls.zarr: does not exist; `run` writes it." in str(caught.value)


@pytest.mark.slow
def test_a_grid_of_published_size_takes_seconds(tmp_path: Path) -> None:
    outcomes = {f"model{i:03d}": Outcome() for i in range(256)}
    plan = made_plan(outcomes)
    plan.save(tmp_path / "plan")
    write_grid(tmp_path / "grid", plan, outcomes)
    start = time.process_time()
    write_tables(tmp_path / "plan", tmp_path / "grid", tmp_path / "tables")
    assert time.process_time() - start < 15  # 3 folds here, 6 there: half of 30 s
