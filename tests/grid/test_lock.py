"""One run at a time on a ledger; a dead run's lock is taken over."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from spacebio_bench.errors import InputError
from spacebio_bench.grid import lock
from spacebio_bench.grid.lock import STALE_SECONDS, run_lock

HOLD = """
import sys, time
from pathlib import Path
from spacebio_bench.grid.lock import run_lock
with run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.6)


def test_the_second_is_refused_and_the_first_is_named(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with (
            pytest.raises(InputError, match=f"process {first.pid} on {socket.gethostname()}"),
            run_lock(tmp_path),
        ):
            pass
        first.kill()
        first.wait()
        with run_lock(tmp_path):  # the owner is gone: no waiting for a beat to run out
            assert str(os.getpid()) in (tmp_path / "run.lock").read_text()
    assert not list(tmp_path.iterdir())


def lock_of_elsewhere(folder: Path) -> Path:
    path = folder / "run.lock"
    path.write_text(json.dumps({"host": "elsewhere", "pid": 1, "started": 1.0}))
    return path


def test_a_lock_of_another_host_holds_while_it_beats(tmp_path: Path) -> None:
    path, stop = lock_of_elsewhere(tmp_path), threading.Event()

    def beat() -> None:
        while not stop.wait(0.1):
            os.utime(path)

    owner = threading.Thread(target=beat)
    owner.start()
    try:
        with pytest.raises(InputError, match="process 1 on elsewhere"), run_lock(tmp_path):
            pass
    finally:
        stop.set()
        owner.join()
    assert path.exists()


def test_a_lock_of_another_host_is_taken_over_when_its_beat_is_old(tmp_path: Path) -> None:
    path = lock_of_elsewhere(tmp_path)
    old = time.time() - STALE_SECONDS - 5
    os.utime(path, (old, old))
    with run_lock(tmp_path):
        assert "elsewhere" not in path.read_text()


def test_a_host_that_died_a_moment_ago_is_waited_for(tmp_path: Path, monkeypatch) -> None:
    """As when a job is tried again on another node: no beat comes, and soon it is stale."""
    monkeypatch.setattr(lock, "STALE_SECONDS", 1.5)
    path = lock_of_elsewhere(tmp_path)
    with run_lock(tmp_path):
        assert "elsewhere" not in path.read_text()


def test_a_run_that_is_ending_is_waited_for(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 30.0)
    brief = HOLD.replace("time.sleep(60)", "time.sleep(1)")
    command = [sys.executable, "-c", brief, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with run_lock(tmp_path):
            assert str(os.getpid()) in (tmp_path / "run.lock").read_text()


def test_a_reused_process_number_does_not_hold_it(tmp_path: Path) -> None:
    mine = {"host": socket.gethostname(), "pid": os.getpid(), "started": 12.0}
    (tmp_path / "run.lock").write_text(json.dumps(mine))
    with run_lock(tmp_path):
        pass


def test_it_is_given_back_when_the_run_fails(tmp_path: Path) -> None:
    with pytest.raises(KeyError), run_lock(tmp_path):
        raise KeyError
    assert not list(tmp_path.iterdir())
