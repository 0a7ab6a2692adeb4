"""Studies of one tissue, as the input check left them, and the scores of its missions."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd

from spacebio_bench.errors import InputError, Problem

Frames = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Study:
    """One accession of a tissue and mission.

    Attributes
    ----------
    samples
        Samples table indexed by sample: `condition`, `note`, any further columns; strings, "" where
        missing.
    features
        Precomputed features by name, indexed by sample.
    files
        The study's files, relative to the checked folder.
    """

    id: str
    tissue: str
    mission: str
    accession: str
    role: str
    has_counts: bool
    samples: pd.DataFrame
    features: Frames
    files: tuple[str, ...]


def read_studies(checked: Path, tissue: str) -> list[Study]:
    """Studies of `tissue` in sheet order.

    Raises
    ------
    InputError
        The folder is not one of the input check, or has no study of that tissue.
    """
    sheet = _read_text(checked / "studies.csv")
    here = sheet[sheet["tissue"] == tissue] if "tissue" in sheet else sheet.iloc[:0]
    if here.empty:
        known = ", ".join(dict.fromkeys(sheet.get("tissue", pd.Series(dtype=str)))) or "none"
        what = f"'{tissue}' is not a tissue of {checked / 'studies.csv'}; it has {known}."
        raise InputError([Problem("--tissue", what)])
    return [_read_study(checked, row) for row in here.to_dict("records")]


def read_symbols(checked: Path) -> dict[str, str]:
    """Gene id to symbol, the first row of a repeated id; empty where none were given."""
    table = _read_text(checked / "symbols.csv").drop_duplicates("gene_id")
    return dict(zip(table["gene_id"], table["symbol"], strict=True))


def read_collections(checked: Path) -> list[str]:
    """Names of the gene-set collections, in the order they were given."""
    try:
        summary = json.loads((checked / "check.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        what = f"cannot be read ({error}); --checked needs a folder of `spacebio-bench check`."
        raise InputError([Problem(str(checked / "check.json"), what)]) from error
    return [str(name) for name in summary.get("gene_sets", [])]


def read_scores(path: Path) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Scores of one mission by collection, samples x pathways, and the recipe and versions."""
    try:
        with h5py.File(path, "r") as store:
            samples = np.asarray(store["samples"][()]).astype(str).tolist()
            collections = [name for name in store if name != "samples"]
            scores = {
                name: pd.DataFrame(
                    np.asarray(store[f"{name}/scores"][()], dtype=np.float64),
                    index=pd.Index(samples, dtype=object),
                    columns=np.asarray(store[f"{name}/pathways"][()]).astype(str).astype(object),
                )
                for name in collections
            }
            versions = {
                name: value.decode() if isinstance(value, bytes) else str(value)
                for name, value in sorted(store.attrs.items())
            }
    except (OSError, KeyError, ValueError) as error:
        what = f"is not a file of the pathway stage: {error}"
        raise InputError([Problem(str(path), what)]) from error
    return scores, versions


def _read_study(checked: Path, given: Mapping[Hashable, Any]) -> Study:
    row = {str(column): str(value) for column, value in given.items()}
    features = {
        column.removeprefix("feature."): value
        for column, value in row.items()
        if column.startswith("feature.") and value
    }
    samples = _read_text(checked / row["samples"]).set_index("sample")
    return Study(
        id=row["id"],
        tissue=row["tissue"],
        mission=row["mission"],
        accession=row["accession"],
        role=row["role"] or "benchmark",
        has_counts=bool(row["counts"]),
        samples=samples,
        features={name: _read_features(checked / path) for name, path in features.items()},
        files=tuple(path for path in (row["counts"], row["samples"], *features.values()) if path),
    )


def _read_text(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False)
    except (OSError, ValueError) as error:
        what = f"cannot be read ({error}); --checked needs a folder of `spacebio-bench check`."
        raise InputError([Problem(str(path), what)]) from error


def _read_features(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError([Problem(str(path), f"cannot be read: {error}")]) from error
    frame.index = frame.index.astype(str)
    frame.columns = frame.columns.astype(str)
    return frame.astype(np.float64)
