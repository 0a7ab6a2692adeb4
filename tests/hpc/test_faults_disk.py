"""Disks that are full, read-only or damaged: a clear error or recomputation, nothing wrong left."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from spacebio_bench.cohort.store import read_cohort, write_cohort
from spacebio_bench.grid.ledger import Ledger
from spacebio_bench.grid.plan import Plan
from spacebio_bench.grid.run import RunOptions, run_plan
from spacebio_bench.grid.stores import open_stores

from . import _models
from .lab.machine import wait_for

pytestmark = [
    pytest.mark.slow,
    pytest.mark.hpc,
    pytest.mark.xdist_group("lab"),
    pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a file system"),
]

NOBODY = 65534
CAPABILITIES = ("bounding-set", "inh-caps")


@contextlib.contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """A small file system of its own at a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", *options, "none", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """A file that takes what is left."""
    path = folder / "others.bin"
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(2**12))
    return path


def check_told(run, *texts: str) -> None:
    for text in texts:
        assert text in run.said
    assert "Traceback" not in run.said


def test_the_disk_of_the_ledger_gets_full_in_mid_run(reference, client, tmp_path):
    settings = {"SBB_PACE": 0.2, "SBB_FLUSH": 0}
    with mounted(tmp_path / "disk", "-o", "size=1m") as disk:
        run = client(reference.work, ledger=disk / "ledger", settings=settings).start()
        wait_for("finished units", lambda: len(list(run.ledger.glob("*.units"))) > 3, seconds=30)
        filler = fill(disk)
        assert run.end() != 0
        check_told(run, str(run.ledger), "No space left on device", "kept")
        assert not run.outdir.exists()
        assert not list(run.ledger.glob("*.partial"))
        assert not (run.ledger / "run.lock").exists()
        kept = run.kept
        assert kept > 3
        filler.unlink()
        again = client(reference.work, "again", ledger=run.ledger)
        assert again.run() == 0, again.said
        reference.check(again, reused=kept)


def test_the_disk_of_the_ledger_is_full_from_the_start(reference, client, tmp_path):
    with mounted(tmp_path / "disk", "-o", "size=16k") as disk:
        fill(disk)
        run = client(reference.work, ledger=disk)
        assert run.run() != 0
        check_told(run, str(disk), "No space left on device")
        assert not run.outdir.exists()


def test_the_disk_of_the_results_is_full(reference, client, tmp_path):
    with mounted(tmp_path / "run" / "grid", "-o", "size=24k") as disk:
        run = client(reference.work)
        assert run.run() != 0
        check_told(run, "No space left on device")
        assert not (disk / "outcome.json").exists()
    again = client(reference.work, "again", ledger=run.ledger)
    assert again.run() == 0, again.said
    reference.check(again, reused=reference.units)


def test_the_ledger_is_on_a_disk_for_reading_only(reference, client, tmp_path):
    with mounted(tmp_path / "disk", "-o", "ro") as disk:
        for ledger in (disk, disk / "ledger"):
            run = client(reference.work, ledger=ledger)
            assert run.run() != 0
            check_told(run, str(ledger), "Read-only file system")
            assert not run.outdir.exists()


def test_the_ledger_is_a_folder_of_somebody_else(reference, client, tmp_path):
    ledger = tmp_path / "ledger"
    ledger.mkdir(mode=0o755)
    os.chown(ledger, NOBODY, NOBODY)
    like_a_user = tuple(f"--{which}=-dac_override,-dac_read_search" for which in CAPABILITIES)
    run = client(reference.work, ledger=ledger, prefix=("setpriv", *like_a_user))
    assert run.run() != 0
    check_told(run, str(ledger), "Permission denied")
    assert not run.outdir.exists()


def test_a_segment_of_the_ledger_is_cut_short_between_two_runs(reference, client):
    settings = {"SBB_PACE": 0.2, "SBB_FLUSH": 0}
    run = client(reference.work, settings=settings).start()
    wait_for("finished units", lambda: len(list(run.ledger.glob("*.units"))) > 3, seconds=30)
    run.kill()
    kept = run.kept
    victim = max(run.ledger.glob("*.units"), key=lambda path: path.stat().st_size)
    victim.write_bytes(victim.read_bytes()[:-100])
    left = run.kept
    assert left < kept
    again = client(reference.work, "again", ledger=run.ledger)
    assert again.run() == 0, again.said
    check_told(again, f"{victim}: its content does not have the digest it states", "computed again")
    reference.check(again, reused=left)


def flip(store: Path) -> Path:
    """Change a byte in the middle of the largest chunk of X."""
    chunks = [path for path in (store / "X" / "c").rglob("*") if path.is_file()]
    chunk = max(chunks, key=lambda path: path.stat().st_size)
    content = bytearray(chunk.read_bytes())
    content[len(content) // 2] ^= 0x10
    chunk.write_bytes(content)
    return chunk


@pytest.fixture
def stores(reference, tmp_path) -> Path:
    """The stores of the reference as `spacebio-bench build` writes them."""
    for path in sorted(reference.work.cohorts.glob("*.zarr")):
        cohort = read_cohort(path)
        write_cohort(
            tmp_path / "cohorts" / path.name,
            tissue=cohort.tissue,
            obs=cohort.obs,
            genes=cohort.genes,
            x=cohort.x,
            matrices=cohort.matrices,
        )
    return tmp_path / "cohorts"


def test_a_chunk_of_a_store_is_damaged(reference, client, stores):
    work = replace(reference.work, cohorts=stores)
    first = client(work)
    assert first.run() == 0, first.said
    reference.check(first)
    flip(stores / "tissue1.zarr")
    run = client(work, "damaged", ledger=first.ledger)
    assert run.run() == 2
    check_told(run, f"{stores / 'tissue1.zarr'}: ")
    assert "not what was written" in run.said or "cannot be read" in run.said
    assert not run.outdir.exists()


def test_a_chunk_of_a_store_is_damaged_while_a_run_starts(reference, stores, tmp_path):
    opened = open_stores(stores)
    flip(stores / "tissue1.zarr")
    with _models.entered():
        outcome = run_plan(
            Plan.load(reference.work.plan),
            opened.cohorts,
            opened.paths,
            ledger_folder=tmp_path / "ledger",
            outdir=tmp_path / "grid",
            options=RunOptions(backend="serial", quiet=True),
        )
    assert outcome["exit_code"] == 3
    assert {cause["cell"].split(".")[0] for cause in outcome["causes"]} == {"tissue1"}
    assert {cause["status"] for cause in outcome["causes"]} == {"failed"}
    assert all(str(stores / "tissue1.zarr") in cause["reason"] for cause in outcome["causes"])
    kept = Ledger.open(tmp_path / "ledger").done
    assert len(kept) == reference.units / 2  # nothing of what was read wrong
