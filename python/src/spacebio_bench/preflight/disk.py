"""The folders of a run: can they be written, have they room, does their clock agree with ours?"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from spacebio_bench.preflight._check import Check, Step
from spacebio_bench.preflight.setup import Setup

LITTLE_SPACE = 5 * 10**9
"""Stores and nulls of the published grid are about 2 GB, Nextflow's work folder as much again."""

NO_SPACE = 200 * 10**6
"""Not even the simulated cohort fits with its work folder."""

FEW_INODES = 10_000
"""A Zarr store is a file a chunk, and a task some dozens: the published grid makes thousands."""

CLOCK_WARNING, CLOCK_FAILED = 5.0, 30.0
"""Seconds. The lock of a run is taken over 60 s after its last beat, which is the time of a file:
with half of that lost to clocks, a run that is merely slow would lose its lock."""


def steps(setup: Setup) -> dict[str, Step]:
    """A step a folder; and one a file system, since several folders share their room."""
    folders = {"outdir": setup.outdir, "ledger": setup.ledger, "work": setup.work}
    if setup.parameters["scratch"] and setup.profile != "slurm":
        folders["scratch"] = Path(setup.parameters["scratch"]).absolute()
    writing: dict[str, Step] = {
        f"write access, {name}": partial(write_access, name, folder)
        for name, folder in folders.items()
    }
    return {**writing, "free space": partial(room, folders)}


def write_access(name: str, folder: Path) -> Iterator[Check]:
    """Write a file there, flush it, rename it and remove it; its time tells the server's clock."""
    there = existing(folder)
    first = there / f".preflight-{secrets.token_hex(6)}"
    second = first.with_suffix(".renamed")
    title = f"write access, {name}"
    remedy = f"Choose another {_option(name)}, or see to the rights, the quota and the disk."
    try:
        if not there.is_dir():
            yield Check(title, "failed", f"{there} is not a folder", remedy)
            return
        try:
            with first.open("wb") as file:
                file.write(b"preflight\n")
                file.flush()
                os.fsync(file.fileno())
            skew = first.stat().st_mtime - time.time()
            first.replace(second)
        finally:
            for path in (first, second):
                path.unlink(missing_ok=True)
    except OSError as error:
        yield Check(title, "failed", f"{there}: {error.strerror}", remedy)
        return
    yield Check(title, "ok", str(folder))
    if abs(skew) > CLOCK_WARNING:
        yield clock("clock of the disk", f"the disk of {folder}", skew)


def clock(name: str, whose: str, skew: float) -> Check:
    """How far another clock is ahead of ours; seconds."""
    found = f"{whose} is {abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} this host"
    remedy = "Have the clocks set (NTP): the lock of a run relies on them."
    if abs(skew) > CLOCK_FAILED:
        return Check(name, "failed", found, remedy)
    if abs(skew) > CLOCK_WARNING:
        return Check(name, "warning", found, remedy)
    return Check(name, "ok", f"within {max(abs(skew), 0.1):.1f} s")


def room(folders: Mapping[str, Path]) -> Iterator[Check]:
    """Free bytes and inodes of the file systems that the folders are on."""
    systems: dict[int, list[str]] = {}
    for name, folder in folders.items():
        systems.setdefault(existing(folder).stat().st_dev, []).append(name)
    for names in systems.values():
        status = os.statvfs(existing(folders[names[0]]))
        on = ", ".join(names)
        yield space(on, status.f_bavail * status.f_frsize)
        yield inodes(on, total=status.f_files, free=status.f_favail)


def space(on: str, free: int) -> Check:
    """A verdict on free bytes."""
    status = "failed" if free < NO_SPACE else "warning" if free < LITTLE_SPACE else "ok"
    remedy = "" if status == "ok" else "Free some, or choose another --outdir and -work-dir."
    return Check(f"free space, {on}", status, f"{free / 1e9:.1f} GB", remedy)  # type: ignore[arg-type]


def inodes(on: str, *, total: int, free: int) -> Check:
    """A verdict on free inodes; file systems that make them as needed state no total."""
    name = f"free inodes, {on}"
    if total <= 0:
        return Check(name, "ok", "as many as are needed")
    if free < FEW_INODES:
        remedy = "Remove many small files, or choose another --outdir and -work-dir."
        return Check(name, "warning", f"{free:,}", remedy)
    return Check(name, "ok", f"{free:,}")


def existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there: a preflight leaves no folders behind."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def _option(name: str) -> str:
    return "-work-dir" if name == "work" else f"--{name}"
