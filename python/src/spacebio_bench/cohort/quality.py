"""Verdicts on the samples of a cohort: columns to judge by, and no sample is ever dropped."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.statistics.ordination import principal_components
from spacebio_bench.statistics.robust import robust_z
from spacebio_bench.typing import BoolArray, FloatArray, Matrix

QUALITY_COLUMNS = (
    "library_size",
    "detected_genes",
    "pca_outlyingness",
    "mission_correlation",
    "qc_flags",
)
LIMIT = 4.0
"""Robust SDs from the median of its mission at which a sample is flagged."""
COMPONENTS = 2
FEWEST_SAMPLES = 5
"""A mission of fewer has no spread to measure a sample by."""
LEAST_DROP = {"library_size": 1.0, "detected_genes": 0.1, "mission_correlation": np.log(2) / 2}
"""What is flagged differs at least so much too: a mission may be very even. A halved library; 7 %
fewer genes (both log2); a correlation r with (1 - r) / (1 + r) doubled (Fisher's z)."""


def quality(cohort: Cohort) -> pd.DataFrame:
    """Quality of every sample, measured against the samples of its own mission.

    Returns
    -------
    Indexed by sample, in the order of `obs`, with `QUALITY_COLUMNS`; NaN where a number cannot be
    had.

    `library_size`, `detected_genes`
        Of the counts, as the store has them.
    `pca_outlyingness`
        The larger distance from the mission's median, in robust SDs, on its first two principal
        components; the components are those of all samples of the mission.
    `mission_correlation`
        Median Pearson correlation with the other samples of its mission and condition.
    `qc_flags`
        `low_library_size`, `low_detected_genes`, `pca_outlier`, `low_correlation`, joined by `;`:
        more than four robust SDs on the wrong side of the median of its mission.

    Notes
    -----
    Robust SDs, because the largest distance in plain SDs among n samples is (n - 1) / sqrt(n): four
    of them need 18 samples. The price is chance: of sound samples of normal noise, 5 % are flagged
    in a mission of 6, 1.5 % in one of 12, 0.5 % in one of 24.
    """
    x = measured(cohort)[1]
    found = pd.DataFrame(np.nan, index=cohort.obs.index, columns=list(QUALITY_COLUMNS[:-1]))
    for name in ("library_size", "detected_genes"):
        if name in cohort.obs:
            found[name] = pd.to_numeric(cohort.obs[name], errors="coerce").astype(np.float64)
    flags = {name: np.zeros(len(found), dtype=bool) for name in _FLAGS}
    missions = cohort.obs["mission"].astype(str).to_numpy(object)
    conditions = cohort.obs["condition"].astype(str).to_numpy(object)
    columns = {name: found[name].to_numpy(np.float64, copy=True) for name in found}
    for mission in dict.fromkeys(missions):
        rows = np.flatnonzero(missions == mission)
        have = rows[~np.isnan(x[rows]).all(axis=1)]
        complete = _varying(x[have])
        columns["pca_outlyingness"][have] = _outlyingness(complete)
        columns["mission_correlation"][have] = _replicates(complete, conditions[have])
        flags["pca_outlier"][rows] = columns["pca_outlyingness"][rows] > LIMIT
        scales = {
            "library_size": np.log2(columns["library_size"][rows] + 1),
            "detected_genes": np.log2(columns["detected_genes"][rows] + 1),
            "mission_correlation": _fisher_z(columns["mission_correlation"][rows]),
        }
        for name, values in scales.items():
            flags[_FLAG_OF[name]][rows] = _low(values, LEAST_DROP[name])
    result = pd.DataFrame(columns, index=found.index)
    result["qc_flags"] = [
        ";".join(name for name in _FLAGS if flags[name][i]) for i in range(len(found))
    ]
    return result


_FLAG_OF = {
    "library_size": "low_library_size",
    "detected_genes": "low_detected_genes",
    "mission_correlation": "low_correlation",
}
_FLAGS = ("low_library_size", "low_detected_genes", "pca_outlier", "low_correlation")


def measured(cohort: Cohort) -> tuple[tuple[str, ...], Matrix]:
    """What was measured of the samples: the genes, or the first matrix of a cohort without counts.

    Returns
    -------
    Names of the p columns, and values of shape (n_samples, p); none for a cohort with neither.
    """
    if cohort.genes or not cohort.matrices:
        return cohort.genes, cohort.x
    frame = next(iter(cohort.matrices.values()))
    return tuple(str(name) for name in frame.columns), frame.to_numpy(np.float64)


def _varying(x: Matrix) -> FloatArray:
    """Columns that all samples have and that are not the same in all of them."""
    if len(x) == 0:
        return np.zeros((0, 0))
    spread = x.max(axis=0) > x.min(axis=0)  # NaN compares false
    return x[:, spread & ~np.isnan(x).any(axis=0)].astype(np.float64)


def _outlyingness(x: FloatArray) -> FloatArray:
    if len(x) < FEWEST_SAMPLES or x.shape[1] == 0:
        return np.full(len(x), np.nan)
    scores, shares = principal_components(x, COMPONENTS)
    real = shares > 1e-12  # the others are rounding
    return np.asarray(np.abs(robust_z(scores[:, real])).max(axis=1, initial=0.0))


def _replicates(x: FloatArray, conditions: np.ndarray) -> FloatArray:
    found = np.full(len(x), np.nan)
    if x.shape[1] < 2:
        return found
    centred = x - x.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    unit = np.divide(centred, length, out=np.full_like(centred, np.nan), where=length > 0)
    correlation = np.clip(unit @ unit.T, -1, 1)
    np.fill_diagonal(correlation, np.nan)
    for i, condition in enumerate(conditions):
        others = correlation[i, conditions == condition]
        others = others[~np.isnan(others)]
        if others.size:
            found[i] = np.median(others)
    return found


def _fisher_z(correlation: FloatArray) -> FloatArray:
    return np.asarray(np.arctanh(np.clip(correlation, -1 + 1e-12, 1 - 1e-12)))


def _low(values: FloatArray, least: float) -> BoolArray:
    """Values far below their median: in robust SDs and by at least `least`."""
    known = ~np.isnan(values)
    low = np.zeros(len(values), dtype=bool)
    if known.sum() >= FEWEST_SAMPLES:
        own = values[known]
        low[known] = (robust_z(own) < -LIMIT) & (own < np.median(own) - least)
    return low
