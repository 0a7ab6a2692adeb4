"""From counts to the report, and once more from the cache with cells that fail."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from pathlib import Path

import anndata
import pandas as pd
import pytest

from spacebio_bench.protocol import load_protocol

FAILING = """#!{python}
import json, pathlib, subprocess, sys
code = subprocess.run(["{tool}", *sys.argv[1:]]).returncode
if sys.argv[1] == "run":
    path = pathlib.Path("grid/outcome.json")
    cause = {{"cell": "liver.lomo/gene/knn", "status": "timed_out", "reason": "over 1 s"}}
    changes = {{"exit_code": 3, "cells_by_status": {{"ok": 39, "timed_out": 1}}, "causes": [cause]}}
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    code = 3
sys.exit(code)
"""


def published(folder: Path) -> dict[str, str]:
    """Digests of all files that the manifest must name."""
    files = {str(p.relative_to(folder)): p for p in folder.rglob("*") if p.is_file()}
    apart = ("pipeline_info/", ".ledger/", "outcome.json", "manifest.json")
    return {
        name: hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in files.items()
        if not name.startswith(apart)
    }


@pytest.mark.pipeline
@pytest.mark.slow
def test_demo(pipeline) -> None:
    ended = pipeline.run("-profile", "test")
    assert ended.code == 0, ended.said
    out = pipeline.outdir
    assert pipeline.missing() == []
    left = {p.name for p in pipeline.folder.iterdir()}
    assert left == {"results", "work", ".nextflow", ".nextflow.log"}

    cells = pd.read_csv(out / "cells.csv")
    assert len(cells) == 2 * 4 * 5  # tissues, feature sets, models
    assert set(cells["status"]) == {"ok"}
    assert re.search(r"cells: \d+ done, 0 failed, \d+ left", ended.said)

    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    before = published(out)
    assert {entry["path"]: entry["sha256"] for entry in manifest["files"]} == before

    assert anndata.read_zarr(out / "cohorts" / "liver.zarr").obsm["pathway_hallmark"].shape[1] > 1
    environment = json.loads((out / "pipeline_info" / "environment.json").read_text("utf-8"))
    assert environment["cpu"]
    protocol = out / "pipeline_info" / "protocol.yaml"
    in_force = load_protocol(protocol)  # `calibrated` with the budgets of the test profile
    assert in_force.inference.labelings == {"default": 99, "xgb": 9}
    assert protocol.read_text(encoding="utf-8").startswith(f"# digest {in_force.digest}\n")
    versions = pd.read_csv(out / "pipeline_info" / "versions.tsv", sep="\t")
    assert set(versions["process"]) == {name for name, _ in pipeline.trace()} - {"CHECK_OUTCOME"}

    shim = pipeline.folder / "shim" / "spacebio-bench"
    shim.parent.mkdir()
    tool = pipeline.project / ".venv" / "bin" / "spacebio-bench"
    shim.write_text(FAILING.format(python=sys.executable, tool=tool), encoding="utf-8")
    shim.chmod(0o755)
    (out / "cells.csv").unlink()
    again = pipeline.run("-profile", "test", "-resume", path=str(shim.parent))

    assert again.code == 1
    assert "1 timed_out of 40 cells" in again.said
    assert "liver.lomo/gene/knn: timed_out: over 1 s" in again.said
    outcome = json.loads((out / "outcome.json").read_text(encoding="utf-8"))
    assert outcome["exit_code"] == 3
    assert (outcome["units_computed"], outcome["units_reused"]) == (0, outcome["units_planned"])
    computed = {name for name, status in pipeline.trace() if status != "CACHED"}
    after_the_grid = {"SUMMARIZE", "RENDER_REPORT", "CHECK_OUTCOME"}
    assert computed == {"PREFLIGHT", "CHECK_STUDIES", "RUN_CELLS"} | after_the_grid
    after = published(out)
    measured = ("costs.csv", "report.html", "figures/cost")
    unequal = {n for n in before | after if before.get(n) != after.get(n)}
    assert {name for name in unequal if not name.startswith(measured)} == set()
