"""Small stores whose packages have everything: a hold-out, dropped conditions, folds left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.simulate import simulate_cohort
from spacebio_bench.cohort.store import cohort_digests

FOLD = "A5_skin_lomo/fold_SIM-1_test"


def cohort(tissue: str, sizes: tuple[tuple[int, int], ...], *, genes: int = 60) -> Cohort:
    """(flight, ground) samples of each mission; the last mission of skin is a hold-out."""
    drawn = simulate_cohort(group_sizes=sizes, n_genes=max(genes, 10), seed=7)
    # heights from never to always expressed, so that both filters take something away
    x = np.maximum(drawn.x[:, :genes] + np.linspace(-3, 9, genes), 0).astype(np.float32)
    n = len(x)
    ids = [f"{tissue}-{i:02d}" for i in range(n)]
    condition = np.where(drawn.labels == 1, "FLT", "GC").astype(object)
    role = np.full(n, "benchmark", dtype=object)
    if tissue == "skin":
        condition[5] = "AG"  # ground, first mission
        role[drawn.missions == f"SIM-{len(sizes)}"] = "holdout"
    obs = pd.DataFrame(
        {
            "mission": drawn.missions.astype(object),
            "accession": [f"ACC-{m}" for m in drawn.missions],
            "condition": condition,
            "role": role,
            "strain": drawn.strata.astype(object),
            "note": ['a "quoted", note' if i == 0 else "" for i in range(n)],
            "size_factor": [np.nan if i == 1 else 1 / (i + 3) for i in range(n)],
        },
        index=pd.Index(ids, name="sample", dtype=object),
    )
    names = [f"ENSMUSG{i:011d}" for i in range(genes)]
    rng = np.random.default_rng(3)
    sets = pd.DataFrame(rng.normal(size=(n, 4)), index=obs.index, columns=list("pqrs"))
    digests = cohort_digests(obs, names, x, {"pathway_toy": sets})
    return Cohort(tissue, obs, tuple(names), x, {"pathway_toy": sets}, digests)


def cohorts() -> dict[str, Cohort]:
    """skin and eye can be asked; soleus has one mission, tendon no genes."""
    made = [
        cohort("skin", ((4, 4), (4, 4), (3, 3), (3, 3))),
        cohort("eye", ((3, 3), (3, 3), (4, 0))),
        cohort("soleus", ((4, 4),)),
        cohort("tendon", ((3, 3), (3, 3)), genes=0),
    ]
    return {c.tissue: c for c in made}


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return data
