"""Two tables of pairwise values over the same things: do they go together?"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import numpy as np
from scipy.stats import rankdata

from spacebio_bench.statistics.permutation import TIE
from spacebio_bench.typing import FloatArray

MOST_ENUMERATED = 7
FEWEST = 3


class Mantel(NamedTuple):
    """Spearman correlation over pairs, its two-sided p and the smallest p that could be."""

    rho: float
    p: float
    attainable: float
    exact: bool


def mantel(a: FloatArray, b: FloatArray, *, n_permutations: int = 9999, seed: int = 0) -> Mantel:
    """Mantel test with ranks: pairs that share a member are not independent, members are.

    Parameters
    ----------
    a, b
        Symmetric, shape (n, n), n >= 3, finite above the diagonal; the diagonal is not looked at.
    n_permutations, seed
        For more than seven members; for fewer all orders are enumerated, the given one counted.

    Returns
    -------
    NaN where a table has one value only.

    Raises
    ------
    ValueError
        Other shapes, fewer than three members, missing values.

    Notes
    -----
    Mantel (1967); Legendre & Legendre (2012), section 10.5.1. Members of `a` are permuted.
    """
    n = len(a)
    upper = np.triu_indices(n, 1)
    if a.shape != (n, n) or b.shape != (n, n) or n < FEWEST:
        msg = f"two square tables of at least {FEWEST} members are needed, not {a.shape}, {b.shape}"
        raise ValueError(msg)
    if not np.isfinite([a[upper], b[upper]]).all():
        msg = "every pair needs a value in both tables"
        raise ValueError(msg)
    first, second = _standard_ranks(a[upper]), _standard_ranks(b[upper])
    if not (first.any() and second.any()):
        return Mantel(math.nan, math.nan, math.nan, n <= MOST_ENUMERATED)
    square = np.zeros((n, n))
    square[upper] = first
    square += square.T
    exact = n <= MOST_ENUMERATED
    if exact:
        orders = np.array(list(itertools.permutations(range(n))))
    else:
        drawn = np.random.default_rng(seed).permuted(
            np.tile(np.arange(n), (n_permutations, 1)), axis=1
        )
        orders = np.vstack([np.arange(n), drawn])
    null = np.abs(square[orders[:, upper[0]], orders[:, upper[1]]] @ second)
    return Mantel(
        rho=float(first @ second),
        p=float(np.mean(null >= null[0] - TIE)),
        # a reversed order of three or four members is as extreme as the order itself
        attainable=float(np.mean(null >= null.max() - TIE)) if exact else 1 / len(orders),
        exact=exact,
    )


def _standard_ranks(values: FloatArray) -> FloatArray:
    """Midranks with mean 0 and unit length; zeros where all are equal."""
    ranks = rankdata(values)
    centred: FloatArray = ranks - ranks.mean()
    length = np.sqrt(centred @ centred)
    return centred / length if length > 0 else centred
