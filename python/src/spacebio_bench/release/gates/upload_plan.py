"""The plan of what would be published: the same twice, of files that are there, from no network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spacebio_bench.errors import RunError
from spacebio_bench.release.gates._gate import Context, Finding, green, red
from spacebio_bench.release.gates.package import package_of
from spacebio_bench.release.hub_plan import ALL, DEFAULT_CARD, build_plan
from spacebio_bench.release.upload_plan import check_local, read_plan, write_plan

REPO = "owner/name"
"""Of the plan that is looked at; nothing is sent there."""


def upload_plan_gate(context: Context) -> Iterator[Finding]:
    """Judge the plan of all tasks of the package."""
    package = package_of(context)
    first, second = (context.workdir / f"plan-{i}.json" for i in (1, 2))
    with no_network():
        for path in (first, second):
            plan = build_plan(package, ALL, repo_id=REPO, card=context.root / DEFAULT_CARD)
            write_plan(plan, path)
        read = read_plan(first)
        check_local(read, root=Path())
    if first.read_bytes() != second.read_bytes():
        yield red(first.name, "two plans of the same package differ.")
    elif not read.files:
        yield red(first.name, "the plan has no file.")
    else:
        told = f"{len(read.files)} files, {read.bytes} bytes, planned twice with the same bytes"
        yield green(first.name, told)


@contextmanager
def no_network() -> Iterator[None]:
    """Whoever opens a connection in here is stopped."""

    def refuse(*_args: Any, **_options: Any) -> Any:
        msg = "a connection was opened where none is needed"
        raise RunError(msg)

    kept = (socket.socket, socket.create_connection, socket.getaddrinfo)
    socket.socket = refuse  # type: ignore[misc, assignment]
    socket.create_connection = refuse
    socket.getaddrinfo = refuse
    try:
        yield
    finally:
        socket.socket, socket.create_connection, socket.getaddrinfo = kept  # type: ignore[misc]
