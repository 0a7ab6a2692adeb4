"""A cohort in memory: what tasks and features see of a store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from spacebio_bench.typing import IntArray, Matrix


@dataclass(frozen=True)
class Cohort:
    """All samples of one tissue.

    Attributes
    ----------
    tissue
        Name of the tissue.
    obs
        Indexed by sample id, in sheet order; at least `mission`, `accession`, `condition`, `role`
        (strings).
    genes
        Gene ids, the columns of `x`; may be empty.
    x
        log2(normalised count + 1), shape (n_samples, n_genes), float32.
    matrices
        Other feature sets by name (`pathway_hallmark`, `<NAME>`): a frame with the rows of `obs`.
        A sample that a set does not cover is a row of NaN, a column that a mission lacks is NaN
        there.
    digests
        sha256 of each feature set (`gene`, the names of `matrices`) with its samples and columns,
        and of each layer under `layer:<name>`.
    symbols
        Symbol of each gene, empty where it has none; no symbols at all in a store without them.
    layers
        Other versions of `x` by name, corrected for batches: same shape, NaN where a gene was not
        corrected.
    enrichment
        Pre-ranked enrichment of each mission, flight against ground: at least `mission`,
        `collection`, `pathway` and `nes`, positive where a pathway is up in flight.
    """

    tissue: str
    obs: pd.DataFrame
    genes: tuple[str, ...]
    x: Matrix
    matrices: Mapping[str, pd.DataFrame]
    digests: Mapping[str, str]
    symbols: tuple[str, ...] = ()
    layers: Mapping[str, Matrix] = field(default_factory=dict)
    enrichment: pd.DataFrame | None = None

    def rows(self, samples: Sequence[str]) -> IntArray:
        """Rows of samples, by their ids."""
        return np.asarray(self.obs.index.get_indexer(pd.Index(samples)), dtype=np.intp)
