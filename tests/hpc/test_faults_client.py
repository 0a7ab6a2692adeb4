"""The client is gone in mid-run: the next run does what is missing, and nothing else."""

from __future__ import annotations

import os
import signal
import socket

import pytest

from .lab.machine import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.hpc, pytest.mark.xdist_group("lab")]


def wait_for_kept(run, *, seconds: float = 40) -> None:
    """Wait until some units, not all, are in its ledger."""
    wait_for("finished units", lambda: len(list(run.ledger.glob("*.units"))) > 1, seconds=seconds)


def test_the_client_is_killed(healthy_lab, reference, client):
    settings = {"SBB_PACE": 0.3, "SBB_FLUSH": 0}
    first = client(reference.work, lab=healthy_lab, settings=settings).start()
    wait_for_kept(first)
    assert first.kill(signal.SIGKILL) == -9
    dead = first.alive
    assert len(dead) == 3
    kept = first.kept
    again = client(reference.work, "again", ledger=first.ledger, lab=healthy_lab, settings=settings)
    assert again.run() == 0, again.said
    assert {again.jobs[job].state for job in dead} == {"CANCELLED"}
    assert not again.alive
    reference.check(again, reused=kept)
    assert sum(map(len, again.fits.values())) == reference.units - kept


def test_the_client_is_terminated(healthy_lab, reference, client):
    settings = {"SBB_PACE": 0.3, "SBB_FLUSH": 0}
    first = client(reference.work, lab=healthy_lab, settings=settings).start()
    wait_for_kept(first)
    assert first.kill(signal.SIGTERM) == 143
    assert len(first.jobs) == 3
    assert not first.alive
    assert "Traceback" not in first.said
    assert not (first.ledger / "run.lock").exists()
    assert not first.outdir.exists()
    kept = first.kept
    again = client(reference.work, "again", ledger=first.ledger)
    assert again.run() == 0, again.said  # on another backend
    reference.check(again, reused=kept)


def test_two_runs_on_one_ledger(reference, client):
    settings = {"SBB_PACE": 0.5, "SBB_FLUSH": 0, "SBB_PATIENCE": 1}
    first = client(reference.work, settings=settings).start()
    wait_for_kept(first)
    second = client(reference.work, "second", ledger=first.ledger, settings=settings)
    assert second.run() == 2
    assert f"process {first.process.pid} on {socket.gethostname()}" in second.said
    assert not second.outdir.exists()
    os.kill(first.process.pid, 0)  # it was not disturbed
    first.kill(signal.SIGKILL)
    assert (first.ledger / "run.lock").exists()
    kept = first.kept
    third = client(reference.work, "third", ledger=first.ledger)
    assert third.run() == 0, third.said
    reference.check(third, reused=kept)
