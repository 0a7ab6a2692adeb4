"""All checks of a profile."""

from __future__ import annotations

from functools import partial

from spacebio_bench.preflight import containers, disk, machine
from spacebio_bench.preflight._check import Check, Step, run_steps
from spacebio_bench.preflight.cluster import cluster
from spacebio_bench.preflight.setup import PATIENCE, Setup

SECONDS = 60.0
"""Patience with all checks of one machine; they take some seconds."""


def preflight(setup: Setup) -> list[Check]:
    """Look at everything that a run needs, at once.

    Parameters
    ----------
    setup
        The run that is meant.

    Returns
    -------
    The checks in a fixed order; one that could not be made has failed.
    """
    seconds = SECONDS
    if setup.profile == "slurm":
        seconds += setup.probe_seconds + PATIENCE
    return run_steps(steps(setup), seconds=seconds, stop=setup.stop)


def steps(setup: Setup) -> dict[str, Step]:
    """What the profile needs."""
    found: dict[str, Step] = {
        "Java": partial(machine.java, setup),
        "Nextflow": partial(machine.nextflow, setup),
    }
    match setup.profile:
        case "docker":
            found |= containers.docker_steps(setup)
        case "apptainer":
            found |= containers.apptainer_steps(setup)
        case "slurm":
            found |= containers.apptainer_steps(setup)
            found["cluster"] = partial(cluster, setup)
        case _:
            found["R"] = partial(machine.rscript, setup)
    return found | disk.steps(setup)
