"""What all tests share: where the project and the development data are."""

from __future__ import annotations

from pathlib import Path

import pytest

from ._containers import apptainer, docker, docker_images, images

__all__ = ["apptainer", "development_data", "docker", "docker_images", "images", "project"]

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def project() -> Path:
    """Root of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def development_data() -> Path:
    """Real counts, gene sets and published values; tests that need them are skipped without."""
    if not DATA.is_dir():
        pytest.skip(f"the development data are not at {DATA}")
    return DATA
