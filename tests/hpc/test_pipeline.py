"""The whole pipeline on the lab: counts to report in both images, and the same on every profile."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from ..pipeline.conftest import Pipeline
from ..pipeline.test_interrupted import files, grid_process, wait_for
from ..pipeline.test_real_counts import sources
from .lab import SlurmLab

pytestmark = [
    pytest.mark.slow,
    pytest.mark.hpc,
    pytest.mark.pipeline,
    pytest.mark.xdist_group("lab"),
]
QUICK = ("--models", "knn,pca_lr,xgb", "--n_permutations", "19,xgb=3")
SITE = """
params {{
    partition = 'normal'
    scheduler_interface = '{scheduler}'
    worker_interface = '{worker}'
    worker_memory = 700
    walltime = 50
    unit_timeout = 600
}}
process.resourceLimits = [cpus: 2, memory: 3900.MB, time: 50.m]
"""

Maker = Callable[..., Pipeline]


@pytest.fixture(scope="session")
def on_lab(slurm_lab: SlurmLab, project: Path, tmp_path_factory) -> Maker:
    """Makes a pipeline whose Nextflow is on the submit host of the lab, with a `site.config`."""

    def make(*, offline: bool = False) -> Pipeline:
        folder = tmp_path_factory.mktemp("run")
        scheduler = slurm_lab.offline_interface if offline else slurm_lab.scheduler_interface
        site = SITE.format(scheduler=scheduler, worker=slurm_lab.worker_interface)
        (folder / "site.config").write_text(site, encoding="utf-8")
        prefix = tuple(slurm_lab.in_lab_network([])) if offline else ()
        return Pipeline(project, folder, slurm_lab.environment(), prefix)

    return make


@pytest.fixture(scope="session")
def reference(project: Path, tmp_path_factory) -> Pipeline:
    """An undisturbed run of the simulated cohort with the host's own tools."""
    made = Pipeline(project, tmp_path_factory.mktemp("reference"))
    ended = made.run("-profile", "test", *QUICK)
    assert ended.code == 0, ended.said
    return made


def no_job_left(lab: SlurmLab) -> bool:
    """None in the queue, once those that were just cancelled are through."""
    wait_for(lambda: not lab.client("squeue", "--noheader").strip(), seconds=20)
    return True


def natives(run: Pipeline) -> dict[str, str]:
    """SLURM job of every process that was one, from the trace."""
    text = run.outdir / "pipeline_info" / "trace.tsv"
    table = pd.read_csv(text, sep="\t", dtype=str)
    return dict(zip(table["process"], table["native_id"], strict=True))


def test_offline_from_simulated_counts(
    on_lab: Maker,
    healthy_lab: SlurmLab,
    reference: Pipeline,
    images: Path,
) -> None:
    """Nextflow, client and nodes have a route to nothing but the lab."""
    run = on_lab(offline=True)
    tasks = ("--tasks", "lomo,lomo.batch,conservation")
    ended = run.run("-profile", "test,slurm", "-c", "site.config", *QUICK, *tasks)
    assert ended.code == 0, ended.said
    assert run.missing() == []
    assert no_job_left(healthy_lab)
    assert "workers: 4 of 4 there" in ended.said
    for process in ("NORMALIZE_COUNTS", "BUILD_COHORT", "RENDER_REPORT"):
        assert healthy_lab.job(natives(run)[process])["JobName"].startswith(f"nf-{process}")
    versions = (run.outdir / "pipeline_info" / "versions.tsv").read_text(encoding="utf-8")
    assert "on R 4.5" in versions  # the image's; the host's is another
    environment = json.loads((run.outdir / "pipeline_info" / "environment.json").read_text("utf-8"))
    assert environment["workers"]["image"]["image"] == "python-models"
    for tissue in ("liver", "thymus"):
        ours, theirs = (
            anndata.read_zarr(r.outdir / f"cohorts/{tissue}.zarr") for r in (run, reference)
        )
        assert list(ours.obs_names) == list(theirs.obs_names)
        assert list(ours.var_names) == list(theirs.var_names)
        np.testing.assert_allclose(
            ours.X, theirs.X, rtol=0, atol=1e-6
        )  # stored in single precision
        for name in theirs.obsm:
            np.testing.assert_allclose(ours.obsm[name], theirs.obsm[name], rtol=0, atol=1e-9)
        assert {"batch_limma", "batch_combat_seq"} <= set(ours.layers)
        assert np.isfinite(ours.uns["enrichment"]["nes"]).all()
    conserved = pd.read_csv(run.outdir / "conservation.csv")
    assert conserved.loc[conserved["kind"] == "pair", "rho"].notna().all()


def test_apptainer_gives_the_same_bytes(
    reference: Pipeline,
    project: Path,
    tmp_path: Path,
    images: Path,
) -> None:
    run = Pipeline(project, tmp_path)
    same_cohorts(run, reference, "-profile", "test,apptainer")


