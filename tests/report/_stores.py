"""Cohort stores and a `checked` folder with made-up samples."""

from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd

CONDITIONS = {"FLT": 5, "GC": 5, "BC": 2}


def made_up_samples(
    tissue: str, missions: tuple[str, ...], rng: np.random.Generator
) -> pd.DataFrame:
    """Samples of a tissue with quality columns, indexed by sample."""
    rows = [
        {
            "sample": f"{tissue}_{mission}_{condition}_{i}",
            "mission": mission,
            "accession": f"OSD-{100 + k}",
            "condition": condition,
            "role": "benchmark",
        }
        for k, mission in enumerate(missions)
        for condition, size in CONDITIONS.items()
        for i in range(size)
    ]
    obs = pd.DataFrame(rows).set_index("sample")
    n = len(obs)
    obs["library_size"] = rng.normal(4e7, 5e6, n).round()
    obs["detected_genes"] = rng.integers(18000, 24000, n).astype(float)
    obs["pca_distance"] = rng.gamma(3, 1, n)
    obs["replicate_correlation"] = rng.uniform(0.94, 0.99, n)
    return obs


def write_store(
    path: Path, obs: pd.DataFrame, features: tuple[str, ...], rng: np.random.Generator
) -> None:
    """A store whose genes mark the mission strongly and the condition a little."""
    n, n_genes = len(obs), 120
    mission = pd.factorize(obs["mission"])[0]
    x = rng.normal(8, 1, (n, n_genes)) + rng.normal(0, 2, (mission.max() + 1, n_genes))[mission]
    x[:, :10] += 1.5 * obs["condition"].eq("FLT").to_numpy()[:, None]
    genes = pd.DataFrame(index=[f"ENSMUSG{i:011d}" for i in range(n_genes)])
    store = anndata.AnnData(x.astype(np.float32), obs=obs, var=genes)
    for name in features:
        if name.startswith("pathway_"):
            shift = rng.normal(0, 0.1, (mission.max() + 1, 30))[mission]
            store.obsm[name] = rng.normal(0, 0.2, (n, 30)) + shift
    store.uns["provenance"] = {
        "recipe": {"normalise": "log2(normalised + 1), size factors per study"},
        "versions": {"R": "4.2.2", "DESeq2": "1.38.3", "GSVA": "1.46.0"},
        "protocol": {"name": "calibrated", "sha256": "0" * 64},
    }
    with anndata.settings.override(zarr_write_format=3):
        store.write_zarr(path)


def write_checked(folder: Path, missions_of: dict[str, tuple[str, ...]]) -> None:
    """``studies.csv`` and one sample left out a tissue."""
    rows = []
    for tissue, missions in missions_of.items():
        for k, mission in enumerate(missions):
            study = f"{tissue}.{mission}.OSD-{100 + k}"
            rows.append({"id": study, "tissue": tissue, "mission": mission})
            path = folder / "studies" / study
            path.mkdir(parents=True)
            left_out = "x1,GC,no muscle expression\n" if k == 0 else ""
            (path / "excluded.csv").write_text("sample,condition,reason\n" + left_out)
    pd.DataFrame(rows).to_csv(folder / "studies.csv", index=False)
