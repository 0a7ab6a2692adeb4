"""Simulated cohorts whose truth is known, as arrays: quick, for statistics over many of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spacebio_bench.typing import BoolArray, FloatArray, IntArray

EQUAL_FOLDS = ((6, 6), (6, 6), (6, 6), (6, 6))


@dataclass(frozen=True)
class Truth:
    """What was planted.

    Attributes
    ----------
    signature, markers
        Genes that carry the flight signature, and those that only mark a mission, shape (n_genes,).
    fold_change
        Flight minus ground on the log2 scale, shape (n_genes,); 0 outside the signature.
    """

    signature: BoolArray
    markers: BoolArray
    fold_change: FloatArray


@dataclass(frozen=True)
class SimulatedCohort:
    """A cohort as arrays.

    Attributes
    ----------
    x
        log2 expression, shape (n_samples, n_genes).
    labels
        1 flight, 0 ground, shape (n_samples,).
    missions, strata
        Mission (`SIM-1`, ...) and stratum (`a`, `b`) of each sample, shape (n_samples,).
    truth
        What was planted.
    """

    x: FloatArray
    labels: IntArray
    missions: NDArray[np.str_]
    strata: NDArray[np.str_]
    truth: Truth


def simulate_cohort(
    *,
    group_sizes: tuple[tuple[int, int], ...] = EQUAL_FOLDS,
    n_genes: int = 200,
    effect: float = 0.0,
    effect_sd: float = 0.0,
    signature: float = 0.1,
    mission_sd: float = 1.0,
    noise_sd: float = 1.0,
    n_factors: int = 3,
    factor_sd: float = 0.5,
    strain_confounding: float = 0.0,
    strain_sd: float = 0.0,
    decimals: int | None = None,
    seed: int | np.random.SeedSequence = 42,
) -> SimulatedCohort:
    """Draw a cohort on the log scale.

    Parameters
    ----------
    group_sizes
        (flight, ground) samples of each mission.
    n_genes
        Columns.
    effect, effect_sd
        Mean flight effect on the signature genes, and its SD over missions (heterogeneity).
    signature
        Share of genes with the effect, up or down by a coin.
    mission_sd
        SD over missions of a gene's mean.
    noise_sd
        SD of independent noise.
    n_factors, factor_sd
        Hidden differences between samples that load on all genes: correlation between genes.
    strain_confounding
        Within every mission: 0, the stratum is a coin for each sample; 1, it equals the label.
    strain_sd
        SD over genes of the difference between the strata.
    decimals
        Round expression to so many decimals, which makes ties.
    seed
        Seed, or a spawned sequence.

    Returns
    -------
    Samples ordered by mission, flight first.
    """
    rng = np.random.default_rng(seed)
    n_missions = len(group_sizes)
    labels = np.concatenate([np.repeat([1, 0], sizes) for sizes in group_sizes]).astype(np.intp)
    mission = np.repeat(np.arange(n_missions), [sum(sizes) for sizes in group_sizes])
    n = len(labels)
    truth = plant(rng, n_genes, effect=1.0, signature=signature, markers=0.0)
    strength = effect + rng.normal(0, effect_sd, n_missions)
    follows = rng.random(n) < strain_confounding
    stratum = np.where(follows, labels, rng.integers(0, 2, n))
    x = rng.normal(0, mission_sd, (n_missions, n_genes))[mission]
    x += rng.normal(0, noise_sd, (n, n_genes))
    x += rng.normal(0, factor_sd, (n, n_factors)) @ rng.normal(0, 1, (n_factors, n_genes))
    x += np.outer(stratum, rng.normal(0, strain_sd, n_genes))
    x += np.outer(labels * strength[mission], truth.fold_change)
    if decimals is not None:
        x = np.round(x, decimals)
    return SimulatedCohort(
        x=x,
        labels=labels,
        missions=np.array([f"SIM-{m + 1}" for m in mission]),
        strata=np.array(["a", "b"])[stratum],
        truth=Truth(truth.signature, truth.markers, effect * truth.fold_change),
    )


def plant(
    rng: np.random.Generator, n_genes: int, *, effect: float, signature: float, markers: float
) -> Truth:
    """Choose signature genes, up or down by a coin, and mission markers among the others."""
    order = rng.permutation(n_genes)
    n_signature, n_markers = round(signature * n_genes), round(markers * n_genes)
    chosen, marking = np.zeros((2, n_genes), dtype=bool)
    chosen[order[:n_signature]] = True
    marking[order[n_signature : n_signature + n_markers]] = True
    sign = rng.choice([-1.0, 1.0], n_genes)
    return Truth(chosen, marking, np.where(chosen, effect * sign, 0.0))
