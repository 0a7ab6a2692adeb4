"""The upload plan of the catalog: its files, the same each time; none where the catalog is old."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from spacebio_bench.cli._main import main
from spacebio_bench.release.upload_plan import check_local, read_plan

from ._copy import copy_release

FOLDER = Path("release/catalog/v9")


def plan(*words: str, output: str = "plan.json") -> tuple[int, str]:
    command = ["release", "upload-plan", "--task", "catalog", "--output", output, *words]
    done = CliRunner().invoke(main, command)
    assert "Traceback" not in done.output
    return done.exit_code, done.output


@pytest.fixture(autouse=True)
def here(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a copy of the release."""
    monkeypatch.chdir(copy_release(project, tmp_path / "release"))


def test_every_file_of_the_catalog_and_its_card() -> None:
    code, told = plan()
    assert code == 0, told
    made = read_plan(Path("plan.json"))
    files = {p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*") if p.is_file()}
    assert {file.repo_path for file in made.files} == {*files, "README.md"}
    for file in made.files:
        content = Path(file.local_path).read_bytes()
        assert file.sha256 == hashlib.sha256(content).hexdigest()
    card = next(file for file in made.files if file.repo_path == "README.md")
    assert card.local_path == "docs/v9_hf_dataset_card.md"
    assert len(check_local(made, root=Path())) == len(made.files)
    data = json.loads(Path("plan.json").read_text())
    assert data["repo_id"].endswith("/catalog")


def test_the_same_plan_twice() -> None:
    plan()
    plan(output="again.json")
    assert Path("plan.json").read_bytes() == Path("again.json").read_bytes()


def test_no_plan_of_an_old_catalog() -> None:
    tasks = FOLDER / "tasks.csv"
    tasks.write_text(tasks.read_text().replace("A1_liver", "A9_liver"))
    (FOLDER / "more.txt").write_text("")
    code, told = plan("--repo", "nobody")
    assert code == 2
    assert "tasks.csv" in told
    assert "more.txt" in told
    assert "'nobody' is no repository" in told
    assert not Path("plan.json").exists()


def test_folds_are_for_tasks() -> None:
    code, told = plan("--folds", "folds")
    assert code == 2
    assert "--folds" in told
    done = CliRunner().invoke(
        main, ["release", "upload-plan", "--task", "A1", "--output", "p.json"]
    )
    assert done.exit_code == 2
    assert "--folds" in done.output
