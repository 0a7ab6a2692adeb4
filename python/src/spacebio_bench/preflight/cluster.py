"""SLURM as a run will meet it: commands, controller, partition, and a job that it would accept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from spacebio_bench.grid.machine import DEFAULT_WORKERS, OVERHEAD_MIB
from spacebio_bench.preflight._ask import ask, find
from spacebio_bench.preflight._check import Check, run_steps
from spacebio_bench.preflight.partition import partition as partition_checks
from spacebio_bench.preflight.probe import probe
from spacebio_bench.preflight.setup import PATIENCE, Setup
from spacebio_bench.preflight.site import job_options, scheduler_address, slurm_words

COMMANDS = ("sbatch", "squeue", "scancel", "scontrol", "sinfo")

HASTY = 60
"""Seconds: SLURM itself may take a minute to start a job on a node that is free."""


def cluster(setup: Setup) -> Iterator[Check]:
    """Everything about the cluster; what needs the controller only once that answers."""
    yield from limits(setup.parameters)
    if setup.workers_are_jobs:
        yield scheduler_address(setup.parameters["scheduler_interface"])
    missing = [name for name in COMMANDS if find(name) is None]
    if missing:
        found = f"{', '.join(missing)} not on PATH"
        yield Check("SLURM", "failed", found, "Run on a submit host of the cluster.")
        return
    controller = ping()
    yield controller
    if controller.status == "failed":
        yield Check("cluster", "warning", "partition, limits and nodes were not looked at")
        return
    options = job_options(setup.parameters)
    if isinstance(options, Check):
        yield options
        return
    parameters = setup.parameters
    cores = parameters["worker_cores"]
    memory = job_memory(parameters)
    steps = {
        "partition": partial(
            partition_checks,
            parameters["partition"],
            cores=cores,
            memory=memory,
            walltime=parameters["walltime"],
        ),
        "a worker's job": partial(trial, setup, options),
    }
    if setup.probe:
        steps["probe"] = partial(probe, setup, options)
    yield from run_steps(steps, seconds=setup.probe_seconds + PATIENCE, stop=setup.stop)


def job_memory(parameters: Mapping[str, Any]) -> int:
    """MiB of one worker's job."""
    return int(parameters["worker_memory"] * parameters["worker_cores"] + OVERHEAD_MIB)


def limits(parameters: Mapping[str, Any]) -> Iterator[Check]:
    """Parameters that must fit each other."""
    unit, wall = parameters["unit_timeout"], parameters["walltime"]
    if unit * 2 > wall * 60:
        found = f"{unit} s is more than half of --walltime {wall} min"
        remedy = (
            f"Set --unit_timeout to {wall * 30} or less, or --walltime to {-(-unit // 30)} or "
            "more: a unit must end before its worker does."
        )
        yield Check("unit_timeout", "failed", found, remedy)
    else:
        yield Check("unit_timeout", "ok", f"{unit} s, of a walltime of {wall} min")
    if parameters["backend"] != "slurm":
        return
    deadline, quorum = parameters["worker_deadline"], parameters["worker_quorum"]
    workers = parameters["workers"] or DEFAULT_WORKERS
    if quorum > workers:
        found = f"--worker_quorum {quorum} is above the number of workers, {workers}"
        yield Check("worker quorum", "failed", found, "Raise --workers, or lower --worker_quorum.")
    elif deadline < HASTY:
        found = f"--worker_deadline {deadline} s; SLURM may take a minute to start a job"
        yield Check("worker quorum", "warning", found, f"Set --worker_deadline to {HASTY} or more.")
    else:
        yield Check("worker quorum", "ok", f"{quorum} of {workers} workers within {deadline} s")


def ping() -> Check:
    """Does a controller answer?"""
    answer = ask("scontrol", "ping")
    up = re.search(r"at (\S+) is UP", answer.out)
    if up:
        return Check("SLURM", "ok", f"the controller at {up[1]} answers")
    remedy = "Ask the site; where SLURM_CONF is needed, set it."
    return Check("SLURM", "failed", f"no controller answers: {answer.words}", remedy)


def trial(setup: Setup, options: Sequence[str]) -> Iterator[Check]:
    """Have SLURM judge a worker's job without running it; its own words are the verdict."""
    parameters = setup.parameters
    answer = ask(
        "sbatch",
        "--test-only",
        *options,
        "--nodes=1",
        "--ntasks=1",
        f"--cpus-per-task={parameters['worker_cores']}",
        f"--mem={job_memory(parameters)}M",
        f"--time={parameters['walltime']}",
        "--wrap=true",
    )
    name = "a worker's job"
    if not answer.ok:
        remedy = "See --partition, --account, --sbatch_options, --walltime and --worker_memory."
        yield Check(name, "failed", f"SLURM refuses it: {slurm_words(answer.err)}", remedy)
        return
    start = expected_start(answer.err)
    latest = datetime.now().astimezone() + timedelta(seconds=parameters["worker_deadline"])
    if start is not None and start.astimezone() > latest:
        found = f"SLURM accepts it, and expects to start it at {start.isoformat(' ')}"
        remedy = f"That is after --worker_deadline {parameters['worker_deadline']} s: raise it."
        yield Check(name, "warning", found, remedy)
    else:
        yield Check(name, "ok", "SLURM accepts it")


def expected_start(text: str) -> datetime | None:
    """When SLURM would start the job, in the time zone of this host; None where it says nothing."""
    found = re.search(r"to start at (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)", text, re.ASCII)
    if not found:
        return None
    try:
        return datetime.fromisoformat(found[1])
    except ValueError:
        return None
