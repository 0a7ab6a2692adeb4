"""Units and bundles: what one worker does, and how its result is known again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.joined import Joined
from spacebio_bench.features import changed_sources, feature_set
from spacebio_bench.grid.environment import lock_digest
from spacebio_bench.grid.plan import Plan, PlannedCell, PlannedFold, PlannedTask
from spacebio_bench.grid.stages import stage_ends
from spacebio_bench.identity import digest, digest_of_bytes, identity_seed
from spacebio_bench.models import ModelCard, model_card, seconds_per_fit
from spacebio_bench.protocol import Protocol
from spacebio_bench.typing import Change, Labels

BATCH = 500
"""Labelings that a batched model solves at once; bounds the memory of a unit."""

LOOP_SECONDS = 10.0
"""About how long a unit of a model that refits one labeling at a time may take."""


@dataclass(frozen=True)
class Unit:
    """One fold of one cell for labelings `start` to `stop`, fitted with seed number `seed_index`.

    `key` is the digest of everything that its result depends on. Units of a later `stage` are run
    only when the stages before do not decide the cell.
    """

    key: str
    stage: int
    seed_index: int
    seed: int
    start: int
    stop: int
    keep_scores: bool
    seconds: float


@dataclass(frozen=True)
class Bundle:
    """Units of one fold of one cell that share the features and all that needs no labels.

    Self-contained but for the store, which the worker opens by its path: `train` and `test` are
    sample ids, `labels_train` and `labels_test` hold all labelings of the task's matrix.
    """

    cell: str
    fold: str
    store: Path
    feature: str
    model: str
    protocol: Protocol
    train: tuple[str, ...]
    test: tuple[str, ...]
    labels_train: Labels = field(repr=False)
    labels_test: Labels = field(repr=False)
    units: tuple[Unit, ...]
    unit_timeout: float
    digests: tuple[tuple[str, str], ...] = ()  # of what is read of the store
    second_store: Path | None = None  # where another tissue is tested than the one trained on
    metric: str = "auroc"
    n_classes: int = 2
    changes: tuple[Change, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Guess of the CPU time that it takes."""
        return sum(unit.seconds for unit in self.units)

    def with_units(self, units: tuple[Unit, ...]) -> Bundle:
        """The same fold of the same cell with other units and no labelings that they do not use."""
        stop = max(unit.stop for unit in units)
        train, test = self.labels_train[:, :stop], self.labels_test[:, :stop]
        return replace(self, units=units, labels_train=train, labels_test=test)


@dataclass(frozen=True)
class Settings:
    """How a run goes, without effect on any result."""

    stores: Mapping[str, Path]
    unit_timeout: float


def bundles(plan: Plan, cohorts: Mapping[str, Cohort], settings: Settings) -> Iterator[Bundle]:
    """Every bundle of a plan, one a fold of a cell, with all its units."""
    environment = lock_digest()
    joined = Joined(cohorts)
    widths: dict[tuple[tuple[str, ...], str], int] = {}  # cells and folds share them
    shared = _Shared({}, {}, plan.protocol.to_dict())
    for cell in plan.cells:
        if cell.status != "ok":
            continue
        task = plan.task_of[cell.task]
        cohort, key = joined.of(task.stores), (task.stores, cell.feature)
        if key not in widths:
            widths[key] = feature_set(cell.feature).width(cohort, plan.protocol)
        for fold in task.scored_folds:
            yield _bundle(
                plan, cell, task, fold, cohort, widths[key], settings, environment, shared
            )


@dataclass(frozen=True)
class _Shared:
    """What cells have in common: labels of folds, digests of blocks, the protocol's entries."""

    labels: dict[tuple[str, str], tuple[Labels, Labels]]
    digests: dict[tuple[str, int, int], str]
    entries: dict[str, Any]

    def of_fold(self, task: PlannedTask, fold: PlannedFold) -> tuple[Labels, Labels]:
        key = (task.task, fold.fold)
        if key not in self.labels:
            self.labels[key] = task.labels[fold.train], task.labels[fold.test]
        return self.labels[key]

    def digest(self, task: PlannedTask, start: int, stop: int) -> str:
        key = (task.task, start, stop)
        if key not in self.digests:
            self.digests[key] = digest_of_bytes(task.labels[:, start:stop].tobytes())
        return self.digests[key]


