"""Workers that are lost in mid-run: the same bytes, no cell lost, and others in their place."""

from __future__ import annotations

import pytest

from spacebio_bench.grid.slurm import lifetimes

from .lab.machine import wait_for

pytestmark = [pytest.mark.slow, pytest.mark.hpc, pytest.mark.xdist_group("lab")]


def later(run, before) -> set[str]:
    """Jobs that came after the first ones and took part in the work."""
    found = {job for job in run.fits if int(job) > max(map(int, before))}
    assert found <= run.jobs.keys()
    return found


def test_worker_jobs_are_cancelled(healthy_lab, reference, client):
    run = client(reference.work, lab=healthy_lab, settings={"SBB_PACE": 0.5}).start()
    first = run.wait_for_fits(2, jobs=3)
    healthy_lab.client("scancel", *first)
    assert run.end() == 0, run.said
    assert {run.jobs[job].state for job in first} == {"CANCELLED"}
    assert len(later(run, first)) == 3
    assert run.said.count("they are replaced") == 1
    reference.check(run)
    assert not run.alive


def test_a_node_is_powered_off(healthy_lab, reference, client):
    options = {"sbatch_options": "--exclusive"}  # a node for each
    run = client(
        reference.work, lab=healthy_lab, options=options, settings={"SBB_PACE": 0.7}
    ).start()
    first = run.wait_for_fits(2, jobs=3)
    node = run.jobs[first[0]].node
    gone = {job.id for job in run.jobs.values() if job.node == node}
    healthy_lab.crash_node(node)
    assert run.end() == 0, run.said
    assert {run.jobs[job].state for job in gone} == {"NODE_FAIL"}
    assert later(run, first)
    reference.check(run)
    assert not run.alive


def test_a_node_loses_its_network_and_runs_on(healthy_lab, reference, client):
    """The default of 30 s for a silent connection makes nothing but a longer test."""
    settings = {"SBB_PACE": 0.5, "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "11s"}
    run = client(reference.work, lab=healthy_lab, settings=settings).start()
    first = run.wait_for_fits(2, jobs=3)
    node = run.jobs[first[0]].node
    cut_off = {job.id for job in run.jobs.values() if job.node == node}
    before = run.fits
    healthy_lab.cut_node(node)
    assert run.end() == 0, run.said
    after = run.fits
    assert any(len(after[job]) > len(before[job]) for job in cut_off)  # the old copy went on
    assert {run.jobs[job].state for job in cut_off} == {"NODE_FAIL"}
    assert later(run, first)
    reference.check(run)
    assert not run.alive


def test_the_time_of_worker_jobs_is_up(healthy_lab, reference, client):
    lifetime, stagger = lifetimes(2)
    options = {"walltime": 2, "workers": 2}
    run = client(
        reference.work, lab=healthy_lab, options=options, settings={"SBB_PACE": 1.4}
    ).start()
    first = run.wait_for_fits(2, jobs=2)
    assert run.end() == 0, run.said
    for job in first:
        assert run.jobs[job].state == "COMPLETED"  # it left by itself
        assert max(run.fits[job]) - min(run.fits[job]) < lifetime + stagger + 5
    assert later(run, first)
    reference.check(run)
    assert not run.alive


def test_no_worker_is_left_and_none_comes(healthy_lab, reference, client):
    options, settings = {"worker_deadline": 10}, {"SBB_PACE": 0.5, "SBB_FLUSH": 0}
    run = client(reference.work, lab=healthy_lab, options=options, settings=settings).start()
    first = run.wait_for_fits(6, jobs=3)
    partition = ("scontrol", "update", "PartitionName=normal")
    try:
        healthy_lab.client(*partition, "State=DOWN")
        healthy_lab.client("scancel", *first)
        assert run.end(seconds=40) == 1, run.said
    finally:
        healthy_lab.client(*partition, "State=UP")
    assert "PartitionDown" in run.said
    assert "Traceback" not in run.said
    assert not run.alive
    assert not run.outdir.exists()
    kept = run.kept
    assert kept > 0
    again = client(reference.work, "again", ledger=run.ledger)
    assert again.run() == 0, again.said
    reference.check(again, reused=kept)


def test_ends_at_once_when_it_is_terminated_while_jobs_wait(healthy_lab, reference, client):
    run = client(reference.work, lab=healthy_lab, options={"partition": "down"}).start()
    wait_for("jobs in the queue", lambda: len(run.alive) == 3, seconds=20)
    assert run.kill(15) == 143, run.said
    assert not run.alive
    assert not (run.ledger / "run.lock").exists()
