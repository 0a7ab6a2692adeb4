"""The images, and a Docker engine for as long as the tests take."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


def run(
    project: Path, *command: str, env: dict[str, str] | None = None, seconds: int = 1200
) -> str:
    """Standard output of a command that must work."""
    done = subprocess.run(
        command,
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def apptainer(project: Path) -> str:
    """Path of Apptainer; skips where it is not set up."""
    if subprocess.run(["bin/setup/apptainer.sh", "found"], cwd=project, check=False).returncode:
        pytest.skip("Apptainer is not set up: run `make setup-hpc`")
    if os.geteuid() == 0 and str(project).startswith(("/tmp/", "/var/tmp/")):
        pytest.skip("root's image builds do not see a checkout below /tmp")
    run(project, "bin/setup/apptainer.sh", "install")
    return str(project / ".venv/bin/apptainer")


@pytest.fixture(scope="session")
def docker(project: Path) -> Iterator[dict[str, str]]:
    """Environment in which a Docker engine answers; skips where it is not set up."""
    found = subprocess.run(["bin/setup/docker.sh", "found"], cwd=project, check=False)
    if found.returncode and not (shutil.which("dockerd") and os.geteuid() == 0):
        pytest.skip("no Docker engine answers, and none can be started: run `make setup-hpc`")
    said = run(project, "bin/setup/docker.sh", "up").strip()
    environment = dict(os.environ)
    if said:
        name, value = said.removeprefix("export ").split("=", 1)
        environment[name] = value
    yield environment
    if said:
        run(project, "bin/setup/docker.sh", "down")


@pytest.fixture(scope="session")
def images(project: Path, apptainer: str) -> Path:
    """Folder with r-preprocess.sif and python-models.sif, up to date."""
    run(project, "bin/images.sh", "--kind", "sif", "--only", "r-preprocess,python-models", "images")
    return project / "images"


@pytest.fixture(scope="session")
def docker_images(project: Path, docker: dict[str, str]) -> dict[str, str]:
    """Environment of an engine that has both images, up to date."""
    only = ("--only", "r-preprocess,python-models")
    run(project, "bin/images.sh", "--kind", "docker", *only, env=docker)
    return docker
