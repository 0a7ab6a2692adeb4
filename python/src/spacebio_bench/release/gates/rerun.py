"""The canonical sub-grid once more, on this machine, against what is released."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from spacebio_bench.errors import InputError, Problem, RunError
from spacebio_bench.release.compare import Comparison, compare_results
from spacebio_bench.release.gates._gate import Context, Finding, green, red, reds, yellow
from spacebio_bench.release.run_facts import RunFacts, facts_of_release, facts_of_run
from spacebio_bench.release.sources import read_json

REFERENCE = "release/results/simulated"
SUB_GRID = {
    "tasks": "lomo,control",
    "models": "elasticnet_lr,knn,pca_lr,svm_rbf,xgb",
    "n_permutations": "99,xgb=9",
}
"""Parameters where `run.json` of the release tells none; the rest is that of the profile `test`."""
LOG = "nextflow.log"
_LAST = 12
_OF_MACHINE = frozenset({"outdir", "ledger", "backend", "workers", "images", "help", "preflight"})
"""Parameters that are no question to the data."""


@dataclass(frozen=True)
class Rerun:
    """A run that has ended: its results, and whether Nextflow called it a success."""

    outdir: Path
    succeeded: bool


def rerun_gate(context: Context) -> Iterator[Finding]:
    """Judge the tables of a run on this machine."""
    reference = context.root / REFERENCE
    released = facts_of_release(reference)
    rerun = rerun_of(context)
    if not rerun.succeeded:
        yield from _causes(rerun.outdir)
    new = facts_of_run(rerun.outdir)
    found = compare_results(
        reference, rerun.outdir, facts=(released, new), part=not released.parameters
    )
    yield from findings_of(found, released, new)


def findings_of(found: Comparison, released: RunFacts, new: RunFacts) -> Iterator[Finding]:
    """Which comparison it was, and what differs."""
    how = "the same bytes were asked for" if found.exact else "compared within tolerances"
    why = f" ({found.why})" if found.why else " (same CPU type, lock and stores)"
    told = f"{how}{why}: {', '.join(found.told)}"
    if not found.exact and (released.cpu, released.lock) == (new.cpu, new.lock):
        yield yellow("cohorts", "the same CPU type and lock made stores of other content.")
    if found.exact and not released.files:
        yield yellow(REFERENCE, "has no manifest.json: predictions and nulls were not compared.")
    yield from reds(found.differences)
    n = len(found.differences)
    if n:
        yield red("", f"{told}; {n} {'difference' if n == 1 else 'differences'}.")
    else:
        yield green("", told)


def rerun_of(context: Context) -> Rerun:
    """The run of this machine, made once for all gates."""
    return context.once("rerun", lambda: _run(context))


def command_of(context: Context, parameters: Mapping[str, str]) -> list[str]:
    """The Nextflow command of a rerun, in a folder of its own."""
    own = context.root.resolve() / ".venv" / "bin" / "nextflow"
    program = str(own) if own.exists() else shutil.which("nextflow")
    if program is None:
        msg = "there is no nextflow, neither in .venv/bin nor on PATH: run `make setup`"
        raise RunError(msg)
    site = ["-c", str(context.config.resolve())] if context.config else []
    asked = [word for name, value in sorted(parameters.items()) for word in (f"--{name}", value)]
    return [
        *(program, "-log", LOG, "run", str(context.root.resolve() / "main.nf")),
        *("-profile", f"test,{context.profile}", "-ansi-log", "false"),
        *("-work-dir", "work", *site, "--outdir", "results", *asked),
    ]


def _run(context: Context) -> Rerun:
    folder = context.workdir.resolve() / "rerun"
    _empty(folder)
    command = command_of(context, _asked(context.root))
    environment = dict(os.environ) | {
        "LC_ALL": "C.UTF-8",
        "NXF_CACHE_DIR": str(folder / ".nextflow"),
        "PATH": f"{context.root.resolve() / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    context.tell(shlex.join(command))
    lines: list[str] = []
    with subprocess.Popen(  # noqa: S603 - nextflow, and words of ours
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.strip():
                    lines.append(line.rstrip())
                    context.tell(lines[-1])
        except BaseException:
            process.terminate()
            raise
    if process.returncode and not (folder / "results" / "cells.csv").exists():
        last = " / ".join(lines[-_LAST:])
        msg = f"the run failed ({process.returncode}): {last}. {folder / LOG} tells more."
        raise RunError(msg)
    return Rerun(folder / "results", succeeded=process.returncode == 0)


def _empty(folder: Path) -> None:
    """Units of an older run are not used again: they may be of another CPU."""
    if folder.exists() and not (folder / LOG).is_file():
        what = "is there and is no rerun of this gate: give another --workdir, or remove it."
        raise InputError([Problem(str(folder), what)])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


def _asked(root: Path) -> Mapping[str, str]:
    try:
        asked = facts_of_release(root / REFERENCE).parameters
        return {name: asked[name] for name in asked if name not in _OF_MACHINE} or SUB_GRID
    except InputError:  # told by the gate that compares; the controls need no release
        return SUB_GRID


def _causes(outdir: Path) -> Iterator[Finding]:
    outcome = read_json(outdir, "outcome.json")
    causes = outcome.get("causes") if isinstance(outcome, dict) else None
    told = "; ".join(map(str, causes or [])) or "no cause is told"
    yield red("outcome.json", f"the run ended with cells that are not ok: {told}.")
