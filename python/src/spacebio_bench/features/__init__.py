"""Views of a cohort, a kind a file; a new kind is a file, a line in `feature_set` and a test."""

from __future__ import annotations

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.features._registry import FeatureSet, FoldMatrix, scale_fold, z_score
from spacebio_bench.features.changes import (
    change_cohort,
    change_matrix,
    changed_sources,
    unchangeable,
)
from spacebio_bench.features.combined import Combined
from spacebio_bench.features.gene import Gene
from spacebio_bench.features.matrix import StoredMatrix
from spacebio_bench.protocol import Protocol

__all__ = [
    "FeatureSet",
    "FoldMatrix",
    "change_cohort",
    "change_matrix",
    "changed_sources",
    "default_features",
    "feature_set",
    "scale_fold",
    "unchangeable",
    "z_score",
]


def feature_set(name: str) -> FeatureSet:
    """The feature set of a name: `gene`, `combined`, or a matrix of the store."""
    if name == "gene":
        return Gene()
    return Combined() if name == "combined" else StoredMatrix(name)


def default_features(cohort: Cohort, protocol: Protocol) -> tuple[str, ...]:
    """What is planned for a cohort unless the user asks for less."""
    pathways = [n for n in cohort.matrices if n.startswith("pathway_")]
    own = [n for n in cohort.matrices if not n.startswith("pathway_")]
    genes = ["gene"] if cohort.genes else []
    both = ["combined"] if genes and pathways and protocol.combined != "none" else []
    return (*genes, *pathways, *both, *own)
