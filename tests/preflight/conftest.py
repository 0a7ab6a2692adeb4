"""A PATH that holds only pretended commands, and a run that is meant."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spacebio_bench.preflight import containers
from spacebio_bench.preflight.setup import Setup, setup_of

PYTHON = sys.executable

LABELS = {
    "org.opencontainers.image.title": "python-models",
    "org.opencontainers.image.version": "0.1.0",
    "org.spacebio-bench.lock": "1" * 64,
    "org.spacebio-bench.source": "2" * 64,
}


@dataclass(frozen=True)
class Commands:
    """The commands of a machine: shell scripts in one folder."""

    folder: Path

    def add(self, name: str, script: str = "") -> None:
        """Put one there."""
        path = self.folder / name
        path.write_text(f"#!/bin/bash\n{script}\n")
        path.chmod(0o755)


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """No command is there but the shell's own and `cat`, `rm`, `sleep`."""
    folder = tmp_path / "commands"
    folder.mkdir()
    for name in ("cat", "rm", "sleep"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    for name in ("NXF_JAVA_HOME", "JAVA_HOME", "JAVA_CMD", "NXF_TASK_WORKDIR"):
        monkeypatch.delenv(name, raising=False)
    return Commands(folder)


@pytest.fixture
def slurm(commands: Commands, tmp_path: Path) -> Path:
    """A cluster of pretence that runs a job at once, on this machine; the folder of its queue.

    A file `state` in the folder is what the queue says of every job, which is then not run; `hold`
    lets a job run, but not leave the queue.
    """
    queue = tmp_path / "queue"
    queue.mkdir()
    commands.add(
        "sbatch",
        f"""
echo "$*" >>{queue}/submitted
[[ -e {queue}/refuse ]] && {{ cat {queue}/refuse >&2; exit 1; }}
for word; do
    case $word in
    --test-only) echo 'sbatch: Job 7 to start at 2020-01-01T00:00:00 using 1 cpus' >&2; exit 0 ;;
    --output=*) log=${{word#*=}} ;;
    --chdir=*) folder=${{word#*=}} ;;
    esac
done
script=${{@: -1}}
[[ -e {queue}/nolog ]] && log=/dev/null
if [[ ! -e {queue}/state ]]; then
    (cd "$folder"; /bin/bash "$script" >"$log" 2>&1; echo done >{queue}/left) >/dev/null 2>&1 &
fi
echo 7
""",
    )
    commands.add(
        "squeue",
        f"""
if [[ -e {queue}/state ]]; then cat {queue}/state
elif [[ ! -e {queue}/left || -e {queue}/hold ]]; then echo 'RUNNING|None|node1'; fi""",
    )
    commands.add("scancel", f'echo "$*" >>{queue}/cancelled')
    commands.add("sinfo", "echo 'normal*|up|infinite|idle|3|16|64000'")
    commands.add(
        "scontrol",
        """
[[ $1 == ping ]] && echo 'Slurmctld(primary) at head is UP' && exit
echo 'JobId=7 JobState=FAILED Reason=NonZeroExitCode ExitCode=3:0 BatchHost=node1'""",
    )
    commands.add(
        "apptainer",
        f"""
[[ $1 == exec || $2 == exec ]] || {{ echo apptainer version 1.4.5; exit; }}
while [[ $1 != *.sif ]]; do shift; done
shift 2
exec {PYTHON} "$@"
""",
    )
    return queue


@pytest.fixture
def meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Setup]:
    """Makes the set-up of a run in a folder of its own; images are labelled `LABELS`."""
    folder = tmp_path / "launch"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(containers, "expected_labels", lambda project, image: LABELS)

    def make(profile: str = "local", *, probe_seconds: float = 5.0, **given: Any) -> Setup:
        return setup_of(given, profile=profile, project=folder, probe_seconds=probe_seconds)

    return make


@pytest.fixture
def labels() -> dict[str, str]:
    """What the images of this checkout are labelled."""
    return dict(LABELS)
