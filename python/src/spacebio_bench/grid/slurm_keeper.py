"""Keeps the number of worker jobs, and ends the run when no worker comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dask_jobqueue.slurm import SLURMJob
from distributed import Status

from spacebio_bench.errors import RunError
from spacebio_bench.grid.machine import Slurm
from spacebio_bench.grid.slurm_jobs import Job, jobs_named, why_no_worker

LOOK_SECONDS = 3.0
"""How often SLURM is asked about the jobs while something is amiss."""

LOOK_SECONDS_WELL = 30.0
"""How often while all workers are there: the queue of a site is not ours alone."""

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 60.0
"""Seconds before jobs that died at once are replaced: doubled each time, up to this."""


class Submitted:
    """What came of sbatch: the jobs it took, and its words where it did not."""

    def __init__(self) -> None:
        self.jobs: set[str] = set()
        self.rejections: list[str] = []

    def job_class(self) -> type[Any]:
        """A SLURMJob that books here."""
        booked = self

        class Booked(SLURMJob):  # type: ignore[misc]
            async def start(self) -> None:
                try:
                    await super().start()
                except (RuntimeError, OSError, ValueError) as error:
                    # raised, it would end in a log of Dask's, and in an error when we close
                    booked.rejections.append(_words_of_sbatch(str(error)))
                    self.status = Status.running
                else:
                    booked.jobs.add(self.job_id)
                    booked.rejections.clear()

            async def close(self) -> None:
                await super().close()
                self.status = Status.closed

        return Booked


def _words_of_sbatch(error: str) -> str:
    lines = [line for line in error.splitlines() if line.startswith("sbatch:")]
    said = [line.replace("sbatch: ", "").replace("error: ", "") for line in lines]
    return "; ".join(said) or error.strip().splitlines()[-1]


class Keeper:
    """Looks after the jobs of a Dask cluster from the client's thread.

    Dask replaces a worker that it has lost sight of; a job that died before its worker ever
    connected, it would wait for without end. So the jobs are compared with what SLURM says of them.
    """

    def __init__(
        self,
        cluster: Any,
        submitted: Submitted,
        *,
        name: str,
        n_jobs: int,
        site: Slurm,
        logs: Path,
        say: Callable[[str], None],
    ) -> None:
        self._cluster = cluster
        self._submitted = submitted
        self._name = name
        self._n_jobs = n_jobs
        self._site = site
        self._logs = logs
        self._say = say
        self._client: Any = None
        self._short_since = time.monotonic()
        self._looked = 0.0
        self._pause, self._not_before = FIRST_PAUSE, 0.0
        self._told = 0
        self._seen: set[str] = set()

    def start(self, client: Any) -> None:
        """Submit the jobs and wait for the quorum."""
        self._client = client
        self._cluster.scale(jobs=self._n_jobs)
        n_workers = self._n_jobs * self._site.cores
        self._say(
            f"workers: {n_workers} asked for in {self._n_jobs} SLURM jobs named {self._name}; "
            f"scheduler at {self._cluster.scheduler_address}"
        )
        quorum = min(self._site.quorum, n_workers)
        while self.look_after(quorum) < quorum:
            time.sleep(0.2)

    def look_after(self, quorum: int = 1) -> int:
        """Replace what is lost; raises RunError when workers are short for too long.

        Returns the number of workers that are there.
        """
        now = time.monotonic()
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        self._tell(len(workers))
        short, complete = len(workers) < quorum, len(workers) >= self._n_jobs * self._site.cores
        if not short:
            self._short_since = now
        if complete:
            self._pause = FIRST_PAUSE
        if now - self._looked >= (LOOK_SECONDS_WELL if complete else LOOK_SECONDS):
            self._looked = now
            jobs = jobs_named(self._name)
            if short and self._hopeless():
                self._give_up(jobs)
            if jobs is not None:
                self._replace(jobs, {str(w["name"]) for w in workers.values()}, now)
        if short and now - self._short_since > self._site.deadline:
            self._give_up(jobs_named(self._name))
        return len(workers)

    def _tell(self, n: int) -> None:
        if n != self._told:
            self._say(f"workers: {n} of {self._n_jobs * self._site.cores} there")
        self._told = n

    def _replace(self, jobs: dict[str, Job], connected: set[str], now: float) -> None:
        """Drop jobs that SLURM has ended or does not know, and ask for the full number again."""
        own = dict(self._cluster.workers)
        dead = []
        for name, job in own.items():
            known = jobs.get(str(job.job_id))
            alive = known.alive if known else str(job.job_id) not in self._seen | {"None"}
            if not alive and not any(w == str(name) or w.startswith(f"{name}-") for w in connected):
                dead.append(name)
        self._seen |= set(jobs)
        if now < self._not_before:
            return
        if dead:
            gone = [str(own[name].job_id) for name in dead if own[name].job_id]
            if gone:  # the others were never taken
                states = ", ".join(sorted({jobs[i].state for i in gone if i in jobs}))
                why = f" ({states})" if states else ""
                self._say(f"workers: {len(gone)} jobs are gone{why}; they are replaced")
            for name in dead:
                self._cluster.worker_spec.pop(name, None)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            self._not_before = now + self._pause
        self._cluster.scale(jobs=self._n_jobs)

    def _hopeless(self) -> bool:
        """SLURM has refused what we ask for, and nothing but another setting will change that."""
        return bool(self._submitted.rejections) and "nvalid" in self._submitted.rejections[-1]

    def _give_up(self, jobs: dict[str, Job] | None) -> None:
        short = time.monotonic() - self._short_since
        if jobs is not None:  # not those of a run before, or that SLURM made and did not take
            jobs = {number: job for number, job in jobs.items() if number in self._submitted.jobs}
        causes = why_no_worker(
            jobs, self._submitted.rejections, self._logs, self._cluster.scheduler_address
        )
        lines = "\n".join(f"  {cause}" for cause in causes)
        msg = f"no worker within {short:.0f} s:\n{lines}\nWhat is done is kept in the ledger."
        raise RunError(msg)
