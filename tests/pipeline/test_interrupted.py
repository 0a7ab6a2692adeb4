"""Killed in the middle and run again: only what is missing is computed, to the same bytes."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest

SAME = ("cells.csv", "folds.csv", "predictions.parquet", "comparisons.csv", "nulls.zarr")
OPTIONS = ("--input", "studies.csv", "--models", "knn,xgb", "--n_permutations", "99,xgb=1600")
"""More than a minute of one worker, on a fast machine: the ledger is first written after 15 s."""


def write_studies(folder: Path) -> None:
    """Three missions with a feature matrix each and no counts: nothing for the R stages."""
    random = np.random.default_rng(1)
    rows = []
    for mission in ("M1", "M2", "M3"):
        samples = [f"{mission}-{i}" for i in range(12)]
        condition = ["FLT", "GC"] * 6
        pd.DataFrame({"sample": samples, "condition": condition}).to_csv(
            folder / f"{mission}.csv", index=False
        )
        values = random.normal(size=(12, 40)) + np.equal(condition, "FLT")[:, None]
        table = pd.DataFrame(values, index=pd.Index(samples, name="sample")).add_prefix("f")
        table.to_csv(folder / f"{mission}.features.csv")
        rows.append(("eye", mission, "", f"{mission}.csv", f"{mission}.features.csv"))
    columns = ["tissue", "mission", "counts", "samples", "feature.embedding"]
    sheet = pd.DataFrame(rows, columns=columns)
    sheet.insert(2, "accession", "made-up")
    sheet.to_csv(folder / "studies.csv", index=False)


def files(outdir: Path) -> dict[str, bytes]:
    """The files that are the same bytes whatever happens."""
    found = [p for name in SAME for p in [outdir / name, *(outdir / name).rglob("*")]]
    return {str(p.relative_to(outdir)): p.read_bytes() for p in found if p.is_file()}


def wait_for(what: Callable[[], bool], *, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


def grid_process(ledger: Path) -> int | None:
    """The process that holds the lock of the ledger, if there is one."""
    try:
        pid = int(json.loads((ledger / "run.lock").read_text(encoding="utf-8"))["pid"])
    except (OSError, ValueError):
        return None
    return pid if psutil.pid_exists(pid) else None


@pytest.mark.pipeline
@pytest.mark.slow
def test_killed_runs_lose_nothing(pipeline) -> None:
    write_studies(pipeline.folder)
    ledger = pipeline.outdir / ".ledger"

    first = pipeline.start(*OPTIONS, "--workers", "1")
    wait_for(lambda: any(ledger.glob("*.units")) or first.poll() is not None)
    assert first.poll() is None, "the run was over before it could be killed"
    first.kill()
    first.communicate()
    wait_for(lambda: grid_process(ledger) is None, seconds=60)
    assert not (pipeline.outdir / "outcome.json").exists()

    second = pipeline.start(*OPTIONS)
    wait_for(lambda: grid_process(ledger) is not None)
    killed = grid_process(ledger)
    os.kill(killed, signal.SIGKILL)
    said, _ = second.communicate(timeout=900)
    assert second.returncode == 0, said
    assert "RUN_CELLS" in said.split("Execution is retried (1)")[0]
    outcome = json.loads((pipeline.outdir / "outcome.json").read_text(encoding="utf-8"))
    assert 0 < outcome["units_computed"] < outcome["units_planned"]
    assert outcome["units_computed"] + outcome["units_reused"] == outcome["units_planned"]
    disturbed = files(pipeline.outdir)
    assert {name for name, _ in pipeline.trace()} & {"NORMALIZE_COUNTS", "SCORE_PATHWAYS"} == set()

    undisturbed = ("--outdir", "other", "--cohorts", "results/cohorts", "--backend", "joblib")
    ended = pipeline.run(*OPTIONS[2:], *undisturbed)
    assert ended.code == 0, ended.said
    assert files(pipeline.folder / "other") == disturbed
    assert (pipeline.folder / "other" / "cohorts" / "eye.zarr").is_dir()
