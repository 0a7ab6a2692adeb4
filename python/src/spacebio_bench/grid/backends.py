"""Where bundles run: here, in processes of joblib, or on a Dask cluster of this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import psutil

from spacebio_bench.grid.execute import run_bundle
from spacebio_bench.grid.units import Bundle, UnitResult

BackendName = Literal["serial", "joblib", "local"]
Backend = Callable[[Sequence[Bundle], int], Iterator[list[UnitResult]]]

MAX_DEATHS = 3
"""Workers that may die under a unit before it is `lost`."""

GRACE_SECONDS = 30.0
"""What a worker gets beyond the limits of its units before it is ended from outside."""


def n_workers(asked: int) -> int:
    """Workers to start: what was asked for, or one a core that this process may use."""
    return asked if asked > 0 else len(os.sched_getaffinity(0))


def serial(bundles: Sequence[Bundle], workers: int) -> Iterator[list[UnitResult]]:  # noqa: ARG001
    """One after the other, in this process."""
    for bundle in bundles:
        yield run_bundle(bundle)


def joblib(bundles: Sequence[Bundle], workers: int) -> Iterator[list[UnitResult]]:
    """Processes of joblib's own pool."""
    from joblib import Parallel, delayed  # noqa: PLC0415 - imported by those who use it

    pool = Parallel(
        n_jobs=workers, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs"
    )
    yield from pool(delayed(run_bundle)(bundle) for bundle in bundles)


def local(bundles: Sequence[Bundle], workers: int) -> Iterator[list[UnitResult]]:
    """A Dask cluster of worker processes on this machine."""
    import dask  # noqa: PLC0415 - a second that only this backend pays
    from distributed import Client, LocalCluster  # noqa: PLC0415

    settings = {
        "distributed.scheduler.allowed-failures": MAX_DEATHS - 1,
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.target": False,
        "distributed.admin.tick.limit": "1h",
        "logging.distributed": "error",
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            host="127.0.0.1",
            memory_limit=memory_per_worker(workers),
        ) as cluster,
        Client(cluster) as client,
    ):
        yield from on_dask(client, bundles)


def memory_per_worker(workers: int) -> int:
    """Bytes that a worker may use before it is ended: its share of nine tenths of the machine."""
    return int(psutil.virtual_memory().total * 0.9 / workers)


def on_dask(client: Any, bundles: Sequence[Bundle]) -> Iterator[list[UnitResult]]:
    """Results of bundles from any Dask cluster, in the order they come.

    A few bundles a worker are under way at a time, so that the scheduler never holds the whole
    grid. A worker that stays in compiled code beyond its units' limits is ended; the units of its
    bundle then run one by one, and the one that is late by itself is `timed_out`.
    """
    waiting = list(reversed(bundles))
    running: dict[Any, Bundle] = {}
    since: dict[str, float] = {}
    late: set[str] = set()
    while waiting or running:
        room = 2 * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        while waiting and len(running) < room:
            bundle = waiting.pop()
            running[client.submit(run_bundle, bundle, pure=False)] = bundle
        for future in _finished(list(running), seconds=1.0):
            bundle = running.pop(future)
            since.pop(future.key, None)
            if future.key in late:
                late.discard(future.key)
                if len(bundle.units) > 1:
                    waiting += [bundle.with_units((unit,)) for unit in bundle.units]
                    continue
                yield _all(bundle, "timed_out", f"over the limit of {bundle.unit_timeout:g} s")
            elif future.status == "finished":
                yield future.result()
            else:
                yield _all(bundle, *_why_lost(future.exception()))
        late |= _end_late_workers(client, running, since)


def _finished(futures: Sequence[Any], *, seconds: float) -> list[Any]:
    from distributed import wait  # noqa: PLC0415

    cancelled = [future for future in futures if future.cancelled()]
    if cancelled:  # waiting on these is an error
        return cancelled
    try:
        wait(futures, timeout=seconds, return_when="FIRST_COMPLETED")
    except TimeoutError:
        return []
    return [future for future in futures if future.done()]


def _end_late_workers(client: Any, running: dict[Any, Bundle], since: dict[str, float]) -> set[str]:
    """Cancel bundles that are over their limit and restart the workers that hold them."""
    by_key = {future.key: (future, bundle) for future, bundle in running.items()}
    now = time.monotonic()
    late = set()
    for worker, keys in client.processing().items():
        for key in keys[:1]:  # a worker has one thread: the first is what it is at
            if key not in by_key:
                continue
            future, bundle = by_key[key]
            limit = bundle.unit_timeout * len(bundle.units) + GRACE_SECONDS
            if now - since.setdefault(key, now) > limit:
                late.add(key)
                future.cancel(force=True)
                client.restart_workers([worker], raise_for_error=False)
    return late


def _why_lost(error: BaseException | None) -> tuple[str, str]:
    from distributed import KilledWorker  # noqa: PLC0415

    if isinstance(error, KilledWorker):
        return "lost", f"{MAX_DEATHS} workers died under it"
    return "failed", f"{type(error).__name__}: {error}"[:500]


def _all(bundle: Bundle, status: str, reason: str) -> list[UnitResult]:
    return [UnitResult(unit.key, status, reason) for unit in bundle.units]


BACKENDS: dict[str, Backend] = {"serial": serial, "joblib": joblib, "local": local}
