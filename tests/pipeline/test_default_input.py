"""A run without `--input`: what is missing is told in seconds; with it there, it runs."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from tests.osdr._verb import call
from tests.osdr.replay import Replay, catalog_studies

from .conftest import Pipeline

pytestmark = [pytest.mark.pipeline, pytest.mark.slow]


@pytest.fixture
def checkout(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """A copy of the checkout, so that its `data` is the test's own."""
    copy = tmp_path_factory.mktemp("checkout")
    for name in ("main.nf", "nextflow.config", "modules", "conf", "bin", "release/catalog"):
        source, target = pipeline.project / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        elif source.exists():
            shutil.copyfile(source, target)
    schema = Path("python/src/spacebio_bench/nextflow_schema.json")
    (copy / schema).parent.mkdir(parents=True)
    shutil.copyfile(pipeline.project / schema, copy / schema)
    (copy / ".venv").symlink_to(pipeline.project / ".venv")
    return replace(pipeline, project=copy)


def test_missing_then_fetched_then_run(checkout: Pipeline, project: Path, tmp_path: Path) -> None:
    start = time.monotonic()
    ended = checkout.run("--tissues", "colon,thymus")
    assert time.monotonic() - start < 60  # seconds; a loaded machine starts Java slowly
    assert ended.code == 1
    assert "6 of 6 studies are not on disk" in ended.said
    (command,) = [line for line in ended.said.splitlines() if line.startswith("Get them: ")]
    assert not [p for p in checkout.outdir.rglob("*") if p.suffix in (".csv", ".html", ".zarr")]

    words = command.removeprefix("Get them: ").split("   ")[0].split()
    assert words[:4] == ["spacebio-bench", "fetch", "--tissue", "colon,thymus"]
    with Replay(catalog_studies(project / "release/catalog/studies.csv", 5)) as replay:
        code, told = call(*words[1:], "--api", replay.address, "--cache", str(tmp_path / "cache"))
    assert code == 0, told

    cheap = ["--features", "gene", "--models", "elasticnet_lr", "--n_permutations", "9"]
    ended = checkout.run("--tissues", "colon,thymus", *cheap, "--n_bootstraps", "50")
    assert ended.code == 0, ended.said
    assert checkout.missing() == []
    cells = pd.read_csv(checkout.outdir / "cells.csv").set_index(["tissue", "family"])["status"]
    assert cells.to_dict() == {
        ("colon", "lomo"): "not_applicable",
        ("colon", "kfold"): "ok",
        ("colon", "holdout"): "not_applicable",
        ("thymus", "lomo"): "ok",
        ("thymus", "kfold"): "not_applicable",
        ("thymus", "holdout"): "ok",
    }
