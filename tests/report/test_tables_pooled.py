"""Pooled AUROCs: each cell twice, numbers worked out from the other tables, reasons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spacebio_bench.grid.plan import Plan
from spacebio_bench.report.tables_io import FoldResult, Grid, Row
from spacebio_bench.report.tables_pooled import POOLED_COLUMNS, pooled_rows

from .test_tables import OUTCOMES, Made, Outcome, made_plan, make

NUMBERS = ("value", "ci_low", "ci_high", "tau2", "i2", "q", "p_heterogeneity")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    outcomes = dict(OUTCOMES) | {"weak": Outcome(effect=0.5), "none": Outcome(effect=0.0)}
    return make(tmp_path_factory.mktemp("pooled"), outcomes)


def pooled(made: Made, model: str) -> dict[str, dict[str, str]]:
    rows = [r for r in made.rows("pooled.csv") if r["cell"].endswith(f"/{model}")]
    return {r["variance"]: r for r in rows}


def test_every_cell_has_both_rows_in_order(made: Made) -> None:
    rows = made.rows("pooled.csv")
    assert tuple(rows[0]) == POOLED_COLUMNS
    cells = [r["cell"] for r in made.rows("cells.csv")]
    assert [(r["cell"], r["variance"]) for r in rows] == [
        (cell, name) for cell in cells for name in ("delong", "hanley_mcneil")
    ]
    keys = [(r["cell"].encode(), r["variance"].encode()) for r in rows]
    assert keys == sorted(set(keys))
    for row in rows:
        given = {name for name in NUMBERS if row[name]}
        assert given == (set() if row["reason"] else set(NUMBERS))
        assert row["n_folds"] == "3"


def hanley(value: float, m: int, n: int) -> float:
    a = min(max(value, 0.001), 0.999)
    q1, q2 = a / (2 - a), 2 * a**2 / (1 + a)
    return (a * (1 - a) + (m - 1) * (q1 - a**2) + (n - 1) * (q2 - a**2)) / (m * n)


def components(made: Made, cell: str, fold: str) -> float:
    frame = pd.read_parquet(made.tables / "predictions.parquet")
    frame = frame[(frame["cell"] == cell) & (frame["fold"] == fold)]
    up, down = (frame.loc[frame["label"] == c, "score"].to_numpy() for c in (1, 0))
    wins = (np.sign(up[:, None] - down) + 1) / 2
    return wins.mean(axis=1).var(ddof=1) / len(up) + wins.mean(axis=0).var(ddof=1) / len(down)


@pytest.mark.parametrize("variance", ["hanley_mcneil", "delong"])
def test_numbers_follow_from_folds_and_predictions(made: Made, variance: str) -> None:
    checked = 0
    for model in ("plain", "weak", "none", "cut", "fixed"):
        row, folds = pooled(made, model)[variance], made.folds(model)
        y = np.array([float(folds[m]["value"]) for m in "ABC"])
        size = [(int(folds[m]["n_positive"]), int(folds[m]["n_test"])) for m in "ABC"]
        if variance == "delong":
            v = np.array([components(made, row["cell"], folds[m]["fold"]) for m in "ABC"])
        else:
            v = np.array([hanley(a, m, n - m) for a, (m, n) in zip(y, size, strict=True)])
        if not v.all():
            assert row["reason"].startswith("no variance to weigh it by: fold_")
            continue
        q = sum((y - np.average(y, weights=1 / v)) ** 2 / v)
        tau2 = max(0, (q - 2) / (sum(1 / v) - sum(1 / v**2) / sum(1 / v)))
        value = np.average(y, weights=1 / (v + tau2))
        half = stats.norm.ppf(0.975) / np.sqrt(sum(1 / (v + tau2)))
        chance = stats.chi2.sf(q, 2)
        expected = (value, value - half, value + half, tau2, max(0, (q - 2) / q), q, chance)
        assert [float(row[n]) for n in NUMBERS] == pytest.approx(expected, rel=1e-9, abs=1e-12)
        checked += 1
    assert checked >= 3


def test_a_certain_fold_has_a_published_variance_and_no_other(made: Made) -> None:
    rows = pooled(made, "strong")
    folds = ", ".join(f"fold_{m}_test" for m in "ABC")
    assert rows["delong"]["reason"] == f"no variance to weigh it by: {folds}"
    assert float(rows["hanley_mcneil"]["value"]) == 1.0
    assert float(rows["hanley_mcneil"]["ci_high"]) > 1.0  # not cut, as published


@pytest.mark.parametrize("model", ["planned_off", "failing", "losing", "silent"])
def test_a_cell_without_numbers_says_why(made: Made, model: str) -> None:
    reason = made.cell(model)["reason"]
    assert reason
    assert {row["reason"] for row in pooled(made, model).values()} == {reason}


def test_the_order_of_the_rows_of_a_fold_does_not_matter(made: Made) -> None:
    given = in_memory(made.plan, ["A", "B"])
    backwards = {
        key: replace(r, samples=r.samples[::-1], scores=r.scores[::-1])
        for key, r in given.grid.folds.items()
    }
    shuffled = replace(given.grid, folds=backwards)
    rows = pooled_rows(given.plan, given.grid, given.cells, given.folds)
    assert rows == pooled_rows(given.plan, shuffled, given.cells, given.folds)
    assert rows[0]["value"] is not None


@dataclass(frozen=True)
class InMemory:
    plan: Plan
    grid: Grid
    cells: list[Row]
    folds: list[Row]

    def reasons(self) -> dict[str, str]:
        rows = pooled_rows(self.plan, self.grid, self.cells, self.folds)
        return {row["variance"]: row.get("reason", "") for row in rows}


def in_memory(plan: Plan, missions: list[str]) -> InMemory:
    """One cell with a fold for each entry, scores 0, 1, 2, ... but every third the other way."""
    task, cell = plan.tasks[0], plan.cells[0]
    results, folds = {}, []
    for i, mission in enumerate(missions):
        (planned,) = [f for f in task.folds if f.test_missions == (mission,)]
        name = f"{planned.fold}_{i}"
        truth = task.labels[planned.test, 0].astype(int)
        scores = np.arange(len(truth)) * np.where(np.arange(len(truth)) % 3, 1.0, -0.5)
        samples = tuple(task.samples[s] for s in planned.test)
        results[cell.cell, name] = FoldResult("ok", "", 9, 0.6, (), samples, scores)
        row = {"cell": cell.cell, "fold": name, "status": "ok", "test_missions": mission}
        folds.append(row | {"value": 0.6, "n_test": len(truth), "n_positive": int(truth.sum())})
    own = {"cell": cell.cell, "task": task.task, "status": "ok", "n_folds": len(folds)}
    return InMemory(plan, Grid(Path(), results, {}), [own], folds)


@dataclass(frozen=True)
class NoPool:
    missions: str
    delong: str
    hanley_mcneil: str


REASONS = {
    "one mission": NoPool("A", *["pooling needs two studies or more; there is 1"] * 2),
    "none": NoPool("", *["pooling needs two studies or more; there are 0"] * 2),
    "a mission twice": NoPool(
        "AAB", *["folds test the same mission; only those of different missions are pooled"] * 2
    ),
    "one positive sample": NoPool(
        "ABD", "fold_D_test_2: one sample of a class; DeLong's variance needs two", ""
    ),
    "fine": NoPool("ABC", "", ""),
}


@pytest.mark.parametrize("case", REASONS.values(), ids=REASONS.keys())
def test_reasons(case: NoPool) -> None:
    found = in_memory(made_plan(), list(case.missions)).reasons()
    assert found == {"delong": case.delong, "hanley_mcneil": case.hanley_mcneil}
