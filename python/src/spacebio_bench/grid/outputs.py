"""What the grid leaves: values by fold, scores by sample, the nulls, costs, the outcome."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import zarr
from numpy.typing import NDArray

from spacebio_bench.grid.plan import Plan, PlannedCell, PlannedTask
from spacebio_bench.grid.stages import labelings_needed
from spacebio_bench.grid.units import Bundle, UnitResult
from spacebio_bench.typing import FloatArray

WORST_FIRST = ("lost", "timed_out", "failed", "not_applicable")
NOT_RUN, DONE, FAILED = 0, 1, 2


@dataclass(frozen=True)
class Counts:
    """Units of a run: planned, taken from the ledger, computed now."""

    planned: int
    reused: int
    computed: int


def write_grid(
    folder: Path,
    plan: Plan,
    bundles: Sequence[Bundle],
    results: Mapping[str, UnitResult],
    reused: frozenset[str],
    counts: Counts,
) -> dict[str, Any]:
    """Write every file of the grid into a folder; returns what `outcome.json` holds."""
    folder.mkdir(parents=True, exist_ok=True)
    folds = _folds(bundles, results)
    folds.to_parquet(folder / "folds.parquet", index=False)
    _predictions(plan, bundles, results).to_parquet(folder / "predictions.parquet", index=False)
    costs = _costs(bundles, results, reused)
    costs.to_csv(folder / "costs.csv", index=False, lineterminator="\n")
    _write_nulls(folder / "nulls.zarr", plan, bundles, results)
    outcome = _outcome(plan, folds, counts) | {"optimality_gaps": _gaps(bundles, results)}
    text = json.dumps(outcome, indent=1) + "\n"
    (folder / "outcome.json").write_text(text, encoding="utf-8")
    return outcome


def _fold_status(bundle: Bundle, results: Mapping[str, UnitResult]) -> tuple[str, str]:
    """The worst status among the units of a fold, with the reason of the first unit that has it."""
    by_status: dict[str, str] = {}
    for unit in bundle.units:
        result = results.get(unit.key)
        status, reason = (result.status, result.reason) if result else ("failed", "it was not run")
        by_status.setdefault(status, reason)
    for status in WORST_FIRST:
        if status in by_status:
            return status, by_status[status]
    return "ok", ""


def _folds(bundles: Sequence[Bundle], results: Mapping[str, UnitResult]) -> pd.DataFrame:
    rows = []
    for bundle in bundles:
        status, reason = _fold_status(bundle, results)
        seeds = [
            results[u.key].per_labeling[0] for u in bundle.units if u.keep_scores and status == "ok"
        ]
        first = results.get(bundle.units[0].key)
        rows.append(
            {
                "cell": bundle.cell,
                "fold": bundle.fold,
                "status": status,
                "reason": reason,
                "n_features": first.n_features if first else 0,
                "value": seeds[0] if seeds else np.nan,
                "seed_values": seeds[1:],
            }
        )
    columns = ["cell", "fold", "status", "reason", "n_features", "value", "seed_values"]
    return pd.DataFrame(rows, columns=columns)


def _predictions(
    plan: Plan, bundles: Sequence[Bundle], results: Mapping[str, UnitResult]
) -> pd.DataFrame:
    """A row a test sample, with the score of class 1; where classes are named, one for each."""
    task_of = {cell.cell: plan.task_of[cell.task] for cell in plan.cells}
    columns: dict[str, list[Any]] = {
        name: [] for name in ("cell", "fold", "sample", "label", "class", "score")
    }
    for bundle in bundles:
        result = results.get(bundle.units[0].key)
        if result is None or not result.scores:
            continue
        of_one = task_of[bundle.cell].classes if bundle.metric == "macro_f1" else ("1",)
        n = len(bundle.test) * len(of_one)
        columns["cell"] += [bundle.cell] * n
        columns["fold"] += [bundle.fold] * n
        columns["sample"] += [sample for sample in bundle.test for _ in of_one]
        columns["label"] += np.repeat(bundle.labels_test[:, 0], len(of_one)).tolist()
        columns["class"] += [*of_one] * len(bundle.test)
        columns["score"] += result.scores
    frame = pd.DataFrame(columns)
    return frame.astype({"label": np.int8}) if len(frame) else frame


def _costs(
    bundles: Sequence[Bundle], results: Mapping[str, UnitResult], reused: frozenset[str]
) -> pd.DataFrame:
    rows = []
    for bundle in bundles:
        found = [results[unit.key] for unit in bundle.units if unit.key in results]
        rows.append(
            {
                "cell": bundle.cell,
                "fold": bundle.fold,
                "fit_cpu_s": round(sum(r.prepare_cpu_s for r in found), 4),
                "score_cpu_s": round(sum(r.score_cpu_s for r in found), 4),
                "units_reused": sum(unit.key in reused for unit in bundle.units),
                "peak_rss_mb": round(max((r.peak_rss_mb for r in found), default=0.0), 1),
                "worker": ";".join(sorted({r.worker for r in found if r.worker})),
            }
        )
    columns = ["cell", "fold", "fit_cpu_s", "score_cpu_s", "units_reused", "peak_rss_mb", "worker"]
    return pd.DataFrame(rows, columns=columns).sort_values(["cell", "fold"])


def _write_nulls(
    path: Path, plan: Plan, bundles: Sequence[Bundle], results: Mapping[str, UnitResult]
) -> None:
    root = zarr.open_group(path, mode="w", zarr_format=3)
    root.attrs.update({"seed": plan.seed, "protocol_digest": plan.protocol.digest})
    of_cell: dict[str, list[Bundle]] = {}
    for bundle in bundles:
        of_cell.setdefault(bundle.cell, []).append(bundle)
    for task in plan.tasks:
        cells = [c for c in plan.cells if c.task == task.task and c.cell in of_cell]
        if cells:
            _write_task(root.create_group(task.task), plan, task, cells, of_cell, results)


def _write_task(
    group: zarr.Group,
    plan: Plan,
    task: PlannedTask,
    cells: Sequence[PlannedCell],
    of_cell: Mapping[str, Sequence[Bundle]],
    results: Mapping[str, UnitResult],
) -> None:
    folds = [fold.fold for fold in task.scored_folds]
    shape = (len(cells), len(folds), task.labels.shape[1])
    value, status = np.full(shape, np.nan), np.full(shape, NOT_RUN, dtype=np.int8)
    k = len(task.classes)
    counts = np.zeros((*shape, k, k), dtype=np.int32) if task.metric == "macro_f1" else None
    for i, cell in enumerate(cells):
        for bundle in of_cell[cell.cell]:
            j = folds.index(bundle.fold)
            for unit in (u for u in bundle.units if u.seed_index == 0):
                columns = slice(unit.start, unit.stop)
                result = results.get(unit.key)
                if result is not None and result.status == "ok":
                    value[i, j, columns], status[i, j, columns] = result.per_labeling, DONE
                    if counts is not None:
                        counts[i, j, columns] = np.reshape(result.counts, (-1, k, k))
                elif result is not None:
                    status[i, j, columns] = FAILED
        _forget_what_was_not_needed(value[i], status[i], plan, task, cell)
    group.attrs.update({"seed": plan.seed, "protocol_digest": plan.protocol.digest})
    chunks = (1, *shape[1:])
    for name, array, fill in (("value", value, np.nan), ("status", status, NOT_RUN)):
        target = group.create_array(
            name,
            shape=shape,
            dtype=array.dtype,
            chunks=chunks,
            fill_value=fill,
            dimension_names=("cell", "fold", "labeling"),
        )
        target[:] = array
    if counts is not None:
        target = group.create_array(
            "counts",
            shape=counts.shape,
            dtype=counts.dtype,
            chunks=(1, *counts.shape[1:]),
            dimension_names=("cell", "fold", "labeling", "class", "named"),
        )
        target[:] = counts
        group.attrs["classes"] = list(task.classes)
    group.create_array("labels", data=task.labels, dimension_names=("sample", "labeling"))
    coordinates = {
        "cell": [c.cell for c in cells],
        "fold": folds,
        "sample": task.samples,
        "mission": task.missions,
        "stratum": task.strata,
    }
    for name, texts in coordinates.items():
        along = name if name in ("cell", "fold") else "sample"
        array = group.create_array(name, shape=(len(texts),), dtype=str, dimension_names=(along,))
        array[:] = np.array(texts, dtype=np.dtypes.StringDType())


def _forget_what_was_not_needed(
    value: FloatArray, status: NDArray[np.int8], plan: Plan, task: PlannedTask, cell: PlannedCell
) -> None:
    """Drop the labelings beyond those that decided a cell, so that no block size shows."""
    done = (status == DONE).all(axis=0)
    leading = len(done) if done.all() else int(np.argmin(done))
    if leading == 0:
        return
    needed = labelings_needed(
        value[:, :leading], family=plan.family_size(task), stop_at=plan.stop_at(cell)
    )
    if needed is not None:
        value[:, needed + 1 :], status[:, needed + 1 :] = np.nan, NOT_RUN


def _gaps(bundles: Sequence[Bundle], results: Mapping[str, UnitResult]) -> dict[str, float]:
    """The worst optimality gap of each model that states one."""
    worst: dict[str, float] = {}
    for bundle in bundles:
        for unit in bundle.units:
            gap = results[unit.key].largest_gap if unit.key in results else 0.0
            if gap > 0:
                worst[bundle.model] = max(gap, worst.get(bundle.model, 0.0))
    return dict(sorted(worst.items()))


def _outcome(plan: Plan, folds: pd.DataFrame, counts: Counts) -> dict[str, Any]:
    statuses = {c.cell: (c.status, c.reason) for c in plan.cells if c.status != "ok"}
    statuses |= dict.fromkeys(folds["cell"].unique(), ("ok", ""))
    for cell, group in folds[folds["status"] != "ok"].groupby("cell", sort=False):
        worst = next(s for s in WORST_FIRST if (group["status"] == s).any())
        first = group[group["status"] == worst].iloc[0]
        statuses[str(cell)] = (worst, f"{first['fold']}: {first['reason']}")
    bad = {c: s for c, s in statuses.items() if s[0] not in ("ok", "not_applicable")}
    return {
        "exit_code": 3 if bad else 0,
        "cells_by_status": dict(sorted(Counter(s for s, _ in statuses.values()).items())),
        "units_planned": counts.planned,
        "units_reused": counts.reused,
        "units_computed": counts.computed,
        "causes": [
            {"cell": cell, "status": status, "reason": reason}
            for cell, (status, reason) in sorted(bad.items())
        ],
    }
