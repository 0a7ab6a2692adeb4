"""One short job that asks a node what a worker will meet there."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from spacebio_bench.grid.machine import container_command
from spacebio_bench.parameters import names_in
from spacebio_bench.preflight import verdicts
from spacebio_bench.preflight._ask import ask, one_line
from spacebio_bench.preflight._check import Check
from spacebio_bench.preflight._desk import SECONDS, Desk
from spacebio_bench.preflight._queue import Fate, epitaph, follow
from spacebio_bench.preflight._traces import LOG, Traces, traces
from spacebio_bench.preflight.setup import Setup
from spacebio_bench.preflight.site import own_address, slurm_words

_JOB = ("--parsable", "--job-name=spacebio-preflight", "--no-requeue", "--nodes=1", "--ntasks=1")
_SIZE = ("--cpus-per-task=1", "--mem=512M", "--time=3")  # fits where a worker does not yet

_NOT_CHECKED = "not checked: shared folders, clocks, network, and the software of the workers"


def probe(setup: Setup, options: Sequence[str]) -> Iterator[Check]:
    """Send the job, wait for its answer within limits, and judge it; leaves no job and no file.

    Parameters
    ----------
    setup
        The run that is meant.
    options
        Options of sbatch that all jobs of the site get.
    """
    image = setup.sif(setup.image_names[-1])
    if not image.is_file():
        yield Check("a node", "warning", f"no probe, since {image} is missing; {_NOT_CHECKED}")
        return
    with ExitStack() as tidy:
        left = tidy.enter_context(traces(setup.outdir, *_places(setup)))
        address = own_address(setup.parameters["scheduler_interface"])
        desk = None
        if setup.workers_are_jobs and address:
            desk = tidy.enter_context(Desk(address, left.token))
        left.write_question(
            packages=[*verdicts.EQUAL, *verdicts.ALIKE],
            address=address,
            port=desk.port if desk else None,
            seconds=SECONDS,
            interface=setup.parameters["worker_interface"],
            scratch=setup.parameters["scratch"],
        )
        script = left.write_script(container_command(image, _binds(setup, left)))
        sent_at = time.time()
        number = _send(options, left, script)
        if isinstance(number, Check):
            yield number
            return
        tidy.callback(ask, "scancel", number)
        fate = follow(number, left.answered, seconds=setup.probe_seconds, stop=setup.stop)
        answer = left.answer()
        if fate.kind == "answered" and answer is not None:
            meeting = desk.meeting if desk else None
            seen = verdicts.Seen(
                answer, fate.seconds, left.missing(), meeting, (sent_at, time.time())
            )
            yield from verdicts.judge(setup, seen)
        else:
            end = epitaph(number) if fate.kind in ("ended", "silent") else ""
            yield without_answer(setup, fate, left.log(), end)


def without_answer(setup: Setup, fate: Fate, log: str | None, end: str) -> Check:
    """A verdict on a probe that did not answer: the queue's, the container's, or the disk's fault.

    Parameters
    ----------
    setup
        The run that is meant.
    fate
        What became of the job.
    log
        What it said; None where its log is not seen here.
    end
        How SLURM remembers it.
    """
    name = "a node"
    match fate.kind:
        case "stopped":
            return Check(name, "warning", f"given up; {_NOT_CHECKED}")
        case "queued":
            why = f" ({fate.told})" if fate.told not in ("", "None") else ""
            found = f"no node was free within {setup.probe_seconds:g} s{why}; {_NOT_CHECKED}"
            return Check(name, "warning", found, "Give it more time with --probe_seconds.")
        case "hopeless":
            remedy = "See --partition, --account, --walltime and --sbatch_options."
            return Check(name, "failed", f"the probe can never start: {fate.told}", remedy)
    if log is None:
        found = f"the probe ran ({end}), but what it wrote to {setup.outdir} is not seen here"
        remedy = "Put --outdir, --ledger and -work-dir on a disk that the nodes share."
        return Check("shared folders", "failed", found, remedy)
    said = one_line(log) or "it said nothing"
    if fate.kind == "silent":
        where = f"on {fate.told} " if fate.told else ""
        found = f"the probe started {where}but does not answer: {said}"
        return Check(name, "failed", found, "See whether the image opens on the nodes.")
    found = f"the probe failed ({end}): {said}"
    remedy = "The nodes need Apptainer on PATH, the image and all --binds, as this host has them."
    return Check(name, "failed", found, remedy)


def _places(setup: Setup) -> tuple[dict[str, Path], dict[str, Path]]:
    """Folders to mark, and places to see."""
    marked = {"--ledger": setup.ledger, "-work-dir": setup.work}
    seen = {"--images": setup.images}
    if setup.parameters["cohorts"]:
        seen["--cohorts"] = Path(setup.parameters["cohorts"]).absolute()
    return marked, seen


def _binds(setup: Setup, left: Traces) -> list[Path]:
    asked = [Path(name).absolute() for name in names_in(setup.parameters["binds"])]
    scratch = [Path(setup.parameters["scratch"])] if setup.parameters["scratch"] else []
    return [left.folder, *asked, *scratch]


def _send(options: Sequence[str], left: Traces, script: Path) -> str | Check:
    """Submit; the job's number, or why there is none."""
    where = (f"--chdir={left.folder}", f"--output={left.folder / LOG}")
    sent = ask("sbatch", *_JOB, *options, *_SIZE, *where, str(script))
    number = sent.out.strip().split(";")[0]
    if sent.ok and number.isdecimal():
        return number
    remedy = "See --partition, --account and --sbatch_options."
    return Check("a node", "failed", f"SLURM refuses the probe: {slurm_words(sent.err)}", remedy)
