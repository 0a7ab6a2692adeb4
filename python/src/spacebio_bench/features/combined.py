"""Genes and the first pathway collection side by side."""

from __future__ import annotations

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.features._registry import FoldMatrix, z_score
from spacebio_bench.features.gene import Gene
from spacebio_bench.features.matrix import StoredMatrix
from spacebio_bench.protocol import Protocol
from spacebio_bench.typing import IntArray, Matrix


class Combined:
    """`concatenate` leaves the scale to the grid; `equal_variance` weighs both blocks alike.

    The blocks then have the same total variance in training. With thousands of genes and fifty
    pathways, a plain concatenation is the genes alone.
    """

    def lacks(self, cohort: Cohort, rows: IntArray) -> str:
        first = first_collection(cohort)
        if first is None:
            return "no gene sets were given"
        return Gene().lacks(cohort, rows) or StoredMatrix(first).lacks(cohort, rows)

    def sources(self, cohort: Cohort) -> tuple[str, ...]:
        first = first_collection(cohort)
        return ("gene",) if first is None else ("gene", first)

    def width(self, cohort: Cohort, protocol: Protocol) -> int:
        first = first_collection(cohort)
        genes = Gene().width(cohort, protocol)
        return genes if first is None else genes + StoredMatrix(first).width(cohort, protocol)

    def fold_matrix(
        self, cohort: Cohort, train: IntArray, test: IntArray, protocol: Protocol
    ) -> FoldMatrix:
        first = first_collection(cohort)
        assert first is not None, "lacks() is asked first"
        genes = Gene().fold_matrix(cohort, train, test, protocol)
        pathways = StoredMatrix(first).fold_matrix(cohort, train, test, protocol)
        names = genes.names + pathways.names
        equal = protocol.combined == "equal_variance"
        blocks = [(b.train, b.test) for b in (genes, pathways)]
        if equal:
            ddof = protocol.scaling.ddof
            blocks = [_block(*z_score(*b, ddof=ddof), n_features=len(names)) for b in blocks]
        x_train, x_test = (np.concatenate(parts, axis=1) for parts in zip(*blocks, strict=True))
        return FoldMatrix(x_train, x_test, names, scaled=equal)


def first_collection(cohort: Cohort) -> str | None:
    """Name of the first pathway collection of a cohort."""
    return next((name for name in cohort.matrices if name.startswith("pathway_")), None)


def _block(train: Matrix, test: Matrix, *, n_features: int) -> tuple[Matrix, Matrix]:
    """A z-scored block at half of the variance that `n_features` z-scored features would have."""
    varying = int((np.ptp(train, axis=0) > 0).sum())
    weight = np.sqrt(n_features / (2 * max(varying, 1)))
    return train * weight, test * weight
