"""normalize_counts.R against a closed formula, DESeq2's own objects, and what users get wrong."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from ._stage import run_stage, succeed, write_counts

CONDITIONS = ("FLT", "FLT", "FLT", "GC", "GC", "BC")


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    """Genes x samples: halves, zeros, spike-ins, depths from half to double."""
    random = np.random.default_rng(5)
    depth = np.array([1.0, 0.5, 2.0, 1.2, 0.8, 1.1])
    mean = random.lognormal(3, 2, size=(700, 1)) * depth
    values = random.poisson(mean) + random.choice(
        [0, 0.25, 0.5], p=[0.8, 0.1, 0.1], size=mean.shape
    )
    genes = [f"ENSMUSG{i:011d}" for i in random.permutation(690)]
    genes += [f"ERCC-{i:05d}" for i in range(10)]
    return pd.DataFrame(values, index=genes, columns=[f"s {i}" for i in "fbadce"])


@pytest.fixture(scope="module")
def result(counts: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file for `counts`; the samples table asks for another order than the counts have."""
    folder = tmp_path_factory.mktemp("normalised")
    paths = write_counts(folder, counts, CONDITIONS)
    counts[sorted(counts)].to_csv(paths["counts"], index_label="gene_id")
    succeed("normalize_counts.R", **paths, output=folder / "study.h5")
    return folder / "study.h5"


def _rounded(counts: pd.DataFrame) -> np.ndarray:
    genes = counts[~counts.index.str.startswith("ERCC-")]
    return np.rint(genes.to_numpy()).T  # samples x genes, half to even


def _log_geometric_factors(counts: np.ndarray) -> np.ndarray:
    everywhere = np.log(counts[:, (counts > 0).all(axis=0)])
    return np.exp(np.median(everywhere - everywhere.mean(axis=0), axis=1))


def test_counts_are_rounded_half_to_even_without_spike_ins(
    counts: pd.DataFrame, result: Path
) -> None:
    with h5py.File(result) as store:
        assert store["samples"][()].astype(str).tolist() == list(counts.columns)
        assert store["genes"][()].astype(str).tolist() == list(counts.index[:690])
        np.testing.assert_array_equal(store["counts"][()], _rounded(counts))


def test_expression_is_log2_of_counts_over_size_factors(counts: pd.DataFrame, result: Path) -> None:
    rounded = _rounded(counts)
    factors = _log_geometric_factors(rounded)
    with h5py.File(result) as store:
        np.testing.assert_allclose(store["size_factors"][()], factors, rtol=1e-12)
        expected = np.log2(rounded / factors[:, None] + 1)
        np.testing.assert_allclose(store["expression"][()], expected, rtol=1e-12)


def test_size_factors_are_those_of_a_deseq_data_set(
    counts: pd.DataFrame, result: Path, tmp_path: Path
) -> None:
    pd.DataFrame(_rounded(counts)).to_csv(tmp_path / "counts.csv", index=False)
    script = """
        suppressMessages(library(DESeq2))
        counts <- t(as.matrix(read.csv("counts.csv")))
        design <- data.frame(row = seq_len(ncol(counts)))
        set <- estimateSizeFactors(DESeqDataSetFromMatrix(counts, design, ~1))
        writeLines(format(sizeFactors(set), digits = 17))
    """
    done = subprocess.run(
        ["Rscript", "-e", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    with h5py.File(result) as store:
        theirs = np.array(done.stdout.split(), dtype=float)
        np.testing.assert_allclose(store["size_factors"][()], theirs, rtol=1e-12)


def test_qc_columns(counts: pd.DataFrame, result: Path) -> None:
    rounded = _rounded(counts)
    with h5py.File(result) as store:
        qc = {name: values[()] for name, values in store["qc"].items()}
        expression = store["expression"][()]
    np.testing.assert_array_equal(qc["library_size"], rounded.sum(axis=1))
    np.testing.assert_array_equal(qc["detected_genes"], (rounded > 0).sum(axis=1))

    top = np.argsort(-expression.var(axis=0, ddof=1), kind="stable")[:500]
    left = np.linalg.svd(expression[:, top] - expression[:, top].mean(axis=0))[0][:, :2]
    expected = np.sqrt((left**2).sum(axis=1) * (len(expression) - 1))
    np.testing.assert_allclose(qc["pca_distance"], expected, rtol=1e-8)

    correlation = np.corrcoef(expression[:, expression.sum(axis=0) > 0])
    flight = [[1, 2], [0, 2], [0, 1]]
    expected = [np.median(correlation[i, others]) for i, others in enumerate(flight)]
    np.testing.assert_allclose(qc["replicate_correlation"][:3], expected, rtol=1e-10)
    assert np.isnan(qc["replicate_correlation"][5]), "one sample of a condition has no replicate"


def test_same_bytes_again(counts: pd.DataFrame, result: Path, tmp_path: Path) -> None:
    paths = {"counts": result.parent / "counts.csv.gz", "samples": result.parent / "samples.csv"}
    succeed("normalize_counts.R", **paths, output=tmp_path / "again.h5")
    assert (tmp_path / "again.h5").read_bytes() == result.read_bytes()


@dataclass(frozen=True)
class ExpectFail:
    counts: dict[str, list[object]]
    message: str
    options: dict[str, str] = field(default_factory=dict)


GOOD = {"a": [4, 5, 6], "b": [7, 8, 9]}
FAILURES = {
    "no gene in every sample": ExpectFail(
        {"a": [0, 5, 6], "b": [7, 0, 0]},
        "every gene has a 0 in at least one sample, so median-of-ratios size factors do not exist."
        " Sample b has the fewest genes (1 of 3): exclude it",
    ),
    "an empty sample": ExpectFail(
        {"a": [4, 5, 6], "b": [0, 0, 0]},
        "every count of sample b is 0: give a reason in the samples table's column exclude",
    ),
    "a negative count": ExpectFail({"a": [4, 5, 6], "b": [7, -1, 9]}, "gene g1, sample b: not a"),
    "text for a count": ExpectFail({"a": [4, 5, 6], "b": [7, "x", 9]}, "gene g1, sample b: not a"),
    "a sample without a column": ExpectFail({"a": [4, 5, 6]}, "no column for sample b."),
    "no such file": ExpectFail(GOOD, "none.csv does not exist.", {"counts": "none.csv"}),
    "unknown option": ExpectFail(GOOD, "'--colour' is not an option", {"colour": "red"}),
}


@pytest.mark.parametrize("case", FAILURES.values(), ids=FAILURES.keys())
def test_a_mistake_is_said_in_one_line(case: ExpectFail, tmp_path: Path) -> None:
    paths = write_counts(tmp_path, pd.DataFrame(GOOD, index=["g0", "g1", "g2"]), ("FLT", "GC"))
    pd.DataFrame(case.counts, index=["g0", "g1", "g2"]).to_csv(paths["counts"])
    done = run_stage("normalize_counts.R", **{**paths, "output": tmp_path / "x.h5", **case.options})
    assert done.returncode == 2
    assert case.message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "x.h5").exists()
