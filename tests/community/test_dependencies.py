"""`dependencies.sh`: which versions it asks for, and what it runs with them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

TOOL = """#!/bin/bash
echo "$(basename "$0") $*" >>"{log}"
case "$1 $2" in
  "--version ") echo "uv {version} (of pretence)" ;;
  "-m venv") mkdir -p "${{@: -1}}/bin" && cp "$0" "${{@: -1}}/bin/python" ;;
  "pip compile") [[ $* != *" {fails} "* ]] && echo 'numpy==2.0.0' >"${{@: -1}}" ;;
esac
"""


@pytest.fixture
def checkout(project: Path, tmp_path: Path) -> Path:
    """The scripts, with a uv and a Python that only write down how they are called."""
    shutil.copytree(project / "bin/setup", tmp_path / "bin/setup")
    return tmp_path


def _run(checkout: Path, *words: str, fails: str = "nothing") -> tuple[int, str, list[str]]:
    script = (checkout / "bin/setup/uv.sh").read_text(encoding="utf-8")
    version = script.split("UV=", 1)[1].split("\n", 1)[0]
    log = checkout / "log"
    for name in (".tools/uv/bin/uv", "python-of-pretence"):
        path = checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TOOL.format(log=log, version=version, fails=fails))
        path.chmod(0o755)
    done = subprocess.run(
        [checkout / "bin/setup/dependencies.sh", *words],
        env={"PATH": "/usr/bin:/bin", "PYTHON": str(checkout / "python-of-pretence")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    called = log.read_text().splitlines() if log.exists() else []
    return done.returncode, done.stdout + done.stderr, called


@pytest.mark.parametrize(
    ("versions", "option"), [("lowest", "--resolution lowest-direct"), ("newest", "--upgrade")]
)
def test_versions_are_resolved_installed_and_tried(
    checkout: Path, versions: str, option: str
) -> None:
    code, told, called = _run(checkout, versions)
    assert code == 0, told
    run, checks = [line for line in called if line.startswith("uv pip compile")]
    assert option in run
    assert "--extra dev" not in run
    assert "--extra dev" in checks
    assert f"-c {checkout}/.tools/dependencies-{versions}/run.txt" in checks
    assert called[-1].startswith("python -m pytest")
    assert called[-1].endswith("tests/statistics tests/tasks tests/cohort")
    assert "not slow and not pipeline and not hpc" in called[-1]


def test_other_tests_may_be_named(checkout: Path) -> None:
    _, _, called = _run(checkout, "lowest", "tests/grid")
    assert called[-1].endswith("tests/grid")


@pytest.mark.parametrize("words", [(), ("oldest",)])
def test_wrong_words_are_told(checkout: Path, words: tuple[str, ...]) -> None:
    code, told, called = _run(checkout, *words)
    assert code == 1
    assert "usage: dependencies.sh lowest|newest" in told
    assert called == []


def test_versions_that_do_not_go_together_end_it(checkout: Path) -> None:
    code, told, called = _run(checkout, "lowest", fails="lowest-direct")
    assert code == 1
    assert "this failed" in told
    assert not any(line.startswith("python -m pytest") for line in called)
