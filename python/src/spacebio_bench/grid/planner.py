"""From cohorts and a protocol to a plan: which cells there are, and which of them can run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.joined import Joined
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.features import default_features, feature_set, unchangeable
from spacebio_bench.grid.cost import FEWEST_LABELINGS, affordable_labelings
from spacebio_bench.grid.plan import Plan, PlannedCell, PlannedFold, PlannedTask
from spacebio_bench.identity import identity_seed
from spacebio_bench.models import model_card, unavailable_reason
from spacebio_bench.protocol import Protocol
from spacebio_bench.statistics.class_labelings import class_labelings
from spacebio_bench.statistics.labelings import Labelings, labelings
from spacebio_bench.tasks import FAMILIES, Fold, Task

DEFAULT = ("lomo",)
COLUMN = "confounder."
"""Before the name of any column of the samples tables."""

IMPLIES = {
    "all": tuple(FAMILIES),
    "gene_vs_pathway": ("lomo", "cross_tissue", "confounder"),
    "conservation": ("lomo", "pairs"),
}
"""Names of `--tasks` that are no family: tables made of the folds of these."""


@dataclass(frozen=True)
class Selection:
    """What the user asked for; an empty tuple means everything there is, and `lomo` of the tasks.

    ``n_permutations`` replaces the protocol's budgets: by model, or under `default` for all;
    ``n_bootstraps`` its number of bootstrap draws. Both are part of the planned protocol then.
    """

    tasks: tuple[str, ...] = ()
    tissues: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()
    n_permutations: Mapping[str, int] = field(default_factory=dict)
    n_bootstraps: int | None = None


def make_plan(
    cohorts: Mapping[str, Cohort], protocol: Protocol, selection: Selection, *, seed: int
) -> Plan:
    """Plan every cell of the selection.

    Raises
    ------
    InputError
        Names that do not exist (all of them), or a plan in which no cell can run.
    """
    _check_names(cohorts, protocol, selection)
    protocol = _with_targets(_with_budgets(protocol, selection), selection.tasks)
    chosen = {t: c for t, c in cohorts.items() if t in (selection.tissues or cohorts)}
    joined = Joined(chosen)
    tasks: list[PlannedTask] = []
    cells: list[PlannedCell] = []
    for family in asked_families(selection.tasks):
        usual = protocol.models_of(family)
        if not (usual or selection.models):
            msg = f"the protocol {protocol.name} puts no model to {family}; name some."
            raise InputError([Problem("--models", msg)])
        for task in FAMILIES[family](chosen, protocol, strata=selection.strata):
            models = _models(task, selection.models, usual)
            budgets = {m: _budget(m, task, protocol) for m in models}
            planned = _plan_task(task, max(budgets.values(), default=0), seed)
            tasks.append(planned)
            cells += _plan_cells(
                task, planned, joined.of(planned.stores), protocol, selection, budgets
            )
    if not any(cell.status == "ok" for cell in cells):
        raise InputError([Problem(c.cell, f"{c.reason}.") for c in _first_of_each_reason(cells)])
    ordered = sorted(cells, key=lambda c: c.cell.encode())
    return Plan(protocol, seed, tuple(sorted(tasks, key=lambda t: t.task.encode())), tuple(ordered))


def asked_families(tasks: Sequence[str]) -> tuple[str, ...]:
    """The task families that these names of `--tasks` mean, each once."""
    plain = ["confounder" if name.startswith(COLUMN) else name for name in tasks or DEFAULT]
    named = [f for name in plain for f in IMPLIES.get(name, (name,))]
    return tuple(dict.fromkeys(named))


def _with_targets(protocol: Protocol, tasks: Sequence[str]) -> Protocol:
    """The protocol with the columns of `confounder.<column>` as targets, in place of its own."""
    named = [name.removeprefix(COLUMN) for name in tasks if name.startswith(COLUMN)]
    if not named:
        return protocol
    own = protocol.tasks.get("confounder", {})
    kept = own.get("targets", []) if {"confounder", "all", "gene_vs_pathway"} & set(tasks) else []
    targets = list(dict.fromkeys([*kept, *named]))
    return replace(protocol, tasks={**protocol.tasks, "confounder": {**own, "targets": targets}})


def _check_names(cohorts: Mapping[str, Cohort], protocol: Protocol, selection: Selection) -> None:
    sets = {f for c in cohorts.values() for f in default_features(c, protocol)}
    wanted: list[tuple[str, Sequence[str], Iterable[str]]] = [
        ("--tasks", selection.tasks, [*FAMILIES, *IMPLIES]),
        ("--tissues", selection.tissues, cohorts),
        ("--features", selection.features, sets),
        ("--models", selection.models, protocol.models),
        ("--n_permutations", tuple(selection.n_permutations), [*protocol.models, "default"]),
    ]
    problems = [
        Problem(option, f"'{name}' is not one of {', '.join(sorted(known))}.")
        for option, names, known in wanted
        for name in names
        if name not in known and not (option == "--tasks" and name.startswith(COLUMN))
    ]
    if problems:
        raise InputError(problems)


def _with_budgets(protocol: Protocol, selection: Selection) -> Protocol:
    """The protocol with the user's numbers of labelings and draws in place of its own."""
    asked = selection.n_permutations
    own = {} if "default" in asked else protocol.inference.labelings
    inference = replace(
        protocol.inference,
        labelings={**own, **asked},
        n_bootstraps=selection.n_bootstraps or protocol.inference.n_bootstraps,
    )
    return replace(protocol, inference=inference)


