"""How well the features of each tissue tell its missions apart, as the page shows it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spacebio_bench.protocol import Protocol
from spacebio_bench.report._cohorts import CohortView, complete
from spacebio_bench.report._results import Row
from spacebio_bench.statistics.mission_separation import separation
from spacebio_bench.typing import FloatArray


def mission_separation(cohorts: Sequence[CohortView], protocol: Protocol) -> list[Row]:
    """One row a tissue and feature set, on the labelled benchmark samples; missing values are None.

    Of the genes those that the protocol's expression rule keeps on these samples.
    """
    rows: list[Row] = []
    for cohort in cohorts:
        label = [_label(sample, protocol) for sample in cohort.samples]
        used = np.array([value is not None for value in label])
        for feature, matrix in cohort.features.items():
            x, kept = complete(matrix[used])
            if feature == "gene":
                x = _expressed(x, protocol)
            samples = [s for s, u in zip(cohort.samples, used, strict=True) if u]
            samples = [s for s, k in zip(samples, kept, strict=True) if k]
            if not samples or not x.shape[1]:
                continue
            missions = np.array([str(s["mission"]) for s in samples])
            found = separation(x, missions, np.array([_label(s, protocol) for s in samples]))
            numbers = {k: None if np.isnan(v) else float(v) for k, v in vars(found).items()}
            sizes = {"n_samples": len(samples), "n_missions": len(set(missions)), "p": x.shape[1]}
            rows.append({"tissue": cohort.tissue, "feature": feature, **sizes, **numbers})
    return rows


def _label(sample: Row, protocol: Protocol) -> int | None:
    if (sample.get("role") or "benchmark") != "benchmark":
        return None
    return protocol.labels.label(str(sample["condition"]))


def _expressed(x: FloatArray, protocol: Protocol) -> FloatArray:
    above = x > np.log2(protocol.genes.expressed_above + 1)
    return x[:, above.mean(axis=0) >= protocol.genes.in_fraction]
