"""Results as a run leaves them, with made-up numbers: what the page is tried on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import zarr

from spacebio_bench.grid.plan import Plan
from spacebio_bench.protocol import load_protocol

MODELS = ("elasticnet_lr", "knn", "mlp", "pca_lr", "rf", "svm_rbf", "tabnet", "xgb")
FEATURES = ("combined", "gene", "pathway_hallmark", "pathway_kegg")
TISSUES = ("eye", "gastrocnemius", "kidney", "liver", "skin", "soleus", "spleen", "thymus")
MISSIONS = ("MHU-2", "MHU-8", "RR-1", "RR-3", "RR-6", "RR-9")
STOCHASTIC = ("rf", "xgb", "mlp", "tabnet")
CELL_COLUMNS = (
    "cell task family variant tissue feature model track protocol status reason metric n_folds n_samples n_positive "
    "value_mean value_sd value_seed_sd ci_these_low ci_these_high ci_population_low ci_population_high pi_next_low "
    "pi_next_high p_value p_method n_permutations p_attainable p_maxt q_bh rank_low rank_high tie_group pub_ci_low "
    "pub_ci_high pub_p pub_go"
).split()
FOLD_COLUMNS = (
    "cell fold train_missions test_missions n_train n_test n_positive n_features metric value seed_sd ci_low ci_high "
    "p_exact p_attainable pub_ci_low pub_ci_high pub_p status reason"
).split()


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
    published: bool = True,
    seed: int = 1,
) -> Made:
    """Write ``results/``, ``cohorts/`` and ``checked/`` below `folder`; some cells did not run, and say why."""
    rng = np.random.default_rng(seed)
    made = Made(folder / "results", folder / "cohorts", folder / "plan", folder / "checked")
    for path in (made.results, made.cohorts, made.checked / "studies"):
        path.mkdir(parents=True)
    cells, folds, costs, predictions = [], [], [], []
    nulls = zarr.open_group(made.results / "nulls.zarr", mode="w", zarr_format=3)
    nulls.attrs.update(seed=42, protocol="0" * 64)
    studies = []
    for t, tissue in enumerate(tissues):
        missions = MISSIONS[: 2 + t % 5]
        obs = _write_cohort(made, tissue, missions, features, rng)
        studies.extend(_write_checked(made, tissue, missions))
        task = f"{tissue}.lomo"
        effect = (1.6, 0.1, 0.9, 0.5, 1.2)[t % 5]
        names = [f"{task}/{f}/{m}" for f in features for m in models]
        values = np.full((len(names), len(missions), 1 + n_labelings), np.nan)
        status = np.zeros(values.shape, np.int8)
        for c, name in enumerate(names):
            _, feature, model = name.split("/")
            outcome, reason = _outcome(tissue, feature, model)
            cell = dict.fromkeys(CELL_COLUMNS) | {
                "cell": name, "task": task, "family": "lomo", "tissue": tissue, "feature": feature, "model": model,
                "track": "classical", "protocol": "calibrated", "status": outcome, "reason": reason,
                "metric": "auroc", "n_samples": len(obs), "n_positive": int(obs.condition.eq("FLT").sum()),
            }  # fmt: skip
            if outcome == "ok":
                null = np.clip(rng.normal(0.5, 0.16, values.shape[1:]), 0, 1)
                skill = (
                    effect
                    * (0.6 + 0.5 * (feature != "gene"))
                    * (0.7 + 0.4 * (model in ("pca_lr", "svm_rbf")))
                )
                null[:, 0] = np.clip(
                    0.5 + 0.25 * skill * rng.uniform(0.5, 1.3, len(missions)), 0, 1
                )
                values[c], status[c] = null, 1
                cell |= _statistics(values[c], model, published, rng)
            cells.append(cell)
            for f, mission in enumerate(missions):
                value = values[c, f, 0]
                folds.append(
                    dict.fromkeys(FOLD_COLUMNS)
                    | {
                        "cell": name, "fold": f"fold_{mission}_test", "test_missions": mission,
                        "train_missions": ";".join(m for m in missions if m != mission), "n_train": 20, "n_test": 10,
                        "n_positive": 5, "n_features": 500, "metric": "auroc", "status": outcome, "reason": reason,
                    }
                    | ({} if outcome != "ok" else {
                        "value": value, "ci_low": max(0, value - 0.2), "ci_high": min(1, value + 0.15),
                        "p_exact": float(rng.uniform(0.004, 0.4)), "p_attainable": 1 / 252,
                        "pub_p": float(rng.uniform(0.001, 0.4)) if published else None,
                    })
                )  # fmt: skip
                costs.append(
                    {
                        "cell": name, "fold": f"fold_{mission}_test", "fit_cpu_s": float(rng.lognormal(models.index(model))),
                        "score_cpu_s": 0.1, "units_reused": 0, "peak_rss_mb": 300, "worker": "w0",
                    }
                )  # fmt: skip
            predictions.append(
                {
                    "cell": name,
                    "fold": "fold",
                    "sample": obs.index[0],
                    "label": 1,
                    "class": "1",
                    "score": 0.5,
                }
            )
        group = nulls.create_group(task)
        for key, array in {"value": values, "status": status}.items():
            group.create_array(key, data=array)
        group.create_array("labels", data=np.zeros((len(obs), 1 + n_labelings), np.int8))
        for key, texts in {
            "cell": names,
            "fold": [f"fold_{m}_test" for m in missions],
            "sample": list(obs.index),
        }.items():
            group.create_array(key, data=np.asarray(texts, dtype="U"))
    Plan(load_protocol("calibrated"), 42, (), ()).save(made.plan)
    _write_tables(made, cells, folds, costs, predictions, studies)
    return made


def _outcome(tissue: str, feature: str, model: str) -> tuple[str, str | None]:
    if model == "tabnet":
        return "not_applicable", "the TabNet environment is not installed on this machine"
    if (tissue, feature, model) == ("eye", "gene", "mlp"):
        return "timed_out", "fold_RR-1_test: over the unit timeout of 600 s"
    if (tissue, feature, model) == ("kidney", "combined", "xgb"):
        return "failed", "fold_RR-3_test: XGBoostError: <out of memory> & stopped"
    return "ok", None


def _statistics(
    values: np.ndarray, model: str, published: bool, rng: np.random.Generator
) -> dict[str, object]:
    fold, n = values[:, 0], len(values)
    mean, sd = float(fold.mean()), float(fold.std(ddof=1))
    null = values[:, 1:].mean(axis=0)
    p = float((1 + (null >= mean).sum()) / (1 + len(null)))
    half = 0.12 / np.sqrt(n)
    found: dict[str, object] = {
        "n_folds": n, "value_mean": mean, "value_sd": sd, "p_value": p, "p_method": "refit", "n_permutations": len(null),
        "value_seed_sd": float(rng.uniform(0.01, 0.08)) if model in STOCHASTIC else 0.0,
        "ci_these_low": max(0, mean - half), "ci_these_high": min(1, mean + half),
        "ci_population_low": max(0, mean - 2 * half), "ci_population_high": min(1, mean + 2 * half),
        "p_attainable": 1 / (1 + len(null)), "p_maxt": min(1, 3 * p), "q_bh": min(1, 1.5 * p),
        "rank_low": 1, "rank_high": 5, "tie_group": 1,
    }  # fmt: skip
    if n >= 3:
        found |= {"pi_next_low": max(0, mean - 4 * half), "pi_next_high": min(1, mean + 4 * half)}
    if published:
        found |= {
            "pub_ci_low": mean - half,
            "pub_ci_high": mean + half,
            "pub_p": p / 3,
            "pub_go": mean > 0.7 and p / 3 < 0.05,
        }
    return found


def _write_cohort(
    made: Made,
    tissue: str,
    missions: tuple[str, ...],
    features: tuple[str, ...],
    rng: np.random.Generator,
) -> pd.DataFrame:
    rows = [
        {
            "sample": f"{tissue}_{m}_{c}_{i}",
            "mission": m,
            "accession": f"OSD-{100 + k}",
            "condition": c,
            "role": "benchmark",
        }
        for k, m in enumerate(missions)
        for c, size in {"FLT": 5, "GC": 5, "BC": 2}.items()
        for i in range(size)
    ]
    obs = pd.DataFrame(rows).set_index("sample")
    n = len(obs)
    obs["library_size"] = rng.normal(4e7, 5e6, n).round()
    obs["detected_genes"] = rng.integers(18000, 24000, n)
    obs["pca_distance"] = rng.gamma(3, 1, n)
    obs["replicate_correlation"] = rng.uniform(0.94, 0.99, n)
    genes = [f"ENSMUSG{i:011d}" for i in range(120)]
    mission = obs.mission.astype("category").cat.codes.to_numpy()
    x = rng.normal(8, 1, (n, 120)) + rng.normal(0, 2, (len(missions), 120))[mission]
    x[:, :10] += 1.5 * obs.condition.eq("FLT").to_numpy()[:, None]
    store = anndata.AnnData(x.astype(np.float32), obs=obs, var=pd.DataFrame(index=genes))
    for name in (f for f in features if f.startswith("pathway_")):
        store.obsm[name] = (
            rng.normal(0, 0.2, (n, 30)) + rng.normal(0, 0.1, (len(missions), 30))[mission]
        )
    store.uns["provenance"] = {
        "recipe": "log2(normalised + 1), size factors per study",
        "protocol_digest": "0" * 64,
        "versions": json.dumps({"R": "4.2.2", "DESeq2": "1.38.3", "GSVA": "1.46.0"}),
    }
    anndata.settings.zarr_write_format = 3
    store.write_zarr(made.cohorts / f"{tissue}.zarr")
    return obs[obs.condition.isin(["FLT", "GC"])]


def _write_checked(made: Made, tissue: str, missions: tuple[str, ...]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for k, mission in enumerate(missions):
        study = f"{tissue}.{mission}.OSD-{100 + k}"
        path = made.checked / "studies" / study
        path.mkdir()
        excluded = ["sample,condition,reason"] + (["x1,GC,no muscle expression"] if k == 0 else [])
        (path / "excluded.csv").write_text("\n".join(excluded) + "\n")
        rows.append(
            {
                "id": study,
                "tissue": tissue,
                "mission": mission,
                "accession": f"OSD-{100 + k}",
                "role": "benchmark",
            }
        )
    return rows


def _write_tables(
    made: Made, cells: list, folds: list, costs: list, predictions: list, studies: list
) -> None:
    def csv(
        path: Path, rows: list, columns: list[str] | None = None, keys: tuple[str, ...] = ()
    ) -> None:
        frame = pd.DataFrame(rows, columns=columns)
        frame.sort_values(list(keys)).to_csv(
            path, index=False, lineterminator="\n"
        ) if keys else frame.to_csv(path, index=False)

    csv(made.results / "cells.csv", cells, CELL_COLUMNS, ("cell",))
    pd.DataFrame(cells).to_parquet(made.results / "cells.parquet")
    csv(made.results / "folds.csv", folds, FOLD_COLUMNS, ("cell", "fold"))
    csv(made.results / "costs.csv", costs)
    pd.DataFrame(predictions).to_parquet(made.results / "predictions.parquet")
    csv(
        made.results / "comparisons.csv",
        [
            {"by": "model", "a": "pca_lr", "b": "rf", "n_clusters": 6, "difference": 0.05, "ci_low": -0.01, "ci_high": 0.11,
             "p_value": 0.094, "p_attainable": 1 / 64, "method": "sign_flip"},
        ],
    )  # fmt: skip
    csv(made.checked / "studies.csv", studies)
    counted = pd.Series([c["status"] for c in cells]).value_counts().to_dict()
    outcome = {
        "exit_code": 3, "cells_by_status": counted, "units_planned": 900, "units_reused": 300, "units_computed": 598,
        "causes": [{"cell": c["cell"], "status": c["status"], "reason": c["reason"]} for c in cells if c["status"] in ("failed", "timed_out")],
    }  # fmt: skip
    (made.results / "outcome.json").write_text(json.dumps(outcome, indent=2) + "\n")
