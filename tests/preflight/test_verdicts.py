"""What the answer of a node means; and how a node and the submit host meet."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest

from spacebio_bench.preflight import node_program
from spacebio_bench.preflight._desk import Desk, Meeting
from spacebio_bench.preflight.verdicts import Seen, folders, network, skew, software, source

OWN = {"dask": "2026.8.0", "distributed": "2026.8.0", "cloudpickle": "3.1", "numpy": "2.4.6"}
OWN["spacebio-bench"] = "0.1.0"


def seen(*, missing: tuple[str, ...] = (), meeting: Meeting | None = None, **answer: Any) -> Seen:
    told = {"host": "node3", "time": 100.0, "interfaces": {"eth0": "10.0.0.3"}, "reaching": ""}
    return Seen(told | answer, 1.0, missing, meeting, (99.0, 101.0))


@pytest.mark.parametrize(
    ("python", "changed", "status", "found"),
    [
        ("3.11.2", {}, "ok", "Python 3.11.2, Dask 2026.8.0, as here"),
        ("3.12.1", {}, "failed", "Python is 3.12.1 in the image and 3.11.7 here"),
        ("3.11.2", {"dask": "2025.1"}, "failed", "dask is 2025.1 in the image and 2026.8.0 here"),
        ("3.11.2", {"distributed": None}, "failed", "distributed is missing in the image"),
        ("3.11.2", {"numpy": "2.3.0"}, "warning", "numpy is 2.3.0 in the image and 2.4.6 here"),
    ],
)
def test_software(python: str, changed: dict[str, Any], status: str, found: str) -> None:
    check = software(seen(python=python, packages=OWN | changed), "3.11.7", OWN)
    assert check.status == status
    assert found in check.found
    assert ("make images" in check.remedy) == (status != "ok")


def test_code_of_another_checkout() -> None:
    expected = {"org.spacebio-bench.source": "2" * 64}
    assert source("node3", {"source": "2" * 64}, expected).status == "ok"
    check = source("node3", {"source": "3" * 64}, expected)
    assert (check.status, check.remedy) == ("failed", "`make images` builds it again.")


def test_folders() -> None:
    assert folders(seen()).status == "ok"
    check = folders(seen(missing=("--ledger", "-work-dir")))
    assert (check.status, check.found) == ("failed", "node3 does not see --ledger, -work-dir")


@pytest.mark.parametrize(
    ("there", "ahead"), [(100.0, 0.0), (99.0, 0.0), (131.0, 30.0), (69.0, -30.0)]
)
def test_a_clock_without_a_meeting(there: float, ahead: float) -> None:
    assert skew(seen(time=there)) == ahead


def test_a_clock_with_a_meeting() -> None:
    assert skew(seen(time=0.0, meeting=Meeting(-7.0, "10.0.0.3:5", ""))) == -7.0


@pytest.mark.parametrize(
    ("interface", "meeting", "reaching", "status", "told"),
    [
        ("eth0", Meeting(0, "10.0.0.3:5", ""), "", "ok", "this host and node3 connect"),
        (
            "ib0",
            None,
            "",
            "failed",
            "node3 has no ib0. Set --worker_interface: there are eth0 (10.0.0.3).",
        ),
        (
            None,
            None,
            "No route to host",
            "failed",
            "node3 cannot connect to this host: No route to host. Set --scheduler_interface; or",
        ),
        (
            None,
            Meeting(0, "10.0.0.3:5", "timed out"),
            "",
            "failed",
            "this host cannot connect to node3 at 10.0.0.3:5: timed out. Set --worker_interface;",
        ),
        (None, None, "", "failed", "with --backend local the grid is one job and needs no network"),
        (None, None, None, "warning", "not checked, since this host has no address"),
    ],
)
def test_network(interface, meeting, reaching, status: str, told: str) -> None:
    check = network(seen(meeting=meeting, reaching=reaching), interface)
    assert check.status == status
    assert told in str(check)


def question(desk: Desk, **changed: Any) -> dict[str, Any]:
    known = {"address": desk.address, "port": desk.port, "token": "t", "seconds": 5.0}
    return known | {"interface": None} | changed


def test_both_sides_connect() -> None:
    with Desk("127.0.0.1", "t") as desk:
        assert node_program.meet(question(desk)) == ""
        wait_for(desk)
    assert desk.meeting is not None
    assert desk.meeting.calling == ""
    assert abs(desk.meeting.skew) < 5


def test_strangers_are_not_heard() -> None:
    with Desk("127.0.0.1", "t") as desk:
        for said in (b"GET / HTTP/1.1\r\n", b"[1]\n", b'{"token": "t"}\n', b"\xff\n", b""):
            with socket.create_connection((desk.address, desk.port), 5) as stranger:
                stranger.sendall(said)
        with socket.create_connection((desk.address, desk.port), 5) as stranger:
            stranger.sendall(json.dumps({"token": "x", "time": 0, "port": 1}).encode() + b"\n")
        assert desk.meeting is None
        assert node_program.meet(question(desk)) == ""
        wait_for(desk)
    assert desk.meeting is not None


def test_a_node_that_cannot_be_called_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with Desk("127.0.0.1", "t") as desk:
        with socket.create_connection((desk.address, desk.port), 5) as node:
            offer = {"token": "t", "time": time.time(), "address": "127.0.0.1", "port": port}
            node.sendall(json.dumps(offer).encode() + b"\n")
            assert node.recv(16) == b"done\n"
        wait_for(desk)
    assert desk.meeting is not None
    assert desk.meeting.calling == "Connection refused"


def test_a_desk_that_is_not_reached() -> None:
    with Desk("127.0.0.1", "t") as desk:
        port = desk.port
    assert node_program.meet(question(desk, port=port)) == "Connection refused"


def wait_for(desk: Desk) -> None:
    end = time.monotonic() + 5
    while desk.meeting is None and time.monotonic() < end:
        time.sleep(0.01)
