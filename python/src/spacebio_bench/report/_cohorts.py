"""What the page needs of the cohort stores: samples, quality, features, where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.report._results import Row, rows_of
from spacebio_bench.typing import BoolArray, FloatArray

CONDITION_WORDS = {
    "FLT": "flight",
    "GC": "ground control",
    "VC": "vivarium control",
    "BC": "basal control",
    "AG": "artificial gravity",
}
QC_COLUMNS = {
    "library_size": "library size (counts)",
    "detected_genes": "detected genes",
    "pca_distance": "distance from the middle of the study",
    "replicate_correlation": "correlation with replicates",
}


@dataclass(frozen=True)
class CohortView:
    """A tissue's store.

    Attributes
    ----------
    samples
        One row a sample: `sample` and the columns of `obs`.
    features
        Matrices (n_samples, p) by feature set; a missing value is NaN.
    provenance
        ``uns["provenance"]`` as plain data.
    """

    tissue: str
    samples: tuple[Row, ...]
    features: Mapping[str, FloatArray]
    provenance: Mapping[str, Any]


def read_cohorts(folder: Path) -> tuple[CohortView, ...]:
    """All stores ``<tissue>.zarr`` of a folder, by name; InputError when one cannot be read."""
    views, problems = [], []
    for path in sorted(folder.glob("*.zarr")):
        try:
            views.append(_read(path))
        except Exception as error:  # noqa: BLE001  any reader's error means the same to the user
            problems.append(Problem(str(path), f"cannot be read as a cohort store: {error}"))
    if problems:
        raise InputError(problems)
    return tuple(views)


def _read(path: Path) -> CohortView:
    store = anndata.read_zarr(path)
    features: dict[str, FloatArray] = {}
    if store.n_vars:
        features["gene"] = _dense(store.X)
    for name in sorted(store.obsm):
        features[str(name)] = _dense(store.obsm[name])
    obs = store.obs.copy()
    obs.insert(0, "sample", obs.index.astype(str))
    return CohortView(
        tissue=str(store.uns.get("tissue", path.name.removesuffix(".zarr"))),
        samples=tuple(rows_of(obs)),
        features={name: x for name, x in features.items() if x.size},
        provenance=_plain(store.uns.get("provenance", {})),
    )


def complete(x: FloatArray) -> tuple[FloatArray, BoolArray]:
    """`x` without samples that have no value, then without columns that lack one; who is left."""
    kept: BoolArray = np.asarray(np.isfinite(x).any(axis=1))
    rows = x[kept]
    return rows[:, np.isfinite(rows).all(axis=0)], kept


def _dense(values: Any) -> FloatArray:
    array = values.toarray() if hasattr(values, "toarray") else values
    return np.asarray(array, dtype=np.float64)


def _plain(value: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        return {str(k): {str(c): _plain(v) for c, v in row.items()} for k, row in value.iterrows()}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, np.ndarray):
        return [_plain(v) for v in value.tolist()]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
