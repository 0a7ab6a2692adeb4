"""What the answer of a node means."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spacebio_bench.images import expected_labels
from spacebio_bench.preflight._check import Check
from spacebio_bench.preflight._desk import Meeting
from spacebio_bench.preflight.disk import clock
from spacebio_bench.preflight.node_program import version_of
from spacebio_bench.preflight.setup import Setup

EQUAL = ("dask", "distributed", "cloudpickle", "spacebio-bench")
"""Packages of client and worker that talk to each other."""

ALIKE = ("numpy",)
"""Where they differ, a run works, but its client is not what its workers are."""


@dataclass(frozen=True)
class Seen:
    """What a probe brought.

    Attributes
    ----------
    answer
        The node's own words.
    seconds
        From submission to the answer.
    missing
        Folders of the run that the node does not see.
    meeting
        How we met; None where we did not.
    between
        Our time at submission and at the answer.
    """

    answer: Mapping[str, Any]
    seconds: float
    missing: Sequence[str]
    meeting: Meeting | None
    between: tuple[float, float]

    @property
    def host(self) -> str:
        return str(self.answer.get("host", "the node"))


def judge(setup: Setup, seen: Seen) -> Iterator[Check]:
    """All verdicts on one answer."""
    yield Check("a node", "ok", f"{seen.host} answers after {seen.seconds:.1f} s")
    yield folders(seen)
    yield software(seen, platform.python_version(), {p: version_of(p) for p in EQUAL + ALIKE})
    if facts := seen.answer.get("facts"):
        expected = expected_labels(setup.project, setup.image_names[-1])
        yield source(seen.host, facts, expected)
    yield clock("clock of a node", seen.host, skew(seen))
    if setup.parameters["scratch"]:
        yield scratch(seen, setup.parameters["scratch"])
    if setup.workers_are_jobs:
        yield network(seen, setup.parameters["worker_interface"])


def folders(seen: Seen) -> Check:
    """Do both sides see what the other one writes?"""
    if seen.missing:
        found = f"{seen.host} does not see {', '.join(seen.missing)}"
        return Check("shared folders", "failed", found, "Put them on a disk that the nodes share.")
    return Check("shared folders", "ok", f"{seen.host} sees ours, and we see what it writes")


def software(seen: Seen, python: str, own: Mapping[str, str | None]) -> Check:
    """Python and packages of the image against those of the client."""
    name = "software of the workers"
    theirs = seen.answer.get("packages", {})
    python_there = str(seen.answer.get("python", "none"))
    unequal = [_differ(p, theirs.get(p), own[p]) for p in EQUAL if theirs.get(p) != own[p]]
    if _minor(python_there) != _minor(python):
        unequal.insert(0, _differ("Python", python_there, python))
    if unequal:
        remedy = "`make setup` and `make images` from one checkout make them equal."
        return Check(name, "failed", "; ".join(unequal), remedy)
    unlike = [_differ(p, theirs.get(p), own[p]) for p in ALIKE if theirs.get(p) != own[p]]
    if unlike:
        return Check(name, "warning", "; ".join(unlike), "`make setup` and `make images` anew.")
    return Check(name, "ok", f"Python {python_there}, Dask {theirs.get('dask')}, as here")


def source(host: str, facts: Mapping[str, Any], expected: Mapping[str, str]) -> Check:
    """Is the code in the image that of this checkout?"""
    name = "code of the workers"
    if facts.get("source") == expected.get("org.spacebio-bench.source"):
        return Check(name, "ok", "that of this checkout")
    found = f"the image that {host} opens was built from another source"
    return Check(name, "failed", found, "`make images` builds it again.")


def skew(seen: Seen) -> float:
    """Seconds that a node's clock is ahead; without a meeting, the least that its answer proves."""
    if seen.meeting:
        return seen.meeting.skew
    there = float(seen.answer["time"])
    sent, came = seen.between
    return there - min(max(there, sent), came)


def scratch(seen: Seen, folder: str) -> Check:
    """Can a worker write its temporary files?"""
    if why := seen.answer.get("scratch"):
        found = f"{folder} on {seen.host}: {why}"
        return Check("scratch", "failed", found, "Choose another --scratch.")
    return Check("scratch", "ok", f"{folder} on {seen.host}")


def network(seen: Seen, interface: str | None) -> Check:
    """Do the nodes reach the submit host, and the submit host the nodes?"""
    name = "network"
    there = seen.answer.get("interfaces", {})
    local = "with --backend local the grid is one job and needs no network"
    if interface and interface not in there:
        others = ", ".join(f"{i} ({a})" for i, a in there.items() if i != "lo") or "none"
        found = f"{seen.host} has no {interface}"
        return Check(name, "failed", found, f"Set --worker_interface: there are {others}.")
    if seen.meeting is None:
        why = seen.answer.get("reaching")
        if why is None:
            return Check(name, "warning", "not checked, since this host has no address")
        found = f"{seen.host} cannot connect to this host: {why or 'nobody answers'}"
        return Check(name, "failed", found, f"Set --scheduler_interface; or {local}.")
    if seen.meeting.calling:
        found = (
            f"this host cannot connect to {seen.host} at {seen.meeting.at}: {seen.meeting.calling}"
        )
        return Check(name, "failed", found, f"Set --worker_interface; or {local}.")
    return Check(name, "ok", f"this host and {seen.host} connect to each other")


def _differ(name: str, there: str | None, here: str | None) -> str:
    return f"{name} is {there or 'missing'} in the image and {here or 'missing'} here"


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])
