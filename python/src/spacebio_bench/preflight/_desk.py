"""Where the submit host waits for a node: each connects to the other once, as Dask will."""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any

SECONDS = 10.0
"""A connection attempt is repeated after 1, 3 and 7 s; what is not open by then is closed."""

_LONGEST = 10_000  # bytes of an offer


@dataclass(frozen=True)
class Meeting:
    """A node came.

    Attributes
    ----------
    skew
        Seconds that its clock is ahead of ours.
    at
        The address it listens at.
    calling
        Why we could not connect to it; '' when we could.
    """

    skew: float
    at: str
    calling: str


class Desk:
    """Listens at an address until it is left; only who knows the token is heard."""

    def __init__(self, address: str, token: str) -> None:
        self._token = token
        self._server = socket.create_server((address, 0))
        self._server.settimeout(0.2)
        self._open = True
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self.address = address
        self.port = int(self._server.getsockname()[1])
        self.meeting: Meeting | None = None

    def __enter__(self) -> Desk:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open = False
        self._thread.join(1.0)
        self._server.close()

    def _wait(self) -> None:
        while self._open and self.meeting is None:
            try:
                visitor, _ = self._server.accept()
            except OSError:  # nobody within the time, or closed
                continue
            with visitor:
                self._hear(visitor)

    def _hear(self, visitor: socket.socket) -> None:
        visitor.settimeout(SECONDS)
        try:
            with visitor.makefile("rb") as said:
                offer: Any = json.loads(said.readline(_LONGEST))
            ours = time.time()
            if not isinstance(offer, dict) or offer.get("token") != self._token:
                return
            address, port = str(offer["address"]), int(offer["port"])
            skew = float(offer["time"]) - ours
        except (OSError, ValueError, KeyError, TypeError):
            return
        self.meeting = Meeting(skew, f"{address}:{port}", _call(address, port))
        try:
            visitor.sendall(b"done\n")
        except OSError:
            return


def _call(address: str, port: int) -> str:
    try:
        socket.create_connection((address, port), SECONDS).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""
