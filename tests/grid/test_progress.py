"""What a long run tells while it goes on."""

from __future__ import annotations

import io

from spacebio_bench.grid import progress
from spacebio_bench.grid.progress import Progress


def test_cells_are_counted_and_the_rest_is_estimated(monkeypatch) -> None:
    clock = iter([20.0, 20.0, 40.0, 40.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    told = io.StringIO()
    shown = Progress(stream=told, _started=0.0, _last=0.0)
    for cell, seconds in (("a", 10.0), ("b", 10.0), ("b", 20.0), ("c", 30.0)):
        shown.add(cell, seconds)
    shown.step("a", ok=True, seconds=10.0)
    shown.step("b", ok=False, seconds=10.0)
    assert told.getvalue().splitlines() == [
        "cells: 1 done, 0 failed, 2 left, about 2.0 min to go",
        "cells: 1 done, 1 failed, 1 left, about 1.7 min to go",
    ]


def test_quiet_says_nothing() -> None:
    told = io.StringIO()
    shown = Progress(quiet=True, stream=told)
    shown.add("a", 1.0)
    shown.step("a", ok=True, seconds=1.0)
    shown.finish()
    assert told.getvalue() == ""
