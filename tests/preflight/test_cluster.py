"""SLURM that answers or not, accepts a worker's job or not; parameters that fit each other."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.preflight import site
from spacebio_bench.preflight.cluster import (
    cluster,
    expected_start,
    job_memory,
    limits,
    ping,
    slurm_words,
    trial,
)
from spacebio_bench.preflight.site import job_options, own_address, scheduler_address


@pytest.mark.parametrize(
    ("given_parameters", "status", "told"),
    [
        ({}, "ok", "3600 s, of a walltime of 240 min"),
        ({"unit_timeout": 7200}, "ok", "7200 s"),
        ({"unit_timeout": 7201}, "failed", "--unit_timeout to 7200 or less, or --walltime to 241"),
        ({"walltime": 10}, "failed", "--unit_timeout to 300 or less, or --walltime to 120 or more"),
    ],
)
def test_a_unit_ends_before_its_worker(meant, given_parameters, status, told) -> None:
    first, _ = limits(meant("slurm", **given_parameters).parameters)
    assert first.status == status
    assert told in str(first)


@pytest.mark.parametrize(
    ("given_parameters", "status", "told"),
    [
        ({}, "ok", "1 of 4 workers within 900 s"),
        ({"worker_quorum": 5}, "failed", "--worker_quorum 5 is above the number of workers, 4"),
        ({"worker_quorum": 5, "workers": 8}, "ok", "5 of 8 workers"),
        ({"worker_deadline": 59}, "warning", "Set --worker_deadline to 60 or more"),
    ],
)
def test_a_quorum_that_can_come(meant, given_parameters, status, told) -> None:
    _, second = limits(meant("slurm", **given_parameters).parameters)
    assert second.status == status
    assert told in str(second)


def test_memory_of_a_job(meant) -> None:
    assert job_memory(meant("slurm", worker_cores=4, worker_memory=1000).parameters) == 4256


def test_commands_that_are_missing(commands, meant) -> None:
    commands.add("sbatch")
    *_, check = cluster(meant("slurm", backend="local"))
    assert check.found == "squeue, scancel, scontrol, sinfo not on PATH"


@pytest.mark.parametrize(
    ("script", "status", "found"),
    [
        ("echo 'Slurmctld(primary) at head is UP'", "ok", "the controller at head answers"),
        (
            "echo 'Slurmctld(primary) at a is DOWN'; echo 'Slurmctld(backup) at b is UP'; exit 1",
            "ok",
            "the controller at b answers",
        ),
        (
            "echo 'Slurmctld(primary) at a is DOWN'; exit 1",
            "failed",
            "no controller answers: Slurm",
        ),
        ("echo 'no config source' >&2; exit 1", "failed", "no controller answers: no config"),
    ],
)
def test_the_controller(commands, script: str, status: str, found: str) -> None:
    commands.add("scontrol", script)
    check = ping()
    assert (check.status, check.found[: len(found)]) == (status, found)


def test_without_a_controller_the_rest_is_said_to_be_unknown(slurm, commands, meant) -> None:
    commands.add("scontrol", "exit 1")
    *_, controller, rest = cluster(meant("slurm"))
    assert controller.status == "failed"
    assert (rest.status, rest.found) == (
        "warning",
        "partition, limits and nodes were not looked at",
    )
    assert not (slurm / "submitted").exists()


def test_a_job_as_workers_are(slurm, meant) -> None:
    setup = meant(
        "slurm",
        partition="normal",
        account="lab",
        sbatch_options="--qos=long --comment='two words'",
        worker_cores=2,
        worker_memory=1000,
    )
    options = job_options(setup.parameters)
    assert options == [
        "--partition=normal",
        "--account=lab",
        "--qos=long",
        "--comment=two words",
    ]
    (check,) = trial(setup, options)
    assert check.status == "ok"
    asked = (slurm / "submitted").read_text()
    assert "--test-only --partition=normal --account=lab --qos=long --comment=two words" in asked
    assert "--cpus-per-task=2 --mem=2256M --time=240" in asked


def test_the_words_of_slurm(slurm, meant) -> None:
    (slurm / "refuse").write_text(
        "sbatch: error: bad account\nallocation failure: Invalid account\n"
    )
    (check,) = trial(meant("slurm"), [])
    assert check.found == "SLURM refuses it: bad account; allocation failure: Invalid account"
    assert "--account" in check.remedy


def test_a_start_that_is_too_late(commands, meant) -> None:
    commands.add("sbatch", "echo 'sbatch: Job 7 to start at 2999-01-02T03:04:05 using' >&2")
    (check,) = trial(meant("slurm"), [])
    assert check.status == "warning"
    assert "2999-01-02 03:04:05" in check.found
    assert "--worker_deadline 900 s: raise it" in check.remedy


@given(st.text() | st.from_regex(r"to start at [0-9]{4}-[0-9]{2}-[0-9]{2}T99:[0-9]{2}:[0-9]{2}"))
def test_any_words(text: str) -> None:
    expected_start(text)
    assert slurm_words(text)


@given(st.datetimes().map(lambda t: t.replace(microsecond=0)))
def test_starts(start: datetime) -> None:
    assert expected_start(f"Job 1 to start at {start.isoformat()} using") == start


def test_options_that_cannot_be_read(slurm, meant) -> None:
    *_, check = cluster(meant("slurm", sbatch_options="--comment='open"))
    assert (check.name, check.status) == ("sbatch_options", "failed")
    assert "No closing quotation" in check.found


def test_addresses(monkeypatch) -> None:
    known = {"lo": "127.0.0.1", "eth0": "10.0.0.5", "ib0": "10.1.0.5"}
    monkeypatch.setattr(site, "interfaces", lambda: known)
    assert own_address("ib0") == "10.1.0.5"
    assert scheduler_address("ib0").found == "ib0, 10.1.0.5"
    missing = scheduler_address("ib1")
    assert missing.status == "failed"
    assert missing.found == "there is no ib1 with an IPv4 address"
    assert missing.remedy == "Set --scheduler_interface: there are eth0 (10.0.0.5), ib0 (10.1.0.5)."
    assert scheduler_address("lo").status == "warning"


def test_all_of_a_cluster(slurm, meant) -> None:
    setup = meant("slurm")
    setup.images.mkdir()
    setup.sif("python-models").touch()
    checks = list(cluster(setup))
    assert [check for check in checks if check.status == "failed"] == []
    assert {check.name for check in checks} >= {"SLURM", "partition", "a node", "shared folders"}
