"""CPU time of two ways to the same numbers, and the row of the table that it makes."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Timed:
    """Median CPU seconds of some repeats, times `scale`; `how` says so in words."""

    seconds: float
    how: str = ""


@dataclass(frozen=True)
class Result:
    """One row.

    Attributes
    ----------
    usual
        The usual way; None where the floor is a time, not a ratio.
    floor
        The ratio that is due, or, without a usual way, the most seconds; None is information.
    difference, allowed
        Largest difference between the numbers of both sides, and how large it may be.
    remark
        What a reader has to know of the row.
    unit
        Of `ours`, and of a floor that is no ratio.
    within
        Factor by which `usual`, a guess, may be off on either side.
    running
        It is about a whole run, not about a computation.
    """

    what: str
    size: str
    ours: Timed
    usual: Timed | None = None
    floor: float | None = None
    difference: float = 0.0
    allowed: float = 0.0
    remark: str = ""
    unit: Literal["s", "MB", "%"] = "s"
    within: float | None = None
    running: bool = False

    @property
    def ratio(self) -> float | None:
        return None if self.usual is None else self.usual.seconds / self.ours.seconds

    @property
    def reached(self) -> bool:
        if self.within is not None and self.ratio is not None:
            return 1 / self.within <= self.ratio <= self.within
        if self.floor is None:
            return True
        return self.ours.seconds <= self.floor if self.ratio is None else self.ratio >= self.floor

    @property
    def same(self) -> bool:
        return self.difference <= self.allowed


def cpu(work: Callable[[], object], *, repeats: int, scale: float = 1.0, how: str = "") -> Timed:
    """Run `work` as often as said; the first run warms up where there are three or more."""
    gc.collect()
    seconds = []
    for _ in range(repeats):
        before = time.process_time()
        work()
        seconds.append(time.process_time() - before)
    return Timed(scale * statistics.median(seconds), how)
