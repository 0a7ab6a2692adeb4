"""Run the designs in chunks of cohorts; the number of processes changes no number."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from spacebio_bench.calibration.claims import Result, monte_carlo_error, pooled
from spacebio_bench.calibration.experiment import Experiment, Measure
from spacebio_bench.calibration.statements import CLAIMS
from spacebio_bench.grid.environment import lock_digest
from spacebio_bench.identity import digest, identity_seed
from spacebio_bench.typing import FloatArray

CHUNK = 20
"""Cohorts that one message to a worker stands for."""

POOLED = ("refit_05", "refit_20")
Tell = Callable[[str], None]


def run_experiments(
    experiments: Sequence[tuple[Experiment, int]],
    *,
    seed: int,
    workers: int,
    ledger: Path | None,
    tell: Tell,
) -> Iterator[list[Result]]:
    """The rows of each design once it is done.

    Parameters
    ----------
    experiments
        Designs with their numbers of cohorts.
    seed
        Seed of the table; a cohort's own follows from it, the design's name and its number.
    workers
        Processes; 1 is this one.
    ledger
        Folder of finished designs, which are not simulated again; made when it is not there.
    tell
        Takes lines of progress.
    """
    for experiment, cohorts in experiments:
        known = _known(experiment, cohorts, seed, ledger)
        if known is not None and known.is_file():
            tell(f"{experiment.name}: {cohorts} cohorts taken from {known}")
            yield _read(known)
            continue
        results = _simulate(experiment, cohorts, seed, workers, tell)
        if known is not None:
            known.parent.mkdir(parents=True, exist_ok=True)
            rows = [{k: v for k, v in asdict(r).items() if k != "claim"} for r in results]
            known.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
        yield results


def over_designs(results: Sequence[Result]) -> list[Result]:
    """Rows for all designs together, where more than one makes the same claim of a model."""
    groups: dict[tuple[str, str], list[Result]] = {}
    for r in results:
        if r.key in POOLED:
            groups.setdefault((r.key, r.subject), []).append(r)
    return [pooled(group, "all") for group in groups.values() if len(group) > 1]


def _simulate(
    experiment: Experiment, cohorts: int, seed: int, workers: int, tell: Tell
) -> list[Result]:
    seeds = [identity_seed(seed, "calibrate", experiment.name, i) for i in range(cohorts)]
    chunks = [seeds[i : i + CHUNK] for i in range(0, cohorts, CHUNK)]
    began = told = time.monotonic()
    columns: dict[Measure, list[float]] = {}
    done = 0
    for found in _chunks_done(experiment, chunks, workers):
        for one in found:
            for measure, value in one.items():
                columns.setdefault(measure, []).append(value)
        done += len(found)
        if time.monotonic() - told > 15:
            told = time.monotonic()
            tell(f"{experiment.name}: {done} of {cohorts} cohorts, {told - began:.0f} s")
    tell(f"{experiment.name}: {cohorts} cohorts in {time.monotonic() - began:.0f} s")
    return [_result(m, experiment.name, np.array(v)) for m, v in columns.items()]


def _result(measure: Measure, design: str, values: FloatArray) -> Result:
    return Result(
        key=measure.claim,
        claim=CLAIMS[measure.claim],
        design=design,
        subject=measure.subject,
        n=len(values),
        estimate=float(values.mean()),
        error=monte_carlo_error(values),
    )


def _chunks_done(
    experiment: Experiment, chunks: Sequence[Sequence[int]], workers: int
) -> Iterator[list[dict[Measure, float]]]:
    """What each chunk measured, in order."""
    if workers == 1:
        for chunk in chunks:
            yield _measure(experiment, chunk)
        return
    from joblib import Parallel, delayed  # noqa: PLC0415 - imported by those who use it

    pool = Parallel(n_jobs=workers, return_as="generator", batch_size=1)
    yield from pool(delayed(_measure)(experiment, chunk) for chunk in chunks)


def _measure(experiment: Experiment, seeds: Sequence[int]) -> list[dict[Measure, float]]:
    with threadpool_limits(limits=1):
        return [dict(experiment.replicate(seed)) for seed in seeds]


def _known(experiment: Experiment, cohorts: int, seed: int, ledger: Path | None) -> Path | None:
    if ledger is None:
        return None
    identity = digest(repr(experiment), cohorts, seed, lock_digest())
    return ledger / f"{experiment.name}.{identity[:12]}.json"


def _read(path: Path) -> list[Result]:
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [Result(claim=CLAIMS[row["key"]], **row) for row in rows]
