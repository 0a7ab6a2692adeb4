"""Bundles on any Dask cluster: handed out in parcels, watched, and tried again where it helps."""

from __future__ import annotations

import faulthandler
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from spacebio_bench.grid.backends import Results, Source
from spacebio_bench.grid.dask_watch import STARTED, Verdict, Watch
from spacebio_bench.grid.execute import run_bundle
from spacebio_bench.grid.parcels import Parcel, next_parcel, parts_of, take_like
from spacebio_bench.grid.units import UnitResult

SETTINGS = {
    # a parcel whose worker died is not simply run again: first it is asked why
    "distributed.scheduler.allowed-failures": 0,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    # memory grows by gigabytes a second: the nanny has to be quicker than the kernel
    "distributed.worker.memory.monitor-interval": "50ms",
    "distributed.admin.tick.limit": "1h",
    # Dask's own watching, a hundred times a second in every process
    "distributed.admin.tick.interval": "1s",
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.system-monitor.disk": False,
}
"""What Dask's configuration must say on both ends."""


def hush() -> None:
    """No log lines of Dask: what matters is told as a status."""
    for name in [n for n in logging.root.manager.loggerDict if n.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def rounds(
    source: Source,
    limits: Sequence[int],
    open_cluster: Callable[[int], AbstractContextManager[tuple[Any, Callable[[], object]]]],
) -> Results:
    """Run all of a source; what ran out of memory goes to another cluster that has more.

    Parameters
    ----------
    source
        Bundles.
    limits
        MiB of a worker, growing; a round for each that is needed.
    open_cluster
        Gives for a limit a client and what is to be done at every look around.
    """
    for n, mib in enumerate(limits, 1):
        tight: list[Parcel] = []
        with open_cluster(mib) as (client, look_after):
            for parcel, outcome in _on_dask(client, source, look_after):
                if isinstance(outcome, list):
                    yield from zip(parcel.bundles, outcome, strict=True)
                elif outcome.status == "memory" and n < len(limits):
                    tight.append(parcel)
                else:
                    status, reason = _told(outcome, limits[:n])
                    for bundle in parcel.bundles:
                        yield bundle, [UnitResult(u.key, status, reason) for u in bundle.units]
        for parcel in tight:
            for bundle in parcel.bundles:
                source.give_back(bundle)
        if not source:
            return


def _told(outcome: Verdict, limits: Sequence[int]) -> tuple[str, str]:
    if outcome.status != "memory":
        return outcome.status, outcome.reason
    tried = f", tried again with up to {limits[-1]} MiB" if len(limits) > 1 else ""
    return "failed", f"out of memory: needs more than {limits[0]} MiB{tried}"


def _on_dask(
    client: Any, source: Source, look_after: Callable[[], object]
) -> Iterator[tuple[Parcel, list[list[UnitResult]] | Verdict]]:
    """Each parcel with its results or with what became of it, in the order they come.

    A few parcels a worker are under way at a time, so that the scheduler never holds the whole
    grid. Of a parcel that did not end well the bundles are tried one by one, and of a bundle over
    its time the units: what is at fault stands alone in the end.
    """
    running: dict[Any, Parcel] = {}
    again: list[Parcel] = []
    watch = Watch(client)
    while source or again or running:
        room = 2 * max(1, watch.n_workers())
        while (source or again) and len(running) < room:
            parcel = again.pop() if again else next_parcel(source)
            running[client.submit(_run_parcel, parcel, parcel.limit, pure=False)] = parcel
        for future in _finished(list(running), seconds=1.0):
            results = _fetched(future)
            verdict = None if results is not None else watch.verdict(future, running[future])
            if results is None and verdict is None:
                continue  # it goes on: fetching failed, or it is too early to judge
            parcel = running.pop(future)
            watch.forget(future)
            if results is not None:
                yield parcel, results
            elif verdict is None or verdict.status == "again":
                again.append(parcel)
            elif len(parts := parts_of(parcel, verdict.status)) > 1:
                again += parts
            elif verdict.status == "died":
                again.append(parcel.after_a_death())
            else:
                yield parcel, verdict
                if verdict.status == "timed_out":  # the rest of its fold decides nothing now
                    yield from ((other, verdict) for other in take_like(parcel, again))
        look_after()


def _run_parcel(parcel: Parcel, limit: float) -> list[list[UnitResult]]:
    """Run bundles on a Dask worker; tells when it starts, since a worker may hold several.

    After `limit` seconds the worker ends itself, from a thread that needs nothing of Python's:
    compiled code that hangs does not listen to anything else.
    """
    from distributed import get_worker  # noqa: PLC0415

    worker = get_worker()
    worker.log_event(STARTED, {"key": worker.get_current_task(), "worker": worker.address})
    faulthandler.dump_traceback_later(limit, exit=True)
    try:
        return [run_bundle(bundle) for bundle in parcel.bundles]
    finally:
        faulthandler.cancel_dump_traceback_later()


def _fetched(future: Any) -> list[list[UnitResult]] | None:
    """The results, if they can be had now: waiting for a lost one would stop all else."""
    if future.status != "finished":
        return None
    try:
        results: list[list[UnitResult]] = future.result(timeout=5)
    except Exception:  # noqa: BLE001 - its worker went before it was fetched: its status says it
        return None
    return results


def _finished(futures: Sequence[Any], *, seconds: float) -> list[Any]:
    from distributed import wait  # noqa: PLC0415

    over = [future for future in futures if future.status in ("cancelled", "error")]
    if over:  # waiting on these is an error, or returns at once
        seconds = 0.2
    try:
        wait(
            [future for future in futures if future not in over] or None,
            timeout=seconds,
            return_when="FIRST_COMPLETED",
        )
    except (TimeoutError, ValueError):
        return over
    return over + [future for future in futures if future not in over and future.done()]
