"""The scripts themselves: style, stubs, help, and what a user with wrong input sees."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from spacebio_bench.parameters import default_parameters, parameter_names

pytestmark = pytest.mark.pipeline


def scripts(project: Path) -> list[Path]:
    found = [*project.glob("modules/*/main.nf"), *project.glob("conf/*.config")]
    return [project / "main.nf", project / "nextflow.config", *sorted(found)]


def test_lint_finds_nothing(pipeline) -> None:
    command = [pipeline.project / ".venv/bin/nextflow", "lint", *scripts(pipeline.project)]
    ended = subprocess.run(
        command, cwd=pipeline.folder, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout
    assert "Warn" not in ended.stdout


def test_defaults_are_those_of_the_schema(pipeline) -> None:
    command = [pipeline.project / ".venv/bin/nextflow", "config", "-o", "json", pipeline.project]
    ended = subprocess.run(
        command, cwd=pipeline.folder, capture_output=True, text=True, check=False
    )
    assert json.loads(ended.stdout)["params"] == default_parameters()


def test_help_names_every_parameter_and_runs_nothing(pipeline) -> None:
    ended = pipeline.run("--help")
    assert ended.code == 0
    for name in parameter_names():
        assert f"--{name} " in ended.said
    assert not pipeline.outdir.exists()


def test_stubs_make_every_file_of_the_contract(pipeline) -> None:
    ended = pipeline.run("-stub", "-profile", "test", "--tasks", "all")
    assert ended.code == 0, ended.said
    assert pipeline.missing() == []
    modules = {p.parent.name.upper() for p in pipeline.project.glob("modules/*/main.nf")}
    assert {name for name, _ in pipeline.trace()} == modules - {"PARAMETERS", "RUN_LOCK"}


def test_everything_wrong_is_said_at_once_and_nothing_is_run(pipeline) -> None:
    samples = pipeline.folder / "samples.csv"
    samples.write_text("sample,condition\nS1,FLT\nS2,Flight?\n", encoding="utf-8")
    (pipeline.folder / "my studies.csv").write_text(
        "tissue,mission,accession,counts,samples\n"
        "eye,RR-1,OSD-1,absent.csv,samples.csv\n"
        "eye,RR-2,OSD-2,,nowhere.csv\n",
        encoding="utf-8",
    )
    ended = pipeline.run("--input", "my studies.csv", "--n_permutation", "9", "--seed", "x")
    assert ended.code == 1
    for what in ("absent.csv", "nowhere.csv", "Flight?", "--seed", "--n_permutations?"):
        assert what in ended.said
    assert "problems; nothing was run." in ended.said
    assert "Exception" not in ended.said
    assert "Command executed" not in ended.said
    assert [name for name, _ in pipeline.trace()] == ["PREFLIGHT", "CHECK_STUDIES"]
    left = {p.name for p in pipeline.folder.iterdir()}
    own = {"results", "work", ".nextflow", ".nextflow.log"}
    assert left == own | {"samples.csv", "my studies.csv"}
    assert [p.name for p in pipeline.outdir.iterdir()] == ["pipeline_info"]
