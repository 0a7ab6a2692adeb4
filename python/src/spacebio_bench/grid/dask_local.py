"""A Dask cluster of worker processes on this machine."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import dask
from distributed import Client, LocalCluster, Status
from distributed.system import MEMORY_LIMIT

from spacebio_bench.errors import RunError
from spacebio_bench.grid.backends import Results, Source
from spacebio_bench.grid.dask_run import SETTINGS, hush, rounds
from spacebio_bench.grid.machine import MEMORY_STEPS, Machine

LEAST_MIB = 768
"""No worker is planned with less: the largest units known need 550."""

DEADLINE_SECONDS = 120.0
"""A machine on which no worker starts for so long will have none."""


class _Cluster(LocalCluster):  # type: ignore[misc]
    """Gives no worker the name of an earlier one: Dask would take that for it, and start none."""

    _numbers = itertools.count()

    def _new_worker_name(self, worker_number: int) -> str:
        return f"another-{next(self._numbers)}"


class _Keeper:
    """Looks after nannies: one whose worker is killed while it starts gives up, and is replaced."""

    def __init__(self, cluster: Any, client: Any, mib: int) -> None:
        self._cluster = cluster
        self._client = client
        self._mib = mib
        self._n = len(cluster.worker_spec)
        self._there = time.monotonic()

    def look_after(self) -> None:
        """Replace them; raises RunError when there has been no worker for too long."""
        now = time.monotonic()
        workers = dict(self._cluster.workers)
        lost = [k for k, nanny in workers.items() if nanny.status in (Status.closed, Status.failed)]
        for name in lost:
            self._cluster.worker_spec.pop(name, None)
        if len(workers) - len(lost) < self._n:
            self._cluster.scale(self._n)
        if self._client.scheduler_info(n_workers=-1)["workers"]:
            self._there = now
        elif now - self._there > DEADLINE_SECONDS:
            raise _no_worker(self._mib, f"none for {now - self._there:.0f} s")


def _no_worker(mib: int, why: object) -> RunError:
    return RunError(
        f"no worker with {mib} MiB starts on this machine: {why}. Set --memory or --worker_memory "
        "higher, or --workers lower. What is done is kept in the ledger."
    )


def local_rounds(source: Source, machine: Machine) -> Results:
    """Run all of a source on this machine."""
    total = machine.memory or int(MEMORY_LIMIT * 0.9 / 2**20)
    # a core for each worker goes before the memory that it might like to have
    first = min(machine.worker_memory, max(LEAST_MIB, total // machine.n_workers))
    steps = [min(first * step, total) for step in MEMORY_STEPS]

    @contextlib.contextmanager
    def open_cluster(mib: int) -> Iterator[tuple[Any, Callable[[], object]]]:
        with _cluster(machine, mib, total) as (cluster, client):
            yield client, _Keeper(cluster, client, mib).look_after

    yield from rounds(source, sorted(set(steps)), open_cluster)


@contextlib.contextmanager
def _cluster(machine: Machine, mib: int, total: int) -> Iterator[tuple[Any, Any]]:
    hush()
    before_spawn = dask.config.get("distributed.nanny.pre-spawn-environ")
    settings = {
        **SETTINGS,
        "distributed.nanny.pre-spawn-environ": {
            **before_spawn,
            "DASK_LOGGING__DISTRIBUTED": "critical",
        },
        # else a nanny is closed for good whose worker starts again when this time is over
        "distributed.deploy.lost-worker-timeout": "1h",
    }
    with dask.config.set(settings):
        try:
            cluster = _Cluster(
                n_workers=max(1, min(machine.n_workers, total // mib)),
                threads_per_worker=1,
                processes=True,
                dashboard_address=machine.dashboard or ":0",
                scheduler_kwargs={"dashboard": machine.dashboard is not None},
                host="127.0.0.1",
                memory_limit=mib * 2**20,
            )
        except RuntimeError as error:
            raise _no_worker(mib, error.__cause__ or error) from error
        with cluster, Client(cluster) as client:
            yield cluster, client
