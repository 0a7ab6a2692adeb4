"""A Dask cluster whose workers are SLURM jobs, each in the image; the scheduler is in this process.

The number of jobs is kept: one that is lost, cancelled or at the end of its time is replaced. The
run ends with the cause by name when the quorum of workers is not there within the deadline.
"""

from __future__ import annotations

import contextlib
import itertools
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import dask
from dask_jobqueue import SLURMCluster
from distributed import Client

from spacebio_bench.errors import RunError
from spacebio_bench.grid import environment
from spacebio_bench.grid.backends import Results, Source
from spacebio_bench.grid.dask_run import SETTINGS, hush, rounds
from spacebio_bench.grid.machine import (
    MEMORY_STEPS,
    OVERHEAD_MIB,
    Machine,
    Slurm,
    container_command,
)
from spacebio_bench.grid.slurm_jobs import cancel, jobs_named
from spacebio_bench.grid.slurm_keeper import Keeper, Submitted
from spacebio_bench.identity import digest

DEATH_TIMEOUT = 60
"""Seconds after which a worker without a scheduler ends itself."""

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class _Cluster(SLURMCluster):  # type: ignore[misc]
    """Gives no job the name of an earlier one: Dask would take it for that, and submit none."""

    _numbers = itertools.count()

    def _new_worker_name(self, worker_number: int) -> str:
        return f"{self._name}-{next(self._numbers)}"


def slurm_rounds(source: Source, machine: Machine) -> Results:
    """Run all of a source on workers that are SLURM jobs."""
    steps = [machine.worker_memory * step for step in MEMORY_STEPS]

    @contextlib.contextmanager
    def open_cluster(mib: int) -> Iterator[tuple[Any, Callable[[], object]]]:
        with _cluster(machine, mib) as (client, keeper):
            yield client, keeper.look_after

    yield from rounds(source, steps, open_cluster)


@contextlib.contextmanager
def _cluster(machine: Machine, mib: int) -> Iterator[tuple[Any, Keeper]]:
    hush()
    site, logs = machine.slurm, machine.folder / "workers"
    logs.mkdir(parents=True, exist_ok=True)
    name = f"sbb-{digest(str(machine.folder.resolve()))[:8]}"
    _clear(name, logs)
    n_jobs = -(-machine.n_workers // site.cores)
    submitted = Submitted()
    settings = {**SETTINGS, "distributed.deploy.lost-worker-timeout": "30s"}
    with dask.config.set(settings):
        try:
            cluster = _Cluster(
                job_cls=submitted.job_class(),
                # whoever reaches an open scheduler may run code as its owner
                security=True,
                shared_temp_directory=str(logs),
                scheduler_options={
                    "interface": site.scheduler_interface,
                    "dashboard_address": machine.dashboard or ":0",
                    "dashboard": machine.dashboard is not None,
                },
                **job_options(site, name=name, mib=mib, logs=logs, stores=machine.stores),
            )
        except (ValueError, OSError, RuntimeError) as error:
            msg = f"the scheduler cannot listen: {error}. Set --scheduler_interface to one that is."
            raise RunError(msg) from error
        keeper = Keeper(
            cluster, submitted, name=name, n_jobs=n_jobs, site=site, logs=logs, say=machine.say
        )
        try:
            with Client(cluster) as client:
                keeper.start(client)
                machine.seen.update(_seen(client))
                yield client, keeper
        finally:
            with contextlib.suppress(Exception):  # what ended the run is what is told
                cluster.close(timeout=20)
            _no_job_left(name)


def _seen(client: Any) -> dict[str, Any]:
    """The environment of a worker; RunError where its results would not be the client's."""
    found = client.run(environment.describe, on_error="ignore")
    if not found:  # all of them have just left; those that replace them are of the same image
        return {}
    there: dict[str, Any] = next(iter(found.values()))
    if there["lock_digest"] != environment.lock_digest():
        msg = (
            f"workers have Python {there['python']} with {there['packages']}, this process "
            f"{environment.describe()['packages']}: build the image from this checkout's lock file."
        )
        raise RunError(msg)
    return there


def job_options(
    site: Slurm, *, name: str, mib: int, logs: Path, stores: Sequence[Path]
) -> dict[str, Any]:
    """Options of dask-jobqueue for the jobs of a site."""
    python, prologue = [sys.executable], [f"export {thread}=1" for thread in THREADS]
    options = dict(_environment(SETTINGS), **dict.fromkeys(THREADS, "1"))
    scratch = site.scratch or Path("/tmp")  # noqa: S108 - a node's own disk
    if site.image is not None:
        binds = sorted({*stores, *site.binds, scratch, logs})
        python = [*container_command(site.image, binds, **options), "python3"]
    else:
        prologue += [f"export {key}={shlex.quote(value)}" for key, value in options.items()]
    lifetime, stagger = lifetimes(site.walltime)
    directives = ["--no-requeue", "--ntasks=1", f"--output={logs}/worker-%j.log"]
    return {
        "cores": site.cores,
        "processes": site.cores,
        "memory": f"{mib * site.cores}MiB",
        "job_mem": f"{mib * site.cores + OVERHEAD_MIB}M",  # M is MiB to SLURM
        "queue": site.partition,
        "account": site.account,
        "walltime": f"{site.walltime // 60:02d}:{site.walltime % 60:02d}:00",
        "job_name": name,
        "python": shlex.join(python),
        "interface": site.worker_interface,
        "nanny": True,
        "death_timeout": DEATH_TIMEOUT,
        "local_directory": str(scratch),
        "job_script_prologue": prologue,
        "job_extra_directives": [*directives, *shlex.split(site.sbatch_options or "")],
        "worker_extra_args": [
            "--no-dashboard",
            "--lifetime",
            f"{lifetime}s",
            "--lifetime-stagger",
            f"{stagger}s",
        ],
    }


def lifetimes(walltime: int) -> tuple[int, int]:
    """Seconds that a worker lives, give or take, in a job of so many minutes.

    SLURM may end a job up to a minute early; and not all workers should leave at once.
    """
    seconds = 60 * walltime
    margin = max(90, seconds // 10)
    lifetime = max(20, seconds - margin)
    return lifetime, min(lifetime // 10, margin // 4)


def _environment(settings: dict[str, Any]) -> dict[str, str]:
    """Dask's settings as the variables from which a worker reads them."""
    names = {key: key.replace(".", "__").replace("-", "_").upper() for key in settings}
    return {f"DASK_{names[key]}": str(value) for key, value in settings.items()}


def _clear(name: str, logs: Path) -> None:
    """Take away what a killed run on the same ledger left behind; we hold its lock."""
    cancel([job.id for job in (jobs_named(name) or {}).values() if job.alive])
    for log in logs.glob("worker-*.log"):
        log.unlink(missing_ok=True)


def _no_job_left(name: str) -> None:
    """Dask has cancelled the jobs; see that none stays, one submitted at the last moment either."""
    for _ in range(20):
        alive = [job.id for job in (jobs_named(name) or {}).values() if job.alive]
        if not alive:
            return
        cancel(alive)
        time.sleep(0.5)
