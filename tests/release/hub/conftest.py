"""A package of two tasks and a hub that has nothing yet."""

from __future__ import annotations

import types
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacebio_bench.release.hub_client import Hub, open_hub
from spacebio_bench.release.hub_plan import build_plan
from spacebio_bench.release.upload_plan import UploadPlan

from ._hub import serving
from ._small import write_small_package
from ._store import REPO, FakeHub

TOKEN = "hf_notARealTokenButLooksLikeOne"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No login of this machine, no real waiting between attempts, no proxy."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_RESOURCE", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.setattr("huggingface_hub.constants.HF_STORED_TOKENS_PATH", str(tmp_path / "none"))
    no_wait = types.SimpleNamespace(sleep=lambda _: None, time=lambda: 0.0)
    monkeypatch.setattr("huggingface_hub.utils._http.time", no_wait)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where plans are made: `folds/` and the card; the current directory."""
    root = tmp_path / "work"
    write_small_package(root / "folds")
    (root / "docs").mkdir()
    (root / "docs" / "hf_dataset_card.md").write_text("---\nlicense: mit\n---\n# Folds\n")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def plan(folder: Path) -> UploadPlan:
    """Of A5."""
    return build_plan(Path("folds"), "A5", repo_id=REPO, card=Path("docs/hf_dataset_card.md"))


@pytest.fixture
def server() -> Iterator[FakeHub]:
    """The other side."""
    with serving(FakeHub(token=TOKEN)) as hub:
        yield hub


@pytest.fixture
def hub(server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """Ours."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    return open_hub(REPO, endpoint=server.url)
