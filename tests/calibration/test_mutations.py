"""A test that is broken on purpose fails a claim of the table, and the unbroken one does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from spacebio_bench.calibration.claims import Result
from spacebio_bench.calibration.designs import experiments
from spacebio_bench.calibration.null_cohorts import NullCohorts
from spacebio_bench.calibration.run import run_experiments
from spacebio_bench.grid import execute, planner
from spacebio_bench.report import tables_cells, tables_multiplicity
from spacebio_bench.statistics import auroc as auroc_module
from spacebio_bench.statistics.intervals import Interval, newcombe_mean

Patch = Callable[[pytest.MonkeyPatch], None]


def permute_train_labels_only(patch: pytest.MonkeyPatch) -> None:
    right = execute._score

    def wrong(scorer: Any, bundle: Any, unit: Any) -> Any:
        truth = np.repeat(bundle.labels_test[:, :1], bundle.labels_test.shape[1], axis=1)
        return right(scorer, replace(bundle, labels_test=truth), unit)

    patch.setattr(execute, "_score", wrong)


def forget_to_refit(patch: pytest.MonkeyPatch) -> None:
    right = execute._score

    def wrong(scorer: Any, bundle: Any, unit: Any) -> Any:
        truth = np.repeat(bundle.labels_train[:, :1], bundle.labels_train.shape[1], axis=1)
        return right(scorer, replace(bundle, labels_train=truth), unit)

    patch.setattr(execute, "_score", wrong)


def permute_over_strata(patch: pytest.MonkeyPatch) -> None:
    right = planner.labelings

    def wrong(truth: Any, strata: Any, **options: Any) -> Any:
        return right(truth, [str(s).split("|")[0] for s in strata], **options)

    patch.setattr(planner, "labelings", wrong)


def permute_over_missions(patch: pytest.MonkeyPatch) -> None:
    right = planner.labelings
    patch.setattr(planner, "labelings", lambda y, s, **o: right(y, ["all"] * len(s), **o))


def rank_before_rounding(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(auroc_module, "round_significant", lambda x: np.asarray(x, np.float64))


def stop_early_but_divide_by_all(patch: pytest.MonkeyPatch) -> None:
    right = tables_cells.refit_p

    def wrong(values: Any, **options: Any) -> Any:
        found = right(values, **options)
        if found.method != "refit_sequential":
            return found
        return found._replace(p=found.p * found.n_permutations / options["planned"])

    patch.setattr(tables_cells, "refit_p", wrong)


def cells_by_themselves(patch: pytest.MonkeyPatch) -> None:
    def wrong(observed: Any, null: Any) -> Any:
        reached = (np.asarray(null) >= np.asarray(observed)[:, None]).sum(axis=1)
        return (reached + 1) / (np.asarray(null).shape[1] + 1)

    patch.setattr(tables_multiplicity, "step_down_max_t", wrong)


def four_in_five(patch: pytest.MonkeyPatch) -> None:
    def wrong(*arguments: Any) -> Interval:
        return newcombe_mean(*arguments, level=0.8)

    patch.setattr(tables_cells, "newcombe_mean", wrong)


def population_is_these(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tables_cells, "population_mean", newcombe_mean)


@dataclass(frozen=True)
class Mutation:
    break_it: Patch
    design: str
    cohorts: int
    claim: str


INDEPENDENT = "2x6+6-ridge"
QUICK = 0
"""As many cohorts as in the small table, and its seed: the small table fails."""

MUTATIONS = {
    "permute only train labels": Mutation(
        permute_train_labels_only, INDEPENDENT, QUICK, "refit_05"
    ),
    "forget to refit": Mutation(forget_to_refit, INDEPENDENT, QUICK, "refit_05"),
    "permute over strata": Mutation(permute_over_strata, "3x8+8-strata", QUICK, "strata_counts"),
    "permute over strata, size": Mutation(permute_over_strata, "3x8+8-strata", QUICK, "refit_05"),
    "permute over missions": Mutation(
        permute_over_missions, "3x8+8-strata", QUICK, "strata_counts"
    ),
    "rank before rounding": Mutation(rank_before_rounding, "3x6+6-reordered", QUICK, "reordered"),
    "stopped early, all counted": Mutation(stop_early_but_divide_by_all, "2x6+6", 300, "refit_20"),
    "no family": Mutation(cells_by_themselves, "3x6+6-family", QUICK, "max_t_05"),
    "an 80 % interval": Mutation(four_in_five, "4x6+6-auroc-0.76", QUICK, "these"),
    "these for all": Mutation(population_is_these, "3x6+6-auroc-0.8-sd-1", QUICK, "population"),
}


def rows(design: str, cohorts: int, claim: str) -> list[Result]:
    """The rows of one claim; of null cohorts, with the nearest neighbours where they are in it."""
    experiment: Any = next(e for e in experiments() if e.name == design)
    if isinstance(experiment, NullCohorts):
        models = {"knn": {}} if "knn" in experiment.models else experiment.models
        experiment = replace(experiment, models=models, claims=(claim,))
    sized = [(experiment, cohorts or experiment.quick_cohorts)]
    ran = run_experiments(sized, seed=42, workers=1, ledger=None, tell=len)
    return [r for found in ran for r in found if r.key == claim]


@pytest.mark.slow
@pytest.mark.parametrize("mutation", MUTATIONS.values(), ids=MUTATIONS.keys())
def test_a_broken_test_fails_its_claim(mutation: Mutation, monkeypatch: pytest.MonkeyPatch) -> None:
    mutation.break_it(monkeypatch)
    found = rows(mutation.design, mutation.cohorts, mutation.claim)
    assert [r.verdict for r in found] == ["fails"] * len(found) != []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "cohorts", "claim"),
    sorted({(m.design, m.cohorts, m.claim) for m in MUTATIONS.values()}),
)
def test_the_same_rows_do_not_fail_unbroken(design: str, cohorts: int, claim: str) -> None:
    assert [r for r in rows(design, cohorts, claim) if r.verdict == "fails"] == []
