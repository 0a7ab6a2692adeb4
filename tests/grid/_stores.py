"""Small cohort stores, written with anndata alone, so that the grid is tested on the contract."""

from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd

CONDITIONS = ("FLT", "GC")


def write_store(
    folder: Path,
    *,
    tissue: str = "liver",
    missions: int = 3,
    per_class: int = 4,
    genes: int = 60,
    effect: float = 1.5,
    seed: int = 1,
) -> Path:
    """Log expression with a mission effect in all genes and a flight effect in the first ten."""
    rng = np.random.default_rng(seed)
    names = [f"M-{m + 1}" for m in range(missions)]
    obs = pd.DataFrame(
        [
            {"mission": m, "accession": f"ACC-{m}", "condition": c, "role": "benchmark"}
            for m in names
            for c in CONDITIONS
            for _ in range(per_class)
        ],
    )
    obs.index = pd.Index([f"{m}_s{i:03d}" for i, m in enumerate(obs["mission"])], name="sample")
    x = rng.normal(6, 1, (len(obs), genes))
    x += pd.get_dummies(obs["mission"]).to_numpy(float) @ rng.normal(0, 1, (missions, genes))
    x[:, :10] += effect * (obs["condition"] == "FLT").to_numpy()[:, None]
    var = pd.DataFrame(index=[f"G{i:04d}" for i in range(genes)])
    adata = anndata.AnnData(x.astype(np.float32), obs=obs, var=var)
    adata.obsm["pathway_hallmark"] = x[:, :20] @ rng.normal(0, 0.3, (20, 6))
    adata.uns["features"] = {
        "pathway_hallmark": np.array([f"P{i}" for i in range(6)], dtype=object)
    }
    adata.uns["provenance"] = {"tissue": tissue}
    path = folder / f"{tissue}.zarr"
    folder.mkdir(parents=True, exist_ok=True)
    anndata.settings.zarr_write_format = 3
    adata.write_zarr(path)
    return path
