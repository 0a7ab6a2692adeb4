"""Real counts of two tissues, from the study sheet to the report, and the published folds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = [pytest.mark.pipeline, pytest.mark.slow, pytest.mark.data]

CHEAP = "elasticnet_lr,pca_lr,rf,svm_rbf,knn,mlp"
FOLDS = {"eye": 4, "soleus": 3}


def sources(data: Path) -> list[str]:
    """The parameters that name the development data."""
    sets = data / "gene_sets"
    return [
        f"--input={data / 'studies.csv'}",
        f"--gene_sets=hallmark={sets / 'mouse_hallmark.gmt'},kegg={sets / 'mouse_kegg.gmt'}",
        f"--symbols={sets / 'mouse_ensembl_symbol.csv.gz'}",
    ]


@pytest.fixture
def published(development_data: Path) -> pd.DataFrame:
    """Fold AUROC of the published code on genes, labels of `v4`, by tissue, model and fold."""
    reference = development_data / "reference"
    folds = pd.read_csv(reference / "published_code_eye_soleus.csv")
    folds = folds.query("labels == 'v4' and feature == 'gene'")
    platt = pd.read_csv(reference / "published_code_svm_decision.csv")
    platt = platt.query("labels == 'v4' and feature == 'gene'").assign(model="svm_rbf")
    folds = folds[folds["model"] != "svm_rbf"]
    platt = platt.rename(columns={"svm_platt_auroc": "auroc"})
    columns = ["tissue", "model", "fold", "auroc"]
    return pd.concat([folds[columns], platt[columns]]).set_index(columns[:3])["auroc"]


def test_real_counts(pipeline, development_data: Path, published: pd.Series) -> None:
    budget = ["--n_permutations", "19,rf=3,mlp=3"]
    ended = pipeline.run(*sources(development_data), "--models", CHEAP, *budget)
    assert ended.code == 0, ended.said
    assert pipeline.missing() == []
    out = pipeline.outdir
    cells = pd.read_csv(out / "cells.csv")
    assert len(cells) == 2 * 4 * 6
    assert set(cells["status"]) == {"ok"}
    always = ["value_mean", "value_sd", "ci_these_low", "ci_population_high", "pi_next_low"]
    always += ["p_value", "p_attainable", "q_bh", "pub_ci_low", "pub_p", "n_permutations"]
    assert cells[always].notna().all().all()
    assert (cells["p_value"] >= cells["p_attainable"] - 1e-12).all()
    assert cells["ci_these_low"].le(cells["value_mean"]).all()
    assert cells.loc[cells["model"] == "rf", "value_seed_sd"].notna().all()
    folds = pd.read_csv(out / "folds.csv")
    assert folds.groupby(folds["cell"].str.split(".").str[0])["fold"].nunique().to_dict() == FOLDS
    costs = pd.read_csv(out / "costs.csv")
    assert costs["peak_rss_mb"].max() < 3000
    page = (out / "report.html").read_text(encoding="utf-8")
    assert len(page) < 8_000_000

    again = pipeline.run(
        *sources(development_data), "-resume", "--protocol=v4", "--features=gene",
        "--models=pca_lr,rf,xgb,svm_rbf,knn,mlp", "--outdir=results_v4",
    )  # fmt: skip
    assert again.code == 0, again.said
    assert "cached" in again.said.lower()
    folds = pd.read_csv(pipeline.folder / "results_v4" / "folds.csv")
    folds[["tissue", "model"]] = folds["cell"].str.extract(r"^(\w+)\.lomo/gene/(\w+)$")
    folds["fold"] = folds["fold"].str.extract(r"^fold_(.+)_test$")
    ours = folds.set_index(["tissue", "model", "fold"])["value"]
    difference = (ours - published).reindex(ours.index)
    assert difference.notna().all()
    swapped_pair = 0.03
    exact = difference[difference.index.isin(["knn", "pca_lr", "svm_rbf"], level="model")]
    assert exact.abs().max() <= swapped_pair, exact
    # same library, seed and column order: trees compare floats, so nothing may differ at all
    trees = difference[difference.index.isin(["rf", "xgb"], level="model")]
    assert trees.abs().max() < 1e-9, trees
    # the optimiser of the perceptron adds in the order of the machine's BLAS kernel
    assert np.median(difference.xs("mlp", level="model").abs()) <= swapped_pair
    outcome = json.loads((pipeline.folder / "results_v4" / "outcome.json").read_text("utf-8"))
    assert outcome["cells_by_status"] == {"ok": 12}
