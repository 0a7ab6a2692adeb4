"""How `lomo` depends on the number of missions, samples, genes and components.

These describe and do not test: no labels are permuted. No best value is reported; it would have to
be chosen inside the training missions.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.protocol import Protocol
from spacebio_bench.tasks._registry import FAMILIES, Fold, Task
from spacebio_bench.tasks._samples import degenerate
from spacebio_bench.tasks.lomo import lomo_task
from spacebio_bench.typing import Change, IntArray

DESCRIBES = "no p-value: a curve describes, lomo tests"


@dataclass(frozen=True)
class CurveOptions:
    """Shares of the training samples of every mission and label, and how often each is drawn."""

    shares: Sequence[float]
    draws: int
    seed: int


@dataclass(frozen=True)
class AblationOptions:
    """Features of largest training variance that are kept; principal components."""

    n_genes: Sequence[int]
    n_components: Sequence[int]


def learning_curve(
    cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
) -> Iterator[Task]:
    """Variants `learning_curve_m<missions>_d<draw>` and `learning_curve_s<percent>_d<draw>`."""
    options = CurveOptions(**protocol.task_options("lomo.learning_curve"))
    for tissue in sorted(cohorts):
        task = lomo_task(cohorts[tissue], protocol, strata)
        n_missions = len(task.folds)
        for draw in range(options.draws):
            for m in range(1, n_missions - 1):
                yield _curve(task, f"m{m}_d{draw}", protocol, options, n_train=m)
            for share in options.shares:
                name = f"s{round(100 * share)}_d{draw}"
                yield _curve(task, name, protocol, options, share=share)


def _curve(
    task: Task,
    name: str,
    protocol: Protocol,
    options: CurveOptions,
    *,
    n_train: int | None = None,
    share: float | None = None,
) -> Task:
    variant = f"learning_curve_{name}"
    folds = []
    for fold in task.folds:
        identity = zlib.crc32(f"{task.key}/{variant}/{fold.name}".encode())
        rng = np.random.default_rng([options.seed, identity])
        if n_train is not None:
            kept = sorted(rng.permutation(list(fold.train_missions))[:n_train].tolist())
            train = np.array([i for i in fold.train if task.missions[i] in kept], dtype=np.intp)
        else:
            train = _share_of(task, fold, share or 1.0, rng)
        folds.append(
            replace(
                fold,
                train=train,
                train_missions=tuple(sorted({task.missions[i] for i in train})),
                reason=degenerate(task.truth[train], task.truth[fold.test], protocol.folds),
            )
        )
    return replace(
        task,
        key=f"{task.key}.{variant}",
        variant=variant,
        folds=tuple(folds),
        null="none",
        note=DESCRIBES,
    )


def _share_of(task: Task, fold: Fold, share: float, rng: np.random.Generator) -> IntArray:
    """A share of the training samples of each mission and label, at least one of each."""
    groups: dict[tuple[str, int], list[int]] = {}
    for i in fold.train:
        groups.setdefault((task.missions[i], int(task.truth[i])), []).append(int(i))
    kept = [
        rng.permutation(rows)[: max(1, round(share * len(rows)))]
        for _, rows in sorted(groups.items())
    ]
    return np.sort(np.concatenate(kept)) if kept else fold.train


def ablation(
    cohorts: Mapping[str, Cohort], protocol: Protocol, *, strata: Sequence[str]
) -> Iterator[Task]:
    """Variants `ablation_genes<n>` and `ablation_components<n>`."""
    options = AblationOptions(**protocol.task_options("lomo.ablation"))
    for tissue in sorted(cohorts):
        task = replace(lomo_task(cohorts[tissue], protocol, strata), null="none", note=DESCRIBES)
        for n in options.n_genes:
            variant = f"ablation_genes{n}"
            yield replace(
                task,
                key=f"{task.key}.{variant}",
                variant=variant,
                changes=(Change("top_genes", n),),
                feature_sets=("gene",),
            )
        for n in options.n_components:
            variant = f"ablation_components{n}"
            yield replace(
                task,
                key=f"{task.key}.{variant}",
                variant=variant,
                settings={"pca_lr": {"n_components": n}},
            )


FAMILIES["lomo.learning_curve"] = learning_curve
FAMILIES["lomo.ablation"] = ablation
