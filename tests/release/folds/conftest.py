"""One package for all tests that read, and a copy for each that breaks one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from spacebio_bench.protocol import load_protocol
from spacebio_bench.release.folds.about import About
from spacebio_bench.release.folds.plan import Choice
from spacebio_bench.release.folds.write import Written, write_package

from ._package import cohorts

CHOICE = Choice(features=("pathway_toy",), strata=("strain",))
ABOUT = About(images={"r-preprocess": "0" * 64})


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Written]:
    """A package and what was told of it."""
    root = tmp_path_factory.mktemp("folds") / "package"
    protocol = load_protocol("calibrated")
    return root, write_package(cohorts(), root, protocol=protocol, choice=CHOICE, about=ABOUT)


@pytest.fixture(scope="session")
def package(made: tuple[Path, Written]) -> Path:
    """A package that is whole; not to be changed."""
    return made[0]


@pytest.fixture
def copied(package: Path, tmp_path: Path) -> Path:
    """A package to break."""
    return Path(shutil.copytree(package, tmp_path / "copy"))
