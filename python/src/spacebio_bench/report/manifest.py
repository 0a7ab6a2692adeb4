"""The list of a run's files with sizes and digests, to check a download against."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spacebio_bench.files import sha256_of

LEFT_OUT = frozenset({"pipeline_info", "outcome.json", "manifest.json"})
"""Not listed, at the top of the results: what differs between equal runs, and itself."""


def write_manifest(*, results: Path, cohorts: Path, outdir: Path) -> Path:
    """Write ``manifest.json`` to `outdir`.

    Lists every file of the results, of the stores (as ``cohorts/...``) and of the report (as beside
    it): `path`, `bytes`, `sha256`, sorted by path. Hidden entries at the top of the results
    are no part of them.
    """
    files: dict[str, Path] = {}
    skipped = {cohorts.resolve(), outdir.resolve()}
    for path in _files(results, skipped):
        relative = path.relative_to(results)
        if relative.parts[0] not in LEFT_OUT and not relative.parts[0].startswith("."):
            files[relative.as_posix()] = path
    for path in _files(cohorts, set()):
        files[f"cohorts/{path.relative_to(cohorts).as_posix()}"] = path
    for path in (outdir / "report.html", *_files(outdir / "figures", set())):
        files[path.relative_to(outdir).as_posix()] = path
    document = {"files": [_entry(name, files[name]) for name in sorted(files, key=os.fsencode)]}
    target = outdir / "manifest.json"
    target.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return target


def _files(folder: Path, skipped: set[Path]) -> Iterator[Path]:
    """Files below a folder, links followed (a pipeline stages its inputs as links)."""
    for root, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(f for f in folders if (Path(root) / f).resolve() not in skipped)
        for name in sorted(names):
            yield Path(root) / name


def _entry(name: str, path: Path) -> dict[str, Any]:
    return {"path": name, "bytes": path.stat().st_size, "sha256": sha256_of(path)}
