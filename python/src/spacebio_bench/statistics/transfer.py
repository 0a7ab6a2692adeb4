"""Two feature sets or methods over the same folds: who wins, by how much, and by what chance."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spacebio_bench.statistics.comparisons import cluster_interval, sign_flip
from spacebio_bench.statistics.intervals import Interval
from spacebio_bench.statistics.permutation import TIE


class PairedDifferences(NamedTuple):
    """What `a` has over `b`.

    Attributes
    ----------
    wins, losses, ties
        Folds in which `a` is above, below or within 1e-12 of `b`.
    n_clusters
        Clusters of folds; each weighs the same.
    difference
        Mean over clusters of the mean difference of their folds.
    interval
        Of `difference`, 95 % over clusters like these; NaN for one.
    p, attainable
        Two-sided sign-flip test over clusters, and the smallest p that so many can give.
    """

    wins: int
    losses: int
    ties: int
    n_clusters: int
    difference: float
    interval: Interval
    p: float
    attainable: float


def paired_differences(
    a: ArrayLike,
    b: ArrayLike,
    clusters: Sequence[Hashable] | NDArray[np.str_],
    *,
    seed: int,
) -> PairedDifferences:
    """Compare two results fold by fold, where folds of a cluster are not independent.

    Parameters
    ----------
    a, b
        Values of the same folds, shape (n_folds,), n_folds >= 1.
    clusters
        Cluster of each fold, shape (n_folds,): its test mission, across tissues.
    seed
        For the sign flips that are drawn where clusters are more than 16.

    Raises
    ------
    ValueError
        Shapes that differ, no fold, or a value that is not finite.
    """
    x, y = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if x.ndim != 1 or not len(x) == len(y) == len(clusters) or x.size == 0:
        msg = f"{x.shape} values, {y.shape} values and {len(clusters)} clusters are no pairs"
        raise ValueError(msg)
    difference = x - y
    if not np.isfinite(difference).all():
        msg = "a value is not finite; leave out the folds that have none in both"
        raise ValueError(msg)
    members: dict[Hashable, list[float]] = {}
    for cluster, d in zip(clusters, difference.tolist(), strict=True):
        members.setdefault(cluster, []).append(d)
    means = np.array([float(np.mean(ds)) for ds in members.values()])
    test = sign_flip(means, seed=seed)
    return PairedDifferences(
        wins=int((difference > TIE).sum()),
        losses=int((difference < -TIE).sum()),
        ties=int((np.abs(difference) <= TIE).sum()),
        n_clusters=len(means),
        difference=float(means.mean()),
        interval=cluster_interval(means),
        p=test.p,
        attainable=test.attainable,
    )
