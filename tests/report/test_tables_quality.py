"""`samples.csv` and `duplicates.csv`: every sample once, in order, with what was found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spacebio_bench.calibration.in_memory import as_cohort
from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.quality import quality
from spacebio_bench.cohort.simulate import simulate_cohort
from spacebio_bench.report.tables_quality import (
    DUPLICATE_COLUMNS,
    SAMPLE_COLUMNS,
    write_quality,
)


@pytest.fixture
def cohorts() -> dict[str, Cohort]:
    liver = as_cohort(simulate_cohort(n_genes=60, seed=1))
    x = liver.x.copy()
    x[14] = x[1]
    obs = liver.obs.assign(
        library_size=3e7, role=np.where(np.arange(len(x)) < 12, "holdout", "benchmark")
    )
    eye = as_cohort(simulate_cohort(n_genes=60, seed=2, group_sizes=((3, 3), (4, 3))))
    eye = replace(eye, tissue="eye", obs=eye.obs.set_axis([f"e{i}" for i in range(13)]))
    return {"liver": replace(liver, tissue="liver", x=x, obs=obs), "eye": eye}


def test_every_sample_is_a_row(cohorts: dict[str, Cohort], tmp_path: Path) -> None:
    write_quality(cohorts, tmp_path)
    path = tmp_path / "samples.csv"
    table = pd.read_csv(path, keep_default_na=False, float_precision="round_trip")
    assert tuple(table.columns) == SAMPLE_COLUMNS
    keys = list(zip(table["tissue"], table["sample"], strict=True))
    given = [(t, s) for t, c in cohorts.items() for s in c.obs.index]
    assert keys == sorted(given, key=lambda key: (key[0].encode(), key[1].encode()))
    of = table.set_index(["tissue", "sample"])
    for tissue, cohort in cohorts.items():
        own = of.loc[tissue].loc[cohort.obs.index]
        for name in ("mission", "accession", "condition", "role"):
            assert list(own[name]) == list(cohort.obs[name])
        measured = quality(cohort)
        assert list(own["qc_flags"]) == list(measured["qc_flags"])
        assert list(own["pca_outlyingness"].astype(float)) == list(measured["pca_outlyingness"])
    assert set(of.loc["eye"]["library_size"]) == {""}
    assert set(of.loc["liver"]["library_size"].astype(float)) == {3e7}


def test_the_planted_pair_is_the_only_one(cohorts: dict[str, Cohort], tmp_path: Path) -> None:
    write_quality(cohorts, tmp_path)
    table = pd.read_csv(tmp_path / "duplicates.csv", dtype=str)
    assert tuple(table.columns) == DUPLICATE_COLUMNS
    (row,) = table.to_dict("records")
    assert (row["sample_a"], row["sample_b"]) == ("s001", "s014")
    assert (row["mission_a"], row["mission_b"]) == ("SIM-1", "SIM-2")
    assert row["how"] == "profile;correlation"


def test_without_a_duplicate_the_table_has_its_head(
    cohorts: dict[str, Cohort], tmp_path: Path
) -> None:
    write_quality({"eye": cohorts["eye"]}, tmp_path)
    text = (tmp_path / "duplicates.csv").read_text(encoding="utf-8")
    assert text == ",".join(DUPLICATE_COLUMNS) + "\n"
