"""What a worker's job asks for, and why no worker comes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from spacebio_bench.grid.machine import OVERHEAD_MIB, Slurm
from spacebio_bench.grid.slurm import job_options, lifetimes
from spacebio_bench.grid.slurm_jobs import Job, parse_jobs, why_no_worker


@pytest.mark.parametrize(
    ("walltime", "lifetime", "stagger"),
    [(2, 30, 3), (10, 510, 22), (240, 12960, 360), (1440, 77760, 2160)],
)
def test_a_worker_leaves_in_good_time(walltime: int, lifetime: int, stagger: int) -> None:
    assert lifetimes(walltime) == (lifetime, stagger)
    assert lifetime + stagger + 60 < 60 * walltime  # SLURM may be a minute early


def options_of(site: Slurm, **others: Any) -> dict[str, Any]:
    given = {"name": "sbb-1", "mib": 1000, "logs": Path("/logs"), "stores": [Path("/data")]}
    return job_options(site, **{**given, **others})


def test_a_job_has_the_memory_of_its_workers_in_mib_and_some_to_spare() -> None:
    options = options_of(Slurm(cores=3))
    assert (options["cores"], options["processes"]) == (3, 3)
    assert options["memory"] == "3000MiB"
    assert options["job_mem"] == f"{3000 + OVERHEAD_MIB}M"


def test_a_job_is_what_the_site_asks_for() -> None:
    asked = "--qos=long --constraint='avx2&ib' --comment='two words'"
    site = Slurm(
        partition="normal",
        account="lab",
        walltime=90,
        sbatch_options=asked,
        worker_interface="ib0",
    )
    options = options_of(site)
    assert (options["queue"], options["account"]) == ("normal", "lab")
    assert (options["walltime"], options["interface"]) == ("01:30:00", "ib0")
    extra = options["job_extra_directives"]
    assert {"--no-requeue", "--ntasks=1", "--output=/logs/worker-%j.log"} < set(extra)
    assert extra[-3:] == ["--qos=long", "--constraint=avx2&ib", "--comment=two words"]
    assert "--no-dashboard" in options["worker_extra_args"]


def test_workers_of_the_host_get_one_thread_and_dasks_settings_by_the_script() -> None:
    script = options_of(Slurm())["job_script_prologue"]
    assert {"export OMP_NUM_THREADS=1", "export OPENBLAS_NUM_THREADS=1"} < set(script)
    assert "export DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=0" in script
    assert "export DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE=0.95" in script


def test_workers_in_an_image_get_them_by_the_command_and_see_the_stores() -> None:
    site = Slurm(image=Path("/images/a b.sif"), binds=(Path("/extra"),), scratch=Path("/scratch"))
    options = options_of(site)
    command = options["python"]
    assert command.startswith("apptainer ")
    assert command.endswith("'/images/a b.sif' python3")
    for text in (
        "--env OMP_NUM_THREADS=1",
        "--env DASK_DISTRIBUTED__WORKER__MEMORY__SPILL=False",
        "--bind /data",
        "--bind /extra",
        "--bind /scratch",
    ):
        assert text in command
    assert options["local_directory"] == "/scratch"


def test_lines_of_squeue_are_jobs() -> None:
    said = "7|RUNNING|None|node1\n 8|PENDING|(Priority)|\n\nsqueue: warning\n9|NODE_FAIL|x|node2\n"
    jobs = parse_jobs(said)
    assert jobs == {
        "7": Job("7", "RUNNING", "None", "node1"),
        "8": Job("8", "PENDING", "(Priority)", ""),
        "9": Job("9", "NODE_FAIL", "x", "node2"),
    }
    assert [job.alive for job in jobs.values()] == [True, True, False]


@dataclass(frozen=True)
class Why:
    """Jobs, words of sbatch and logs; and what is to be told of them."""

    jobs: tuple[Job, ...] | None
    told: tuple[str, ...]
    rejections: tuple[str, ...] = ()
    logs: dict[str, str] = field(default_factory=dict)


TRACEBACK = """\
Traceback (most recent call last):
  File "worker.py", line 1, in start
    host = ip(interface)
           ^^^^^^^^^^^^^
ValueError: 'ib7' is not a valid network interface

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "a.py", line 2, in <module>
  File "b.py", line 3, in <module>
  File "c.py", line 4, in <module>
  File "d.py", line 5, in <module>
RuntimeError: Nanny failed to start.
"""

WHY = {
    "the partition is down": Why(
        (Job("7", "PENDING", "PartitionDown", ""),),
        ("job 7 is in the queue; SLURM's reason: PartitionDown.", "set --partition to another."),
    ),
    "many wait": Why(
        tuple(Job(str(n), "PENDING", "Priority", "") for n in range(5)),
        ("5 jobs (0, 1, 2, ...) are in the queue; SLURM's reason: Priority. The cluster is full",),
    ),
    "a reason that we do not know": Why(
        (Job("7", "PENDING", "Whim", ""),),
        ("job 7 is in the queue; SLURM's reason: Whim.",),
    ),
    "a reason with details": Why(
        (Job("7", "PENDING", "ReqNodeNotAvail, UnavailableNodes:node3", ""),),
        ("`sinfo -R` says why.",),
    ),
    "it runs and does not connect": Why(
        (Job("7", "RUNNING", "None", "node1"),),
        (
            "job 7 is on node1, but no worker has connected to tcp://10.0.0.1:1.",
            "The log of job 7 is empty.",
        ),
    ),
    "it died with a word": Why(
        (Job("7", "FAILED", "NonZeroExitCode", "node1"),),
        ("job 7 is over: FAILED.", "The end of the log of job 7:\n    FATAL: no image"),
        logs={"7": "FATAL: no image\n"},
    ),
    "it died with a traceback": Why(
        (Job("7", "FAILED", "NonZeroExitCode", "node1"),),
        ("    ValueError: 'ib7' is not a valid network interface\n",),
        logs={"7": TRACEBACK},
    ),
    "each kind is told": Why(
        (Job("7", "FAILED", "x", "node1"), Job("8", "PENDING", "Resources", "")),
        ("job 7 is over: FAILED.", "job 8 is in the queue"),
    ),
    "sbatch refuses": Why(
        (), ("sbatch does not take the jobs: second",), rejections=("first", "second")
    ),
    "there is no SLURM": Why(None, ("squeue does not answer",)),
    "SLURM has forgotten": Why((), ("SLURM knows none of the jobs.",)),
}


@pytest.mark.parametrize("why", WHY.values(), ids=WHY.keys())
def test_why_no_worker_comes(why: Why, tmp_path: Path) -> None:
    for number, text in why.logs.items():
        (tmp_path / f"worker-{number}.log").write_text(text)
    jobs = None if why.jobs is None else {job.id: job for job in why.jobs}
    told = "\n".join(why_no_worker(jobs, why.rejections, tmp_path, "tcp://10.0.0.1:1"))
    for text in why.told:
        assert text in told
