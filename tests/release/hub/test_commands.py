"""`release upload-plan` and `release upload` as a user calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.cli import main
from spacebio_bench.release.hub_client import scrub

from ._store import REPO, FakeHub
from .conftest import TOKEN

PLAN = ["release", "upload-plan", "--folds", "folds", "--repo", REPO, "--output", "plan.json"]
UPLOAD = ["release", "upload", "--plan", "plan.json"]


@pytest.fixture
def planned(folder: Path) -> None:
    """`plan.json` of A5."""
    assert call(*PLAN, "--task", "A5", "--quiet").exit_code == 0


@pytest.fixture
def online(server: FakeHub, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    """HF_ENDPOINT and HF_TOKEN, as the library has read them."""
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", server.url)
    monkeypatch.setattr("huggingface_hub.hf_api.constants.ENDPOINT", server.url)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    return server


def call(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_a_plan_is_written_and_told(folder: Path) -> None:
    result = call(*PLAN, "--task", "A5", "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    plan = json.loads(Path("plan.json").read_text())
    assert told["files"] == len(plan["files"])
    assert told["bytes"] == sum(file["bytes"] for file in plan["files"])


def test_what_is_missing_ends_with_2_and_writes_nothing(folder: Path) -> None:
    (folder / "folds" / "A5_skin_lomo" / "task_info.json").unlink()
    result = call(*PLAN, "--task", "A5")
    assert result.exit_code == 2
    assert "folds/A5_skin_lomo/task_info.json: is not there" in result.stderr
    assert "spacebio-bench release folds" in result.stderr
    assert not Path("plan.json").exists()


@pytest.mark.usefixtures("planned")
def test_the_way_of_a_release(online: FakeHub) -> None:
    diff = call(*UPLOAD, "--remote-diff")
    assert diff.exit_code == 4
    assert "missing  README.md" in diff.stdout
    dry = call(*UPLOAD, "--dry-run")
    assert dry.exit_code == 0
    assert "upload README.md" in dry.stdout
    assert len(online.history) == 1
    done = call(*UPLOAD, "--message", "A5")
    assert done.exit_code == 0
    assert online.head.message == "A5"
    assert f"0 missing, 0 extra; commit {online.head.oid}" in done.stdout
    again = call(*UPLOAD, "--json")
    assert json.loads(again.stdout)["committed"] is False
    same = call(*UPLOAD, "--remote-diff", "--json")
    assert same.exit_code == 0
    assert json.loads(same.stdout)["counts"]["differs"] == 0
    online.add("A5_skin_lomo/task_info.json", b"changed")
    online.add("A5_skin_lomo/more.txt", b"more")
    changed = call(*UPLOAD, "--remote-diff")
    assert changed.exit_code == 4
    assert "differs  A5_skin_lomo/task_info.json" in changed.stdout
    assert "extra    A5_skin_lomo/more.txt" in changed.stdout
    quiet = call(*UPLOAD, "--remote-diff", "--quiet")
    assert (quiet.exit_code, quiet.stdout) == (4, "")


@pytest.mark.usefixtures("planned")
def test_what_the_hub_stores_wrongly_ends_with_4(online: FakeHub) -> None:
    online.faults = {("commit", 1): "wrong"}
    result = call(*UPLOAD, "--json")
    assert result.exit_code == 4
    counts = json.loads(result.stdout)["verified"]["counts"]
    assert counts["differs"] > 0
    assert "not as planned" in result.stderr


@pytest.mark.usefixtures("planned")
def test_a_failing_hub_ends_with_1_and_changed_files_with_2(online: FakeHub) -> None:
    online.faults = {("info", 0): 403}
    assert call(*UPLOAD).exit_code == 1
    Path("docs/hf_dataset_card.md").write_text("changed")
    result = call(*UPLOAD)
    assert result.exit_code == 2
    assert "docs/hf_dataset_card.md: has 7 bytes" in result.stderr
    assert call("release", "upload", "--plan", "none.json").exit_code == 2


@pytest.mark.usefixtures("planned")
def test_as_a_process_of_its_own(folder: Path, server: FakeHub) -> None:
    server.token = "hf_OfTheEnvironment123"
    environment = {
        **os.environ,
        "HF_ENDPOINT": server.url,
        "HF_TOKEN": server.token,
        "HF_HOME": str(folder / "home"),
        "HF_DEBUG": "1",
        "HF_HUB_VERBOSITY": "debug",
    }
    words = [str(Path(sys.executable).with_name("spacebio-bench")), *UPLOAD]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "files, " in done.stderr
    server.faults = {("info", 0): 401}
    refused = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    for text in (done.stdout, done.stderr, refused.stdout, refused.stderr):
        assert server.token not in text


@given(token=st.text("abcdefXYZ0123456789_-", min_size=8, max_size=40), around=st.text(max_size=20))
def test_no_token_is_left_in_a_text(token: str, around: str) -> None:
    text = f"{around} {token} {around}'Authorization: Bearer {token}'"
    assert token not in scrub(text, (token,)).replace("<token>", "")


def test_what_looks_like_a_secret_goes_too() -> None:
    text = scrub("https://me:pw@hub/x?X-Signature=1&y=2 Basic YWJj hf_abcdefgh12 plain")
    assert text == "https://<login>@hub/x?<query> Basic <token> <token> plain"
