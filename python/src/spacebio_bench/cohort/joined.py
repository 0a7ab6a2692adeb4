"""Two tissues as one cohort: to train on one and test on the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from spacebio_bench.cohort._cohort import Cohort

KEPT = 2
"""Joined cohorts that are kept: each is as large as both its tissues."""


class Joined:
    """Cohorts by the tissues that they are made of: single ones as they are, two joined."""

    def __init__(self, cohorts: Mapping[str, Cohort]) -> None:
        self._cohorts = cohorts
        self._kept: dict[tuple[str, ...], Cohort] = {}

    def of(self, tissues: Sequence[str]) -> Cohort:
        """The cohort of one tissue or of two, the training one first."""
        names = tuple(tissues)
        if len(names) == 1:
            return self._cohorts[names[0]]
        if names not in self._kept:
            while len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[names] = join(*(self._cohorts[name] for name in names))
        return self._kept[names]


def qualified(tissue: str, sample: str) -> str:
    """Name of a sample where several tissues take part."""
    return f"{tissue}:{sample}"


def join(first: Cohort, second: Cohort) -> Cohort:
    """Both cohorts' samples on the genes that both have; samples are called `<tissue>:<sample>`.

    A matrix that both have keeps all columns of either: NaN where one lacks it, as between the
    missions of a tissue. Batch-corrected layers do not take part; the
    enrichment is that of the first.
    """
    place = {gene: i for i, gene in enumerate(second.genes)}
    common = [gene for gene in first.genes if gene in place]
    kept = set(common)
    of_first = [i for i, gene in enumerate(first.genes) if gene in kept]
    of_second = [place[gene] for gene in common]
    named = [
        one.obs.set_axis(pd.Index([qualified(one.tissue, s) for s in one.obs.index]), axis=0)
        for one in (first, second)
    ]
    obs = pd.concat(named)
    return Cohort(
        tissue=f"{first.tissue}_to_{second.tissue}",
        obs=obs,
        genes=tuple(common),
        x=np.concatenate([first.x[:, of_first], second.x[:, of_second]]),
        matrices={
            name: _stacked(first.matrices[name], second.matrices[name], obs.index)
            for name in first.matrices
            if name in second.matrices
        },
        digests={
            name: f"{first.digests[name]}+{second.digests[name]}"
            for name in first.digests
            if name in second.digests and name != "enrichment"
        }
        | {name: first.digests[name] for name in ("enrichment",) if name in first.digests},
        symbols=tuple(first.symbols[i] for i in of_first) if first.symbols else (),
        enrichment=first.enrichment,
    )


def _stacked(first: pd.DataFrame, second: pd.DataFrame, index: pd.Index[str]) -> pd.DataFrame:
    return pd.concat([first, second]).set_axis(index, axis=0)