def test_docker_gives_the_same_bytes(
    reference: Pipeline,
    project: Path,
    tmp_path: Path,
    docker_images: dict[str, str],
) -> None:
    run = Pipeline(project, tmp_path, docker_images)
    same_cohorts(run, reference, "-profile", "test,docker")


@pytest.mark.parametrize("backend", ["slurm", "local"])
def test_slurm_gives_the_same_bytes(
    backend: str,
    on_lab: Maker,
    reference: Pipeline,
    healthy_lab: SlurmLab,
    images: Path,
) -> None:
    """Workers that are jobs, or one job with its own workers."""
    run = on_lab()
    asked = ("--backend", backend, "--workers", "2")
    same_cohorts(run, reference, "-profile", "test,slurm", "-c", "site.config", *asked)
    assert no_job_left(healthy_lab)
    jobs = healthy_lab.client("squeue", "--states", "all", "--noheader", "--format", "%j %A")
    grid = f"nf-RUN_CELLS {natives(run)['RUN_CELLS']}"
    assert (grid in jobs.splitlines()) == (backend == "local")


def same_cohorts(run: Pipeline, reference: Pipeline, *options: str) -> None:
    """Run from the stores of the reference; its results are due to the byte."""
    ended = run.run(*options, *QUICK, "--cohorts", str(reference.outdir / "cohorts"))
    assert ended.code == 0, ended.said
    assert run.missing() == []
    assert files(run.outdir) == files(reference.outdir)


BOOSTED = ("--models", "xgb", "--n_permutations", "60", "--tissues", "liver", "--features", "gene")


@pytest.fixture(scope="session")
def undisturbed(reference: Pipeline, project: Path, tmp_path_factory) -> Pipeline:
    """Half a minute of boosting on the host's own tools."""
    made = Pipeline(project, tmp_path_factory.mktemp("undisturbed"))
    ended = made.run("-profile", "test", *BOOSTED, "--cohorts", str(reference.outdir / "cohorts"))
    assert ended.code == 0, ended.said
    return made


@pytest.mark.parametrize("killed", ["Nextflow", "every process"])
def test_killed_and_run_again(
    killed: str,
    on_lab: Maker,
    reference: Pipeline,
    undisturbed: Pipeline,
    healthy_lab: SlurmLab,
    images: Path,
) -> None:
    """kill -9 in the middle of the grid; the next run computes only what is missing."""
    run = on_lab()
    options = ("-profile", "test,slurm", "-c", "site.config", *BOOSTED)
    options += ("--workers", "2", "--cohorts", str(reference.outdir / "cohorts"))
    ledger = run.outdir / ".ledger"
    first = run.start(*options)
    wait_for(lambda: any(ledger.glob("*.units")) or first.poll() is not None)
    assert first.poll() is None, "the run was over before it could be killed"
    client = grid_process(ledger)
    assert client is not None
    first.kill()
    if killed == "every process":
        os.kill(client, signal.SIGKILL)
    first.communicate()
    assert not (run.outdir / "outcome.json").exists()

    again = run.run(*options, "-resume")
    assert again.code == 0, again.said
    outcome = json.loads((run.outdir / "outcome.json").read_text(encoding="utf-8"))
    assert 0 < outcome["units_computed"] < outcome["units_planned"]
    assert outcome["units_computed"] + outcome["units_reused"] == outcome["units_planned"]
    assert no_job_left(healthy_lab)
    assert files(run.outdir) == files(undisturbed.outdir)


def test_a_second_run_on_the_same_results_is_refused(
    on_lab: Maker, reference: Pipeline, healthy_lab: SlurmLab, images: Path
) -> None:
    """It names the first one, and leaves its files alone."""
    run = on_lab()
    options = ("-profile", "test,slurm", "-c", "site.config", *BOOSTED)
    options += ("--cohorts", str(reference.outdir / "cohorts"))
    first = run.start(*options)
    lock = run.outdir / ".run.lock"
    wait_for(lock.exists)
    second = run.run(*options)
    assert second.code == 1
    owner = lock.read_text(encoding="utf-8").split()
    assert f"a run is under way here: process {owner[1]} on {owner[0]}" in second.said
    assert "Exception" not in second.said
    first.terminate()
    first.communicate()
    assert not lock.exists()
    assert no_job_left(healthy_lab)


@pytest.mark.data
def test_real_counts(
    on_lab: Maker,
    development_data: Path,
    healthy_lab: SlurmLab,
    images: Path,
) -> None:
    """Eye and soleus from raw counts to the report: R in one image, Python in the other."""
    run = on_lab()
    budget = ("--models", "knn,pca_lr", "--n_permutations", "19")
    ended = run.run("-profile", "slurm", "-c", "site.config", *sources(development_data), *budget)
    assert ended.code == 0, ended.said
    assert run.missing() == []
    cells = pd.read_csv(run.outdir / "cells.csv")
    assert len(cells) == 2 * 4 * 2
    assert set(cells["status"]) == {"ok"}
    assert no_job_left(healthy_lab)
