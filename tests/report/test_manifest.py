"""The manifest lists what a download must hold, and nothing that differs between equal runs."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from spacebio_bench.report.manifest import write_manifest


@pytest.fixture
def run(tmp_path: Path) -> Path:
    for name in (
        "results/cells.csv",
        "results/outcome.json",
        "results/nulls.zarr/eye.lomo/value/c/0/0",
        "results/pipeline_info/trace.txt",
        "results/.ledger/unit",
        "stores/eye.zarr/zarr.json",
        "out/report.html",
        "out/figures/leaderboard.svg",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
    return tmp_path


LISTED = [
    "cells.csv",
    "cohorts/eye.zarr/zarr.json",
    "figures/leaderboard.svg",
    "nulls.zarr/eye.lomo/value/c/0/0",
    "report.html",
]


def _listed(run: Path, results: Path) -> list[dict[str, object]]:
    target = write_manifest(results=results, cohorts=run / "stores", outdir=run / "out")
    assert target == run / "out" / "manifest.json"
    files: list[dict[str, object]] = json.loads(target.read_text())["files"]
    return files


def test_lists_every_file_but_those_of_the_run_itself(run: Path) -> None:
    assert [entry["path"] for entry in _listed(run, run / "results")] == LISTED


def test_sizes_and_digests_are_those_of_sha256sum(run: Path) -> None:
    entry = _listed(run, run / "results")[0]
    file = run / "results" / "cells.csv"
    said = subprocess.run(["sha256sum", file], capture_output=True, text=True, check=True).stdout
    assert entry["sha256"] == said.split()[0]
    assert entry["bytes"] == int(subprocess.check_output(["stat", "-c", "%s", file]))


def test_follows_links_as_a_pipeline_stages_its_inputs(run: Path) -> None:
    staged = run / "staged"
    staged.mkdir()
    for path in (run / "results").iterdir():
        (staged / path.name).symlink_to(path)
    assert [entry["path"] for entry in _listed(run, staged)] == LISTED


def test_everything_in_one_folder_is_listed_once(run: Path) -> None:
    (run / "stores").rename(run / "results" / "cohorts")
    (run / "out" / "figures").rename(run / "results" / "figures")
    (run / "out" / "report.html").rename(run / "results" / "report.html")
    results = run / "results"
    target = write_manifest(results=results, cohorts=results / "cohorts", outdir=results)
    again = write_manifest(results=results, cohorts=results / "cohorts", outdir=results)
    assert target.read_bytes() == again.read_bytes()
    assert [entry["path"] for entry in json.loads(target.read_text())["files"]] == LISTED
