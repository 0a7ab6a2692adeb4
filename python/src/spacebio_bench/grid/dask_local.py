"""A Dask cluster of worker processes on this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import dask
from distributed import Client, LocalCluster
from distributed.system import MEMORY_LIMIT

from spacebio_bench.grid.backends import Results, Source
from spacebio_bench.grid.dask_run import SETTINGS, hush, rounds
from spacebio_bench.grid.machine import MEMORY_STEPS, Machine

LEAST_MIB = 768
"""No worker is planned with less: the largest units known need 550."""


def local_rounds(source: Source, machine: Machine) -> Results:
    """Run all of a source on this machine."""
    total = machine.memory or int(MEMORY_LIMIT * 0.9 / 2**20)
    # a core for each worker goes before the memory that it might like to have
    first = min(machine.worker_memory, max(LEAST_MIB, total // machine.n_workers))
    steps = [min(first * step, total) for step in MEMORY_STEPS]

    @contextlib.contextmanager
    def open_cluster(mib: int) -> Iterator[tuple[Any, Callable[[], object]]]:
        with _cluster(machine, mib, total) as client:
            yield client, lambda: None

    yield from rounds(source, sorted(set(steps)), open_cluster)


@contextlib.contextmanager
def _cluster(machine: Machine, mib: int, total: int) -> Iterator[Any]:
    hush()
    before_spawn = dask.config.get("distributed.nanny.pre-spawn-environ")
    settings = {
        **SETTINGS,
        "distributed.nanny.pre-spawn-environ": {
            **before_spawn,
            "DASK_LOGGING__DISTRIBUTED": "critical",
        },
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=max(1, min(machine.n_workers, total // mib)),
            threads_per_worker=1,
            processes=True,
            dashboard_address=machine.dashboard or ":0",
            scheduler_kwargs={"dashboard": machine.dashboard is not None},
            host="127.0.0.1",
            memory_limit=mib * 2**20,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client
