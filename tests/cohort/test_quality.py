"""Verdicts on samples: against scikit-learn, scipy and NumPy, and with planted troubles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.decomposition import PCA

from spacebio_bench.cohort.quality import QUALITY_COLUMNS, quality

from ._small import cohort, expression

MISSIONS = ["A"] * 12 + ["B"] * 9
EVEN = {"library_size": [3e7 + 1e5 * (i % 5) for i in range(21)], "detected_genes": [2e4] * 21}


def made(seed: int = 1) -> np.ndarray:
    x = expression(np.random.default_rng(seed), 21)
    x[12:] += 1.0
    return x


def test_numbers_are_those_of_other_libraries() -> None:
    x = made()
    found = quality(cohort(x, MISSIONS, columns=EVEN))
    assert tuple(found.columns) == QUALITY_COLUMNS
    x = x.astype(np.float32).astype(float)
    condition = np.array(["FLT", "GC"] * 10 + ["GC"])
    for rows in (np.arange(12), np.arange(12, 21)):
        scores = PCA(2, svd_solver="full").fit_transform(x[rows])
        spread = stats.median_abs_deviation(scores, axis=0, scale="normal")
        far = np.abs((scores - np.median(scores, axis=0)) / spread).max(axis=1)
        np.testing.assert_allclose(found["pca_outlyingness"].iloc[rows], far, rtol=1e-6)
        r = np.corrcoef(x[rows])
        for i, row in enumerate(rows):
            others = [j for j, o in enumerate(rows) if o != row and condition[o] == condition[row]]
            expected = np.median(r[i, others])
            assert found["mission_correlation"].iloc[row] == pytest.approx(expected, abs=1e-9)
    assert list(found["library_size"]) == EVEN["library_size"]


def test_planted_troubles_are_flagged_and_nothing_is_dropped() -> None:
    x, given_ = made(), {name: list(values) for name, values in EVEN.items()}
    x[3] = np.random.default_rng(9).permutation(x[3])
    given_["library_size"][14] = 2e6
    given_["detected_genes"][15] = 1.5e4
    whole = cohort(x, MISSIONS, columns=given_)
    found = quality(whole)
    assert list(found.index) == list(whole.obs.index)
    flags = found["qc_flags"][found["qc_flags"] != ""].to_dict()
    assert flags.pop("eye-3") == "pca_outlier;low_correlation"
    assert "low_library_size" in flags.pop("eye-14").split(";")
    assert "low_detected_genes" in flags.pop("eye-15").split(";")
    assert set(flags.values()) <= {"pca_outlier"}


def test_an_even_mission_is_not_flagged_for_its_evenness() -> None:
    """Library sizes that differ by a hundredth have tiny SDs; ten per cent less is no trouble."""
    size = [3e7 + 1e4 * i for i in range(20)] + [2.7e7]
    found = quality(cohort(made(), MISSIONS, columns={**EVEN, "library_size": size}))
    assert not found["qc_flags"].str.contains("low").any()


def test_a_cohort_without_counts_is_judged_by_its_matrix() -> None:
    x = made()
    x[3] = np.random.default_rng(9).permutation(x[3])
    found = quality(cohort(x, MISSIONS, matrix=True))
    assert found[["library_size", "detected_genes"]].isna().all().all()
    assert found["qc_flags"]["eye-3"] == "pca_outlier;low_correlation"


def test_samples_without_values_and_columns_of_other_missions_leave_the_rest_as_it_is() -> None:
    x = made()
    plain = quality(cohort(x, MISSIONS, matrix=True))
    missing = np.hstack([x, np.random.default_rng(2).normal(size=(21, 5))])
    missing[:12, 300:] = np.nan
    missing[12:, :50] = np.nan
    missing = np.vstack([missing, np.full((1, 305), np.nan)])
    found = quality(cohort(missing, [*MISSIONS, "A"], conditions=["FLT", "GC"] * 11, matrix=True))
    assert np.isnan(found["pca_outlyingness"].iloc[-1])
    assert found["qc_flags"].iloc[-1] == ""
    here = ["pca_outlyingness", "mission_correlation"]
    first = slice(0, 12)
    np.testing.assert_allclose(found[here].iloc[first], plain[here].iloc[first])


@pytest.mark.parametrize("n", [1, 2, 4])
def test_a_few_samples_have_no_verdict(n: int) -> None:
    found = quality(cohort(made()[:n], ["A"] * n, columns={"library_size": [1.0] * n}))
    assert found["pca_outlyingness"].isna().all()
    assert (found["qc_flags"] == "").all()


def test_samples_that_are_all_the_same_are_no_outliers() -> None:
    found = quality(cohort(np.repeat(made()[:1], 8, axis=0), ["A"] * 8))
    assert (found["qc_flags"] == "").all()
    assert found["pca_outlyingness"].isna().all()


@given(seed=st.integers(0, 999), shift=st.floats(-3, 3))
def test_order_of_samples_and_genes_and_a_shift_change_no_verdict(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    x = np.round(made(seed), 2)
    rows, genes = rng.permutation(21), rng.permutation(300)
    plain = quality(cohort(x, MISSIONS, conditions=["FLT"] * 21, matrix=True))
    turned = cohort(
        x[rows][:, genes] + shift,
        [MISSIONS[i] for i in rows],
        conditions=["FLT"] * 21,
        samples=[f"eye-{i}" for i in rows],
        matrix=True,
    )
    found = quality(turned).loc[plain.index]
    numbers = ["pca_outlyingness", "mission_correlation"]
    np.testing.assert_allclose(found[numbers], plain[numbers], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("n", "most"), [(6, 0.10), (12, 0.03), (24, 0.01)])
def test_chance_flags_few_samples(n: int, most: float) -> None:
    """The share of sound samples called outliers: what the small mission costs."""
    rng = np.random.default_rng(3)
    flagged = [
        (quality(cohort(expression(rng, n), ["A"] * n))["qc_flags"] != "").mean()
        for _ in range(100)
    ]
    assert np.mean(flagged) < most


@pytest.mark.data
def test_a_real_sample_of_another_tissue_is_found(development_data: Path) -> None:
    """DRR252653 of MHU-2 soleus expresses no muscle genes; its sheet excludes it for that."""
    folder = development_data / "osdr" / "MHU-OKADA2021"
    counts = pd.read_csv(folder / "MHU-OKADA2021_salmon_counts.csv.gz", index_col=0).T
    table = pd.read_csv(folder / "samples.csv").set_index("sample").loc[counts.index]
    counts = counts.loc[:, (counts > 0).any()]
    x = np.log2(counts.div(counts.sum(axis=1) / 1e7, axis=0) + 1).to_numpy()
    samples = list(counts.index)
    conditions = list(table["condition"])
    found = quality(cohort(x, ["MHU-2"] * 9, conditions=conditions, samples=samples))
    assert set(found.index[found["qc_flags"].str.contains("pca_outlier")]) == {"DRR252653"}
    assert found["mission_correlation"].idxmin() == "DRR252653"
