"""Hooks are the tools of the set-up, and a clean tree passes them."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import Any

import pytest

from ._read import ROOT, read

CONFIG = read(ROOT / ".pre-commit-config.yaml")
HOOKS: dict[str, Any] = {hook["id"]: hook for repo in CONFIG["repos"] for hook in repo["hooks"]}
SLOW = {"mypy", "nextflow-lint"}
MODULE = "python/src/spacebio_bench/errors.py"


def test_hooks_are_local() -> None:
    assert [repo["repo"] for repo in CONFIG["repos"]] == ["local"]
    assert set(HOOKS) == {
        *("ruff-check", "ruff-format", "mypy", "lint-imports", "nextflow-lint"),
        *("cards", "file-size"),
    }
    for hook in HOOKS.values():
        assert hook["language"] == "system"
        assert shlex.split(hook["entry"])[0].startswith(".venv/bin/")
        assert {"id", "name", "language", "entry"} <= set(hook)
        assert set(hook) <= {"id", "name", "language", "entry", "files", "types", "pass_filenames"}


@pytest.mark.parametrize(
    ("hook", "there", "not_there"),
    [
        ("ruff-check", MODULE, "docs/tasks.md"),
        ("mypy", MODULE, "tests/conftest.py"),
        ("nextflow-lint", "conf/base.config", MODULE),
    ],
)
def test_hooks_look_at_their_files(hook: str, there: str, not_there: str) -> None:
    pattern = re.compile(HOOKS[hook]["files"])
    assert pattern.search(there)
    assert not pattern.search(not_there)


def _run(hook: str, *files: str) -> subprocess.CompletedProcess[str]:
    given = files if HOOKS[hook].get("pass_filenames", True) else ()
    return subprocess.run(
        [*shlex.split(HOOKS[hook]["entry"]), *given],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize(
    "hook", [pytest.param(h, marks=[pytest.mark.slow] if h in SLOW else []) for h in HOOKS]
)
def test_a_clean_tree_passes(hook: str) -> None:
    done = _run(hook, MODULE)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_a_fault_is_found(tmp_path) -> None:
    bad = tmp_path / "bad.py"
    bad.write_text("import os\n")
    done = _run("ruff-check", str(bad))
    assert done.returncode == 1
    assert "F401" in done.stdout
