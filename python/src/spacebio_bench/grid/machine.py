"""Where a run is computed: how many workers, with how much memory, on which cluster."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from spacebio_bench.parameters import names_in

MEMORY_STEPS = (1, 2, 4)
"""A unit that ran out of memory is tried again on workers with so many times as much."""

DEFAULT_WORKERS = 4
"""Workers on a cluster where the user asks for no number."""

OVERHEAD_MIB = 256
"""What a job needs beside its workers: nannies and the container."""


@dataclass(frozen=True)
class Slurm:
    """What a site asks of the jobs that are workers.

    Attributes
    ----------
    image
        Apptainer image to start workers in; None for the client's own Python, seen by all nodes.
    binds
        Folders to show in the container beside the stores.
    scratch
        Folder of a node for temporary files.
    sbatch_options
        Further options of sbatch, as on its command line.
    cores
        Workers in one job.
    walltime
        Minutes a job may take.
    quorum, deadline
        Workers that must be there within so many seconds.
    """

    image: Path | None = None
    binds: tuple[Path, ...] = ()
    scratch: Path | None = None
    partition: str | None = None
    account: str | None = None
    sbatch_options: str | None = None
    cores: int = 1
    walltime: int = 240
    scheduler_interface: str | None = None
    worker_interface: str | None = None
    quorum: int = 1
    deadline: float = 900.0


def container_command(image: Path, binds: Sequence[Path], **environment: str) -> list[str]:
    """What comes before a program so that it runs in an Apptainer image.

    Nothing of the caller's own environment, home or folder gets in; `binds` are there to be read
    and written.
    """
    command = ["apptainer", "-q", "exec", "--no-home", "--cleanenv", "--pwd", "/tmp"]  # noqa: S108
    for name, value in environment.items():
        command += ["--env", f"{name}={value}"]
    for folder in binds:
        command += ["--bind", str(folder)]
    return [*command, str(image)]


def slurm_from(parameters: Mapping[str, Any]) -> Slurm:
    """The site's settings from parameters of the pipeline, by their names there."""
    p = parameters
    images = Path(p["images"]).absolute() if p["images"] else None
    return Slurm(
        image=images / f"{p['models_image']}.sif" if images else None,
        binds=tuple(Path(name).absolute() for name in names_in(p["binds"])),
        scratch=Path(p["scratch"]) if p["scratch"] else None,
        partition=p["partition"],
        account=p["account"],
        sbatch_options=p["sbatch_options"],
        cores=p["worker_cores"],
        walltime=p["walltime"],
        scheduler_interface=p["scheduler_interface"],
        worker_interface=p["worker_interface"],
        quorum=p["worker_quorum"],
        deadline=p["worker_deadline"],
    )


@dataclass(frozen=True)
class Machine:
    """Workers of a run.

    Attributes
    ----------
    workers
        How many; 0 for the backend's own number.
    worker_memory
        MiB of each worker.
    memory
        MiB that all workers of this machine may use together; None for nine tenths of it.
    folder
        For files of the run that are no results: logs of workers.
    stores
        Folders that workers read.
    dashboard
        Address of Dask's dashboard; None for none.
    say
        Tells the user a line.
    seen
        What the workers' environment is, where it is not this process's; filled in by the run.
    """

    folder: Path
    workers: int = 0
    worker_memory: int = 3072
    memory: int | None = None
    stores: tuple[Path, ...] = ()
    dashboard: str | None = None
    slurm: Slurm = field(default_factory=Slurm)
    say: Callable[[str], None] = lambda _line: None
    seen: dict[str, Any] = field(default_factory=dict)

    @property
    def n_workers(self) -> int:
        """Workers on this machine: what was asked for, or one a core that we may use."""
        return self.workers or len(os.sched_getaffinity(0))

    def at_most(self, n: int) -> Machine:
        """The same with no more workers than there is work for."""
        return replace(self, workers=min(self.n_workers, n))
