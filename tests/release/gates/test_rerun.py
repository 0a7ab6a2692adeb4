"""The rerun calls Nextflow, and closes for what differs or fails; its canaries are judged."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from spacebio_bench.errors import RunError
from spacebio_bench.release.gates import rerun
from spacebio_bench.release.gates._gate import Context, Flag, Gate
from spacebio_bench.release.gates.canaries import canaries_gate
from spacebio_bench.release.gates.rerun import REFERENCE, Rerun, command_of, rerun_gate
from spacebio_bench.release.gates.runner import judge

from ._findings import of, worst
from ._results import edit, write_manifest, write_run

Give = Callable[[Path], Context]
RERUN = Gate("rerun", "", rerun_gate)
CANARIES = Gate("canaries", "", canaries_gate)
VERDICTS = """\
cell,value,p_two_sided,level,simulated_least,verdict,reason
t.control.shuffle/gene/knn,0.5,0.9,0.0001,,quiet,
t.control.planted/gene/knn,0.9,,,0.8,found,
t.control.housekeeping/gene/knn,,,,,none,no such genes
"""


@pytest.fixture
def context(checkout: Path, give: Give, tmp_path: Path) -> Context:
    """A release, and a run of its sub-grid that has ended well."""
    write_run(checkout / REFERENCE, released=True)
    context = give(checkout)
    outdir = write_run(tmp_path / "rerun")
    (outdir / "canaries.csv").write_text(VERDICTS)
    (outdir / "outcome.json").write_text('{"causes": ["failed: out of memory"]}')
    context.made["rerun"] = Rerun(outdir, succeeded=True)
    return context


def test_the_same_bytes_open(context: Context) -> None:
    found = judge(RERUN, context)
    assert worst(found) == Flag.GREEN, found
    assert "the same bytes were asked for (same CPU type, lock and stores)" in str(found[-1])


def test_a_cell_that_differs_closes(context: Context) -> None:
    edit(context.made["rerun"].outdir / "cells.csv", "0.8125", "0.8126")
    told = of(judge(RERUN, context))
    where = "cells.csv, t.lomo/gene/knn, value_mean"
    assert told[0] == f"{where}: the release has 0.8125, the rerun 0.8126."
    assert told[1].endswith("1 difference.")


def test_another_cpu_is_told(context: Context) -> None:
    path = context.made["rerun"].outdir / "pipeline_info" / "environment.json"
    edit(path, "Some CPU", "Other CPU")
    (told,) = of(judge(RERUN, context), Flag.GREEN)
    assert "compared within tolerances (CPU type x86_64 / Other CPU" in told


def test_other_stores_on_the_same_machine_are_told(context: Context) -> None:
    write_manifest(context.made["rerun"].outdir, {"cohorts/t.zarr/zarr.json": "9"})
    assert "stores of other content" in of(judge(RERUN, context), Flag.YELLOW)[0]


def test_a_run_with_cells_that_failed_closes(context: Context) -> None:
    context.made["rerun"] = Rerun(context.made["rerun"].outdir, succeeded=False)
    assert "failed: out of memory" in of(judge(RERUN, context))[0]


def test_without_released_tables_the_gate_closes(checkout: Path, give: Give) -> None:
    (told,) = of(judge(RERUN, give(checkout)))
    assert "run.json" in told


def test_quiet_canaries_open(context: Context) -> None:
    found = judge(CANARIES, context)
    assert of(found, Flag.GREEN) == ["canaries.csv: 1 found, 1 none, 1 quiet"]
    assert of(found, Flag.YELLOW) == ["canaries.csv: 1 without a verdict: no such genes."]
    assert worst(found) == Flag.YELLOW


def test_a_canary_that_fires_and_a_signal_that_is_missed_close(context: Context) -> None:
    path = context.made["rerun"].outdir / "canaries.csv"
    edit(path, "0.5,0.9,0.0001,,quiet", "0.99,1e-09,0.0001,,fires")
    edit(path, "0.9,,,0.8,found", "0.6,,,0.8,missed")
    planted, shuffle = of(judge(CANARIES, context))
    assert "planted signal is not found: value 0.6, 0.8 or more" in planted
    assert "two-sided p 1e-09, allowed down to 0.0001" in shuffle


def test_without_canaries_the_gate_halts(context: Context) -> None:
    path = context.made["rerun"].outdir / "canaries.csv"
    path.write_text(VERDICTS.splitlines()[0] + "\n")
    assert worst(judge(CANARIES, context)) == Flag.HALT
    path.unlink()
    assert worst(judge(CANARIES, context)) == Flag.RED


def _nextflow(checkout: Path, script: str) -> Path:
    program = checkout / ".venv" / "bin" / "nextflow"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def test_the_command_asks_for_what_the_release_was_made_with(
    checkout: Path, tmp_path: Path
) -> None:
    program = _nextflow(checkout, "exit 0")
    write_run(checkout / REFERENCE, released=True)
    edit(checkout / REFERENCE / "run.json", '"parameters": {', '"parameters": {"outdir": "x", ')
    site = tmp_path / "site.config"
    context = Context(checkout, tmp_path, profile="slurm", config=site)
    words = command_of(context, rerun._asked(checkout))
    assert words[0] == str(program)
    assert words[words.index("-profile") + 1] == "test,slurm"
    assert words[words.index("-c") + 1] == str(site)
    assert words[-4:] == ["--outdir", "results", "--tasks", "lomo,control"]
    (checkout / REFERENCE / "run.json").unlink()
    words = command_of(context, rerun._asked(checkout))
    assert words[words.index("--models") + 1] == "elasticnet_lr,knn,pca_lr,svm_rbf,xgb"
    assert "control" in words[words.index("--tasks") + 1]


def test_a_run_is_fresh_and_seen_by_both_gates(checkout: Path, give: Give, tmp_path: Path) -> None:
    write_run(checkout / REFERENCE, released=True)
    write_run(tmp_path / "finished")
    (tmp_path / "finished" / "canaries.csv").write_text(VERDICTS)
    copy = f"echo x >>'{tmp_path}/calls'; test ! -e results || exit 9; touch nextflow.log"
    _nextflow(checkout, f"{copy}; cp -r '{tmp_path}/finished' results")
    context = give(checkout)
    for _ in range(2):  # a second run does not use what the first one left
        context.made.clear()
        assert worst(judge(RERUN, context)) == Flag.GREEN
        assert worst(judge(CANARIES, context)) == Flag.YELLOW
    assert (tmp_path / "calls").read_text() == "x\nx\n"


def test_a_run_that_breaks_halts_and_says_why(checkout: Path, give: Give) -> None:
    write_run(checkout / REFERENCE, released=True)
    _nextflow(checkout, "echo 'no such partition' >&2; exit 3")
    lines: list[str] = []
    context = Context(checkout, give(checkout).workdir, tell=lines.append)
    (told,) = of(judge(RERUN, context), Flag.HALT)
    assert "the run failed (3)" in told
    assert "no such partition" in told
    assert "no such partition" in lines
    assert worst(judge(CANARIES, context)) == Flag.HALT


def test_a_folder_of_somebody_else_is_left_alone(checkout: Path, give: Give) -> None:
    write_run(checkout / REFERENCE, released=True)
    _nextflow(checkout, "exit 0")
    context = give(checkout)
    (context.workdir / "rerun").mkdir()
    (context.workdir / "rerun" / "thesis.txt").write_text("x")
    assert "is no rerun of this gate" in of(judge(RERUN, context))[0]
    assert (context.workdir / "rerun" / "thesis.txt").exists()


def test_without_nextflow_there_is_no_command(
    checkout: Path, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "PATH", "")
    with pytest.raises(RunError, match="make setup"):
        command_of(give(checkout), {})
