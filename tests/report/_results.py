"""Results as a run leaves them, with made-up numbers: what the page is tried on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import zarr

from spacebio_bench.grid.plan import Plan
from spacebio_bench.protocol import load_protocol

from ._stores import made_up_samples, write_checked, write_store

MODELS = ("elasticnet_lr", "knn", "mlp", "pca_lr", "rf", "svm_rbf", "tabnet", "xgb")
FEATURES = ("combined", "gene", "pathway_hallmark", "pathway_kegg")
TISSUES = ("eye", "gastrocnemius", "kidney", "liver", "skin", "soleus", "spleen", "thymus")
MISSIONS = ("MHU-2", "MHU-8", "RR-1", "RR-3", "RR-6", "RR-9")
SMALL = "MHU-2"
"""Held out, three flight and three ground samples."""
EFFECTS = (1.6, 0.1, 0.9, 0.5, 1.2)
CELLS = """cell task family variant tissue feature model track protocol status reason metric n_folds
n_samples n_positive value_mean value_sd value_seed_sd ci_these_low ci_these_high ci_population_low
ci_population_high pi_next_low pi_next_high p_value p_method n_permutations p_attainable p_maxt q_bh
rank_low rank_high tie_group pub_ci_low pub_ci_high pub_p pub_go"""
FOLDS = """cell fold train_missions test_missions n_train n_test n_positive n_features metric value
seed_sd ci_low ci_high p_exact p_attainable pub_ci_low pub_ci_high pub_p status reason"""
COSTS = "cell fold fit_cpu_s score_cpu_s units_reused peak_rss_mb worker"
PAIRS = "by a b n_clusters difference ci_low ci_high p_value p_attainable method"
POOLED = "cell variance n_folds value ci_low ci_high tau2 i2 q p_heterogeneity reason"
TROUBLE = {
    "eye.lomo/gene/mlp": ("timed_out", "fold_MHU-8_test: over the unit timeout of 600 s"),
    "kidney.lomo/combined/xgb": ("failed", "fold_RR-3_test: XGBoostError: <out of memory> & gone"),
}
CUT = "refitted on {n} of 999 labelings: 10 CPU minutes a cell"
NO_TABNET = ("not_applicable", "the TabNet environment is not installed on this machine")


@dataclass(frozen=True)
class Made:
    """Where everything is."""

    results: Path
    cohorts: Path
    plan: Path
    checked: Path


def write_results(
    folder: Path,
    *,
    tissues: tuple[str, ...] = TISSUES[:3],
    models: tuple[str, ...] = MODELS,
    features: tuple[str, ...] = FEATURES,
    n_labelings: int = 199,
    seed: int = 1,
) -> Made:
    """Write a run below `folder`; some cells did not run, and say why."""
    rng = np.random.default_rng(seed)
    made = Made(folder / "results", folder / "cohorts", folder / "plan", folder / "checked")
    made.results.mkdir(parents=True)
    made.cohorts.mkdir()
    missions_of = {tissue: MISSIONS[: 2 + t % 5] for t, tissue in enumerate(tissues)}
    cells: list[dict[str, Any]] = []
    folds: list[dict[str, Any]] = []
    nulls = zarr.open_group(made.results / "nulls.zarr", mode="w", zarr_format=3)
    for t, (tissue, missions) in enumerate(missions_of.items()):
        obs = made_up_samples(tissue, missions, rng)
        write_store(made.cohorts / f"{tissue}.zarr", obs, features, rng)
        names = [f"{tissue}.lomo/{f}/{m}" for f in features for m in models]
        values = np.full((len(names), len(missions), 1 + n_labelings), np.nan)
        for name, value in zip(names, values, strict=True):
            status, reason = _status(name)
            if status == "ok":
                value[:] = _fold_values(rng, name, EFFECTS[t % 5], value.shape)
            own = _cell(name, status, reason, value, rng)
            cells.append(own)
            folds.extend(_fold(own, m, v, rng) for m, v in zip(missions, value[:, 0], strict=True))
        _rank([row for row in cells if row["task"] == f"{tissue}.lomo"])
        _write_nulls(nulls.create_group(f"{tissue}.lomo"), names, missions, values)
    write_checked(made.checked, missions_of)
    Plan(load_protocol("calibrated"), 42, (), ()).save(made.plan)
    _write_tables(made.results, cells, folds, rng)
    return made


def _status(name: str) -> tuple[str, str | None]:
    return NO_TABNET if name.endswith("tabnet") else TROUBLE.get(name, ("ok", None))


def _fold_values(rng: np.random.Generator, name: str, effect: float, shape: tuple[int, ...]) -> Any:
    """AUROC per fold and labeling: noise around 0.5, and the truth above it."""
    _, feature, model = name.split("/")
    skill = effect * (0.6 if feature == "gene" else 1.1)
    skill *= 1.1 if model in ("pca_lr", "svm_rbf") else 0.7
    values = np.clip(rng.normal(0.5, 0.16, shape), 0, 1)
    values[:, 0] = np.clip(0.5 + 0.25 * skill * rng.uniform(0.5, 1.3, len(values)), 0, 1)
    return values


def _cell(
    name: str, status: str, reason: str | None, value: Any, rng: np.random.Generator
) -> dict[str, Any]:
    task, feature, model = name.split("/")
    row: dict[str, Any] = dict.fromkeys(CELLS.split())
    row |= {"cell": name, "task": task, "family": "lomo", "tissue": task.split(".")[0]}
    row |= {"feature": feature, "model": model, "track": "classical", "protocol": "calibrated"}
    row |= {"status": status, "reason": reason, "metric": "auroc", "n_samples": 20}
    if status != "ok":
        return row
    mean, n = float(value[:, 0].mean()), len(value)
    null = value[:, 1:].mean(axis=0)
    p = float((1 + (null >= mean).sum()) / (1 + null.size))
    half = 0.12 / np.sqrt(n)
    row |= {"n_folds": n, "value_mean": mean, "value_sd": float(value[:, 0].std(ddof=1))}
    seeded = model in ("rf", "xgb", "mlp")
    row |= {"value_seed_sd": float(rng.uniform(0.01, 0.08)) if seeded else 0.0}
    reach = {"ci_these": 1, "ci_population": 2} | ({"pi_next": 4} if n >= 3 else {})
    for interval, times in reach.items():
        row[f"{interval}_low"] = max(0.0, mean - times * half)
        row[f"{interval}_high"] = min(1.0, mean + times * half)
    row |= {"p_value": p, "p_method": "refit", "n_permutations": null.size}
    tenth = np.flatnonzero(null >= mean)[9:10] + 1  # as the sequential test stops
    if tenth.size:
        p = 10 / int(tenth[0])
        row |= {"p_value": p, "p_method": "refit_sequential", "n_permutations": int(tenth[0])}
    if model == "rf":
        row["reason"] = CUT.format(n=null.size)
    row |= {"p_attainable": 1 / (1 + null.size), "p_maxt": min(1, 3 * p), "q_bh": min(1, 1.5 * p)}
    row |= {"pub_p": p / 10, "pub_go": mean > 0.6 and p / 10 < 0.05}
    return row


def _rank(cells: list[dict[str, Any]]) -> None:
    """Cells within 0.1 of one another cannot be told apart; a tie group follows the other."""
    ok = sorted((c for c in cells if c["status"] == "ok"), key=lambda c: -c["value_mean"])
    group, best = 0, 2.0
    for cell in ok:
        value = cell["value_mean"]
        better = sum(other["value_mean"] > value + 0.1 for other in ok)
        worse = sum(other["value_mean"] < value - 0.1 for other in ok)
        if value < best - 0.1:
            group, best = group + 1, value
        cell |= {"rank_low": 1 + better, "rank_high": len(ok) - worse, "tie_group": group}


def _fold(
    cell: dict[str, Any], mission: str, value: float, rng: np.random.Generator
) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(FOLDS.split())
    row |= {k: cell[k] for k in ("cell", "metric", "status", "reason")}
    row |= {"fold": f"fold_{mission}_test", "test_missions": mission, "n_features": 500}
    row |= {"n_train": 20, "n_test": 10, "n_positive": 5}
    if cell["status"] == "ok":
        row["reason"] = None
        row |= {"value": value, "ci_low": max(0, value - 0.2), "ci_high": min(1, value + 0.15)}
        row |= {"p_exact": float(rng.uniform(0.004, 0.4)), "p_attainable": 1 / 252}
        row["pub_p"] = row["p_exact"] * float(rng.uniform(0.8, 1.0))
        if mission == SMALL:
            row |= {"n_test": 6, "n_positive": 3, "p_exact": 0.05, "p_attainable": 0.05}
            row["pub_p"] = 0.045
    return row


def _write_nulls(
    group: zarr.Group, names: Sequence[str], missions: Iterable[str], values: Any
) -> None:
    group.create_array("value", data=values)
    group.create_array("status", data=np.isfinite(values).astype(np.int8))
    for key, texts in {"cell": names, "fold": [f"fold_{m}_test" for m in missions]}.items():
        array = group.create_array(key, shape=(len(texts),), dtype=str)
        array[:] = np.array(texts, dtype=np.dtypes.StringDType())


def _write_tables(
    folder: Path,
    cells: list[dict[str, Any]],
    folds: list[dict[str, Any]],
    rng: np.random.Generator,
) -> None:
    costs = [
        {"cell": f["cell"], "fold": f["fold"], "fit_cpu_s": float(rng.lognormal(2)), "worker": "w"}
        for f in folds
    ]
    pairs = [
        ("model", "pca_lr", "rf", 6, 0.05, 0.01, 0.09, 1 / 32, 1 / 32, "sign_flip"),
        ("model", "rf", "svm_rbf", 6, -0.02, -0.09, 0.05, 0.5625, 1 / 32, "sign_flip"),
        ("model", "pca_lr", "rf", 12, -1.25, -2.0, -0.5, 0.004, None, "nemenyi"),
        ("model", "rf", "svm_rbf", 12, 0.5, -0.25, 1.25, 0.31, None, "nemenyi"),
        ("model", None, None, 12, None, None, None, 0.0003, None, "friedman"),
        ("feature", "combined", "gene", 4, 0.2, 0.1, 0.3, 0.125, 0.125, "sign_flip"),
    ]
    pooled = [
        (c["cell"], "hanley_mcneil", c["n_folds"], c["value_mean"], 0.4, 1.1, 0.01, 0.3, 4.0, 0.2)
        for c in cells
        if c["status"] == "ok"
    ]
    no_weight = "no variance to weigh it by: fold_MHU-2_test"
    pooled += [(*row[:1], "delong", row[2], *[None] * 7, no_weight) for row in pooled]
    tables = {
        "cells": pd.DataFrame(cells, columns=CELLS.split()).sort_values("cell"),
        "folds": pd.DataFrame(folds, columns=FOLDS.split()).sort_values(["cell", "fold"]),
        "costs": pd.DataFrame(costs, columns=COSTS.split()),
        "pooled": pd.DataFrame([(*row, None)[:11] for row in pooled], columns=POOLED.split()),
        "comparisons": pd.DataFrame(pairs, columns=PAIRS.split()),
    }
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    tables["cells"].to_parquet(folder / "cells.parquet")
    tables["folds"][["cell", "fold"]].to_parquet(folder / "predictions.parquet")
    counted = tables["cells"]["status"].value_counts().to_dict()
    outcome = {"exit_code": 3, "cells_by_status": counted, "causes": []}
    outcome |= {"units_planned": 900, "units_reused": 300, "units_computed": 598}
    (folder / "outcome.json").write_text(json.dumps(outcome) + "\n")
