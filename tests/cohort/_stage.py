"""Running the scripts of `bin/`, and the files that stand between them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

BIN = Path(__file__).resolve().parents[2] / "bin"


def run_stage(script: str, **options: object) -> subprocess.CompletedProcess[str]:
    """`script --name value ...`; `_` in a name stands for `-`."""
    needed = "Rscript" if script.endswith(".R") else sys.executable
    if shutil.which(needed) is None:
        pytest.skip(f"{needed} is not installed")
    arguments = [f for n, v in options.items() for f in (f"--{n.replace('_', '-')}", str(v))]
    return subprocess.run(
        [needed, str(BIN / script), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def succeed(script: str, **options: object) -> str:
    """Standard output of a stage that must work."""
    done = run_stage(script, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def write_counts(folder: Path, counts: pd.DataFrame, conditions: Sequence[str]) -> dict[str, Path]:
    """Counts (genes x samples) and samples table as the normalisation reads them."""
    paths = {"counts": folder / "counts.csv.gz", "samples": folder / "samples.csv"}
    counts.to_csv(paths["counts"], index_label="gene_id")
    table = pd.DataFrame({"sample": counts.columns, "condition": conditions, "note": ""})
    table.to_csv(paths["samples"], index=False)
    return paths


def write_expression(
    path: Path,
    counts: pd.DataFrame,
    *,
    size_factors: Sequence[float] | None = None,
    leave_out: Sequence[str] = (),
) -> Path:
    """Samples x genes in the layout of `normalize_counts.R`."""
    factors = np.ones(len(counts)) if size_factors is None else np.asarray(size_factors)
    content: Mapping[str, object] = {
        "samples": np.array(counts.index, dtype="S"),
        "genes": np.array(counts.columns, dtype="S"),
        "counts": counts.to_numpy(float),
        "size_factors": factors,
        "expression": np.log2(counts.to_numpy(float) / factors[:, None] + 1),
        "qc/library_size": counts.sum(axis=1).to_numpy(float),
        "qc/detected_genes": (counts > 0).sum(axis=1).to_numpy(float),
        "qc/pca_distance": np.full(len(counts), np.nan),
        "qc/replicate_correlation": np.full(len(counts), np.nan),
    }
    with h5py.File(path, "w") as store:
        for name, values in content.items():
            if name not in leave_out:
                store[name] = values
        store.attrs["recipe"] = "by hand"
    return path


def read_scores(path: Path, name: str) -> pd.DataFrame:
    """Scores of one collection, samples x pathways."""
    with h5py.File(path, "r") as store:
        return pd.DataFrame(
            store[f"{name}/scores"][()],
            index=store["samples"][()].astype(str),
            columns=store[f"{name}/pathways"][()].astype(str),
        )
