"""Following one job through the queue of SLURM, until it answers or cannot any more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from spacebio_bench.preflight._ask import ask

LOOK_SECONDS = 0.1
ASK_SECONDS = 1.0

RUN_SECONDS = 45.0
"""What a job that has started may take: an image is opened from a slow disk the first time."""

VISIBLE_SECONDS = 10.0
"""What a file of another host may take until it is seen here."""

HOPELESS = {
    *("AccountNotAllowed", "BadConstraints", "DependencyNeverSatisfied", "InvalidAccount"),
    *("InvalidQOS", "JobHeldAdmin", "JobHeldUser", "PartitionDown", "PartitionInactive"),
    *("PartitionNodeLimit", "PartitionTimeLimit", "QOSNotAllowed"),
}
"""Reasons of a job to wait that time alone does not remove."""


@dataclass(frozen=True)
class Fate:
    """What became of a job.

    Attributes
    ----------
    kind
        answered; queued: never started in time; hopeless: will never start; ended: without an
        answer; silent: started, no answer in time; stopped: we were told to give up.
    seconds
        From submission on.
    told
        SLURM's reason, or the node.
    """

    kind: Literal["answered", "queued", "hopeless", "ended", "silent", "stopped"]
    seconds: float
    told: str = ""


@dataclass(frozen=True)
class Place:
    """Where a job is in the queue; state '' when it has left it."""

    state: str
    reason: str = ""
    node: str = ""


def place_of(text: str) -> Place:
    """A line of `squeue -h -o %T|%r|%N`; no line means that the job is gone."""
    for line in text.splitlines():
        fields = line.strip().split("|")
        if len(fields) == 3:
            return Place(*fields)
    return Place("")


def follow(
    number: str, answered: Callable[[], bool], *, seconds: float, stop: threading.Event
) -> Fate:
    """Wait for the answer of a job that was just submitted.

    Parameters
    ----------
    number
        Of the job.
    answered
        Is its answer there?
    seconds
        What it may wait in the queue.
    stop
        Set when nobody waits for it any more.
    """
    began = time.monotonic()
    next_ask = began + ASK_SECONDS
    started: float | None = None
    place = Place("PENDING")
    while True:
        now = time.monotonic()
        if answered():
            return Fate("answered", now - began, place.node)
        if stop.is_set():
            return Fate("stopped", now - began)
        if now >= next_ask:
            place = _ask_place(number, place)
            next_ask = time.monotonic() + ASK_SECONDS
            if not place.state:
                kind = "answered" if _appears(answered, stop) else "ended"
                return Fate(kind, time.monotonic() - began)  # type: ignore[arg-type]
            if place.reason in HOPELESS and place.state == "PENDING":
                return Fate("hopeless", now - began, place.reason)
            if place.state not in ("PENDING", "CONFIGURING") and started is None:
                started = now
        if started is None and now - began > seconds:
            return Fate("queued", now - began, place.reason)
        if started is not None and now - started > RUN_SECONDS:
            return Fate("silent", now - began, place.node)
        stop.wait(LOOK_SECONDS)


def _ask_place(number: str, before: Place) -> Place:
    answer = ask("squeue", "-h", "-j", number, "-o", "%T|%r|%N")
    if answer.ok:
        return place_of(answer.out)
    # a job that was forgotten is an error; a controller that is busy says nothing about the job
    return Place("") if "Invalid job id" in answer.err else before


def _appears(answered: Callable[[], bool], stop: threading.Event) -> bool:
    end = time.monotonic() + VISIBLE_SECONDS
    while time.monotonic() < end and not stop.is_set():
        if answered():
            return True
        stop.wait(LOOK_SECONDS)
    return answered()


def epitaph(number: str) -> str:
    """How SLURM remembers a job: state, exit code, reason and node, as far as it tells."""
    answer = ask("scontrol", "-o", "show", "job", number)
    if not answer.ok:
        return ""
    known = dict(word.split("=", 1) for word in answer.out.split() if "=" in word)
    told = [known.get("JobState", ""), f"exit code {known.get('ExitCode', 'unknown')}"]
    if known.get("Reason", "None") != "None":
        told.append(known["Reason"])
    if known.get("BatchHost"):
        told.append(f"on {known['BatchHost']}")
    return ", ".join(word for word in told if word)
