"""The cluster as its users see it: jobs, by SLURM's own commands."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from .machine import call, wait_for

ENDED = {"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY"}


@dataclass(frozen=True)
class Jobs:
    """The jobs of the cluster whose slurm.conf is in `folder`."""

    folder: Path

    def environment(self) -> dict[str, str]:
        """What a process needs to find the cluster."""
        return {"SLURM_CONF": str(self.folder / "slurm.conf")}

    def client(self, *argv: str) -> str:
        """What a SLURM command prints."""
        return call(argv, os.environ | self.environment())

    def submit(self, *options: str) -> str:
        """The number of the new job."""
        return self.client("sbatch", "--parsable", *options).strip()

    def job(self, number: str) -> dict[str, str]:
        """What scontrol says of it: JobState, Reason, NodeList, ExitCode, ..."""
        text = self.client("scontrol", "--oneliner", "show", "job", number)
        return dict(re.findall(r"(\S+?)=(\S*)", text))

    def wait_for_job(self, number: str, *states: str, seconds: float = 30) -> dict[str, str]:
        """What it is once it is in one of the states, by default once it has ended."""
        wanted = set(states) or ENDED
        wait_for(
            f"job {number} to be {' or '.join(sorted(wanted))}",
            lambda: self.job(number)["JobState"] in wanted,
            seconds=seconds,
        )
        return self.job(number)

    def cancel_jobs(self) -> None:
        """Cancel all, and wait until the last has left its node."""
        self.client("scancel", "--me")
        wait_for("the queue to be empty", lambda: not self.client("squeue", "-h"), seconds=20)
