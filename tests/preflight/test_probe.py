"""The job that asks a node, on a cluster of pretence: the program it runs is the real one."""

from __future__ import annotations

import json
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.preflight import _queue, verdicts
from spacebio_bench.preflight._check import Check
from spacebio_bench.preflight._queue import follow, place_of
from spacebio_bench.preflight._traces import traces
from spacebio_bench.preflight.probe import probe
from spacebio_bench.preflight.setup import Setup


@pytest.fixture(autouse=True)
def _hasty(monkeypatch) -> None:
    monkeypatch.setattr(_queue, "VISIBLE_SECONDS", 0.3)
    monkeypatch.setattr(_queue, "ASK_SECONDS", 0.1)
    monkeypatch.setattr(_queue, "RUN_SECONDS", 1.0)


@pytest.fixture
def setup(meant) -> Setup:
    made = meant("slurm", scheduler_interface="lo", worker_interface="lo")
    made.images.mkdir()
    made.sif("python-models").touch()
    return made


def left_behind() -> list[Path]:
    return [path for path in Path.cwd().rglob("*") if "preflight" in path.name]


def only(checks: list[Check]) -> Check:
    (check,) = checks
    assert left_behind() == []
    return check


def test_a_node_that_has_all(slurm, setup, monkeypatch) -> None:
    monkeypatch.setattr(_queue, "RUN_SECONDS", 60.0)
    checks = list(probe(setup, ["--partition=normal"]))
    assert [check.name for check in checks if check.status != "ok"] == []
    assert [check.name for check in checks] == [
        "a node",
        "shared folders",
        "software of the workers",
        "clock of a node",
        "network",
    ]
    assert left_behind() == []
    sent = (slurm / "submitted").read_text()
    assert "--partition=normal --cpus-per-task=1 --mem=512M --time=3" in sent
    assert (slurm / "cancelled").read_text() == "7\n"


def test_with_one_job_on_a_node_no_network_is_needed(slurm, meant, monkeypatch) -> None:
    monkeypatch.setattr(_queue, "RUN_SECONDS", 60.0)
    setup = meant("slurm", backend="local", scratch="/absent")
    setup.images.mkdir()
    setup.sif("python-models").touch()
    checks = {check.name: check for check in probe(setup, [])}
    assert "network" not in checks
    assert checks["clock of a node"].status == "ok"
    assert checks["scratch"].status == "failed"
    assert checks["scratch"].found.endswith(": No such file or directory")


def test_folders_that_the_node_does_not_see(slurm, meant, monkeypatch, tmp_path) -> None:
    """What a mark stands for is another disk on the node: here it goes before the job looks."""
    monkeypatch.setattr(_queue, "RUN_SECONDS", 60.0)
    (tmp_path / "ledger").mkdir()
    setup = meant("slurm", backend="local", ledger=str(tmp_path / "ledger"), cohorts="absent")
    setup.images.mkdir()
    setup.sif("python-models").touch()
    sbatch = Path(os.environ["PATH"]) / "sbatch"
    sbatch.write_text(
        sbatch.read_text().replace("script=", f"rm {tmp_path}/ledger/.pre*\nscript=", 1)
    )
    checks = {check.name: check for check in probe(setup, [])}
    assert checks["shared folders"].status == "failed"
    assert checks["shared folders"].found.endswith("does not see --ledger, --cohorts")


def test_a_full_queue(slurm, setup) -> None:
    (slurm / "state").write_text("PENDING|Resources|\n")
    check = only(list(probe(replace(setup, probe_seconds=0.4), [])))
    assert check.status == "warning"
    assert check.found.startswith("no node was free within 0.4 s (Resources); not checked: shared")
    assert "--probe_seconds" in check.remedy
    assert (slurm / "cancelled").read_text() == "7\n"


def test_a_job_that_can_never_start(slurm, setup) -> None:
    (slurm / "state").write_text("PENDING|PartitionTimeLimit|\n")
    check = only(list(probe(setup, [])))
    assert check.status == "failed"
    assert check.found == "the probe can never start: PartitionTimeLimit"
    assert (slurm / "cancelled").exists()


