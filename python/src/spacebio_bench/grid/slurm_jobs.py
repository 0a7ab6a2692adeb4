"""What SLURM says of the jobs of a run: their states, and why no worker comes of them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ALIVE = ("PENDING", "CONFIGURING", "RUNNING", "COMPLETING", "SUSPENDED", "REQUEUED")

REMEDIES = {
    "PartitionDown": "The partition takes no jobs now; set --partition to another.",
    "PartitionInactive": "The partition takes no jobs now; set --partition to another.",
    "PartitionNodeLimit": "The partition has no such nodes; lower --worker_cores.",
    "PartitionTimeLimit": "The partition allows less time; lower --walltime.",
    "Resources": "The cluster is full; set --worker_deadline to the time that jobs wait here.",
    "Priority": "The cluster is full; set --worker_deadline to the time that jobs wait here.",
    "ReqNodeNotAvail": "The nodes are down or reserved; `sinfo -R` says why.",
    "AssocGrpCpuLimit": "The account has used what it may; set --account, or fewer --workers.",
    "InvalidAccount": "Set --account to one of yours.",
    "AccountNotAllowed": "Set --account to one of yours that may use the partition.",
    "Job's account": "Set --account to one of yours that may use the partition.",
    "InvalidQOS": "Set --sbatch_options='--qos=...' to one of yours.",
}


@dataclass(frozen=True)
class Job:
    """A job in SLURM's words: state, and the reason why it waits or ended."""

    id: str
    state: str
    reason: str
    node: str

    @property
    def alive(self) -> bool:
        """It waits, runs or is about to end; another state is the end."""
        return self.state in ALIVE


def jobs_named(name: str) -> dict[str, Job] | None:
    """Our jobs of a name by id, those that ended lately too; None while SLURM does not answer."""
    command = ["squeue", "--me", "--noheader", "--name", name, "--states", "all"]
    try:
        said = subprocess.run(  # noqa: S603 - the site's own squeue, by name
            [*command, "--format", "%A|%T|%r|%N"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_jobs(said)


def parse_jobs(said: str) -> dict[str, Job]:
    """Jobs of squeue's lines `id|state|reason|node`."""
    rows = [line.strip().split("|") for line in said.splitlines()]
    return {row[0]: Job(*row) for row in rows if len(row) == 4}


def cancel(ids: Sequence[str]) -> None:
    """Take jobs out of the queue; those that are gone are no matter."""
    if ids:
        command = ["scancel", *ids]
        subprocess.run(command, capture_output=True, check=False, timeout=60)  # noqa: S603


def why_no_worker(
    jobs: Mapping[str, Job] | None, rejections: Sequence[str], logs: Path, address: str
) -> list[str]:
    """One sentence for each kind of reason that there is no worker.

    Parameters
    ----------
    jobs
        The jobs of the run, as SLURM knows them.
    rejections
        What sbatch said when it did not take a job.
    logs
        Folder of the workers' logs, `worker-<job>.log`.
    address
        Where the workers should have connected.
    """
    if rejections:
        told = [f"sbatch does not take the jobs: {rejections[-1]}"]
    elif jobs is None:
        told = ["squeue does not answer: is this a submit host, and is SLURM up?"]
    else:
        told = []
    by_kind: dict[tuple[str, str], list[Job]] = {}
    for job in (jobs or {}).values():
        kind = (job.state, job.reason if job.state == "PENDING" else "")
        by_kind.setdefault(kind, []).append(job)
    for (state, reason), of_kind in sorted(by_kind.items()):
        ids = _named([job.id for job in of_kind])
        last = of_kind[-1]
        if state == "PENDING":
            told.append(f"{ids} in the queue; SLURM's reason: {reason}. {_remedy(reason)}".strip())
        elif state in ALIVE:
            told.append(
                f"{ids} on {last.node}, but no worker has connected to {address}. Can nodes reach "
                "it? Set --scheduler_interface and --worker_interface, or --backend local."
                + _last_lines(logs, last.id)
            )
        else:
            told.append(f"{ids} over: {state}.{_last_lines(logs, last.id)}")
    return told or ["SLURM knows none of the jobs."]


def _named(ids: Sequence[str]) -> str:
    some = ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
    return f"job {some} is" if len(ids) == 1 else f"{len(ids)} jobs ({some}) are"


def _remedy(reason: str) -> str:
    return next((text for key, text in REMEDIES.items() if reason.startswith(key)), "")


def _last_lines(logs: Path, job: str, *, n: int = 8) -> str:
    try:
        lines = (logs / f"worker-{job}.log").read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    if not lines:
        return f" The log of job {job} is empty."
    if any(line.startswith("Traceback") for line in lines):  # its frames push out the cause
        lines = [line for line in lines if line.strip() and not line.startswith((" ", "Traceback"))]
    told = "".join(f"\n    {line[:300]}" for line in lines[-n:])
    return f" The end of the log of job {job}:{told}"
