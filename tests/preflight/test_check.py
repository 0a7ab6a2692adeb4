"""Checks at once: none hides another, none lasts for ever."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable

import pytest

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.preflight import _check
from spacebio_bench.preflight._ask import ask, one_line
from spacebio_bench.preflight._check import Check, as_json, run_steps


def raising(error: Exception) -> Callable[[], list[Check]]:
    def step() -> list[Check]:
        raise error

    return step


def test_order_is_that_of_the_steps() -> None:
    def slow() -> list[Check]:
        time.sleep(0.2)
        return [Check("slow", "ok", "1"), Check("slow too", "ok", "2")]

    checks = run_steps(
        {"a": slow, "b": lambda: [Check("quick", "ok", "3")]}, seconds=5, stop=threading.Event()
    )
    assert [check.name for check in checks] == ["slow", "slow too", "quick"]


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (KeyError("x"), "KeyError: 'x'"),
        (PermissionError(13, "Permission denied", "/data"), "/data: Permission denied"),
        (
            InputError([Problem("a.csv", "is bad."), Problem("", "Worse.")]),
            "a.csv: is bad.; Worse.",
        ),
    ],
)
def test_one_that_breaks_is_a_failed_check(error: Exception, found: str) -> None:
    steps = {"broken": raising(error), "other": lambda: [Check("other", "ok", "there")]}
    broken, other = run_steps(steps, seconds=5, stop=threading.Event())
    assert (broken.name, broken.status, broken.found) == ("broken", "failed", found)
    assert other.status == "ok"


def test_one_that_hangs_is_told_and_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_check, "LAST_SECONDS", 0.1)
    hang = threading.Event()
    steps = {"disk": lambda: [Check("disk", "ok", str(hang.wait(30)))]}
    began = time.monotonic()
    (check,) = run_steps(steps, seconds=0.2, stop=threading.Event())
    hang.set()
    assert time.monotonic() - began < 5
    assert check.found == "no answer within 0 s"
    assert check.status == "failed"


def test_who_waits_may_tidy_when_the_time_is_over() -> None:
    stop, tidied = threading.Event(), []

    def waiting() -> list[Check]:
        stop.wait(30)
        tidied.append(True)
        return [Check("queue", "warning", "given up")]

    (check,) = run_steps({"queue": waiting}, seconds=0.1, stop=stop)
    assert tidied
    assert check.found == "given up"


def test_who_waits_may_tidy_when_the_process_is_ended() -> None:
    stop, tidied = threading.Event(), []

    def waiting() -> list[Check]:
        stop.wait(30)
        tidied.append(True)
        return []

    def end(*_: object) -> None:
        raise SystemExit(143)

    before = signal.signal(signal.SIGUSR1, end)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGUSR1)).start()
    try:
        with pytest.raises(SystemExit):
            run_steps({"queue": waiting}, seconds=30, stop=stop)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert tidied


def test_a_line_and_the_json() -> None:
    checks = [Check("Java", "ok", "17"), Check("R", "failed", "none.", "Install it.")]
    assert [str(check) for check in checks] == [
        "ok       Java: 17.",
        "failed   R: none. Install it.",
    ]
    assert as_json(checks) == {
        "checks": [
            {"name": "Java", "status": "ok", "found": "17", "remedy": ""},
            {"name": "R", "status": "failed", "found": "none.", "remedy": "Install it."},
        ],
        "failed": 1,
        "warnings": 0,
    }


def test_commands_that_do_not_answer(commands) -> None:
    commands.add("hangs", "sleep 30 & wait")  # its child holds the pipe
    commands.add("fails", "echo 'a word' >&2; exit 3")
    commands.add("mute", "exit 3")
    assert ask("absent").code == 127
    assert ask("absent").words == "absent is not on PATH"
    began = time.monotonic()
    hung = ask("hangs", seconds=0.3)
    assert time.monotonic() - began < 10
    assert (hung.code, hung.words) == (124, "hangs does not answer within 0.3 s")
    assert (ask("fails").code, ask("fails").words) == (3, "a word")
    assert ask("mute").words == "exit code 3"
    (commands.folder / "no-program").write_bytes(b"\x7fELF")
    (commands.folder / "no-program").chmod(0o755)
    assert ask("no-program").words.endswith("Exec format error")


def test_the_last_lines_on_one() -> None:
    assert one_line("a\n\n b \nc\nd\n") == "b; c; d"
    assert len(one_line("x" * 1000)) == 400
