"""What a gate is: a question to a checkout, answered with flagged findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeVar, cast

from spacebio_bench.errors import Problem

T = TypeVar("T")


class Flag(IntEnum):
    """Flags in the style of GeneLab's verification (dp_tools: 20, 30, 50); higher is worse."""

    GREEN = 20
    """Looked at, and as it should be."""
    YELLOW = 30
    """To be looked at by somebody; closes nothing."""
    RED = 50
    """Wrong: the gate is closed."""
    HALT = 80
    """Cannot be judged, or going on is dangerous: the gate is closed."""

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True)
class Finding:
    """One thing that a gate found: where, and what it means or what to do."""

    flag: Flag
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


@dataclass(frozen=True)
class Context:
    """What gates are given.

    Attributes
    ----------
    root
        The checkout.
    workdir
        A folder for what gates make; there already.
    folds
        A fold package to judge; None: one is made from a simulated cohort.
    profile
        Nextflow profile of what is run again.
    config
        A site's Nextflow configuration for it.
    tell
        Takes lines of progress.
    made
        What gates made for each other in this run.
    """

    root: Path
    workdir: Path
    folds: Path | None = None
    profile: str = "local"
    config: Path | None = None
    tell: Callable[[str], None] = lambda _: None
    made: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made by the first gate that asks; a failure fails them all."""
        if name not in self.made:
            try:
                self.made[name] = make()
            except Exception as error:
                self.made[name] = error
                raise
        found = self.made[name]
        if isinstance(found, Exception):
            raise found
        return cast("T", found)


@dataclass(frozen=True)
class Gate:
    """A gate.

    Attributes
    ----------
    title
        What has to hold.
    run
        Gives everything it finds, and says in green what it looked at.
    needs
        What has to be there, in words.
    heavy
        Only on a big machine.
    """

    name: str
    title: str
    run: Callable[[Context], Iterable[Finding]]
    needs: str = "the checkout"
    heavy: bool = False

    @property
    def command(self) -> str:
        """What runs this gate alone."""
        return f"spacebio-bench release qa{' --hpc' if self.heavy else ''} --only {self.name}"


def green(where: str, what: str) -> Finding:
    """As it should be."""
    return Finding(Flag.GREEN, where, what)


def yellow(where: str, what: str) -> Finding:
    """To be looked at."""
    return Finding(Flag.YELLOW, where, what)


def red(where: str, what: str) -> Finding:
    """Wrong."""
    return Finding(Flag.RED, where, what)


def halt(where: str, what: str) -> Finding:
    """Cannot be judged."""
    return Finding(Flag.HALT, where, what)


def reds(problems: Iterable[Problem]) -> Iterable[Finding]:
    """Problems as red findings."""
    return [red(problem.where, problem.what) for problem in problems]
