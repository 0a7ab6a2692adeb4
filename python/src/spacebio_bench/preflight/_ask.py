"""Asking a command of the machine: its answer, never an exception."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SECONDS = 15.0
"""Patience with a command; a controller that is busy needs some seconds."""


@dataclass(frozen=True)
class Answer:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        return self.code == 0

    @property
    def words(self) -> str:
        """What it said about its failure, on one line."""
        return one_line(self.err) or one_line(self.out) or f"exit code {self.code}"


def ask(*command: str, seconds: float = SECONDS) -> Answer:
    """Run a command; 127 where it is not there, 124 where it does not answer."""
    path = find(command[0])
    if path is None:
        return Answer(127, "", f"{command[0]} is not on PATH")
    try:
        asked = subprocess.Popen(  # noqa: S603 - the commands are ours, the values are no shell's
            [path, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"LC_ALL": "C", "SLURM_TIME_FORMAT": "standard"},
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        return Answer(126, "", f"{path}: {error.strerror}")
    try:
        out, err = asked.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        # its children too: they hold the pipes
        with contextlib.suppress(ProcessLookupError):
            os.killpg(asked.pid, signal.SIGKILL)
        asked.communicate()
        return Answer(124, "", f"{command[0]} does not answer within {seconds:g} s")
    return Answer(asked.returncode, out, err)


def find(command: str) -> str | None:
    """Where a command is: on PATH, or beside the Python that runs this."""
    return shutil.which(command) or shutil.which(command, path=str(Path(sys.executable).parent))


def one_line(text: str, *, lines: int = 3, length: int = 400) -> str:
    """The last lines of a text that say something, joined."""
    said = [line.strip() for line in text.splitlines() if line.strip()]
    joined = "; ".join(said[-lines:])
    return joined if len(joined) <= length else f"...{joined[3 - length :]}"
