"""What a long run tells while it goes on."""

from __future__ import annotations

import io

from spacebio_bench.grid import progress
from spacebio_bench.grid.progress import Progress


def test_cells_are_counted_and_the_rest_is_estimated(monkeypatch) -> None:
    clock = iter([20.0, 20.0, 40.0, 40.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    told = io.StringIO()
    counts = {"a": 1, "b": 2, "c": 1}
    shown = Progress(counts, seconds_planned=70.0, stream=told, _started=0.0, _last=0.0)
    shown.step("a", ok=True, seconds=10.0)
    shown.step("b", ok=False, seconds=10.0)
    assert told.getvalue().splitlines() == [
        "cells: 1 done, 0 failed, 2 left, about 2.0 min to go",
        "cells: 1 done, 1 failed, 1 left, about 1.7 min to go",
    ]


def test_quiet_says_nothing() -> None:
    told = io.StringIO()
    shown = Progress({"a": 1}, seconds_planned=1.0, quiet=True, stream=told)
    shown.step("a", ok=True, seconds=1.0)
    shown.finish()
    assert told.getvalue() == ""
