"""Raw and estimated counts pass; logs, per-million values and normalised counts do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spacebio_bench.cohort.countscale import size_factors, wrong_scale

Transform = Callable[[np.ndarray], np.ndarray]


def _lengths(n: int) -> np.ndarray:
    return np.random.default_rng(1).lognormal(7.0, 0.8, (n, 1))


def _per_million(values: np.ndarray) -> np.ndarray:
    return values / values.sum(axis=0) * 1e6


def _tpm(counts: np.ndarray) -> np.ndarray:
    return _per_million(counts / _lengths(len(counts)))


def _fpkm(counts: np.ndarray) -> np.ndarray:
    return _per_million(counts) / _lengths(len(counts)) * 1e3


def _median_of_ratios(counts: np.ndarray) -> np.ndarray:
    rounded = np.rint(counts)
    logs = np.log(rounded[(rounded > 0).all(axis=1)])
    return counts / np.exp(np.median(logs - logs.mean(axis=1, keepdims=True), axis=0))


def _scaled_tpm(counts: np.ndarray) -> np.ndarray:
    """What tximport calls scaledTPM: fractions everywhere, yet of the size of the library."""
    return _tpm(counts) / 1e6 * counts.sum(axis=0)


@dataclass(frozen=True)
class Case:
    transform: Transform
    says: str | None


CASES = {
    "as given": Case(lambda c: c, None),
    "rounded": Case(np.rint, None),
    "one sample": Case(lambda c: c[:, :1], None),
    "2,000 genes of them": Case(lambda c: c[:: len(c) // 2000], None),
    "scaledTPM": Case(_scaled_tpm, None),
    "log2": Case(lambda c: np.log2(c + 1), "logarithms"),
    "ln": Case(np.log1p, "logarithms"),
    "log10": Case(lambda c: np.log10(c + 1), "logarithms"),
    "log2 of CPM": Case(lambda c: np.log2(_per_million(c) + 1), "logarithms"),
    "log2, two decimals": Case(lambda c: np.log2(c + 1).round(2), "logarithms"),
    "log2 of one sample": Case(lambda c: np.log2(c[:, :1] + 1), "logarithms"),
    "CPM": Case(_per_million, "TPM or CPM"),
    "CPM, two decimals": Case(lambda c: _per_million(c).round(2), "TPM or CPM"),
    "CPM of some genes": Case(lambda c: _per_million(c)[::3], "TPM, FPKM or the like"),
    "TPM": Case(_tpm, "TPM or CPM"),
    "TPM of one sample": Case(lambda c: _tpm(c)[:, :1], "TPM, FPKM or the like"),
    "TPM, two decimals": Case(lambda c: _tpm(c).round(2), "TPM or CPM"),
    "FPKM": Case(_fpkm, "TPM, FPKM or the like"),
    "size factors": Case(_median_of_ratios, "divided by a size factor"),
    "size factors, two decimals": Case(
        lambda c: _median_of_ratios(c).round(2), "divided by a size factor"
    ),
    "same library size": Case(lambda c: c / c.sum(axis=0) * 3e7, "scaled values"),
    "two samples normalised": Case(
        lambda c: np.hstack([_median_of_ratios(c)[:, :2], c[:, 2:]]), "unlike in the other samples"
    ),
}


def simulated() -> np.ndarray:
    """20,000 genes x 8 samples of about 20 million reads, a sixth of the values with fractions."""
    rng = np.random.default_rng(0)
    mean = rng.lognormal(3.5, 2.2, (20_000, 1)) * rng.uniform(0.7, 1.4, 8)
    counts = rng.poisson(rng.gamma(10, mean / 10)).astype(float)
    shared = (rng.random(counts.shape) < 0.16) & (counts > 0)
    return np.where(shared, (counts + rng.random(counts.shape)).round(2), counts)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_simulated_counts(case: Case) -> None:
    _judge(case, simulated())


REAL = (
    *("OSD-100", "OSD-101", "OSD-104", "OSD-162", "OSD-255", "OSD-289-MHU-2", "OSD-47", "OSD-758"),
    *("MHU-OKADA2021", "MHU-3-HAYASHI2023"),
)


@pytest.mark.data
@pytest.mark.parametrize("study", REAL)
def test_real_counts(study: str, development_data: Path) -> None:
    (file,) = (development_data / "osdr" / study).glob("*.csv.gz")
    table = pd.read_csv(file, index_col=0)
    counts = table[~table.index.str.startswith("ERCC-")].to_numpy(float)
    for case in CASES.values():
        _judge(case, counts)


def _judge(case: Case, counts: np.ndarray) -> None:
    values = case.transform(counts)
    said = wrong_scale(values, [f"s{j}" for j in range(values.shape[1])])
    if case.says is None:
        assert said is None
    else:
        assert said is not None
        assert case.says in said


def test_small_tables_of_whole_numbers_pass() -> None:
    assert wrong_scale(np.array([[1.0, 2.0], [3.0, 0.0]]), ["a", "b"]) is None
    assert wrong_scale(np.ones((3, 2)), ["a", "b"]) is None


def test_nothing_counted() -> None:
    assert wrong_scale(np.zeros((3, 2)), ["a", "b"]) == "every count is zero."


def test_size_factors_of_a_known_case() -> None:
    counts = np.outer([10.0, 20.0, 400.0], [1.0, 2.0, 4.0])
    np.testing.assert_allclose(size_factors(counts), [0.5, 1.0, 2.0])
    assert size_factors(np.array([[0.0, 1.0], [1.0, 0.0]])) is None
