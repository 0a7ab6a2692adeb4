"""Genes: log2 normalised expression, filtered as the protocol says."""

from __future__ import annotations

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.features._registry import FoldMatrix, variance_filter
from spacebio_bench.protocol import GeneRule, Protocol
from spacebio_bench.typing import BoolArray, IntArray, Matrix


class Gene:
    """Every gene of the store that passes the protocol's filters on the training samples."""

    def lacks(self, cohort: Cohort, rows: IntArray) -> str:
        return "" if cohort.genes else "the studies came without counts"

    def sources(self, cohort: Cohort) -> tuple[str, ...]:
        return ("gene",)

    def width(self, cohort: Cohort, protocol: Protocol) -> int:
        rule = protocol.genes
        found = expressed(cohort.x, rule).sum() if rule.filter_on == "train" else len(cohort.genes)
        return int(found * (1 - (rule.variance_quantile or 0)))

    def fold_matrix(
        self, cohort: Cohort, train: IntArray, test: IntArray, protocol: Protocol
    ) -> FoldMatrix:
        rule = protocol.genes
        x_train, x_test = cohort.x[train], cohort.x[test]
        if rule.filter_on == "train":
            keep = np.flatnonzero(expressed(x_train, rule))
            x_train, x_test = x_train[:, keep], x_test[:, keep]
        else:  # the store holds only genes expressed in the tissue
            keep = np.arange(x_train.shape[1])
        x_train, x_test = (
            x_train.astype(protocol.matrix_dtype),
            x_test.astype(protocol.matrix_dtype),
        )
        chosen = variance_filter(x_train, rule.variance_quantile)
        names = tuple(cohort.genes[i] for i in keep[chosen])
        return FoldMatrix(x_train[:, chosen], x_test[:, chosen], names)


def expressed(x: Matrix, rule: GeneRule) -> BoolArray:
    """Genes expressed above the rule's bound in enough samples of `x`, log2(count + 1)."""
    above = (x > np.log2(1 + rule.expressed_above)).mean(axis=0)
    # a fraction such as 0.2 of 5 samples is one sample whatever the rounding
    passes: BoolArray = above >= rule.in_fraction - 1e-9
    return passes
