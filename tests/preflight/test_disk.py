"""Folders of a run: rights, room and clocks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spacebio_bench.preflight import disk
from spacebio_bench.preflight.disk import clock, existing, inodes, room, space, write_access


def test_writing_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "results" / "deep"
    (check,) = write_access("outdir", folder)
    assert (check.status, check.found) == ("ok", str(folder))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [28, 30, 122])
def test_a_disk_that_takes_nothing(tmp_path: Path, monkeypatch, error: int) -> None:
    def refuse(number: int) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "fsync", refuse)
    (check,) = write_access("ledger", tmp_path)
    assert check.status == "failed"
    assert check.found == f"{tmp_path}: {os.strerror(error)}"
    assert check.remedy.startswith("Choose another --ledger")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    if os.access(tmp_path, os.W_OK):
        pytest.skip("root may write anywhere")
    (check,) = write_access("outdir", tmp_path / "results")
    tmp_path.chmod(0o700)
    assert "Permission denied" in check.found


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "work").touch()
    (check,) = write_access("work", tmp_path / "work")
    assert (check.status, check.found) == ("failed", f"{tmp_path / 'work'} is not a folder")
    assert check.remedy.startswith("Choose another -work-dir")


def test_the_clock_of_the_disk(tmp_path: Path, monkeypatch) -> None:
    now = disk.time.time()
    monkeypatch.setattr(disk.time, "time", lambda: now - 100)
    access, skew = write_access("outdir", tmp_path)
    assert access.status == "ok"
    assert (skew.name, skew.status) == ("clock of the disk", "failed")
    assert f"the disk of {tmp_path} is 100." in skew.found


@pytest.mark.parametrize(
    ("skew", "status", "found"),
    [
        (0.02, "ok", "within 0.1 s"),
        (-4.0, "ok", "within 4.0 s"),
        (6.0, "warning", "node3 is 6.0 s ahead of this host"),
        (-31.0, "failed", "node3 is 31.0 s behind this host"),
    ],
)
def test_clocks(skew: float, status: str, found: str) -> None:
    check = clock("clock of a node", "node3", skew)
    assert (check.status, check.found) == (status, found)
    assert ("NTP" in check.remedy) == (status != "ok")


@pytest.mark.parametrize(
    ("free", "status", "found"),
    [
        (199_000_000, "failed", "0.2 GB"),
        (4_900_000_000, "warning", "4.9 GB"),
        (5_000_000_000, "ok", "5.0 GB"),
    ],
)
def test_space(free: int, status: str, found: str) -> None:
    check = space("outdir, work", free)
    assert (check.name, check.status, check.found) == ("free space, outdir, work", status, found)
    assert bool(check.remedy) == (status != "ok")


@pytest.mark.parametrize(
    ("total", "free", "status"),
    [(1_000_000, 9_999, "warning"), (1_000_000, 10_000, "ok"), (0, 0, "ok")],
)
def test_inodes(total: int, free: int, status: str) -> None:
    assert inodes("work", total=total, free=free).status == status


def test_room_is_told_once_a_file_system(tmp_path: Path) -> None:
    folders = {"outdir": tmp_path / "a", "work": tmp_path / "b", "devices": Path("/dev")}
    names = [check.name for check in room(folders)]
    assert names[:2] == ["free space, outdir, work", "free inodes, outdir, work"]
    assert existing(tmp_path / "a" / "b") == tmp_path


def test_scratch_of_this_machine_is_looked_at(meant) -> None:
    assert "write access, scratch" in disk.steps(meant(scratch="/tmp"))
    assert "write access, scratch" not in disk.steps(meant("slurm", scratch="/tmp"))
