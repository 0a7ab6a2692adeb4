"""Hold-out studies as test, all others as train: what a frozen benchmark says of new data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.duplicates import shared_with
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.protocol import Protocol
from spacebio_bench.tasks._registry import FAMILIES, Task
from spacebio_bench.tasks._samples import labelled, make_fold, why_not


def holdout(
    cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
) -> Iterator[Task]:
    """One task a tissue, one fold a held-out mission.

    Raises
    ------
    InputError
        A hold-out study that is also a fold of the benchmark: every one of them, by name.
    """
    problems = [
        problem
        for tissue in sorted(cohorts)
        for find in (_also_benchmark, _shared_samples)
        for problem in find(cohorts[tissue])
    ]
    if problems:
        raise InputError(problems)
    for tissue in sorted(cohorts):
        samples = labelled(cohorts[tissue], protocol, strata, roles=("benchmark", "holdout"))
        held = (samples.obs["role"] == "holdout").to_numpy(bool)
        missions = samples.missions
        folds = tuple(
            make_fold(f"fold_{m}_holdout", ~held, held & (missions == m), samples, protocol.folds)
            for m in sorted(set(missions[held]))
        )
        alone = "no study has the role holdout"
        yield Task(
            key=f"{tissue}.holdout",
            family="holdout",
            variant="",
            tissue=tissue,
            folds=folds,
            reason=why_not(folds, samples.truth, fewest=1, alone=alone)
            or ("" if np.any(~held) else "no study has the role benchmark: nothing to train on"),
            null="fixed",
            **samples.facts(),
        )


def _also_benchmark(cohort: Cohort) -> Iterator[Problem]:
    """Hold-out studies whose mission or accession is in the benchmark of the tissue too."""
    roles = cohort.obs[["mission", "accession", "role"]].astype(str).drop_duplicates()
    benchmark = roles[roles["role"] == "benchmark"]
    for row in roles[roles["role"] == "holdout"].itertuples(index=False):
        for what in ("mission", "accession"):
            value = getattr(row, what)
            if value and (benchmark[what] == value).any():
                msg = (
                    f"the hold-out study {row.accession} ({row.mission}) has its {what} in the "
                    f"benchmark of {cohort.tissue} too; a hold-out must be new to it."
                )
                yield Problem("studies.csv, column role", msg)
                break


def _shared_samples(cohort: Cohort) -> Iterator[Problem]:
    """Hold-out studies with a sample that the benchmark has too, each with its first such pair."""
    seen = set()
    for pair in shared_with(cohort, role="holdout"):
        if pair.accession_a not in seen:
            seen.add(pair.accession_a)
            msg = (
                f"the hold-out study {pair.accession_a} ({pair.mission_a}) shares samples with the "
                f"benchmark of {cohort.tissue}: {pair.sample_a} is {pair.sample_b} of "
                f"{pair.accession_b} ({pair.mission_b}) by {pair.how.replace(';', ' and ')}."
            )
            yield Problem("studies.csv, column role", msg)


FAMILIES["holdout"] = holdout
