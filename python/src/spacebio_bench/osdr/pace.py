"""Requests no faster than a rate, from all threads together."""

from __future__ import annotations

import threading
import time


class Pace:
    """Lets one caller pass every `1 / per_second` seconds.

    Parameters
    ----------
    per_second
        Calls a second.
    """

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Sleep until it is this caller's turn; turns are given in the order of asking."""
        with self._lock:
            now = time.monotonic()
            mine = max(now, self._next)
            self._next = mine + self._gap
        time.sleep(mine - now)
