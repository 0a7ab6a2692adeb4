"""Reports of gates are kept by what they judged, not by a commit that may be rewritten."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from spacebio_bench.errors import InputError
from spacebio_bench.release.checkout import code_tree
from spacebio_bench.release.evidence import record
from spacebio_bench.release.manifest import MANIFEST, manifest_problems, write_manifest

from ._copy import copy_release

WHOLE = ("manifest", "documents", "claims", "package")
TREE = "1234567890" * 4


def _report(*gates: str, **changes: object) -> dict[str, Any]:
    row = {"status": "green", "code": 20, "seconds": 1.0}
    found = [{"id": name, **row, "findings": [{"where": "/a/folder"}]} for name in gates]
    head = {"status": "green", "date": "2026-01-02", "commit": "0" * 40, "code_tree": TREE}
    return {**head, "gates": found, **changes}


def _written(folder: Path, report: object) -> Path:
    path = folder / "report.json"
    path.write_text(json.dumps(report), encoding="utf-8")
    return path


@pytest.fixture
def release(project: Path, tmp_path: Path) -> Path:
    return copy_release(project, tmp_path / "release")


@pytest.mark.parametrize(("further", "name"), [((), "release-qa"), (("rerun",), "hpc-public-qa")])
def test_kept_without_what_a_squash_or_a_machine_changes(
    release: Path, tmp_path: Path, further: tuple[str, ...], name: str
) -> None:
    told = record(release, _written(tmp_path, _report(*WHOLE, *further)))
    assert told == f"release/evidence/{name}.json"
    kept = json.loads((release / told).read_text(encoding="utf-8"))
    assert "commit" not in kept
    assert [set(gate) for gate in kept["gates"]] == [{"id", "status", "code", "seconds"}] * len(
        [*WHOLE, *further]
    )
    write_manifest(release)
    assert [str(problem) for problem in manifest_problems(release)] == []
    gates = {gate["id"]: gate for gate in json.loads((release / MANIFEST).read_text())["gates"]}
    wanted = {"status": "green", "date": "2026-01-02", "code_tree": TREE, "report": told}
    assert gates[name]["evidence"] == wanted


@pytest.mark.parametrize("report", [[], {}, {"gates": []}, {"a": 1}])
def test_no_report(release: Path, tmp_path: Path, report: object) -> None:
    with pytest.raises(InputError, match="is no report of"):
        record(release, _written(tmp_path, report))


def test_a_part_of_the_gates(release: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"of some gates only \(claims, manifest\)"):
        record(release, _written(tmp_path, _report("manifest", "claims")))


def test_the_code_is_known_in_a_rewritten_history(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org"]

    def call(*words: str) -> str:
        done = subprocess.run([*git, *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    call("init", "-q")
    assert code_tree(tmp_path) == ""
    (tmp_path / "python" / "src").mkdir(parents=True)
    (tmp_path / "python" / "src" / "a.py").write_text("A = 1\n", encoding="utf-8")
    call("add", "-A")
    call("commit", "-qm", "one")
    before, commit = code_tree(tmp_path), call("rev-parse", "HEAD")
    (tmp_path / "README.md").write_text("words\n", encoding="utf-8")
    call("add", "-A")
    call("commit", "-q", "--amend", "-m", "another")
    assert call("rev-parse", "HEAD") != commit
    assert code_tree(tmp_path) == before != ""
    (tmp_path / "python" / "src" / "a.py").write_text("A = 2\n", encoding="utf-8")
    call("commit", "-qam", "other code")
    assert code_tree(tmp_path) != before
