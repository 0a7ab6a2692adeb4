"""`spacebio-bench` as a user calls it, and what a fetch leaves."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from spacebio_bench.cli._main import main

Fetch = Callable[..., "tuple[int, str]"]


def call(*words: str) -> tuple[int, str]:
    """Exit code and output of `spacebio-bench`."""
    done = CliRunner().invoke(main, list(words))
    assert "Traceback" not in done.output
    return done.exit_code, done.output


def provenance(tmp_path: Path, accession: str) -> dict[str, Any]:
    """What is told of a fetched study."""
    path = tmp_path / "data" / accession / "provenance.json"
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def kept(tmp_path: Path) -> list[Path]:
    """Contents of the cache."""
    return [p for p in (tmp_path / "cache" / "objects").rglob("*") if p.is_file()]
