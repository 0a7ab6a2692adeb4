"""The chain of verbs as a user would call them, without Nextflow."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = Path(sys.executable).with_name("spacebio-bench")


def verb(*words: str | Path) -> None:
    """One verb of `spacebio-bench`, which must work."""
    _succeed(COMMAND, *words, "--quiet")


def stage(script: str, *words: str | Path) -> None:
    """One script of `bin/`, which must work."""
    _succeed(ROOT / "bin" / script, *words)


def stores(
    checked: Path, tissues: Iterable[str], cohorts: Path, *, protocol: str, parts: Iterable[Path]
) -> Path:
    """Stores of tissues; `parts` are folders of normalised counts. Gives `cohorts`."""
    given = [word for folder in parts for word in ("--expression", folder)]
    for tissue in tissues:
        what = ("--checked", checked, *given, "--protocol", protocol, "--tissue", tissue)
        verb("build", *what, "--output", cohorts / f"{tissue}.zarr")
    return cohorts


def tables(cohorts: Path, folder: Path, *asked: str) -> Path:
    """Plan, run and summarize what is asked of stores; gives the tables."""
    plan, grid, found = (folder / name for name in ("plan", "grid", "tables"))
    verb("plan", "--cohorts", cohorts, *asked, "--outdir", plan)
    verb("run", "--plan", plan, "--cohorts", cohorts, "--outdir", grid, "--backend", "serial")
    verb("summarize", "--plan", plan, "--grid", grid, "--outdir", found)
    return found


def _succeed(*words: str | Path) -> None:
    one_thread = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [str(word) for word in words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | one_thread,
    )
    if done.returncode:
        told = " ".join(str(word) for word in words[:2])
        msg = f"{told} ended with {done.returncode}: {done.stderr}"
        raise RuntimeError(msg)
