"""Two tissues as one cohort."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.joined import KEPT, Joined, join


def cohort(tissue: str, genes: str, columns: str) -> Cohort:
    rng = np.random.default_rng([*tissue.encode()])
    obs = pd.DataFrame({"mission": ["M1", "M2"]}, index=["s1", "s2"])
    frame = pd.DataFrame(rng.normal(size=(2, len(columns))), obs.index, list(columns))
    x = rng.normal(size=(2, len(genes))).astype(np.float32)
    digests = {name: f"{tissue}-{name}" for name in ("gene", "obs", "hallmark", "enrichment")}
    return Cohort(
        tissue, obs, tuple(genes), x, {"hallmark": frame, tissue: frame}, digests, tuple(genes)
    )


def test_samples_of_one_name_stay_apart_and_genes_are_those_of_both() -> None:
    liver, eye = cohort("liver", "cab", "pq"), cohort("eye", "bxc", "qr")
    both = join(liver, eye)
    assert both.tissue == "liver_to_eye"
    assert list(both.obs.index) == ["liver:s1", "liver:s2", "eye:s1", "eye:s2"]
    assert both.genes == ("c", "b")
    assert both.symbols == ("c", "b")
    assert np.array_equal(both.x[:2], liver.x[:, [0, 2]])
    assert np.array_equal(both.x[2:], eye.x[:, [2, 0]])
    assert list(both.matrices) == ["hallmark"]
    assert both.matrices["hallmark"].notna().sum().to_dict() == {"p": 2, "q": 4, "r": 2}


def test_digests_name_both_and_the_enrichment_of_the_first() -> None:
    digests = join(cohort("liver", "a", "p"), cohort("eye", "a", "p")).digests
    assert digests["gene"] == "liver-gene+eye-gene"
    assert digests["enrichment"] == "liver-enrichment"


def test_few_joined_cohorts_are_kept() -> None:
    cohorts = {name: cohort(name, "a", "p") for name in ("eye", "liver", "lung")}
    joined = Joined(cohorts)
    assert joined.of(["eye"]) is cohorts["eye"]
    first = joined.of(["eye", "liver"])
    assert joined.of(["eye", "liver"]) is first
    for pair in (("eye", "lung"), ("liver", "lung"))[:KEPT]:
        joined.of(pair)
    assert joined.of(["eye", "liver"]) is not first