def _bundle(
    plan: Plan,
    cell: PlannedCell,
    task: PlannedTask,
    fold: PlannedFold,
    cohort: Cohort,
    n_features: int,
    settings: Settings,
    environment: str,
    shared: _Shared,
) -> Bundle:
    card = model_card(cell.model)
    train = tuple(task.samples[i] for i in fold.train)
    test = tuple(task.samples[i] for i in fold.test)
    model_settings = task.settings_of(cell.model, plan.protocol)
    per_fit = seconds_per_fit(cell.model, model_settings, len(train), n_features)
    matters = _what_matters(shared.entries, cell.model, model_settings)
    sources = changed_sources(feature_set(cell.feature).sources(cohort), task.changes)
    if task.changes:  # which samples are whose: missions and labels
        sources = (*sources, "obs")
    data = [cohort.digests[name] for name in sources]
    asked = [task.metric, len(task.classes), task.changes]
    identity = digest(data, cell.feature, matters, asked, train, test, card.version, environment)
    units = tuple(
        Unit(
            key=digest(identity, seed, shared.digest(task, start, stop)),
            stage=stage,
            seed_index=index,
            seed=seed,
            start=start,
            stop=stop,
            keep_scores=start == 0,
            seconds=per_fit * (stop - start),
        )
        for stage, index, seed, start, stop in _blocks(plan, cell, fold, card, per_fit)
    )
    labels_train, labels_test = shared.of_fold(task, fold)
    return Bundle(
        cell=cell.cell,
        fold=fold.fold,
        store=settings.stores[task.stores[0]],
        feature=cell.feature,
        model=cell.model,
        protocol=plan.protocol,
        train=train,
        test=test,
        labels_train=labels_train[:, : cell.n_labelings + 1],
        labels_test=labels_test[:, : cell.n_labelings + 1],
        units=units,
        unit_timeout=settings.unit_timeout,
        digests=tuple(zip(sources, data, strict=True)),
        second_store=settings.stores[task.stores[1]] if task.sources else None,
        metric=task.metric,
        n_classes=len(task.classes),
        changes=task.changes,
        settings=model_settings,
    )


def _blocks(
    plan: Plan, cell: PlannedCell, fold: PlannedFold, card: ModelCard, per_fit: float
) -> Iterator[tuple[int, int, int, int, int]]:
    """(stage, seed number, seed, start, stop): the truth by itself, with each seed, then the rest.

    A block never reaches over the end of a stage.
    """
    n_seeds = plan.protocol.inference.n_seeds if card.stochastic else 1
    fixed = plan.protocol.model_seed
    identity = (plan.seed, cell.cell, fold.fold, "fit")
    seeds = [identity_seed(*identity, k) if fixed is None else fixed + k for k in range(n_seeds)]
    for index, seed in enumerate(seeds):
        yield 0, index, seed, 0, 1
    step = BATCH if card.refit == "batched" else max(1, round(LOOP_SECONDS / per_fit))
    family = plan.family_size(plan.task_of[cell.task])
    first = 1
    for stage, end in enumerate(
        stage_ends(cell.n_labelings, family=family, stop_at=plan.stop_at(cell))
    ):
        for start in range(first, end + 1, step):
            yield stage, 0, seeds[0], start, min(start + step, end + 1)
        first = end + 1


def _what_matters(entries: Mapping[str, Any], model: str, settings: Mapping[str, Any]) -> list[Any]:
    """The protocol's entries that a fitted fold depends on, beside the labels and the store."""
    shared = ("labels", "genes", "pathways", "combined", "matrix_dtype", "scaling")
    return [model, dict(settings), *(entries[name] for name in shared)]


@dataclass(frozen=True)
class UnitResult:
    """What became of a unit.

    Attributes
    ----------
    per_labeling
        AUROC, or macro-F1, of each labeling; empty unless `status` is `ok`.
    scores
        Scores of the test samples under the truth, where the unit keeps them; of k classes, those
        of the first sample first.
    counts
        Of k classes: how many samples of each class are given each class, for each labeling;
        L x k x k numbers, the labeling first, then the true class.
    largest_gap
        Worst optimality gap of the fits, relative to the objective; 0 where the model states none.
    prepare_cpu_s, score_cpu_s
        CPU seconds; the time of `prepare` is booked on the first unit that needed it.
    """

    key: str
    status: str
    reason: str = ""
    per_labeling: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    n_features: int = 0
    largest_gap: float = 0.0
    prepare_cpu_s: float = 0.0
    score_cpu_s: float = 0.0
    peak_rss_mb: float = 0.0
    worker: str = ""
