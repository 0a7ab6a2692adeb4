"""Profile, parameters and folders of a run that is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from spacebio_bench.errors import InputError
from spacebio_bench.preflight.setup import find_project, setup_of


@pytest.mark.parametrize(
    ("profile", "backend", "machine", "jobs"),
    [
        (None, None, "local", False),
        (None, "slurm", "slurm", True),
        ("slurm", None, "slurm", True),
        ("slurm", "local", "slurm", False),
        ("test,docker", None, "docker", False),
        ("test", None, "local", False),
        ("standard, apptainer", None, "apptainer", False),
    ],
)
def test_profile_and_backend(
    profile: str | None, backend: str | None, machine: str, jobs: bool
) -> None:
    setup = setup_of({"backend": backend}, profile=profile)
    assert setup.profile == machine
    assert setup.workers_are_jobs is jobs


def test_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    setup = setup_of({}, project=Path("/opt/bench"))
    assert setup.outdir == tmp_path / "results"
    assert setup.ledger == tmp_path / "results/.ledger"
    assert setup.work == tmp_path / "work"
    assert setup.sif("r-preprocess") == Path("/opt/bench/images/r-preprocess.sif")
    assert setup_of({"images": "sif"}).images == tmp_path / "sif"


def test_images_that_are_needed() -> None:
    assert setup_of({}).image_names == ("r-preprocess", "python-models")
    given = {"cohorts": "stores", "models_image": "python-tabnet"}
    assert setup_of(given).image_names == ("python-tabnet",)


def test_the_project_is_found(project: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_project() == project
    (tmp_path / "main.nf").touch()
    assert find_project() == tmp_path


def test_everything_wrong_at_once() -> None:
    given = {"seed": "x", "partitoin": "p"}
    with pytest.raises(InputError) as caught:
        setup_of(given, profile="slrum", probe_seconds=0)
    told = [str(problem) for problem in caught.value.problems]
    assert told == [
        "--profile: 'slrum' is not one of local, docker, apptainer, slurm.",
        "--probe_seconds: 0 is not above 0.",
        "--partitoin: is not a parameter. Did you mean --partition?",
        '--seed: a whole number is needed, not "x".',
    ]
