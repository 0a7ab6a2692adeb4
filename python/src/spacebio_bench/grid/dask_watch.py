"""Which parcel is where since when, and why the worker under it ended."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from spacebio_bench.grid.parcels import Parcel

MAX_DEATHS = 3
"""Workers that may die under a parcel before it is `lost`."""

STARTED = "parcel-started"
"""Topic under which workers tell that they begin a parcel."""

OUT_OF_MEMORY = "worker-restart-memory"
"""Topic of Dask's nannies, when they end a worker that is over its memory."""

PATIENCE_SECONDS = 1.0
"""A nanny's word about memory may come after the death that it explains."""


@dataclass(frozen=True)
class Verdict:
    """`failed`, `timed_out` or `lost` with the reason; or `memory`, `died`, `again`."""

    status: str
    reason: str = ""


class Watch:
    """Follows parcels over the workers of a cluster.

    Dask runs a parcel again by itself when its worker leaves as was agreed: the time of its job is
    up. After a network cut the old copy of a parcel runs on, and its result is not asked for any
    more. What only waited at a worker that died has no part in its end.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._started: dict[str, tuple[str, float]] = {}
        self._begun_last: dict[str, str] = {}  # by worker: it does one parcel at a time
        self._out_of_memory: set[str] = set()
        self._noticed: dict[str, float] = {}
        client.subscribe_topic(STARTED, self._note_start)
        client.subscribe_topic(OUT_OF_MEMORY, self._note_memory)

    def n_workers(self) -> int:
        """Workers that are there now."""
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def _note_start(self, event: tuple[float, dict[str, str]]) -> None:
        key, worker = event[1]["key"], event[1]["worker"]
        self._started[key] = (worker, time.monotonic())
        self._begun_last[worker] = key

    def _note_memory(self, event: tuple[float, dict[str, str]]) -> None:
        key = self._begun_last.get(event[1]["worker"])
        if key is not None:
            self._out_of_memory.add(key)

    def verdict(self, future: Any, parcel: Parcel) -> Verdict | None:
        """What is to be said of a parcel that has no results; None while it goes on."""
        from distributed import KilledWorker  # noqa: PLC0415

        if future.status == "cancelled":
            return Verdict("again")
        if future.status != "error":
            return None
        now = time.monotonic()
        if now - self._noticed.setdefault(future.key, now) < PATIENCE_SECONDS:
            return None
        error = future.exception()
        if not isinstance(error, KilledWorker):
            return Verdict("failed", f"{type(error).__name__}: {error}"[:500])
        if future.key in self._out_of_memory:
            return Verdict("memory")
        worker, since = self._started.get(future.key, ("", now))
        if worker != error.last_worker.address or self._begun_last.get(worker) != future.key:
            return Verdict("again")
        if self._noticed[future.key] - since >= parcel.limit:
            limit = parcel.bundles[0].unit_timeout
            return Verdict("timed_out", f"over the limit of {limit:g} s for one unit")
        if parcel.deaths + 1 >= MAX_DEATHS:
            return Verdict("lost", f"{MAX_DEATHS} workers died under it")
        return Verdict("died")

    def forget(self, future: Any) -> None:
        """A parcel is over, one way or the other."""
        self._started.pop(future.key, None)
        self._out_of_memory.discard(future.key)
        self._noticed.pop(future.key, None)
