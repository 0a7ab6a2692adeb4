"""How well features tell missions apart, and what share of them the label explains: no tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spacebio_bench.typing import FloatArray, IntArray, Matrix


@dataclass(frozen=True)
class Separation:
    """What `separation` finds; NaN where the question has no answer.

    Attributes
    ----------
    accuracy, accuracy_chance
        Balanced accuracy of naming a sample's mission by its nearest centroid, the sample itself
        left out; 1 / missions.
    mission_share, mission_chance
        Share of the variance between missions, and what random groups of these sizes would have.
    label_share, label_chance
        Share of the variance along the label within missions, and what labels shuffled within
        missions would have on average: the rest of the variance over its n - k dimensions.
    """

    accuracy: float
    accuracy_chance: float
    mission_share: float
    mission_chance: float
    label_share: float
    label_chance: float


def separation(x: Matrix, missions: ArrayLike, labels: ArrayLike) -> Separation:
    """Describe how a feature set separates missions and labels.

    Parameters
    ----------
    x
        Shape (n_samples, p), no missing values; columns are z-scored over all samples,
        constant ones left out.
    missions
        Mission of each sample, shape (n_samples,).
    labels
        0 or 1, shape (n_samples,).
    """
    z = _standardised(x)
    group = np.unique(np.asarray(missions), return_inverse=True)[1]
    n, k = len(group), int(group.max(initial=-1)) + 1
    label = np.asarray(labels, np.float64)
    within = label - _group_means(label[:, None], group)[:, 0]
    nothing = not z.size or n < 3
    between = np.nan if nothing or k < 2 else _share_between(z, group)
    rest = 1 - (0 if np.isnan(between) else between)
    return Separation(
        accuracy=np.nan if nothing or k < 2 else nearest_centroid_accuracy(z, group),
        accuracy_chance=1 / k if k else np.nan,
        mission_share=between,
        mission_chance=(k - 1) / (n - 1) if n > 1 else np.nan,
        label_share=np.nan if nothing or not within.any() else _share_along(z, within),
        label_chance=rest / (n - k) if n > k else np.nan,
    )


def nearest_centroid_accuracy(x: Matrix, group: ArrayLike) -> float:
    """Balanced accuracy of the nearest centroid, each sample left out of its own group's centroid.

    A sample that is alone in its group counts as wrong: without it the group has no centroid.
    Distances within a relative 1e-9 tie, and a tie with another group counts as wrong too.

    Notes
    -----
    From the Gram matrix: |x_i - c_g|^2 = G_ii - 2 mean_j G_ij + mean_jk G_jk, for the own group
    with i taken out.
    """
    code = np.unique(np.asarray(group), return_inverse=True)[1]
    member = np.eye(code.max() + 1)[code]
    centred = np.asarray(x, np.float64) - np.mean(x, axis=0, dtype=np.float64)
    gram = centred @ centred.T
    own, size = np.diag(gram), member.sum(axis=0)
    towards = gram @ member
    inside = np.einsum("ig,ij,jg->g", member, gram, member)
    distance = own[:, None] - 2 * towards / size + inside / size**2
    rest = size[code] - 1
    to_own, to_rest = towards[np.arange(len(code)), code], inside[code]
    left = np.where(rest > 0, rest, 1)
    without = own - 2 * (to_own - own) / left + (to_rest - 2 * to_own + own) / left**2
    distance[np.arange(len(code)), code] = np.inf
    right = (rest > 0) & (without < distance.min(axis=1) - 1e-9 * own.max(initial=0))
    return float((right @ member / size).mean())


def _standardised(x: Matrix) -> FloatArray:
    centred = np.asarray(x, np.float64) - np.mean(x, axis=0, dtype=np.float64)
    sd = centred.std(axis=0, ddof=1) if len(centred) > 1 else np.zeros(centred.shape[1])
    varies = sd > 1e-9
    scaled: FloatArray = centred[:, varies] / sd[varies]
    return scaled


def _group_means(x: FloatArray, group: IntArray) -> FloatArray:
    """The mean of each sample's group, shape of `x`."""
    member = np.eye(int(group.max()) + 1)[group]
    means: FloatArray = member @ (member.T @ x / member.sum(axis=0)[:, None])
    return means


def _share_between(z: FloatArray, group: IntArray) -> float:
    """Share of the variance of `z` that lies between the means of groups."""
    return float((_group_means(z, group) ** 2).sum() / (z**2).sum())


def _share_along(z: FloatArray, direction: FloatArray) -> float:
    """Share of the variance of `z` that one centred contrast of samples explains."""
    return float(((direction @ z) ** 2).sum() / (direction @ direction) / (z**2).sum())
