"""The `pub_*` columns of a fold: what the published benchmark makes of its scores."""

from __future__ import annotations

from typing import NamedTuple

from spacebio_bench.protocol import PublishedStatistics
from spacebio_bench.statistics.published import published_interval, published_p
from spacebio_bench.typing import FloatArray, Labels


class PublishedColumns(NamedTuple):
    """Bounds of the published bootstrap interval, and the published p."""

    pub_ci_low: float
    pub_ci_high: float
    pub_p: float


def published_columns(
    scores: FloatArray, truth: Labels, how: PublishedStatistics
) -> PublishedColumns:
    """The published statistics of a fold.

    Parameters
    ----------
    scores, truth
        Of the test samples in the order in which the published generators draw, shape (n_test,).
    """
    low, high = published_interval(
        scores,
        truth,
        generator=how.generator,
        bootstrap=how.bootstrap,
        n_bootstraps=how.n_bootstraps,
        seed=how.seed,
    )
    p = published_p(
        scores, truth, generator=how.generator, n_permutations=how.n_permutations, seed=how.seed
    )
    return PublishedColumns(low, high, p)
