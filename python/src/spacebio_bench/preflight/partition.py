"""Partitions as `sinfo` tells them: up, with nodes that work, large and long enough."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacebio_bench.preflight._ask import ask
from spacebio_bench.preflight._check import Check

SINFO = ("sinfo", "-h", "-e", "-o", "%P|%a|%l|%T|%D|%c|%m")

_AT_WORK = ("idle", "mixed", "allocated", "completing", "planned", "reserved")


@dataclass(frozen=True)
class Nodes:
    """Nodes of one partition that are alike.

    Attributes
    ----------
    limit
        Minutes a job may take; infinite where there is no limit.
    memory
        MiB of one node.
    """

    partition: str
    is_default: bool
    is_up: bool
    limit: float
    state: str
    count: int
    cores: int
    memory: int

    @property
    def at_work(self) -> bool:
        """Whether they run jobs, or would once woken (~, #); * is a node that does not answer."""
        return self.state.rstrip("~#+-").startswith(_AT_WORK) and "*" not in self.state


def nodes_of(text: str) -> list[Nodes]:
    """What `SINFO` prints; lines of another form are passed over."""
    return [nodes for line in text.splitlines() if (nodes := _nodes(line.strip()))]


def _nodes(line: str) -> Nodes | None:
    fields = line.split("|")
    if len(fields) != 7:
        return None
    name, up, limit, state, *numbers = fields
    minutes = minutes_of(limit)
    whole = [re.fullmatch(r"(\d{1,15})\+?", number, re.ASCII) for number in numbers]
    if minutes is None or not all(whole):
        return None
    count, cores, memory = (int(found[1]) for found in whole if found)
    return Nodes(
        partition=name.removesuffix("*"),
        is_default=name.endswith("*"),
        is_up=up == "up",
        limit=minutes,
        state=state,
        count=count,
        cores=cores,
        memory=memory,
    )


def minutes_of(text: str) -> float | None:
    """A time of SLURM in minutes (`30:00`, `1-12:00:00`, `infinite`); None where it is none."""
    if text.lower() in ("infinite", "unlimited", "n/a"):
        return math.inf
    found = re.fullmatch(r"(?:(\d{1,9})-)?(\d{1,9})(?::(\d{1,9}))?(?::(\d{1,9}))?", text, re.ASCII)
    if not found:
        return None
    days, *rest = found.groups()
    parts = [int(part) for part in rest if part is not None]
    if days is not None:  # days-hours, then minutes and seconds
        hours, minutes, seconds = [*parts, 0, 0][:3]
        return int(days) * 1440 + hours * 60 + minutes + seconds / 60
    if len(parts) == 3:
        return parts[0] * 60 + parts[1] + parts[2] / 60
    return parts[0] + (parts[1] / 60 if len(parts) == 2 else 0)


def partition(name: str | None, *, cores: int, memory: int, walltime: int) -> Iterator[Check]:
    """Ask about the partition of all jobs, or the cluster's own, and judge it.

    Parameters
    ----------
    name
        Partitions as `--partition` takes them, comma-separated; None for the cluster's own.
    cores, memory
        Of one worker's job; MiB.
    walltime
        Minutes.
    """
    answer = ask(*SINFO)
    if not answer.ok:
        yield Check("partition", "failed", answer.words, "See `sinfo`.")
        return
    yield from judge(nodes_of(answer.out), name, cores=cores, memory=memory, walltime=walltime)


def judge(
    nodes: Sequence[Nodes], name: str | None, *, cores: int, memory: int, walltime: int
) -> list[Check]:
    """Verdicts on the partition and its nodes."""
    there = ", ".join(dict.fromkeys(n.partition for n in nodes)) or "none"
    chosen = [n for n in nodes if n.is_default]
    asked = [word.strip() for word in (name or "").split(",") if word.strip()]
    if not asked and not chosen:
        remedy = f"Choose one with --partition: {there}."
        return [
            Check("partition", "failed", "none asked for, and the cluster has no default", remedy)
        ]
    if asked:
        missing = [word for word in asked if word not in {n.partition for n in nodes}]
        if missing:
            found = f"{', '.join(missing)} does not exist, or is not shown to you"
            return [Check("partition", "failed", found, f"--partition: there are {there}.")]
        chosen = [n for n in nodes if n.partition in asked]
    called = ", ".join(dict.fromkeys(n.partition for n in chosen))
    up = [n for n in chosen if n.is_up]
    working = [n for n in up if n.at_work]
    if not up:
        return [Check("partition", "failed", f"{called} is not up", f"Choose one of {there}.")]
    if not working:
        states = ", ".join(f"{n.count} {n.state}" for n in up)
        remedy = f"`sinfo -R` tells why; or choose another partition of {there}."
        return [Check("partition", "failed", f"{called} has no node that works: {states}", remedy)]
    count = sum(n.count for n in working)
    yielded = [
        Check("partition", "ok", f"{called}, {count} of {sum(n.count for n in chosen)} nodes work")
    ]
    long_enough = [n for n in working if n.limit >= walltime] or working
    return [*yielded, _limit(called, working, walltime), _size(called, long_enough, cores, memory)]


def _limit(called: str, nodes: Sequence[Nodes], walltime: int) -> Check:
    longest = max(n.limit for n in nodes)
    if longest < walltime:
        found = f"--walltime {walltime} min is above the {longest:.0f} min of {called}"
        remedy = f"Set --walltime to {longest:.0f} or less, or choose another --partition."
        return Check("walltime", "failed", found, remedy)
    most = "no limit" if math.isinf(longest) else f"the limit is {longest:.0f} min"
    return Check("walltime", "ok", f"{walltime} min; {most}")


def _size(called: str, nodes: Sequence[Nodes], cores: int, memory: int) -> Check:
    fitting = sum(n.count for n in nodes if n.cores >= cores and n.memory >= memory)
    job = f"{cores} core{'' if cores == 1 else 's'} and {memory:,} MiB"
    if fitting:
        return Check("size of a worker's job", "ok", f"{job}; {fitting} nodes are large enough")
    largest = max(nodes, key=lambda n: (n.cores >= cores, n.memory))
    found = (
        f"{job}; no node of {called} that works has so much: "
        f"the largest has {largest.cores} cores and {largest.memory:,} MiB"
    )
    remedy = "Lower --worker_cores or --worker_memory, or choose another --partition."
    return Check("size of a worker's job", "failed", found, remedy)