def test_a_job_that_is_refused(slurm, setup) -> None:
    (slurm / "refuse").write_text("sbatch: error: Batch job submission failed: Invalid account\n")
    check = only(list(probe(setup, [])))
    assert check.found == "SLURM refuses the probe: Batch job submission failed: Invalid account"
    assert not (slurm / "cancelled").exists()


def test_a_container_that_does_not_start(slurm, commands, setup) -> None:
    commands.add("apptainer", "echo 'FATAL: no user namespaces' >&2; exit 3")
    check = only(list(probe(setup, [])))
    assert check.status == "failed"
    assert check.found == (
        "the probe failed (FAILED, exit code 3:0, NonZeroExitCode, on node1): "
        "FATAL: no user namespaces"
    )
    assert "Apptainer on PATH" in check.remedy


def test_a_disk_that_is_not_shared(slurm, commands, setup) -> None:
    commands.add("apptainer", "exit 3")
    (slurm / "nolog").touch()
    check = only(list(probe(setup, [])))
    assert (check.name, check.status) == ("shared folders", "failed")
    assert f"what it wrote to {setup.outdir} is not seen here" in check.found
    assert "a disk that the nodes share" in check.remedy


def test_a_container_that_hangs(slurm, commands, setup) -> None:
    commands.add("apptainer", "echo opening; exec sleep 5")
    check = only(list(probe(setup, [])))
    assert check.status == "failed"
    assert check.found == "the probe started on node1 but does not answer: opening"
    assert (slurm / "cancelled").exists()


def test_without_an_image_no_job_is_sent(slurm, meant) -> None:
    check = only(list(probe(meant("slurm"), [])))
    assert check.status == "warning"
    assert "python-models.sif is missing" in check.found
    assert not (slurm / "submitted").exists()


def test_who_is_told_to_stop_tidies(slurm, setup) -> None:
    (slurm / "state").write_text("PENDING|Resources|\n")
    threading.Timer(0.5, setup.stop.set).start()
    began = time.monotonic()
    check = only(list(probe(replace(setup, probe_seconds=60.0), [])))
    assert time.monotonic() - began < 20
    assert check.found.startswith("given up")
    assert (slurm / "cancelled").read_text() == "7\n"


@pytest.mark.parametrize("said", ["", "slurm_load_jobs error: Invalid job id specified"])
def test_a_job_that_was_forgotten_has_ended(commands, said: str) -> None:
    commands.add("squeue", f"[[ -z '{said}' ]] || {{ echo '{said}' >&2; exit 1; }}")
    fate = follow("7", lambda: False, seconds=5, stop=threading.Event())
    assert fate.kind == "ended"


def test_a_queue_that_is_busy_says_nothing_about_the_job(commands) -> None:
    commands.add("squeue", "echo 'Socket timed out' >&2; exit 1")
    fate = follow("7", lambda: False, seconds=0.5, stop=threading.Event())
    assert fate.kind == "queued"


def test_an_answer_that_shows_late_is_an_answer(commands) -> None:
    """The job has left the queue, and the network's disk is a moment behind."""
    commands.add("squeue")
    end = time.monotonic() + 0.25
    fate = follow("7", lambda: time.monotonic() > end, seconds=5, stop=threading.Event())
    assert fate.kind == "answered"


@given(st.text())
def test_any_place(text: str) -> None:
    place_of(text)


def test_places() -> None:
    assert place_of("PENDING|(Nodes, required)|\n").reason == "(Nodes, required)"
    assert place_of("\n").state == ""


@pytest.mark.parametrize("content", ["{", "[]", json.dumps({"token": "of another probe"})])
def test_an_answer_to_another_question(tmp_path: Path, content: str) -> None:
    with traces(tmp_path / "results", {}, {}) as left:
        (left.folder / "answer.json").write_text(content)
        assert left.answered()
        assert left.answer() is None
    assert list(tmp_path.iterdir()) == []


def test_it_asks_for_what_it_compares() -> None:
    assert {"dask", "distributed", "spacebio-bench", "numpy"} <= {*verdicts.EQUAL, *verdicts.ALIKE}
