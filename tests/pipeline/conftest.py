"""How the tests run the pipeline: the project's own Nextflow, in a folder of the test's own."""

from __future__ import annotations

import csv
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CONTRACT = (
    "cells.csv",
    "cells.parquet",
    "folds.csv",
    "predictions.parquet",
    "comparisons.csv",
    "pooled.csv",
    "confounders.csv",
    "classes.csv",
    "confusion.csv",
    "gene_vs_pathway.csv",
    "batch.csv",
    "canaries.csv",
    "samples.csv",
    "duplicates.csv",
    "top_features.csv",
    "within_mission.csv",
    "calibration.csv",
    "costs.csv",
    "nulls.zarr",
    "cohorts",
    "report.html",
    "figures",
    "outcome.json",
    "manifest.json",
    "pipeline_info/trace.tsv",
    "pipeline_info/timeline.html",
    "pipeline_info/report.html",
    "pipeline_info/dag.mmd",
    "pipeline_info/versions.tsv",
    "pipeline_info/protocol.yaml",
    "pipeline_info/environment.json",
)


@dataclass(frozen=True)
class Ended:
    """A run of Nextflow that came to its end."""

    code: int
    said: str


@dataclass(frozen=True)
class Pipeline:
    """Runs the project's main.nf from a folder; `outdir` is that folder's `results`.

    `environment` is added to the caller's, `prefix` is a command that runs another.
    """

    project: Path
    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    prefix: tuple[str, ...] = ()

    @property
    def outdir(self) -> Path:
        return self.folder / "results"

    def missing(self) -> list[str]:
        """Files of the contract that are not in the results."""
        return [name for name in CONTRACT if not (self.outdir / name).exists()]

    def start(self, *options: str, path: str = "") -> subprocess.Popen[str]:
        """Start Nextflow; `path` comes before the project's tools on PATH."""
        tools = self.project / ".venv" / "bin"
        environment = os.environ | {"PATH": f"{path}:{tools}:{os.environ['PATH']}".lstrip(":")}
        environment |= self.environment
        return subprocess.Popen(
            [*self.prefix, tools / "nextflow", "run", self.project / "main.nf", *options],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *options: str, path: str = "") -> Ended:
        """Run Nextflow to its end."""
        process = self.start(*options, path=path)
        said, _ = process.communicate(timeout=1500)
        return Ended(process.returncode, said)

    def trace(self) -> list[tuple[str, str]]:
        """Process and status of every task of the last run."""
        text = (self.outdir / "pipeline_info" / "trace.tsv").read_text(encoding="utf-8")
        rows = csv.DictReader(text.splitlines(), delimiter="\t")
        return [(row["process"], row["status"]) for row in rows]


@pytest.fixture
def pipeline(project: Path, tmp_path: Path) -> Pipeline:
    """The pipeline, to be run in an empty folder; skipped where Nextflow is not set up."""
    if not (project / ".venv" / "bin" / "nextflow").exists():
        pytest.skip("Nextflow is not set up: run `make setup`")
    return Pipeline(project, tmp_path)
