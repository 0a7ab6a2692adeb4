"""No worker ever starts: the run ends by its deadline, names the cause and leaves no job.

All cases run at the same time, since they do nothing but wait.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from ._runs import Client, make_work

pytestmark = [pytest.mark.slow, pytest.mark.hpc, pytest.mark.xdist_group("lab")]

DEADLINE = 15


@dataclass(frozen=True)
class Case:
    options: dict[str, object]
    told: tuple[str, ...]
    known: bool = True  # SLURM has made jobs of it
    at_once: bool = False


CASES = {
    "the partition is down": Case(
        {"partition": "down"}, ("SLURM's reason: PartitionDown", "set --partition to another")
    ),
    "the account is not allowed in the partition": Case(
        {"partition": "accounts"}, ("account", "--account")
    ),
    "the account does not exist": Case(
        {"account": "wrong"},
        ("sbatch does not take the jobs", "Invalid account"),
        known=False,
        at_once=True,
    ),
    "no node has so much memory": Case(
        {"worker_memory": 100_000}, ("sbatch does not take the jobs", "Memory")
    ),
    "there is no image": Case(
        {"images": "/nowhere"}, ("over: FAILED", "The end of the log of job")
    ),
    "nodes have no such interface": Case(
        {"worker_interface": "wrong0"}, ("The end of the log of job", "wrong0")
    ),
    "the submit host has no such interface": Case(
        {"scheduler_interface": "wrong0"},
        ("the scheduler cannot listen", "wrong0", "--scheduler_interface"),
        known=False,
        at_once=True,
    ),
    "nodes do not reach the scheduler": Case(
        {"scheduler_interface": "lo"},
        ("no worker has connected to tls://127.0.0.1:", "--scheduler_interface", "--backend local"),
    ),
}


@pytest.fixture(scope="module")
def ended(slurm_lab, tmp_path_factory) -> Iterator[dict[str, tuple[Client, float]]]:
    """The run of each case, and how long it took from the submission of its jobs on."""
    slurm_lab.up()
    folder = tmp_path_factory.mktemp("start")
    work = make_work(folder, {"slow": {}})
    runs = {}
    for number, (name, case) in enumerate(CASES.items()):
        options = {"workers": 1, "worker_deadline": DEADLINE, **case.options}
        runs[name] = Client(work, folder / str(number), lab=slurm_lab, options=options).start()
    began: dict[str, float] = {}
    seconds: dict[str, float] = {}
    give_up = time.monotonic() + 3 * DEADLINE + 60  # as many processes take a while to start
    try:
        while len(seconds) < len(runs) and time.monotonic() < give_up:
            now = time.monotonic()
            for name, run in runs.items():
                if "asked for" in run.said:
                    began.setdefault(name, now)
                if run.process.poll() is not None:
                    seconds.setdefault(name, now - began.get(name, now))
            time.sleep(0.1)
        yield {name: (run, seconds[name]) for name, run in runs.items() if name in seconds}
    finally:
        for run in runs.values():
            run.kill()
        slurm_lab.cancel_jobs()


@pytest.mark.parametrize("name", CASES)
def test_the_cause_is_named_and_nothing_is_left(name, ended):
    case, (run, seconds) = CASES[name], ended[name]
    assert run.process.returncode == 1, run.said
    for text in case.told:
        assert text in run.said
    assert "Traceback" not in run.said
    assert seconds < (DEADLINE if case.at_once else DEADLINE + 10)
    assert bool(run.jobs) == case.known
    assert not run.alive
    assert run.ledger.is_dir()
    assert not (run.ledger / "run.lock").exists()
    assert not run.outdir.exists()
