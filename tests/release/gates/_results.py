"""Small result tables, as a run writes them."""

from __future__ import annotations

import json
from pathlib import Path

CELLS = """\
cell,status,metric,n_folds,n_samples,n_positive,value_mean,value_seed_sd,p_value,q_bh
t.lomo/gene/knn,ok,auroc,2,20,10,0.8125,,0.01,0.02
t.lomo/gene/pca_lr,ok,auroc,2,20,10,0.75,,0.02,0.02
t.lomo/gene/xgb,ok,auroc,2,20,10,0.7,0.01,0.1,0.1
t.lomo/set/knn,not_applicable,auroc,0,20,10,,,,
"""
FOLDS = """\
cell,fold,train_missions,test_missions,n_train,n_test,n_positive,n_features,metric,value,seed_sd,status
t.lomo/gene/knn,fold_A_test,B,A,10,10,5,100,auroc,0.8,,ok
t.lomo/gene/xgb,fold_A_test,B,A,10,10,5,100,auroc,0.72,0.02,ok
"""
COMPARISONS = """\
by,a,b,n_clusters,difference,method
model,knn,pca_lr,4,0.0625,sign_flip
model,knn,pca_lr,8,0.5,nemenyi
"""
ENVIRONMENT = {
    "machine": "x86_64",
    "cpu": "Some CPU",
    "blas": ["openblas 0.3.30 Haswell"],
    "lock_digest": "a" * 64,
}
STORE = "cohorts/t.zarr/zarr.json"


def write_run(folder: Path, *, released: bool = False, **environment: object) -> Path:
    """Results of a run; `released`, as they lie in a release."""
    (folder / "pipeline_info").mkdir(parents=True)
    for name, text in {
        "cells.csv": CELLS,
        "folds.csv": FOLDS,
        "comparisons.csv": COMPARISONS,
    }.items():
        (folder / name).write_text(text)
    told = ENVIRONMENT | environment
    if released:
        asked = {"tasks": "lomo,control"}
        (folder / "run.json").write_text(json.dumps({"environment": told, "parameters": asked}))
    else:
        (folder / "pipeline_info" / "environment.json").write_text(json.dumps(told))
    write_manifest(folder, {"predictions.parquet": "1", "nulls.zarr/a": "2", STORE: "3"})
    return folder


def write_manifest(folder: Path, digests: dict[str, str]) -> None:
    """`manifest.json` with these digests."""
    files = [{"path": path, "bytes": 1, "sha256": digest} for path, digest in digests.items()]
    (folder / "manifest.json").write_text(json.dumps({"files": files}))


def edit(path: Path, old: str, new: str) -> None:
    """Change a text that is there."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
