"""Small cohorts as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from spacebio_bench.cohort._cohort import Cohort


def expression(rng: np.random.Generator, n: int, genes: int = 300) -> np.ndarray:
    """log2(count + 1) of n samples: genes of different height, samples that differ a little."""
    height = np.linspace(2, 14, genes)
    noise = np.random.default_rng(0).uniform(0.1, 0.5, genes)  # of the gene, in every study
    return np.maximum(height + rng.normal(size=(n, genes)) * noise, 0)


def cohort(
    x: np.ndarray,
    missions: Sequence[str],
    *,
    tissue: str = "eye",
    conditions: Sequence[str] | None = None,
    accessions: Sequence[str] | None = None,
    roles: Sequence[str] | None = None,
    samples: Sequence[str] | None = None,
    columns: Mapping[str, Sequence[float]] | None = None,
    matrix: bool = False,
) -> Cohort:
    """A cohort of genes, or of one matrix `emb` without genes."""
    n = len(missions)
    names = list(samples or [f"{tissue}-{i}" for i in range(n)])
    obs = pd.DataFrame(
        {
            "mission": list(missions),
            "accession": list(accessions or [f"ACC-{m}" for m in missions]),
            "condition": list(conditions or ["FLT", "GC"] * (n // 2) + ["GC"] * (n % 2)),
            "role": list(roles or ["benchmark"] * n),
            **{name: list(values) for name, values in (columns or {}).items()},
        },
        index=pd.Index(names, name="sample", dtype=object),
    )
    named = [f"g{i:04d}" for i in range(x.shape[1])]
    if matrix:
        frame = pd.DataFrame(np.asarray(x, np.float64), index=obs.index, columns=named)
        return Cohort(tissue, obs, (), np.zeros((n, 0), np.float32), {"emb": frame}, {})
    return Cohort(tissue, obs, tuple(named), x.astype(np.float32), {}, {})
