"""The verb: the small table, its exit codes, its files, and the same numbers on more processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from spacebio_bench.calibration.table import MARK
from spacebio_bench.cli import main
from spacebio_bench.grid import planner

FEW = ("--designs", "3x8+8-strata,4x6+6-auroc-0.76,3x6+6-auroc-0.8-sd-1", "--cohorts", "6")


def calibrate(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["calibrate", *arguments])


@pytest.fixture(scope="module")
def few() -> list[dict[str, Any]]:
    found = calibrate(*FEW, "--json", "--quiet")
    assert found.exit_code == 0, found.output
    rows: list[dict[str, Any]] = json.loads(found.stdout)
    return rows


@pytest.mark.slow
def test_the_small_table_holds(tmp_path: Path) -> None:
    found = calibrate("--quick", "--output", str(tmp_path / "table.md"))
    assert found.exit_code == 0, found.output
    assert "0 of them fail" in found.stdout
    text = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert "### refit p at 0.05 rejects true nulls: 0.035 to 0.065" in text
    assert "**fails**" not in text
    assert text.count("±") > 60


def test_a_row_has_its_number_error_bound_and_verdict(few: list[dict[str, Any]]) -> None:
    counts = next(r for r in few if r["key"] == "strata_counts")
    assert (counts["bound"], counts["verdict"], counts["estimate"]) == ("all", "holds", 1.0)
    assert {r["cohorts"] for r in few} == {6}
    assert all(0 < r["error"] < 0.5 for r in few)
    assert {r["key"] for r in few} >= {"refit_05", "these", "population", "population_width"}


def test_two_processes_give_the_same_numbers(few: list[dict[str, Any]]) -> None:
    found = calibrate(*FEW, "--json", "--quiet", "--workers", "2")
    assert json.loads(found.stdout) == few


def test_another_seed_gives_others(few: list[dict[str, Any]]) -> None:
    found = json.loads(calibrate(*FEW, "--json", "--quiet", "--seed", "1").stdout)
    width = [
        [r["estimate"] for r in rows if r["key"] == "population_width"] for rows in (few, found)
    ]
    assert width[0] != width[1]


def test_finished_designs_are_taken_from_the_ledger(
    few: list[dict[str, Any]], tmp_path: Path
) -> None:
    ledger = str(tmp_path / "ledger")
    first = calibrate(*FEW, "--json", "--ledger", ledger)
    assert len(list((tmp_path / "ledger").iterdir())) == 3
    second = calibrate(*FEW, "--json", "--ledger", ledger)
    assert json.loads(first.stdout) == json.loads(second.stdout) == few
    assert second.stderr.count("taken from") == 3
    assert "taken from" not in first.stderr


def test_the_page_around_the_table_is_kept(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Words\n\n{MARK}\nan old table\n", encoding="utf-8")
    calibrate("--designs", "3x3+3-auroc-0.8-sd-1", "--cohorts", "2", "--output", str(page))
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Words\n\n{MARK}\n\n### ci_population")
    assert "an old table" not in text


def test_a_claim_that_fails_is_exit_code_4(monkeypatch: pytest.MonkeyPatch) -> None:
    right = planner.labelings
    monkeypatch.setattr(planner, "labelings", lambda y, s, **o: right(y, ["all"] * len(s), **o))
    found = calibrate("--designs", "3x8+8-strata", "--cohorts", "3")
    assert found.exit_code == 4
    assert "fails" in found.stdout


def test_a_design_that_is_not_there_is_a_user_error() -> None:
    found = calibrate("--designs", "4x6+6,5x5,7*")
    assert found.exit_code == 2
    assert "'5x5' is not one of 2x6+6, 3x6+6" in found.stderr
    assert "'7*'" in found.stderr
    assert "Traceback" not in found.output


def test_a_star_stands_for_any_part_of_a_name() -> None:
    found = calibrate("--designs", "3x*-auroc-0.8-sd-1", "--cohorts", "2", "--json", "--quiet")
    designs = {r["design"] for r in json.loads(found.stdout)}
    assert designs == {f"3x{s}-auroc-0.8-sd-1" for s in ("6+6", "3+3", "4+12", "12+12")}


def test_truth_of_tied_scores_is_that_of_a_million() -> None:
    from spacebio_bench.calibration.scored_cohorts import ScoredCohorts
    from spacebio_bench.statistics.auroc import auroc

    design = ScoredCohorts("ties", "", ((6, 6),) * 2, 0.8, decimals=0)
    rng = np.random.default_rng(5)
    labels = np.repeat([1, 0], 400_000)
    scores = np.round(rng.normal(size=800_000) + labels * design._shift)
    assert design._truth == pytest.approx(auroc(scores, labels)[0], abs=2e-3)
