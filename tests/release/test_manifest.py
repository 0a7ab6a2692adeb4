"""The manifest: every fault of it is named, all at once."""

from __future__ import annotations

import json
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from spacebio_bench.cli._main import main
from spacebio_bench.release.checkout import knows_commit
from spacebio_bench.release.gates._gate import Context, Flag
from spacebio_bench.release.gates.manifest import manifest_gate
from spacebio_bench.release.manifest import MANIFEST, manifest_problems, write_manifest
from spacebio_bench.release.paths import path_problem

from ._copy import copy_release

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def release(project: Path, tmp_path: Path) -> Path:
    return copy_release(project, tmp_path / "release")


def _path(text: str) -> Change:
    return lambda m: m["artifacts"][0].update(path=text)


FAULTS: dict[str, tuple[Change, str]] = {
    "a size": (lambda m: m["artifacts"][3].update(bytes=1), "bytes, the manifest says 1"),
    "a digest": (lambda m: m["artifacts"][3].update(sha256="0" * 64), "has sha256"),
    "absolute": (_path("/etc/passwd"), "is an absolute path"),
    "of another system": (_path("C:/x"), "is an absolute path"),
    "above": (_path("../README.md"), "leaves the release"),
    "a pattern": (_path("docs/*.md"), "is a pattern"),
    "empty": (_path(" "), "is an empty path"),
    "a file that is not there": (_path("docs/none.md"), "docs/none.md is not there"),
    "twice": (lambda m: m["artifacts"].append(m["artifacts"][0]), "is listed 2 times"),
    "left out": (lambda m: m["artifacts"].pop(0), "is not listed"),
    "artifact of a lane": (
        lambda m: m["lanes"][0]["artifacts"].append("x"),
        "names the artifact x",
    ),
    "claim of a lane": (lambda m: m["lanes"][0]["claims"].append("x"), "names the claim x"),
    "lanes": (lambda m: m["lanes"].pop(), "lanes: are"),
    "a gate": (lambda m: m["gates"].pop(), "gates: are"),
    "version": (lambda m: m["project"].update(version="9.9.9"), "says '0.1.0'"),
    "another key": (lambda m: m.update(colour="red"), "'colour' was unexpected"),
    "a key missing": (lambda m: m.pop("open_decisions"), "'open_decisions' is a required"),
    "a status": (lambda m: m["lanes"][0].update(status="fine"), "'fine' is not one of"),
}


def _change(root: Path, *changes: Change) -> list[str]:
    path = root / MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for change in changes:
        change(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return [str(problem) for problem in manifest_problems(root)]


def test_ours_is_right(project: Path) -> None:
    assert manifest_problems(project) == []


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named(release: Path, fault: tuple[Change, str]) -> None:
    change, told = fault
    assert any(told in problem for problem in _change(release, change))


def test_all_at_once_and_the_gate_closes(release: Path, tmp_path: Path) -> None:
    names = ("a size", "claim of a lane", "version", "another key")
    problems = "\n".join(_change(release, *(FAULTS[name][0] for name in names)))
    assert [name for name in names if FAULTS[name][1] not in problems] == []
    context = Context(root=release, workdir=tmp_path / "work")
    assert max(finding.flag for finding in manifest_gate(context)) == Flag.RED


def test_links_are_no_files(release: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes((release / "LICENSE").read_bytes())
    (release / "LICENSE").unlink()
    (release / "LICENSE").symlink_to(tmp_path / "elsewhere")
    assert any("LICENSE is a link" in str(p) for p in manifest_problems(release))


def test_unknown_commits(release: Path) -> None:
    git = ["git", "-C", str(release), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    problems = [str(problem) for problem in manifest_problems(release)]
    assert problems, "the commits of the runs are not in this repository"
    assert all("is not in the history" in problem for problem in problems)


def test_a_commit_that_was_rebased_away_is_unknown(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org"]

    def call(*words: str) -> str:
        done = subprocess.run([*git, *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    call("init", "-q")
    call("commit", "-q", "--allow-empty", "-m", "first")
    first = call("rev-parse", "HEAD")
    call("commit", "-q", "--allow-empty", "-m", "second")
    second = call("rev-parse", "HEAD")
    assert knows_commit(tmp_path, first)
    assert knows_commit(tmp_path, second)
    call("commit", "-q", "--allow-empty", "--amend", "-m", "third")
    assert knows_commit(tmp_path, first)
    assert not knows_commit(tmp_path, second)
    assert not knows_commit(tmp_path, "0" * 40)


def test_writing_is_the_same_twice(release: Path) -> None:
    (release / "docs/benchmarks.md").write_text("# Benchmarks\n", encoding="utf-8")
    assert write_manifest(release)
    first = (release / MANIFEST).read_bytes()
    assert not write_manifest(release)
    assert (release / MANIFEST).read_bytes() == first


def test_verb(release: Path, tmp_path: Path) -> None:
    def call(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["release", "validate", "--root", str(release), *words])
        return done.exit_code, done.output

    assert call("--quiet") == (0, "")
    report = tmp_path / "junit.xml"
    _change(release, FAULTS["a size"][0], FAULTS["version"][0])
    code, output = call("--json", "--junit", str(report))
    assert code == 4
    assert len(json.loads(output)["problems"]) == 2
    suite = ET.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "2")
    (release / MANIFEST).write_text("{", encoding="utf-8")
    code, output = call()
    assert code == 2
    assert "is no JSON" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("text", ["a//b", "./a", "a/", "~/a", "a\\b", "a/../b", "a\nb", "\\\\h\\s"])
def test_paths_that_are_refused(text: str) -> None:
    assert path_problem(text)


@pytest.mark.parametrize("text", ["a", "a/b.csv", ".zenodo.json", "a b/c"])
def test_paths_that_are_taken(text: str) -> None:
    assert path_problem(text) == ""
