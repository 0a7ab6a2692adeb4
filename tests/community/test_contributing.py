"""CONTRIBUTING followed to the letter; links of the community's pages lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from ._read import ROOT, shell_blocks

PAGES = (
    *("CONTRIBUTING.md", "CODE_OF_CONDUCT.md", "SECURITY.md", "GOVERNANCE.md"),
    *(".github/PULL_REQUEST_TEMPLATE.md", "examples/README.md"),
)
DRY = {
    "make test": "it is what runs this",
    "make release-qa": "minutes; every gate has tests of its own",
}
"""What make is only asked about: are the targets there, what would be called?"""
LONG = ("make lint", "pytest ")
BLOCKS = shell_blocks(ROOT / "CONTRIBUTING.md")


def _session(block: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Type the lines of a block one after the other, stopping at the first that fails."""
    lines = []
    for line in block.splitlines():
        dry = any(line.startswith(command) for command in DRY)
        lines.append(line.replace("make ", "make -n ", 1) if dry else line)
    # make hands its own options to what it starts
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
        cwd=ROOT,
        env=clean | {"PYTEST_ADDOPTS": f"-p no:cacheprovider --basetemp={tmp_path / 'inner'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def _marked(block: str) -> object:
    long = any(line.startswith(LONG) for line in block.splitlines())
    name = block.splitlines()[0]
    return pytest.param(block, id=name, marks=[pytest.mark.slow] if long else [])


@pytest.mark.parametrize("block", [_marked(block) for block in BLOCKS])
def test_every_command_works(block: str, tmp_path: Path) -> None:
    done = _session(block, tmp_path)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_the_set_up_comes_first_and_is_done_when_it_is_done(tmp_path: Path) -> None:
    assert BLOCKS[0].splitlines()[:2] == ["make setup", ". .venv/bin/activate"]
    told = _session(BLOCKS[0], tmp_path).stdout
    assert "set-up: ready" in told
    assert "Debian:" not in told


def test_the_session_stops_at_what_fails(tmp_path: Path) -> None:
    assert _session("make no-such-target\ntrue\n", tmp_path).returncode != 0
    assert _session("make test no-such-target\n", tmp_path).returncode != 0


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8"))
    local = [link for link in links if not link.startswith(("http:", "https:", "mailto:"))]
    assert [link for link in local if not (path.parent / link).exists()] == []
    assert all(link.startswith("https://") for link in set(links) - set(local))


def test_code_of_conduct_names_the_covenant() -> None:
    text = (ROOT / "CODE_OF_CONDUCT.md").read_text(encoding="utf-8")
    assert "https://www.contributor-covenant.org/version/2/1/code_of_conduct/" in text
