"""Where bundles run: here, in processes of joblib, or on a Dask cluster of this machine."""

from __future__ import annotations

import logging
import math
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

import psutil

from spacebio_bench.grid.execute import run_bundle
from spacebio_bench.grid.units import Bundle, UnitResult

BackendName = Literal["serial", "joblib", "local"]


class Source(Protocol):
    """Bundles to run; more may join whenever a result was handed over."""

    def __bool__(self) -> bool: ...

    def pop(self) -> Bundle: ...


Backend = Callable[[Source, int], Iterator[tuple[Bundle, list[UnitResult]]]]

MAX_DEATHS = 3
"""Workers that may die under a unit before it is `lost`."""

STARTED = "bundle-started"
"""Topic under which workers tell that they begin a bundle."""

GRACE_SECONDS = 30.0
"""What a worker gets beyond the limits of its units before it is ended from outside."""


def n_workers(asked: int) -> int:
    """Workers to start: what was asked for, or one a core that this process may use."""
    return asked if asked > 0 else len(os.sched_getaffinity(0))


def serial(source: Source, workers: int) -> Iterator[tuple[Bundle, list[UnitResult]]]:  # noqa: ARG001
    """One after the other, in this process."""
    while source:
        bundle = source.pop()
        yield bundle, run_bundle(bundle)


def joblib(source: Source, workers: int) -> Iterator[tuple[Bundle, list[UnitResult]]]:
    """Processes of joblib's own pool, in rounds: what joins meanwhile is the next round."""
    from joblib import Parallel, delayed  # noqa: PLC0415 - imported by those who use it

    pool = Parallel(
        n_jobs=workers, return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs"
    )
    while source:
        bundles = []
        while source:
            bundles.append(source.pop())
        yield from pool(delayed(_with_bundle)(bundle) for bundle in bundles)


def _with_bundle(bundle: Bundle) -> tuple[Bundle, list[UnitResult]]:
    return bundle, run_bundle(bundle)


def local(source: Source, workers: int) -> Iterator[tuple[Bundle, list[UnitResult]]]:
    """A Dask cluster of worker processes on this machine."""
    import dask  # noqa: PLC0415 - a second that only this backend pays
    from distributed import Client, LocalCluster  # noqa: PLC0415

    # a worker that is slow to end is no news; what matters is told as a status
    for name in [n for n in logging.root.manager.loggerDict if n.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    before_spawn = dask.config.get("distributed.nanny.pre-spawn-environ")
    settings = {
        "distributed.nanny.pre-spawn-environ": {
            **before_spawn,
            "DASK_LOGGING__DISTRIBUTED": "critical",
        },
        # deaths are counted here, by bundles begun: Dask also blames those that only waited there
        "distributed.scheduler.allowed-failures": 1000,
        "distributed.worker.memory.spill": False,
        "distributed.worker.memory.target": False,
        "distributed.admin.tick.limit": "1h",
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
            scheduler_kwargs={"dashboard": False},
            host="127.0.0.1",
            memory_limit=memory_per_worker(workers),
        ) as cluster,
        Client(cluster) as client,
    ):
        yield from on_dask(client, source)


def memory_per_worker(workers: int) -> int:
    """Bytes that a worker may use before it is ended: its share of nine tenths of the machine."""
    return int(psutil.virtual_memory().total * 0.9 / workers)


def on_dask(client: Any, source: Source) -> Iterator[tuple[Bundle, list[UnitResult]]]:
    """Results of bundles from any Dask cluster, in the order they come.

    A few bundles a worker are under way at a time, so that the scheduler never holds the whole
    grid. A worker that stays in compiled code beyond its units' limits is ended. All units of a
    bundle share what became of it: they are of one cell, whose status is the worst anyway.
    """
    running: dict[Any, Bundle] = {}
    watch = _Watch(client)
    while source or running:
        room = 2 * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        while source and len(running) < room:
            bundle = source.pop()
            running[client.submit(_run_and_tell, bundle, pure=False)] = bundle
        for future in _finished(list(running), seconds=1.0):
            bundle = running.pop(future)
            verdict = watch.verdict(future, bundle)
            if verdict is None:
                yield bundle, future.result()
            else:
                yield bundle, [UnitResult(unit.key, *verdict) for unit in bundle.units]
        watch.stop_overdue(running)


class _Watch:
    """Which bundle is where since when, and which had to be stopped."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._at: dict[str, tuple[str, float]] = {}
        self._starts: Counter[str] = Counter()
        self._stopped: dict[str, str] = {}
        client.subscribe_topic(STARTED, self._note)

    def _note(self, event: tuple[float, dict[str, str]]) -> None:
        key, worker = event[1]["key"], event[1]["worker"]
        self._at[key] = (worker, time.monotonic())
        self._starts[key] += 1

    def stop_overdue(self, running: Mapping[Any, Bundle]) -> None:
        """Cancel what is over its limit or has used up its workers; end the workers at it."""
        now, ended = time.monotonic(), set()
        for future, bundle in running.items():
            worker, since = self._at.get(future.key, ("", math.inf))
            if self._starts[future.key] > MAX_DEATHS:
                self._stopped[future.key] = "lost"
                future.cancel(force=True)
            elif now - since > bundle.unit_timeout * len(bundle.units) + GRACE_SECONDS:
                self._at.pop(future.key)
                if worker in self._client.scheduler_info(n_workers=-1)["workers"]:
                    self._stopped[future.key] = "timed_out"
                    future.cancel(force=True)
                    ended.add(worker)
        if ended:  # compiled code does not listen: no use in waiting for an orderly end
            self._client.restart_workers(sorted(ended), timeout=5, raise_for_error=False)

    def verdict(self, future: Any, bundle: Bundle) -> tuple[str, str] | None:
        """Status and reason of a bundle that did not end well, else None."""
        from distributed import KilledWorker  # noqa: PLC0415

        self._at.pop(future.key, None)
        stopped = self._stopped.pop(future.key, None)
        if future.status == "finished":
            return None
        error = None if future.cancelled() else future.exception()
        if stopped == "timed_out":
            return "timed_out", f"over the limit of {bundle.unit_timeout:g} s for one unit"
        if stopped == "lost" or isinstance(error, KilledWorker):
            return "lost", f"{MAX_DEATHS} workers died under it"
        return "failed", f"{type(error).__name__}: {error}"[:500]


def _run_and_tell(bundle: Bundle) -> list[UnitResult]:
    """Run a bundle on a Dask worker; tells when it starts, since a worker may hold several."""
    from distributed import get_worker  # noqa: PLC0415

    worker = get_worker()
    worker.log_event(STARTED, {"key": worker.get_current_task(), "worker": worker.address})
    return run_bundle(bundle)


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


BACKENDS: dict[str, Backend] = {"serial": serial, "joblib": joblib, "local": local}
