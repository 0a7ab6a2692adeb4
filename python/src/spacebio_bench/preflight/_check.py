"""One thing looked at, and how many are looked at at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from spacebio_bench.errors import InputError

Status = Literal["ok", "warning", "failed"]


@dataclass(frozen=True)
class Check:
    """What was looked at, what was found, and what to do about it."""

    name: str
    status: Status
    found: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.status:<7}  {self.name}: {_sentence(self.found)} {self.remedy}".rstrip()


Step = Callable[[], Iterable[Check]]
"""Looks at something that may take a while; the checks it gives belong together."""


LAST_SECONDS = 5.0
"""What a step gets to tidy once nobody waits for it: to cancel a job, to remove its files."""


def run_steps(steps: Mapping[str, Step], *, seconds: float, stop: threading.Event) -> list[Check]:
    """Take all steps at once, and give their checks in the order of the steps.

    Parameters
    ----------
    steps
        Steps by the name that a failure of the step itself gets.
    seconds
        What is not done by then has failed: a file system that hangs never comes back.
    stop
        Set when the time is over, or we are ended: steps that wait then give up and tidy.
    """
    found: dict[str, list[Check]] = {}
    # not Thread.join(): a signal that ends it takes the thread for ended
    done = {name: threading.Event() for name in steps}

    def take(name: str, step: Step) -> None:
        try:
            found[name] = list(step())
        except Exception as error:  # noqa: BLE001 - one check that breaks must not hide the others
            found[name] = [_broken(name, error)]
        finally:
            done[name].set()

    for item in steps.items():
        # daemons, so that one that hangs does not keep the process
        threading.Thread(target=take, args=item, daemon=True).start()
    try:
        _wait(done.values(), seconds)
    finally:
        if not all(event.is_set() for event in done.values()):
            stop.set()
            _wait(done.values(), LAST_SECONDS)
    return [check for name in steps for check in found.get(name) or [_silent(name, seconds)]]


def _wait(events: Iterable[threading.Event], seconds: float) -> None:
    end = time.monotonic() + seconds
    for event in events:
        event.wait(max(0.0, end - time.monotonic()))


def as_json(checks: Sequence[Check]) -> dict[str, Any]:
    """The checks and how many of them are not ok, as `--json` prints them."""
    return {
        "checks": [asdict(check) for check in checks],
        "failed": sum(check.status == "failed" for check in checks),
        "warnings": sum(check.status == "warning" for check in checks),
    }


def _broken(name: str, error: Exception) -> Check:
    if isinstance(error, InputError):
        return Check(name, "failed", "; ".join(str(problem) for problem in error.problems))
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return Check(name, "failed", f"{where}{error.strerror}")
    return Check(name, "failed", f"{type(error).__name__}: {error}")


def _silent(name: str, seconds: float) -> Check:
    return Check(
        name, "failed", f"no answer within {seconds:.0f} s", "See what hangs: a network or a disk."
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
