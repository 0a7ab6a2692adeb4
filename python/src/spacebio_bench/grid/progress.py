"""Lines that say how far a run is: cells done, failed, left, and about how long."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TextIO

from spacebio_bench.grid.agenda import Agenda, State

LINE_EVERY_SECONDS = 10.0


@dataclass
class Progress:
    """Prints a line now and then, or keeps one line up to date on a terminal."""

    agenda: Agenda
    quiet: bool = False
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    _started: float = field(default_factory=time.monotonic)
    _last: float = field(default_factory=time.monotonic)

    def step(self) -> None:
        """Print the state if it is time to."""
        now = time.monotonic()
        if now - self._last >= (0.5 if self.stream.isatty() else LINE_EVERY_SECONDS):
            self._last = now
            self._print()

    def finish(self) -> None:
        """Print the last state."""
        self._print(end="\n")

    def _print(self, *, end: str = "") -> None:
        if self.quiet:
            return
        elapsed = time.monotonic() - self._started
        text = told(self.agenda.state(), elapsed)
        if self.stream.isatty():
            self.stream.write(f"\r{text:<70}{end}")
        else:
            self.stream.write(f"{text}\n")
        self.stream.flush()


def told(state: State, elapsed: float) -> str:
    """The state in words; what is left is estimated from what `elapsed` seconds have done."""
    text = f"cells: {state.done} done, {state.failed} failed, {state.left} left"
    if not state.left or state.seconds_done <= 0:
        return f"{text}, {elapsed:.0f} s"
    rest = elapsed * state.seconds_left / state.seconds_done
    return (
        f"{text}, about {rest / 60:.1f} min to go"
        if rest >= 60
        else f"{text}, about {rest:.0f} s to go"
    )
