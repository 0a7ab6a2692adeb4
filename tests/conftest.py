"""What all tests share: where the project and the development data are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from ._containers import apptainer, docker, docker_images, images

__all__ = ["apptainer", "development_data", "docker", "docker_images", "images", "project"]

# The suite is the same at every run; HYPOTHESIS_PROFILE=explore looks for new examples.
settings.register_profile("fixed", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fixed"))

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
