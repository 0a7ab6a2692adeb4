"""A matrix that came with the studies or was scored from gene sets: pathways, embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.features._registry import FoldMatrix, variance_filter
from spacebio_bench.protocol import Protocol
from spacebio_bench.typing import IntArray


@dataclass(frozen=True)
class StoredMatrix:
    """The columns that all samples of a fold have, in the protocol's order."""

    name: str

    def lacks(self, cohort: Cohort, rows: IntArray) -> str:
        if self.name not in cohort.matrices:
            return f"the tissue has no {self.name}"
        covered = cohort.matrices[self.name].iloc[rows].notna()
        uncovered = int((~covered.any(axis=1)).sum())
        if uncovered:
            return f"{self.name} lacks {uncovered} of {len(rows)} labelled samples"
        return "" if covered.all().any() else f"no column of {self.name} is there in all missions"

    def sources(self, cohort: Cohort) -> tuple[str, ...]:
        return (self.name,)

    def width(self, cohort: Cohort, protocol: Protocol) -> int:
        return cohort.matrices[self.name].shape[1]

    def fold_matrix(
        self, cohort: Cohort, train: IntArray, test: IntArray, protocol: Protocol
    ) -> FoldMatrix:
        frame = cohort.matrices[self.name]
        if protocol.pathways.columns == "sorted":
            frame = frame[sorted(frame.columns)]
        values = frame.to_numpy(protocol.matrix_dtype)
        common = ~np.isnan(values[np.r_[train, test]]).any(axis=0)
        x_train, x_test = values[train][:, common], values[test][:, common]
        quantile = protocol.genes.variance_quantile if protocol.pathways.variance_filter else None
        chosen = variance_filter(x_train, quantile)
        names = tuple(str(c) for c in frame.columns[common][chosen])
        return FoldMatrix(x_train[:, chosen], x_test[:, chosen], names)
