"""The images that the HPC tests run in: built once, whoever of the test processes comes first."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "images"


def missing() -> str:
    """Why there can be no SIF files here; empty when there can."""
    return _run("bin/setup/apptainer.sh", "missing").stdout.strip()


def build(*names: str, kind: str = "sif", env: dict[str, str] | None = None) -> Path:
    """Folder with the images, up to date; `bin/images.sh` lets one process at a time build."""
    done = _run("bin/images.sh", "--kind", kind, "--only", ",".join(names), str(FOLDER), env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return FOLDER


def _run(*command: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=1200
    )


@pytest.fixture(scope="session")
def images() -> Path:
    """Folder with r-preprocess.sif and python-models.sif; skips where there can be none."""
    if why := missing():
        pytest.skip(why)
    return build("r-preprocess", "python-models")
