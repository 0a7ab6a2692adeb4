"""The files that a probe leaves while it runs: a folder that all sides see, and marks in others."""

from __future__ import annotations

import contextlib
import inspect
import json
import secrets
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacebio_bench.preflight import node_program
from spacebio_bench.preflight.disk import existing

PROGRAM, SCRIPT, LOG, MISSING = "node_program.py", "probe.sh", "job.log", "missing.txt"


@dataclass(frozen=True)
class Traces:
    """A probe's own folder.

    Attributes
    ----------
    folder
        Beside the results to come.
    token
        Tells this probe from any other.
    marks
        Files that a node sees if it shares the folders of the run, by what they stand for.
    """

    folder: Path
    token: str
    marks: Mapping[str, Path]

    def write_question(self, **details: Any) -> None:
        """Put there what the node is asked, and the program that answers."""
        question = json.dumps({"token": self.token, **details})
        (self.folder / node_program.QUESTION).write_text(question, encoding="utf-8")
        program = inspect.getsource(node_program)
        (self.folder / PROGRAM).write_text(program, encoding="utf-8")

    def write_script(self, container: Sequence[str]) -> Path:
        """Put there the job: it looks for the marks, then runs the program in the container."""
        looks = [
            f"[ -e {shlex.quote(str(mark))} ] || echo {shlex.quote(name)}"
            for name, mark in self.marks.items()
        ]
        program = [*container, "python3", str(self.folder / PROGRAM), str(self.folder)]
        lines = ["#!/bin/bash", "{", ":", *looks, f"}} >{MISSING}", f"exec {shlex.join(program)}"]
        path = self.folder / SCRIPT
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
        return path

    def answered(self) -> bool:
        """Whether the answer is there; the folder is read anew, as a network's disk needs it."""
        return any(path.name == node_program.ANSWER for path in self.folder.iterdir())

    def answer(self) -> dict[str, Any] | None:
        """The answer; None where there is none of this probe."""
        try:
            text = (self.folder / node_program.ANSWER).read_text(encoding="utf-8")
            answer = json.loads(text)
        except (OSError, ValueError):
            return None
        if not isinstance(answer, dict) or answer.get("token") != self.token:
            return None
        return answer

    def missing(self) -> list[str]:
        """What the node does not see."""
        return self._text(MISSING).splitlines()

    def log(self) -> str | None:
        """What the job said; None where its log is not seen here."""
        return self._text(LOG) if (self.folder / LOG).exists() else None

    def _text(self, name: str) -> str:
        try:
            return (self.folder / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""


@contextlib.contextmanager
def traces(outdir: Path, marked: Mapping[str, Path], seen: Mapping[str, Path]) -> Iterator[Traces]:
    """Make a probe's folder and marks, and remove them.

    Parameters
    ----------
    outdir
        Where the results go; nothing but the probe's folder is made there, or above it.
    marked
        Folders that a node must share: each gets a mark.
    seen
        What a node must at least have, where we may not write.
    """
    token = secrets.token_hex(8)
    folder = existing(outdir) / f".preflight-{token}"
    marks = {
        name: existing(place) / f".preflight-{token}.seen"
        for name, place in marked.items()
        if existing(place) != existing(outdir)
    }
    try:
        folder.mkdir()
        for mark in marks.values():
            mark.touch()
        yield Traces(folder, token, marks | dict(seen))
    finally:
        for mark in marks.values():
            with contextlib.suppress(OSError):
                mark.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
