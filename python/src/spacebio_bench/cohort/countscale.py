"""Are these counts? What tells estimated counts from logs, TPM and normalised counts."""

from __future__ import annotations

import numpy as np

from spacebio_bench.cohort._findings import listing
from spacebio_bench.typing import BoolArray, FloatArray

_LARGEST_LOG = 40.0  # log2 of 10^12: no count reaches it
# Share of the positive entries: RSEM has 13 to 21 %, salmon 44 to 49 %, anything scaled over 95 %.
_MOSTLY_FRACTIONS = 0.75
_SMALLEST_LIBRARY = 3e6  # of counts that are nearly all fractions
_ADVICE = "Give the raw (or RSEM or salmon estimated) counts"


def wrong_scale(counts: FloatArray, samples: list[str]) -> str | None:
    """Why a matrix is not one of raw counts, or None when it may be.

    Estimated counts (RSEM, salmon) have fractions where reads map to several genes, yet 1 stays
    their most frequent positive value and library sizes vary. Logs are small; TPM, CPM and the like
    sum to the same million; counts divided by a size factor have a fraction as their most frequent
    value.

    Parameters
    ----------
    counts
        Genes x samples without spike-ins, finite and not negative.
    samples
        Names of the columns.

    Returns
    -------
    What is wrong and what to do, or None.
    """
    if counts.size == 0:
        return None
    positive = counts > 0
    if not positive.any():
        return "every count is zero."
    fractions = (counts != np.rint(counts)) & positive
    share = fractions.sum() / positive.sum()
    largest = float(counts.max())
    if largest < _LARGEST_LOG and share > 0.5:
        return (
            f"these look like logarithms: the largest value is {largest:.4g} and {share:.0%} of "
            f"the positive values are fractions. {_ADVICE}, not logged."
        )
    if share > _MOSTLY_FRACTIONS:
        return _scaled(counts, share)
    return _odd_samples(positive, fractions, samples)


def _scaled(counts: FloatArray, share: float) -> str | None:
    sums = counts.sum(axis=0)
    said = f"{share:.0%} of the positive values are fractions"
    advice = f"{_ADVICE}; if they are, round them."
    if len(sums) > 1 and np.ptp(sums) < 0.01 * sums.mean():
        kind = "TPM or CPM" if abs(sums.mean() / 1e6 - 1) < 0.01 else "scaled values"
        return f"{said} and every sample sums to {sums.mean():,.0f}: {kind}. {advice}"
    if np.median(sums) < _SMALLEST_LIBRARY:
        typical = f"a sample sums to {np.median(sums):,.0f} only"
        return f"{said} and {typical}: TPM, FPKM or the like. {advice}"
    if np.mean([_commonest_is_fraction(column) for column in counts.T]) > 0.5:
        reason = "the commonest value of a sample too: counts divided by a size factor"
        return f"{said}, {reason}. {advice}"
    factors = size_factors(counts)
    if len(sums) > 2 and factors is not None and np.all(np.abs(factors - 1) < 0.01):
        return f"{said} and all size factors are 1: counts that are normalised already. {advice}"
    return None


def _commonest_is_fraction(column: FloatArray) -> bool:
    values, times = np.unique(column[column > 0], return_counts=True)
    if len(values) == 0:
        return False
    commonest = values[times.argmax()]
    return bool(times.max() > max(1, 0.003 * times.sum()) and commonest != np.rint(commonest))


def _odd_samples(positive: BoolArray, fractions: BoolArray, samples: list[str]) -> str | None:
    shares = fractions.sum(axis=0) / np.maximum(positive.sum(axis=0), 1)
    odd = [s for s, share in zip(samples, shares, strict=True) if share > 0.9]
    if odd and np.median(shares) < 0.5:
        reason = "nearly all values are fractions, unlike in the other samples"
        return f"{listing(odd)}: {reason}. {_ADVICE}."
    return None


def size_factors(counts: FloatArray) -> FloatArray | None:
    """Median-of-ratios size factors of rounded counts.

    None when no gene is counted in every sample. Anders & Huber (2010),
    doi:10.1186/gb-2010-11-10-r106.
    """
    rounded = np.rint(counts)
    everywhere = (rounded > 0).all(axis=1)
    if not everywhere.any():
        return None
    logs = np.log(rounded[everywhere])
    factors: FloatArray = np.exp(np.median(logs - logs.mean(axis=1, keepdims=True), axis=0))
    return factors
