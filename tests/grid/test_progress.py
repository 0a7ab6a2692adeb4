"""What a long run tells while it goes on."""

from __future__ import annotations

import io

import pytest

from spacebio_bench.grid.agenda import State
from spacebio_bench.grid.progress import Progress, told

CASES = {
    "an estimate from what is done": (State(1, 0, 2, 10.0, 60.0), 20.0, "about 2.0 min to go"),
    "seconds where it is short": (State(1, 1, 1, 20.0, 10.0), 40.0, "about 20 s to go"),
    "nothing done yet": (State(0, 0, 3, 0.0, 60.0), 7.0, "7 s"),
    "the end": (State(3, 0, 0, 60.0, 0.0), 33.0, "33 s"),
}


class Agenda:
    def state(self) -> State:
        return State(1, 0, 2, 10.0, 60.0)


@pytest.mark.parametrize(("state", "elapsed", "rest"), CASES.values(), ids=CASES.keys())
def test_cells_are_counted_and_the_rest_is_estimated(state, elapsed, rest) -> None:
    counts = f"cells: {state.done} done, {state.failed} failed, {state.left} left"
    assert told(state, elapsed) == f"{counts}, {rest}"


def test_a_line_now_and_then() -> None:
    stream = io.StringIO()
    shown = Progress(Agenda(), stream=stream, _last=0.0)
    shown.step()
    shown.step()
    assert len(stream.getvalue().splitlines()) == 1
    shown.finish()
    assert len(stream.getvalue().splitlines()) == 2


def test_quiet_says_nothing() -> None:
    stream = io.StringIO()
    shown = Progress(Agenda(), quiet=True, stream=stream, _last=0.0)
    shown.step()
    shown.finish()
    assert stream.getvalue() == ""
