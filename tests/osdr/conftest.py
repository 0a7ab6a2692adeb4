"""A replay server and the verb that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ._verb import Fetch, call
from .replay import Replay, made_samples, made_study


@pytest.fixture
def server() -> Iterator[Replay]:
    """Two studies of one tissue each."""
    studies = {
        accession: made_study(
            accession, made_samples(accession, "eye", 3), material="eye", project=mission
        )
        for accession, mission in (("OSD-100", "RR-1"), ("OSD-194", "RR-3"))
    }
    with Replay(studies) as replay:
        yield replay


@pytest.fixture
def fetch(server: Replay, tmp_path: Path) -> Fetch:
    """`spacebio-bench fetch` of the server, with a cache and a folder of the test's own."""

    def fetch_it(*words: str, api: str | None = None) -> tuple[int, str]:
        where = ["--cache", str(tmp_path / "cache"), "--api", api or server.address]
        return call("fetch", *where, "--outdir", str(tmp_path / "data"), *words)

    return fetch_it
