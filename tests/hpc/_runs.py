"""Runs of the grid that tests disturb: a client process of its own, and what is seen of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anndata

from spacebio_bench.grid.ledger import Ledger
from spacebio_bench.grid.planner import Selection, make_plan
from spacebio_bench.grid.slurm_jobs import Job, parse_jobs
from spacebio_bench.grid.stores import open_stores
from spacebio_bench.protocol import load_protocol, protocol_from_dict

from ..grid._stores import write_store
from . import _models
from .lab import SlurmLab
from .lab.machine import wait_for

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Work:
    """Stores and a plan."""

    cohorts: Path
    plan: Path
    n_cells: int


def make_work(
    folder: Path,
    models: Mapping[str, Mapping[str, Any]],
    *,
    tissues: int = 1,
    missions: int = 2,
    labelings: int = 2,
    features: tuple[str, ...] = ("gene",),
) -> Work:
    """Stores of some tissues, and the plan of cells with these models and their settings.

    One mission is none that can be tested: there is one fold less than missions.
    """
    cohorts = folder / "cohorts"
    for n in range(tissues):
        path = write_store(cohorts, tissue=f"tissue{n}", missions=missions, seed=n)
        store = anndata.read_zarr(path)
        last = store.obs.query(f"mission == 'M-{missions}' and condition == 'GC'").index[1:]
        store[~store.obs.index.isin(last)].copy().write_zarr(path)
    data = load_protocol("calibrated").to_dict()
    data["models"] = {name: dict(settings) for name, settings in models.items()}
    data["inference"]["labelings"] = {"default": labelings}
    data["inference"]["family_labelings"] = labelings
    with _models.entered():
        selection = Selection(features=features)
        plan = make_plan(open_stores(cohorts).cohorts, protocol_from_dict(data), selection, seed=42)
    plan.save(folder / "plan")
    return Work(cohorts, folder / "plan", len(plan.cells))


def content(outdir: Path) -> dict[str, bytes]:
    """Bytes of everything that must not depend on how a run went."""
    files = [outdir / "folds.parquet", outdir / "predictions.parquet"]
    files += sorted(path for path in (outdir / "nulls.zarr").rglob("*") if path.is_file())
    return {str(path.relative_to(outdir)): path.read_bytes() for path in files}


@dataclass
class Client:
    """A run of some work into `folder/grid`.

    Attributes
    ----------
    options
        Of `spacebio-bench run`, beside those of the lab.
    lab
        Where its workers are; None for the backend serial.
    settings
        Variables: SBB_PACE seconds a slow fit takes; SBB_FLUSH, SBB_GRACE and SBB_PATIENCE in place
        of the product's own seconds of that name.
    ledger
        Default: `folder/ledger`.
    prefix
        Words before the command.
    """

    work: Work
    folder: Path
    options: Mapping[str, Any] = field(default_factory=dict)
    lab: SlurmLab | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    ledger: Path | None = None
    prefix: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.trace.mkdir(parents=True, exist_ok=True)
        self.ledger = self.ledger or self.folder / "ledger"

    @property
    def trace(self) -> Path:
        return self.folder / "trace"

    @property
    def outdir(self) -> Path:
        return self.folder / "grid"

    def start(self) -> Client:
        chosen = {
            "plan": self.work.plan,
            "cohorts": self.work.cohorts,
            "outdir": self.outdir,
            "ledger": self.ledger,
            **(slurm_options(self.lab) if self.lab else {"backend": "serial"}),
            **self.options,
        }
        arguments = [word for name, value in chosen.items() for word in (f"--{name}", str(value))]
        variables = {
            "SBB_TRACE": str(self.trace),
            "DASK_DISTRIBUTED__WORKER__PRELOAD": str(HERE / "_models.py"),
            **{name: str(value) for name, value in self.settings.items()},
        }
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, str(HERE / "_client.py"), "run", *arguments],
                env=os.environ | variables | (self.lab.environment() if self.lab else {}),
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )
        return self

    def run(self, *, seconds: float = 120) -> int:
        """Start and wait for the end; returns the exit code."""
        return self.start().end(seconds=seconds)

    def end(self, *, seconds: float = 120) -> int:
        assert self.process is not None
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            msg = f"not over after {seconds:g} s:\n{self.said}"
            raise AssertionError(msg) from None

    def kill(self, how: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal, if it has not ended; returns the exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(how)
        return self.process.wait(60)

    @property
    def _log(self) -> Path:
        return self.folder / "client.log"

    @property
    def said(self) -> str:
        return self._log.read_text()

    @property
    def outcome(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.outdir / "outcome.json").read_text())
        return found

    @property
    def kept(self) -> int:
        """Finished units in its ledger."""
        assert self.ledger is not None
        return len(Ledger.open(self.ledger).done)

    @property
    def jobs(self) -> dict[str, Job]:
        """The jobs that it ever had, by number."""
        assert self.lab is not None
        names = re.findall(r"SLURM jobs named (sbb-\w+)", self.said)
        if not names:
            return {}
        query = ["squeue", "-h", "--states=all", "--name", names[-1], "-o", "%A|%T|%r|%N"]
        return parse_jobs(self.lab.client(*query))

    @property
    def alive(self) -> set[str]:
        """Its jobs that wait or run."""
        return {job.id for job in self.jobs.values() if job.alive}

    @property
    def fits(self) -> dict[str, list[float]]:
        """When each job fitted something."""
        found: dict[str, list[float]] = {}
        for path in sorted(self.trace.iterdir()):
            job = path.name.split(".")[1]
            found.setdefault(job, []).extend(float(line) for line in path.read_text().split())
        return found

    def wait_for_fits(self, n: int, *, jobs: int, seconds: float = 40) -> list[str]:
        """Wait until so many jobs have fitted so often each; returns their numbers."""

        def busy() -> list[str]:
            assert self.process is not None
            assert self.process.poll() is None, f"ended too early:\n{self.said}"
            return [job for job, times in self.fits.items() if len(times) >= n]

        wait_for("workers at work", lambda: len(busy()) >= jobs, seconds=seconds)
        running = {job.id for job in self.jobs.values() if job.state == "RUNNING"}
        return [job for job in busy() if job in running]


def slurm_options(lab: SlurmLab) -> dict[str, Any]:
    """What the lab asks of a run."""
    return {
        "backend": "slurm",
        "workers": 3,
        "worker_memory": 500,
        "walltime": 10,
        "scheduler_interface": lab.scheduler_interface,
        "worker_interface": lab.worker_interface,
        "worker_deadline": 60,
    }
