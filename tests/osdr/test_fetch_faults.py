"""Servers that break, are busy or lie, fetches that are killed: nothing wrong is kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from spacebio_bench.osdr.client import RATE

from ._verb import Fetch, kept, provenance
from .replay import Replay, made_samples, made_study

COUNTS = "GLDS-100_rna_seq_RSEM_Unnormalized_Counts_GLbulkRNAseq.csv"
SUMS = "GLDS-100_rna_seq_processed_md5sum_GLbulkRNAseq.txt"


def data_of(tmp_path: Path) -> dict[str, bytes]:
    """Files that a run reads; the provenance holds times."""
    return {
        p.name: p.read_bytes()
        for p in (tmp_path / "data").rglob("*.csv*")
        if p.is_file() and not p.name.endswith(".lock")
    }


def test_a_cut_download_goes_on_where_it_stopped(
    server: Replay, fetch: Fetch, tmp_path: Path
) -> None:
    server.faults.truncate = {COUNTS: 3}
    code, told = fetch("OSD-100")
    assert code == 0, told
    size = len(server.studies["OSD-100"].files[COUNTS])
    have, asked = 0, [""]
    for _ in range(3):
        have += (size - have) // 2
        asked.append(f"bytes={have}-")
    assert server.asked(COUNTS) == asked
    assert {f["name"]: f["checked"] for f in provenance(tmp_path, "OSD-100")["files"]}[
        COUNTS
    ] == "md5 table"


def test_always_cut_is_told_and_the_next_command_goes_on(
    server: Replay, fetch: Fetch, tmp_path: Path
) -> None:
    server.faults.truncate = {COUNTS: 5}
    code, told = fetch("OSD-100")
    assert code == 1
    assert COUNTS in told
    assert "at each of 5 tries. The same command goes on from there." in told
    assert not (tmp_path / "data").exists()
    assert server.studies["OSD-100"].files[COUNTS] not in [p.read_bytes() for p in kept(tmp_path)]
    before = len(server.requests)
    assert fetch("OSD-100")[0] == 0
    (asked,) = [r for path, r in server.requests[before:] if COUNTS in path]
    assert asked.startswith("bytes=")


def test_a_server_without_ranges_starts_anew(server: Replay, fetch: Fetch) -> None:
    server.faults.truncate = {COUNTS: 1}
    server.faults.ignore_range = True
    assert fetch("OSD-100")[0] == 0
    assert len(server.asked(COUNTS)) == 2


def test_a_file_that_changed_meanwhile_starts_anew(
    server: Replay, fetch: Fetch, tmp_path: Path
) -> None:
    server.faults.truncate = {COUNTS: 5}
    assert fetch("OSD-100")[0] == 1
    old = server.studies["OSD-100"].files[COUNTS]
    changed = old.replace(b"ENSMUSG00000000001", b"ENSMUSG00000099999")
    assert len(changed) == len(old)
    study = made_study("OSD-100", made_samples("OSD-100", "eye", 3), counts=changed, project="RR-1")
    study.listing = {SUMS: {"date_updated": "1600000000.0"}}  # the counts look as before
    server.studies["OSD-100"] = study
    assert fetch("OSD-100")[0] == 0
    assert changed in [p.read_bytes() for p in kept(tmp_path)]


def test_a_busy_server_is_waited_for_as_it_asks(server: Replay, fetch: Fetch) -> None:
    server.faults.status = {COUNTS: [(429, {"Retry-After": "2"})], "/files/": [(503, {})]}
    code, told = fetch("OSD-100")
    assert code == 0, told
    first, second = (t for path, t in server.times if COUNTS in path)
    assert second - first >= 2


def test_failing_a_while_is_waited_for(server: Replay, fetch: Fetch) -> None:
    server.faults.status = {COUNTS: [(500, {}), (502, {}), (503, {})]}
    assert fetch("OSD-100")[0] == 0
    times = [t for path, t in server.times if COUNTS in path]
    assert len(times) == 4
    assert times[3] - times[2] > times[2] - times[1]  # longer every time


@pytest.mark.parametrize("code", [404, 403])
def test_an_error_for_ever_is_told(server: Replay, fetch: Fetch, tmp_path: Path, code: int) -> None:
    server.faults.status, server.faults.forever = {COUNTS: [(code, {})]}, True
    ended, told = fetch("OSD-100", "OSD-194")
    assert ended == 1
    assert f"answers {code}" in told
    assert "1 of 2 studies did not come; 1 are on disk." in told
    assert "OSD-100" not in (tmp_path / "data" / "studies.csv").read_text()


def test_busy_for_longer_than_we_wait_is_told(
    server: Replay, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", waits.append)
    server.faults.status = {"/files/": [(429, {"Retry-After": "0"})]}
    server.faults.forever = True
    code, told = fetch("OSD-100")
    assert code == 1
    assert "OSD-100: the server is busy" in told
    assert len(server.asked("/files/")) == 7


def test_a_wrong_checksum_never_enters_the_cache(
    server: Replay, fetch: Fetch, tmp_path: Path
) -> None:
    files = server.studies["OSD-100"].files
    good = files[COUNTS]
    files[COUNTS] = good.replace(b"ENSMUSG00000000001", b"ENSMUSG00000000009")
    code, told = fetch("OSD-100")
    assert code == 1
    assert "its md5 is" in told
    assert "Nothing of it was kept." in told
    assert files[COUNTS] not in [p.read_bytes() for p in kept(tmp_path)]
    assert not (tmp_path / "data").exists()
    files[COUNTS] = good
    assert fetch("OSD-100")[0] == 0


def test_a_wrong_size_never_enters_the_cache(server: Replay, fetch: Fetch, tmp_path: Path) -> None:
    study = server.studies["OSD-100"]
    study.listing = {COUNTS: {"file_size": len(study.files[COUNTS]) - 10}}
    code, told = fetch("OSD-100")
    assert code == 1
    assert "bytes, " in told
    assert "are listed" in told
    assert study.files[COUNTS] not in [p.read_bytes() for p in kept(tmp_path)]


def test_a_damaged_cache_is_filled_again(server: Replay, fetch: Fetch, tmp_path: Path) -> None:
    assert fetch("OSD-100")[0] == 0
    good = data_of(tmp_path)
    for path in kept(tmp_path):
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    assert fetch("OSD-100")[0] == 0
    assert len(server.asked("/download")) == 6
    assert data_of(tmp_path) == good


@pytest.mark.parametrize("most", [1, 2, 4])
def test_so_many_at_a_time_and_no_more(server: Replay, fetch: Fetch, most: int) -> None:
    names = [f"OSD-{number}" for number in range(1, 2 * most + 1)]
    for name in names:
        server.studies[name] = made_study(name, made_samples(name, "eye", 3), project="RR-1")
    server.faults.slow = 0.3
    assert fetch("--parallel", str(most), *names)[0] == 0
    assert server.most_at_once == most


def test_no_more_than_so_many_a_second(server: Replay, fetch: Fetch) -> None:
    for number in range(1, 5):
        name = f"OSD-{number}"
        server.studies[name] = made_study(name, made_samples(name, "eye", 3), project="RR-1")
    assert fetch("--parallel", "8", *(f"OSD-{number}" for number in range(1, 5)))[0] == 0
    times = sorted(t for _, t in server.times)
    assert len(times) == 4 * 5  # listing, metadata, checksums, archive, counts
    assert times[-1] - times[0] >= (len(times) - 2) / RATE


def _command(server: Replay, tmp_path: Path, *words: str, data: str = "data") -> list[str]:
    return [
        str(Path(sys.executable).with_name("spacebio-bench")),
        *("fetch", "--api", server.address),
        *("--cache", str(tmp_path / "cache"), "--outdir", str(tmp_path / data)),
        *words,
    ]


def test_killed_and_started_again(server: Replay, fetch: Fetch, tmp_path: Path) -> None:
    server.faults.truncate = {COUNTS: 100}  # never comes whole
    process = subprocess.Popen(
        _command(server, tmp_path, "OSD-100"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    until = time.monotonic() + 60
    while len(server.asked(COUNTS)) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert len(server.asked(COUNTS)) >= 2
    assert not (tmp_path / "data").exists()
    server.faults.truncate = {}
    before = len(server.requests)
    code, told = fetch("OSD-100")
    assert code == 0, told
    after = server.requests[before:]
    assert next(r for path, r in after if COUNTS in path).startswith("bytes=")
    assert not [path for path, _ in after if SUMS in path and "/download" in path], "was whole"


def test_control_c_ends_soon_and_loses_nothing(
    server: Replay, fetch: Fetch, tmp_path: Path
) -> None:
    server.faults.drip = 0.5  # minutes for the counts
    process = subprocess.Popen(
        _command(server, tmp_path, "OSD-100"), stderr=subprocess.PIPE, text=True
    )
    until = time.monotonic() + 60
    while not server.asked(COUNTS) and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(1.2)
    start = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert time.monotonic() - start < 10
    assert process.returncode == 1
    assert "Traceback" not in told
    assert not (tmp_path / "data").exists()
    server.faults.drip = 0
    before = len(server.requests)
    assert fetch("OSD-100")[0] == 0
    (asked,) = [r for path, r in server.requests[before:] if COUNTS in path]
    assert asked.startswith("bytes=")


@pytest.mark.parametrize("name", ["cache", "data"])
def test_a_file_in_the_way_of_a_folder(fetch: Fetch, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    code, told = fetch("OSD-100")
    assert code == 2
    assert str(tmp_path / name) in told
    assert "cannot be made" in told


def test_two_processes_download_once(server: Replay, tmp_path: Path) -> None:
    server.faults.slow = 0.2
    both = [
        subprocess.Popen(
            _command(server, tmp_path, "OSD-100", data=data), stdout=subprocess.PIPE, text=True
        )
        for data in ("data", "other")
    ]
    for process in both:
        told, _ = process.communicate(timeout=120)
        assert process.returncode == 0, told
    assert len(server.asked(COUNTS)) == 1
    one, two = (tmp_path / d / "OSD-100" / "eye.RR-1.counts.csv.gz" for d in ("data", "other"))
    assert one.read_bytes() == two.read_bytes()


def test_a_full_disk_is_told_before(
    server: Replay, fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = SimpleNamespace(free=0)
    monkeypatch.setattr("spacebio_bench.osdr.fetch.shutil.disk_usage", lambda _: full)
    code, told = fetch("OSD-100")
    assert code == 1
    assert "0 MB are free" in told
    assert server.asked("/download") == []
    assert not (tmp_path / "data").exists()
