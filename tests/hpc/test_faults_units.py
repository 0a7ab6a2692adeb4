"""Units that take too much memory or never end: a status with the reason, and the rest finishes."""

from __future__ import annotations

import pytest

from ._runs import make_work

pytestmark = [pytest.mark.slow, pytest.mark.hpc, pytest.mark.xdist_group("lab")]


def statuses(run) -> dict[str, tuple[str, str]]:
    """Status and reason of every cell that has one beside `ok`, by its model."""
    return {
        cause["cell"].split("/")[-1]: (cause["status"], cause["reason"])
        for cause in run.outcome["causes"]
    }


@pytest.mark.parametrize("backend", ["slurm", "local"])
def test_a_unit_over_its_memory(backend, request, client, tmp_path):
    """`greedy` needs more than a worker has, but less than twice as much; `glutton` over four."""
    work = make_work(tmp_path, {"slow": {}, "greedy": {"mib": 300}, "glutton": {"mib": 1500}})
    options = {"backend": backend, "workers": 2, "worker_memory": 300}
    lab = request.getfixturevalue("healthy_lab") if backend == "slurm" else None
    if backend == "local":
        options["memory"] = 1200
    run = client(work, lab=lab, options=options)
    assert run.run(seconds=150) == 3, run.said
    reason = "out of memory: needs more than 300 MiB, tried again with up to 1200 MiB"
    assert statuses(run) == {"glutton": ("failed", f"fold_M-1_test: {reason}")}
    assert run.outcome["cells_by_status"] == {"failed": 1, "ok": 2}
    if backend == "slurm":
        assert len(run.jobs) >= 6  # three rounds
        assert not run.alive


def test_a_unit_that_never_ends(healthy_lab, client, tmp_path):
    """In Python it is interrupted; in compiled code that does not listen its worker ends itself."""
    work = make_work(tmp_path, {"slow": {}, "endless": {}, "stuck": {"how": "compiled"}})
    options = {"workers": 3, "unit_timeout": 2}
    run = client(work, lab=healthy_lab, options=options, settings={"SBB_GRACE": 1})
    assert run.run() == 3, run.said
    timed_out = ("timed_out", "fold_M-1_test: over the limit of 2 s for one unit")
    assert statuses(run) == {"endless": timed_out, "stuck": timed_out}
    assert run.outcome["cells_by_status"] == {"ok": 1, "timed_out": 2}
    assert not run.alive
