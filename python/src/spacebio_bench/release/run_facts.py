"""What a run tells of where it was made: CPU type, lock, stores, digests of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.sources import read_json

ENVIRONMENT = "pipeline_info/environment.json"
MANIFEST = "manifest.json"
RUN = "run.json"


@dataclass(frozen=True)
class RunFacts:
    """Facts of a run.

    Attributes
    ----------
    cpu
        Machine and model of its CPU, and the kernels that BLAS chose for it.
    lock
        Digest of the packages that numbers come from.
    files
        sha256 of each file, as the run's manifest has it; empty where there is none.
    parameters
        What the run was asked, by name; empty where it is not told.
    """

    cpu: tuple[str, ...]
    lock: str
    files: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def stores(self) -> dict[str, str]:
        """Digests of the files of the cohort stores."""
        return {k: v for k, v in self.files.items() if k.startswith("cohorts/")}


def facts_of_run(outdir: Path) -> RunFacts:
    """Facts of a results folder; errors as of `facts_of_release`."""
    return _facts(read_json(outdir, ENVIRONMENT), f"{outdir}/{ENVIRONMENT}", _files(outdir), {})


def facts_of_release(folder: Path) -> RunFacts:
    """Facts of a released results folder, of its `run.json`.

    Raises
    ------
    InputError
        Not there, no JSON, or without CPU and lock.
    """
    where = f"{folder.name}/{RUN}"
    run = read_json(folder, RUN)
    if not isinstance(run, dict):
        raise InputError([Problem(where, "is no mapping.")])
    asked = run.get("parameters", {})
    parameters = {str(k): str(v) for k, v in asked.items()} if isinstance(asked, dict) else {}
    files = _files(folder) or _listed(run.get("files"))
    return _facts(run.get("environment", run), where, files, parameters)


def differing(old: RunFacts, new: RunFacts) -> str:
    """Why two runs cannot be the same bytes; empty when they can."""
    reasons = []
    if old.cpu != new.cpu:
        reasons.append(f"CPU type {' / '.join(new.cpu)} instead of {' / '.join(old.cpu)}")
    if old.lock != new.lock:
        reasons.append(f"lock {new.lock[:12]} instead of {old.lock[:12]}")
    if old.stores and new.stores and old.stores != new.stores:
        reasons.append("stores of other content")
    return "; ".join(reasons)


def _facts(
    found: Any, where: str, files: Mapping[str, str], parameters: Mapping[str, str]
) -> RunFacts:
    names = ("machine", "cpu", "lock_digest")
    missing = [n for n in names if not isinstance(found, dict) or not isinstance(found.get(n), str)]
    if missing:
        raise InputError([Problem(where, f"does not tell {', '.join(missing)}.")])
    blas = found.get("blas") or []
    kernels = sorted({str(name).split()[-1] for name in blas if str(name).split()})
    return RunFacts(
        cpu=(found["machine"], found["cpu"], *kernels),
        lock=found["lock_digest"],
        files=files,
        parameters=parameters,
    )


def _files(folder: Path) -> dict[str, str]:
    if not (folder / MANIFEST).is_file():
        return {}
    manifest = read_json(folder, MANIFEST)
    return _listed(manifest.get("files")) if isinstance(manifest, dict) else {}


def _listed(entries: Any) -> dict[str, str]:
    """sha256 by path, of a list of files."""
    if not isinstance(entries, list):
        return {}
    return {
        str(entry["path"]): str(entry["sha256"])
        for entry in entries
        if isinstance(entry, dict) and {"path", "sha256"} <= set(entry)
    }
