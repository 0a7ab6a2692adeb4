"""What others' libraries say of a package's descriptions; each runs in a process of its own.

They are in an environment of their own and none needs a network.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from spacebio_bench.errors import NotApplicableError, Problem, RunError
from spacebio_bench.release.folds import _crate_offline
from spacebio_bench.release.folds.crate import CRATE
from spacebio_bench.release.folds.write import CROISSANT, DATAPACKAGE

VALIDATORS = "SPACEBIO_BENCH_VALIDATORS"
"""Environment variable that names the folder of the environment with the validators."""
_CHECKOUT = Path(__file__).resolve().parents[5]
_SECONDS = 1800
_MANY = 1_000_000
"""Errors in one report: all of them."""


def validator(name: str) -> Path:
    """A program of the validators' environment.

    Raises
    ------
    NotApplicableError
        The environment is not there; the message has the command that makes it.
    """
    home = Path(os.environ.get(VALIDATORS) or _CHECKOUT / ".tools" / "validators")
    program = home / "bin" / name
    if not program.is_file():
        msg = f"{program} is not there: bin/setup.sh validators makes it, or {VALIDATORS} names it"
        raise NotApplicableError(msg)
    return program


def validate_croissant(root: Path) -> list[Problem]:
    """What mlcroissant finds wrong with `croissant.json`."""
    program = validator("mlcroissant")
    if not (root / CROISSANT).is_file():
        return [Problem(CROISSANT, "is not there.")]
    done = _run([str(program), "validate", "--jsonld", str(root / CROISSANT)])
    if done.returncode == 0:
        return []
    lines = done.stderr.splitlines()
    told = [line.strip()[1:].strip() for line in lines if line.strip().startswith("- ")]
    return [Problem(CROISSANT, what) for what in told or _last(done)]


def validate_frictionless(root: Path) -> list[Problem]:
    """What frictionless finds wrong with `datapackage.json` and the files that it describes."""
    program = validator("frictionless")
    if not (root / DATAPACKAGE).is_file():
        return [Problem(DATAPACKAGE, "is not there.")]
    done = _run(
        [str(program), "validate", DATAPACKAGE, "--json", "--limit-errors", str(_MANY)], folder=root
    )
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return [Problem(DATAPACKAGE, what) for what in _last(done)]
    problems = [Problem(DATAPACKAGE, error["message"]) for error in report.get("errors", ())]
    for task in report.get("tasks", ()):
        problems += [Problem(task["place"], error["message"]) for error in task["errors"]]
    if not problems and not report.get("valid"):
        problems = [Problem(DATAPACKAGE, what) for what in _last(done)]
    return problems


def validate_ro_crate(root: Path) -> list[Problem]:
    """What rocrate-validator finds missing of what RO-Crate 1.3 requires."""
    python = validator("python")
    validator("rocrate-validator")
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        done = _run([str(python), _crate_offline.__file__, str(root.resolve()), str(report)])
        if not report.is_file():
            return [Problem(CRATE, what) for what in _last(done)]
        found = json.loads(report.read_text(encoding="utf-8"))
    problems = list(_issues(found.get("issues", ())))
    if not problems and not found.get("passed"):
        problems = [Problem(CRATE, what) for what in _last(done)]
    return problems


def _issues(issues: Sequence[dict[str, Any]]) -> Iterator[Problem]:
    for issue in issues:
        entity = issue.get("violatingEntity")
        where = f"{CRATE}, {entity}" if entity else CRATE
        yield Problem(where, f"{issue['message']} ({issue['check']['identifier']})")


def _run(command: Sequence[str], *, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - programs of the validators' environment
            command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = f"{command[0]} did not end as it should: {error}"
        raise RunError(msg) from error


def _last(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The last line that a program said, where it said nothing in its own form."""
    lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
    return [lines[-1] if lines else f"the validator ended with {done.returncode}"]
