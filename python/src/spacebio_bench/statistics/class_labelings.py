"""The label matrix of k classes, whose samples or whole blocks of samples exchange their class."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spacebio_bench.statistics.labelings import Labelings
from spacebio_bench.typing import IntArray, Labels

Groups = Sequence[Hashable] | NDArray[np.str_]


def class_labelings(
    truth: ArrayLike,
    strata: Groups,
    *,
    blocks: Groups | None = None,
    n_permutations: int,
    seed: int,
) -> Labelings:
    """Permute classes within strata; enumerate the labelings where they are few.

    Parameters
    ----------
    truth
        True classes, 0 to k - 1, shape (n,).
    strata
        Stratum of each sample, shape (n,).
    blocks
        Block of each sample, shape (n,): the samples of a block are in one stratum and of one
        class, and stay together. Blocks of any size exchange their classes, so that it is the
        blocks of each class that are equally many in every column, not the samples.
    n_permutations
        Permuted labelings that are wanted. When no more than this many others exist, all of them
        are given.
    seed
        Seed of the draws.

    Returns
    -------
    Labels 0 to k - 1.

    Raises
    ------
    ValueError
        A block with samples of several classes or strata.

    Notes
    -----
    A larger matrix starts with the smaller one, and a prefix of all labelings is a simple random
    sample of them, as in :func:`~spacebio_bench.statistics.labelings.labelings`.
    """
    y = np.asarray(truth, dtype=np.int8)
    stratum = _codes(strata)
    member = np.arange(len(y)) if blocks is None else _codes(blocks)
    first = np.unique(member, return_index=True)[1]
    for name, values in (("class", y), ("stratum", stratum)):
        mixed = np.flatnonzero(values != values[first][member])
        if mixed.size and blocks is not None:
            msg = f"block {str(blocks[mixed[0]])!r} holds samples of more than one {name}"
            raise ValueError(msg)
    unit = _of_units(y[first], stratum[first], n_permutations=n_permutations, seed=seed)
    return unit._replace(labels=unit.labels[member])


def number_of_class_labelings(counts: Sequence[Sequence[int]]) -> float:
    """Product of multinomials over strata, given units of each class; inf above a float's range."""
    product = 1
    for classes in counts:
        product *= math.factorial(sum(classes)) // math.prod(map(math.factorial, classes))
    try:
        return float(product)
    except OverflowError:
        return math.inf


def _of_units(y: Labels, stratum: IntArray, *, n_permutations: int, seed: int) -> Labelings:
    """Labelings of what is exchanged one by one."""
    groups = [np.flatnonzero(stratum == s) for s in range(stratum.max(initial=-1) + 1)]
    n_possible = number_of_class_labelings([np.bincount(y[where]).tolist() for where in groups])
    rng = np.random.default_rng(seed)
    if n_possible <= n_permutations + 1:
        labels = _enumerate(y, groups)
        others = 1 + rng.permutation(labels.shape[1] - 1)
        return Labelings(
            labels[:, np.concatenate([[0], others])], enumerated=True, n_possible=n_possible
        )
    labels = np.empty((len(y), 1 + n_permutations), dtype=np.int8)
    labels[:, 0] = y
    draws = rng.random((n_permutations, len(y)))
    for where in groups:
        order = draws[:, where].argsort(axis=1, kind="stable")
        labels[where, 1:] = y[where][order].T
    return Labelings(labels, enumerated=False, n_possible=n_possible)


def _codes(values: Groups) -> IntArray:
    """Number of each distinct value, in the order of their first samples."""
    number: dict[Hashable, int] = {}
    return np.array([number.setdefault(v, len(number)) for v in values], dtype=np.intp)


def _enumerate(y: Labels, groups: list[IntArray]) -> Labels:
    """All labelings, the truth first."""
    choices = [list(_arrangements(np.bincount(y[where]).tolist())) for where in groups]
    columns = []
    for chosen in itertools.product(*choices):
        column = np.empty_like(y)
        for where, classes in zip(groups, chosen, strict=True):
            column[where] = classes
        if not np.array_equal(column, y):
            columns.append(column)
    return np.stack([y, *columns], axis=1)


def _arrangements(counts: list[int]) -> Iterator[list[int]]:
    """Every distinct order of classes that occur so often."""
    if not any(counts):
        yield []
        return
    for c, left in enumerate(counts):
        if left:
            rest = [n - (i == c) for i, n in enumerate(counts)]
            yield from ([c, *after] for after in _arrangements(rest))
