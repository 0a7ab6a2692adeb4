"""What the pipeline itself runs on: Java and Nextflow, and R where no container has it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from spacebio_bench.preflight._ask import ask, find
from spacebio_bench.preflight._check import Check
from spacebio_bench.preflight.setup import Setup

JAVA = (17, 24)
"""What Nextflow 25.04 runs on, first and last."""

NEXTFLOW = (25, 4)

_MAKE_SETUP = "`make setup` puts one there; then `. .venv/bin/activate`."


def java(setup: Setup) -> Iterator[Check]:  # noqa: ARG001 - all steps are called alike
    """The Java that Nextflow would take, in the order in which its launcher looks."""
    command = _java_command()
    version = java_version((answer := ask(command, "-version")).err + answer.out)
    remedy = (
        f"Install Java {JAVA[0]} to {JAVA[1]} (Debian: openjdk-17-jre-headless), or set "
        "NXF_JAVA_HOME to the folder of one."
    )
    if version is None:
        yield Check("Java", "failed", f"none: {answer.words}", remedy)
    elif not JAVA[0] <= version <= JAVA[1]:
        yield Check("Java", "failed", f"{version}, at {command}", remedy)
    else:
        yield Check("Java", "ok", f"{version}, at {command}")


def java_version(text: str) -> int | None:
    """The major version in what `java -version` says; 8 for 1.8."""
    found = re.search(r'version "(?:1\.)?(\d{1,4})', text)
    return int(found[1]) if found else None


def _java_command() -> str:
    home = os.environ.get("NXF_JAVA_HOME") or _home_in_entry() or os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").exists():
        return f"{home}/bin/java"
    return os.environ.get("JAVA_CMD") or find("java") or "java"


def _home_in_entry() -> str | None:
    """The Java that the set-up wrote into `.venv/bin/nextflow`."""
    path = find("nextflow")
    if path is None:
        return None
    with Path(path).open(encoding="utf-8", errors="replace") as file:
        entry = file.read(2000)
    found = re.search(r"NXF_JAVA_HOME:-([^}\"]+)}", entry)
    return found[1] if found else None


def nextflow(setup: Setup) -> Iterator[Check]:
    """Its version; a Nextflow that runs us is not started a second time, that costs seconds."""
    wanted = f"{NEXTFLOW[0]}.{NEXTFLOW[1]:02}"
    said, where = setup.nextflow_version, "which runs this"
    if said is None and "NXF_TASK_WORKDIR" in os.environ:
        yield Check("Nextflow", "ok", f"it runs this; {wanted} or later is asked for by main.nf")
        return
    if said is None:
        answer = ask("nextflow", "-v", seconds=30)
        said, where = answer.out, f"at {find('nextflow')}"
        if not answer.ok:
            yield Check("Nextflow", "failed", f"none that starts: {answer.words}", _MAKE_SETUP)
            return
    version = nextflow_version(said)
    if version is None:
        yield Check("Nextflow", "failed", f"it tells no version: '{said.strip()}'", _MAKE_SETUP)
    elif version[:2] < NEXTFLOW:
        found = f"{_dotted(version)}, {where}; {wanted} or later is needed"
        yield Check("Nextflow", "failed", found, _MAKE_SETUP)
    else:
        yield Check("Nextflow", "ok", f"{_dotted(version)}, {where}")


def nextflow_version(text: str) -> tuple[int, int, int] | None:
    """Year, month and patch of a version such as 25.04.4."""
    found = re.search(r"(?<![\d.])(\d{1,4})\.(\d{1,4})\.(\d{1,6})", text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _dotted(version: tuple[int, int, int]) -> str:
    return f"{version[0]}.{version[1]:02}.{version[2]}"


def rscript(setup: Setup) -> Iterator[Check]:
    """R on the host: only a study sheet needs it."""
    if setup.parameters["cohorts"]:
        yield Check("R", "ok", "not needed: the run starts from cohort stores")
    elif path := find("Rscript"):
        yield Check("R", "ok", f"at {path}")
    else:
        remedy = "`make setup` installs it with its packages; or start from stores with --cohorts."
        yield Check("R", "failed", "Rscript is not on PATH", remedy)
