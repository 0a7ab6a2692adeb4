"""Questions put to cohorts, a family a file; a new one is a file, a line here and a test."""

from __future__ import annotations

from spacebio_bench.tasks import (
    confounder,
    control,
    cross_tissue,
    holdout,
    kfold,
    lomo,
    lomo_batch,
    lomo_curves,
    pairs,
)
from spacebio_bench.tasks._registry import FAMILIES, Fold, Task, TaskFamily

__all__ = [
    "FAMILIES",
    "Fold",
    "Task",
    "TaskFamily",
    "confounder",
    "control",
    "cross_tissue",
    "holdout",
    "kfold",
    "lomo",
    "lomo_batch",
    "lomo_curves",
    "pairs",
]
