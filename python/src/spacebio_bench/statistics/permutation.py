"""p-values of a cell: refits under permuted labels, and the fallback where nothing is refitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from scipy import special

from spacebio_bench.typing import FloatArray

TIE = 1e-12


class PValue(NamedTuple):
    """A p-value, how it came about, from how many permuted labelings, and its lower bound."""

    p: float
    method: Literal["refit_exact", "refit", "refit_sequential", "fixed_exact", "fixed_deflated"]
    n_permutations: int
    attainable: float


def permutation_p_value(null: FloatArray, observed: float) -> float:
    """Upper-tail p-value of a Monte Carlo permutation test.

    Parameters
    ----------
    null
        Statistic under permuted labels, shape (m,).
    observed
        Statistic under the true labels.

    Returns
    -------
    (b + 1) / (m + 1), where b of m null values reach `observed`; never 0. When `null` holds all
    labelings but the truth, this is the exact p-value.

    Notes
    -----
    Phipson & Smyth (2010), doi:10.2202/1544-6115.1585. Values within 1e-12 count as ties: two
    orders of summing the same ranks differ by that much.
    """
    b = int(np.count_nonzero(np.asarray(null) >= observed - TIE))
    return (b + 1) / (len(null) + 1)


def stopped_at(null: FloatArray, observed: float, *, exceedances: int) -> int | None:
    """Number of the labeling, 1 for the first, at which the null values reach `observed` again.

    Parameters
    ----------
    null
        Statistic under permuted labels in the order of the labelings, shape (m,).
    observed
        Statistic under the true labels.
    exceedances
        How many null values have to reach it.

    Returns
    -------
    None when fewer do.
    """
    reached = np.flatnonzero(np.asarray(null) >= observed - TIE)
    return int(reached[exceedances - 1]) + 1 if len(reached) >= exceedances else None


def refit_p(
    values: FloatArray,
    *,
    enumerated: bool,
    n_possible: float,
    stop_at: int = 0,
    planned: int | None = None,
) -> PValue:
    """p-value of the mean AUROC over folds, each labeling refitted.

    Parameters
    ----------
    values
        AUROC of each fold and labeling, shape (n_folds, 1 + m); column 0 is the truth.
    enumerated
        The task's labelings are all there are.
    n_possible
        Distinct labelings of the task.
    stop_at
        The h-th permuted labeling at or above the observed value ends the test (0: none does).
        Later columns do not matter then.
    planned
        Permuted labelings of the design where it may stop before; m when None.

    Notes
    -----
    Stopped at labeling number L: p = h / L (Besag & Clifford 1991, doi:10.1093/biomet/78.2.301).
    """
    mean = values.mean(axis=0)
    m = len(mean) - 1
    lowest = attainable(m if planned is None else planned, n_possible)
    if enumerated and m + 1 >= n_possible:
        p = permutation_p_value(mean[1:], float(mean[0]))
        return PValue(p, "refit_exact", m, attainable(m, n_possible))
    number = stopped_at(mean[1:], float(mean[0]), exceedances=stop_at) if stop_at else None
    if number is not None:
        return PValue(stop_at / number, "refit_sequential", number, lowest)
    return PValue(permutation_p_value(mean[1:], float(mean[0])), "refit", m, lowest)


def fixed_deflated_p(
    values: Sequence[float],
    moments: Sequence[tuple[float, float]],
    *,
    n_possible: float,
) -> PValue:
    """p-value of a mean AUROC whose model is not refitted.

    Parameters
    ----------
    values
        AUROC of each fold.
    moments
        Exact null mean and variance of each fold's AUROC, the scores held fixed.
    n_possible
        Distinct labelings of the task.

    Notes
    -----
    The folds train on each other's missions, which doubles the variance of the mean for linear
    symmetric kernels whatever their number: z of the fixed-score test is divided by sqrt 2.
    """
    mean, variance = np.array(moments).T
    excess = float(np.mean(values) - mean.mean())
    sd = float(np.sqrt(variance.sum())) / len(values)
    p = float(special.ndtr(-excess / sd / np.sqrt(2))) if sd > 0 else 1.0
    return PValue(p=p, method="fixed_deflated", n_permutations=0, attainable=1 / n_possible)


def attainable(n_permutations: int, n_possible: float) -> float:
    """The smallest p-value that so many permuted labelings out of so many possible can give."""
    return max(1 / (n_permutations + 1), 1 / n_possible)
