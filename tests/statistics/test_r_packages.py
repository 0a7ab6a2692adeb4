"""DeLong and DerSimonian-Laird against R's pROC and metafor."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spacebio_bench.statistics.pooling import dersimonian_laird
from spacebio_bench.statistics.variances import delong, delong_test

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
TABLES = ("delong_scores", "delong", "pooling_studies", "pooling")
VERSIONS = ["r", "pROC", "metafor"]


def golden(name: str, folder: Path = GOLDEN) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", dtype=dict.fromkeys(VERSIONS, str))


@pytest.mark.parametrize("case", golden("delong")["case"])
def test_delong_is_that_of_proc(case: str) -> None:
    scores, rows = golden("delong_scores"), golden("delong").set_index("case")
    part, row = scores[scores["case"] == case], rows.loc[case]
    a, b, labels = (part[name].to_numpy() for name in ("a", "b", "label"))
    found = delong(np.stack([a, b]), labels)
    assert found.auroc == pytest.approx([row["auroc_a"], row["auroc_b"]], abs=1e-13)
    both = [[row["variance_a"], row["covariance"]], [row["covariance"], row["variance_b"]]]
    assert found.covariance == pytest.approx(np.array(both), abs=1e-14)
    test = delong_test(a, b, labels)
    assert (test.z, test.p) == pytest.approx((row["z"], row["p"]), rel=1e-11)


@pytest.mark.parametrize("case", golden("pooling")["case"])
def test_pooling_is_that_of_metafor(case: str) -> None:
    studies, rows = golden("pooling_studies"), golden("pooling").set_index("case")
    part = studies[studies["case"] == case]
    found = dersimonian_laird(part["estimate"], part["variance"])
    for name in found._fields:
        assert getattr(found, name) == pytest.approx(rows.loc[case, name], rel=1e-9, abs=1e-12), (
            name
        )


@pytest.mark.slow
def test_the_script_gives_these_values(tmp_path: Path) -> None:
    """Where R has both packages; other versions of them must agree too."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("there is no Rscript")
    needed = 'for (p in c("pROC", "metafor")) if (!requireNamespace(p, quietly = TRUE)) stop(p)'
    if subprocess.run([rscript, "-e", needed], capture_output=True, check=False).returncode:
        pytest.skip("R has no pROC or no metafor: `make setup-checks`")
    subprocess.run([rscript, str(GOLDEN / "kernels.R"), str(tmp_path)], check=True)
    for name in TABLES:
        made, kept = (golden(name, folder) for folder in (tmp_path, GOLDEN))
        columns = [c for c in kept if c not in VERSIONS]
        pd.testing.assert_frame_equal(made[columns], kept[columns], rtol=1e-10, atol=1e-13)