def _budget(model: str, task: Task, protocol: Protocol) -> int:
    """Permuted labelings that a model is refitted on."""
    if (
        task.null != "refit"
        or unavailable_reason(model)
        or model_card(model).refit == "none"
        or protocol.inference.p_value != "refit"
    ):
        return 0
    return protocol.inference.labelings_of(model)


def _plan_task(task: Task, n_permutations: int, seed: int) -> PlannedTask:
    labels, enumerated, n_possible = task.truth[:, np.newaxis], False, 1.0
    if not task.reason:  # enumerated labelings come shuffled: the first of them are a sample
        labels, enumerated, n_possible = _labelings(task, n_permutations, seed)
    return PlannedTask(
        task=task.key,
        family=task.family,
        variant=task.variant,
        tissue=task.tissue,
        samples=task.samples,
        missions=task.missions,
        conditions=task.conditions,
        strata=tuple(str(s) for s in task.strata),
        labels=np.ascontiguousarray(labels, dtype=np.int8),
        enumerated=enumerated,
        n_possible=n_possible,
        folds=tuple(_plan_fold(fold) for fold in task.folds),
        status="not_applicable" if task.reason else "ok",
        reason=task.reason,
        classes=task.classes,
        metric=task.metric,
        null=task.null,
        note=task.note,
        sources=task.sources,
        changes=task.changes,
        settings=task.settings,
    )


def _labelings(task: Task, n_permutations: int, seed: int) -> Labelings:
    strata = task.strata.astype(str)
    if task.metric == "auroc":  # tasks of a tissue with the same samples share them
        order = identity_seed(seed, task.tissue, "labelings")
        return labelings(task.truth, strata, n_permutations=n_permutations, seed=order)
    order = identity_seed(seed, task.key, "labelings")
    return class_labelings(
        task.truth, strata, blocks=task.blocks, n_permutations=n_permutations, seed=order
    )


def _plan_fold(fold: Fold) -> PlannedFold:
    return PlannedFold(
        fold=fold.name,
        train=fold.train,
        test=fold.test,
        train_missions=fold.train_missions,
        test_missions=fold.test_missions,
        status="not_applicable" if fold.reason else "ok",
        reason=fold.reason,
    )


def _plan_cells(
    task: Task,
    planned: PlannedTask,
    cohort: Cohort,
    protocol: Protocol,
    selection: Selection,
    budgets: Mapping[str, int],
) -> Iterator[PlannedCell]:
    there = default_features(cohort, protocol)
    rows = cohort.rows(task.samples)
    n_train = [len(fold.train) for fold in planned.scored_folds]
    about = there if task.feature_sets is None else task.feature_sets
    for feature in selection.features or tuple(f for f in there if f in about) or about:
        lacks = task.reason or feature_set(feature).lacks(cohort, rows)
        if not lacks and feature not in there:
            lacks = f"the protocol {protocol.name} has no {feature}"
        if not lacks and feature not in about:
            lacks = f"the question is about {', '.join(about)}"
        lacks = lacks or unchangeable(cohort, feature, planned.changes)
        width = 0 if lacks else feature_set(feature).width(cohort, protocol)
        for model, budget in budgets.items():
            lacking = lacks or unavailable_reason(model) or _too_many(task, model) or ""
            asked = 0 if lacking else min(budget, planned.labels.shape[1] - 1)
            settings = planned.settings_of(model, protocol)
            n_labelings, cut = _within_budget(asked, model, settings, protocol, n_train, width)
            yield PlannedCell(
                cell=f"{task.key}/{feature}/{model}",
                task=task.key,
                feature=feature,
                model=model,
                track=model_card(model).track,
                n_labelings=n_labelings,
                status="not_applicable" if lacking else "ok",
                reason=lacking or cut or task.note,
            )


def _models(task: Task, asked: Sequence[str], usual: Sequence[str]) -> tuple[str, ...]:
    """The models asked for; the family's own too where none of these goes with the classes."""
    if any(not _too_many(task, model) for model in asked):
        return tuple(asked)
    return tuple(dict.fromkeys([*asked, *usual]))


def _too_many(task: Task, model: str) -> str:
    """Why a model and the classes of a task do not go together."""
    many = model_card(model).classes == "many"
    if task.metric == "auroc":
        return f"{model} names classes; the question is asked by AUROC" if many else ""
    return "" if many else f"{model} tells two classes apart by a score; it does not name them"


def _within_budget(
    asked: int,
    model: str,
    settings: Mapping[str, Any],
    protocol: Protocol,
    n_train: Sequence[int],
    width: int,
) -> tuple[int, str]:
    """Labelings that the CPU budget of a cell allows, and what to say where it cuts them."""
    allowed = affordable_labelings(model, settings, protocol, n_train, width) if asked else None
    if allowed is None or allowed >= asked:
        return asked, ""
    budget = f"a budget of {protocol.inference.cell_cpu_minutes:g} CPU minutes a cell"
    if allowed < FEWEST_LABELINGS <= asked:
        return 0, f"not refitted: {budget} allows {allowed} labelings, {FEWEST_LABELINGS} needed"
    return allowed, f"refitted on {allowed} of {asked} labelings: {budget}"


def _first_of_each_reason(cells: Sequence[PlannedCell]) -> list[PlannedCell]:
    seen: dict[tuple[str, str], PlannedCell] = {}
    for cell in cells:
        seen.setdefault((cell.task, cell.reason), cell)
    return list(seen.values())
