"""The label matrix of a task: the truth, then permutations of it within strata."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spacebio_bench.typing import IntArray, Labels


class Labelings(NamedTuple):
    """A label matrix and what it is a sample of.

    Attributes
    ----------
    labels
        0 or 1, shape (n, 1 + m); column 0 is the truth.
    enumerated
        Whether the columns are all distinct labelings there are, each once.
    n_possible
        Distinct labelings with the class counts of each stratum; inf above the range of a float.
    """

    labels: Labels
    enumerated: bool
    n_possible: float


def labelings(
    truth: ArrayLike,
    strata: Sequence[Hashable] | NDArray[np.str_],
    *,
    n_permutations: int,
    seed: int,
) -> Labelings:
    """Permute labels within strata; enumerate them where they are few.

    Parameters
    ----------
    truth
        True labels, 0 or 1, shape (n,).
    strata
        Stratum of each sample, shape (n,); its class counts are equal in every column.
    n_permutations
        Permuted labelings that are wanted. When no more than this many others exist, all of them
        are given.
    seed
        Seed of the draws.

    Notes
    -----
    Sampled columns come one after the other from one stream, so a larger matrix starts with the
    smaller one. Enumerated columns are in random order, so a prefix of them is a simple random
    sample as well.
    """
    y = np.asarray(truth, dtype=np.int8)
    groups = _positions(strata)
    counts = [(len(where), int(y[where].sum())) for where in groups]
    n_possible = number_of_labelings(counts)
    rng = np.random.default_rng(seed)
    if n_possible <= n_permutations + 1:
        labels = _enumerate(y, groups, counts)
        others = 1 + rng.permutation(labels.shape[1] - 1)
        return Labelings(
            labels[:, np.concatenate([[0], others])], enumerated=True, n_possible=n_possible
        )
    labels = np.empty((len(y), 1 + n_permutations), dtype=np.int8)
    labels[:, 0] = y
    draws = rng.random((n_permutations, len(y)))
    for where, (_, n_positive) in zip(groups, counts, strict=True):
        rank = draws[:, where].argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
        labels[where, 1:] = (rank < n_positive).T
    return Labelings(labels, enumerated=False, n_possible=n_possible)


def number_of_labelings(counts: Sequence[tuple[int, int]]) -> float:
    """Product of C(n, n1) over strata, given (n, n1) of each; inf above the range of a float."""
    product = math.prod(math.comb(n, n_positive) for n, n_positive in counts)
    try:
        return float(product)
    except OverflowError:
        return math.inf


def _positions(strata: Sequence[Hashable] | NDArray[np.str_]) -> list[IntArray]:
    groups: dict[Hashable, list[int]] = {}
    for position, stratum in enumerate(strata):
        groups.setdefault(stratum, []).append(position)
    return [np.array(where, dtype=np.intp) for where in groups.values()]


def _enumerate(y: Labels, groups: list[IntArray], counts: list[tuple[int, int]]) -> Labels:
    """All labelings, the truth first, the others in the order of their positive samples."""
    choices = [
        [where[list(chosen)] for chosen in itertools.combinations(range(n), n_positive)]
        for where, (n, n_positive) in zip(groups, counts, strict=True)
    ]
    columns = []
    for chosen in itertools.product(*choices):
        column = np.zeros(len(y), dtype=np.int8)
        column[np.concatenate(chosen)] = 1
        if not np.array_equal(column, y):
            columns.append(column)
    return np.stack([y, *columns], axis=1)
