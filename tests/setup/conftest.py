"""A copy of the set-up scripts, and a PATH that holds nothing but what a test puts there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

# what the scripts take from any Debian, however bare
ESSENTIAL = (
    *("bash", "cat", "cut", "dirname", "env", "find", "flock", "grep", "mkdir", "readlink", "rm"),
    *("sed", "sha256sum", "sort", "tail"),
)


@dataclass(frozen=True)
class Machine:
    """A machine of pretence: its commands are the files of one folder."""

    checkout: Path
    commands: Path

    def add(self, name: str, script: str) -> None:
        """Put a command there: a shell script."""
        path = self.commands / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the set-up scripts there."""
        return subprocess.run(
            [self.checkout / "bin" / script, *arguments],
            env={"PATH": str(self.commands), "HOME": str(self.checkout)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def machine(project: Path, tmp_path: Path) -> Machine:
    """Root's machine with Python, but without Java, Maven, R, ps, make and apt."""
    checkout, commands = tmp_path / "checkout", tmp_path / "commands"
    shutil.copytree(project / "bin" / "setup", checkout / "bin" / "setup")
    shutil.copy(project / "bin" / "setup.sh", checkout / "bin")
    commands.mkdir()
    for name in ESSENTIAL:
        found = shutil.which(name)
        assert found, name
        (commands / name).symlink_to(found)
    # a python started through a link finds its library by the link's folder: so a script
    real = Path(sys.base_prefix) / "bin" / Path(sys.executable).name
    made = Machine(checkout, commands)
    made.add("python3.11", f'exec "{real}" "$@"')
    made.add("id", "echo 0")
    return made
