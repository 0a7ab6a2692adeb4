"""A small checkout to break, and what gates are given."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spacebio_bench.errors import NotApplicableError
from spacebio_bench.release.folds.validators import validator
from spacebio_bench.release.gates._gate import Context

FACTS = """\
title: A title
version: 1.2.0
licence:
  code: MIT
"""
CHANGES = """\
# Changelog

## [1.2.0] - 2026-11-02

### Added

- A thing.
"""


@pytest.fixture
def checkout(tmp_path: Path, project: Path) -> Path:
    """A git checkout of a release, as small as gates allow."""
    root = tmp_path / "checkout"
    (root / "release").mkdir(parents=True)
    (root / "python").mkdir()
    files = {
        "release/facts.yaml": FACTS,
        "release/facts.schema.json": "{}",
        "main.nf": "workflow {}\n",
        ".gitignore": "/results/\n",
        "CHANGELOG.md": CHANGES,
        "LICENSE": (project / "LICENSE").read_text(encoding="utf-8"),
        "python/pyproject.toml": '[project]\nname = "x"\nversion = "1.2.0"\nlicense = "MIT"\n',
        "CITATION.cff": "cff-version: 1.2.0\ntitle: A title\nmessage: Cite it.\n"
        "authors:\n  - name: Somebody\nversion: 1.2.0\nlicense: MIT\n",
        ".zenodo.json": '{"title": "A title", "upload_type": "software", "description": "It.",'
        ' "creators": [{"name": "Somebody"}], "license": "mit", "version": "1.2.0"}\n',
    }
    for name, text in files.items():
        (root / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


@pytest.fixture
def give(tmp_path: Path) -> Callable[[Path], Context]:
    """What a gate is given for a root."""
    workdir = tmp_path / "work"
    workdir.mkdir()
    return lambda root: Context(root=root, workdir=workdir)


@pytest.fixture(scope="session")
def validators() -> None:
    """Skips where the validators' environment is not there."""
    try:
        validator("detect-secrets")
    except NotApplicableError as error:
        pytest.skip(str(error))
