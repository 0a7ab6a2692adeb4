"""Lines that say how far a run is: cells done, failed, left, and about how long."""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TextIO

LINE_EVERY_SECONDS = 10.0


@dataclass
class Progress:
    """Counts bundles; prints a line now and then, or keeps one line up to date on a terminal."""

    quiet: bool = False
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    _started: float = field(default_factory=time.monotonic)
    _last: float = field(default_factory=time.monotonic)
    _left: Counter[str] = field(default_factory=Counter)
    _bad: set[str] = field(default_factory=set)
    _seconds_planned: float = 0.0
    _seconds_done: float = 0.0

    def add(self, cell: str, seconds: float) -> None:
        """Expect one more bundle of a cell; `seconds` is what it is guessed to cost."""
        self._left[cell] += 1
        self._seconds_planned += seconds

    def step(self, cell: str, *, ok: bool, seconds: float) -> None:
        """Book one finished bundle of a cell; `seconds` is what it was guessed to cost."""
        self._left[cell] -= 1
        self._seconds_done += seconds
        if not ok:
            self._bad.add(cell)
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
        finished = {cell for cell, n in self._left.items() if n <= 0}
        left = len(self._left) - len(finished | self._bad)
        done = len(finished - self._bad)
        text = f"cells: {done} done, {len(self._bad)} failed, {left} left{self._estimate(left)}"
        if self.stream.isatty():
            self.stream.write(f"\r{text:<70}{end}")
        else:
            self.stream.write(f"{text}\n")
        self.stream.flush()

    def _estimate(self, left: int) -> str:
        elapsed = time.monotonic() - self._started
        if not left or self._seconds_done <= 0:
            return f", {elapsed:.0f} s"
        rest = elapsed * max(self._seconds_planned - self._seconds_done, 0.0) / self._seconds_done
        return f", about {rest / 60:.1f} min to go" if rest >= 60 else f", about {rest:.0f} s to go"
