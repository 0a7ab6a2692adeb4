"""Errors that are a user's to mend, and outcomes that are answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with the input: where it is, and what to do about it."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class InputError(Exception):
    """Everything wrong with what the user gave, at once (exit code 2)."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(str(self))

    def __str__(self) -> str:
        n = len(self.problems)
        count = f"{n} problem{'' if n == 1 else 's'}; nothing was run."
        return "\n".join([*(str(problem) for problem in self.problems), count])


class RunError(Exception):
    """The machine did not do its part: no worker came, a disk is full (exit code 1).

    The message says what, where, and what to do; what was finished is kept.
    """


class NotApplicableError(Exception):
    """A question that these data or this machine cannot answer; the message is the reason shown."""
