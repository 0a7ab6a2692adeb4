"""Run a plan: what the ledger lacks goes to a backend, what comes back goes into the ledger."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import click
import psutil

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.joined import qualified
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.grid import environment
from spacebio_bench.grid.agenda import Agenda
from spacebio_bench.grid.backends import BACKENDS
from spacebio_bench.grid.ledger import Ledger
from spacebio_bench.grid.lock import run_lock
from spacebio_bench.grid.machine import DEFAULT_WORKERS, Machine, Slurm
from spacebio_bench.grid.outputs import Counts, write_grid
from spacebio_bench.grid.plan import Plan, PlannedTask
from spacebio_bench.grid.progress import Progress
from spacebio_bench.grid.units import Settings, UnitResult, bundles

FLUSH_SECONDS = 15.0
"""Finished work that a killed run may lose, at most."""


@dataclass(frozen=True)
class RunOptions:
    """How a plan is run; nothing here can change a result."""

    backend: str = "local"
    workers: int = 0
    unit_timeout: float = 3600.0
    watch_pid: int | None = None
    quiet: bool = False
    worker_memory: int = 3072
    memory: int | None = None
    dashboard: str | None = None
    slurm: Slurm = field(default_factory=Slurm)


def run_plan(
    plan: Plan,
    cohorts: Mapping[str, Cohort],
    stores: Mapping[str, Path],
    *,
    ledger_folder: Path,
    outdir: Path,
    options: RunOptions,
) -> dict[str, Any]:
    """Compute what the ledger lacks and write the grid's files.

    Returns
    -------
    What `outcome.json` holds.

    Raises
    ------
    InputError
        The ledger cannot be used, another run holds it, or the stores are not those of the plan.
    """
    _check_stores(plan, cohorts)
    settings = Settings(stores=stores, unit_timeout=options.unit_timeout)
    planned = list(bundles(plan, cohorts, settings))
    try:
        ledger_folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"{ledger_folder} cannot be made: {error.strerror}."
        raise InputError([Problem("--ledger", msg)]) from error
    with run_lock(ledger_folder), _orderly_end(options.watch_pid):
        ledger = Ledger.open(ledger_folder)
        for path, what in ledger.damaged.items():
            click.echo(f"{path}: {what}; its units are computed again.", err=True)
        agenda = Agenda(plan, planned, ledger.done)
        if not options.quiet:
            n = len(agenda.called)
            known = n - agenda.n_lacking
            click.echo(f"units: {n} called for so far, {known} in the ledger", err=True)
        machine = Machine(
            folder=ledger_folder,
            workers=options.workers or (DEFAULT_WORKERS if options.backend == "slurm" else 0),
            worker_memory=options.worker_memory,
            memory=options.memory,
            stores=tuple(sorted({path.parent for path in stores.values()})),
            dashboard=options.dashboard,
            slurm=options.slurm,
            say=(lambda _: None) if options.quiet else (lambda line: click.echo(line, err=True)),
        )
        computed = _compute(agenda, ledger, options.backend, machine, quiet=options.quiet)
        ledger.compact()
        reused = frozenset(agenda.called - computed)
        counts = Counts(len(agenda.called), len(reused), len(computed))
        outcome = write_grid(outdir, plan, agenda.bundles(), agenda.results, reused, counts)
        found = environment.describe() | ({"workers": machine.seen} if machine.seen else {})
        text = json.dumps(found, indent=1) + "\n"
        (outdir / "environment.json").write_text(text, encoding="utf-8")
    return outcome


def _check_stores(plan: Plan, cohorts: Mapping[str, Cohort]) -> None:
    gone = sorted({t for task in plan.tasks for t in task.stores} - set(cohorts))
    problems = [Problem("--cohorts", f"there is no store of {tissue}.") for tissue in gone]
    there = {tissue: set(cohort.obs.index) for tissue, cohort in cohorts.items()}
    for task in plan.tasks:
        if not set(task.stores) <= set(there):
            continue
        known = there[task.tissue] if not task.sources else _qualified(task, there)
        absent = sorted(set(task.samples) - known)
        if absent:
            msg = f"the store of {task.tissue} lacks {len(absent)} samples of the plan"
            problems.append(Problem("--cohorts", f"{msg} ({absent[0]}, ...); plan again."))
    if problems:
        raise InputError(problems)


def _qualified(task: PlannedTask, there: Mapping[str, set[str]]) -> set[str]:
    return {qualified(tissue, sample) for tissue in task.sources for sample in there[tissue]}


def _compute(
    agenda: Agenda, ledger: Ledger, backend: str, machine: Machine, *, quiet: bool
) -> set[str]:
    """Run the agenda to its end; returns the keys of the units that were computed."""
    computed: set[str] = set()
    if not agenda:
        return computed
    progress = Progress(agenda, quiet=quiet)
    fresh: list[UnitResult] = []
    flushed = time.monotonic()
    try:
        for bundle, results in BACKENDS[backend](agenda, machine.at_most(agenda.n_lacking)):
            computed.update(result.key for result in results)
            fresh += results
            agenda.note(bundle, results)
            if time.monotonic() - flushed > FLUSH_SECONDS:
                ledger.add(fresh)
                fresh, flushed = [], time.monotonic()
            progress.step()
    finally:
        ledger.add(fresh)
        progress.finish()
    return computed


@contextlib.contextmanager
def _orderly_end(watch_pid: int | None) -> Iterator[None]:
    """SIGTERM, or the end of a watched process, ends the run as an exception would.

    Workers are closed, finished units go into the ledger and the lock is given back.
    """

    def end(number: int, _frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    stop = threading.Event()
    if watch_pid is not None:
        threading.Thread(target=_watch, args=(watch_pid, stop), daemon=True).start()
    try:
        yield
    finally:
        stop.set()
        signal.signal(signal.SIGTERM, before)


def _watch(pid: int, stop: threading.Event) -> None:
    """Send this process SIGTERM once the watched one is gone; one not seen at all is not here."""
    try:
        watched = psutil.Process(pid)
    except psutil.Error:
        return
    while not stop.wait(1.0):
        if not watched.is_running() or watched.status() == psutil.STATUS_ZOMBIE:
            click.echo(f"process {pid}, which started this run, is gone; ending.", err=True)
            os.kill(os.getpid(), signal.SIGTERM)
            return
