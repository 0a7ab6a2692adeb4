"""What the numbers were made with: the protocol's choices, versions, seeds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

from spacebio_bench.protocol import Protocol
from spacebio_bench.report._cohorts import CohortView

PACKAGES = (
    "spacebio-bench",
    "numpy",
    "scipy",
    "scikit-learn",
    "xgboost-cpu",
    "pandas",
    "anndata",
    "zarr",
    "dask",
    "gseapy",
    "altair",
)
MEANING = {
    "labels": "which conditions are the two groups",
    "sample_order": "order of the samples in every fold",
    "genes": "which genes are features",
    "pathways": "how gene sets become scores",
    "combined": "how genes and pathways are joined",
    "matrix_dtype": "number format of the features",
    "scaling": "z-score on the training samples",
    "models": "models and their settings",
    "model_seed": "seed of the models (empty: from the identity of cell and labeling)",
    "folds": "what a held-out mission needs to be scored",
    "fold_sd_ddof": "denominator of the SD over missions",
    "inference": "what a p-value is, and its budget",
    "published": "the published bootstrap and permutation",
    "published_gene": "the same for gene features",
    "go": "the published Go verdict",
}


def protocol_choices(protocol: Protocol) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Every entry of the protocol: its name, what it decides, and its values by dotted name."""
    left_out = {"name", "description", "transductive"}
    return [
        (name, MEANING.get(name, ""), flat(value))
        for name, value in protocol.to_dict().items()
        if name not in left_out
    ]


def flat(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """Nested plain data as dotted names and texts."""
    if isinstance(value, Mapping):
        if not value:
            return [(prefix, "default")]
        found = []
        for key, inner in value.items():
            found.extend(flat(inner, f"{prefix}.{key}" if prefix else str(key)))
        return found
    if isinstance(value, list | tuple):
        return [(prefix, ", ".join(str(v) for v in value) or "none")]
    return [(prefix, "none" if value is None else str(value))]


def store_provenance(cohorts: Sequence[CohortView]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the stores say of themselves: what all share first, then what differs by tissue."""
    own = {
        c.tissue: {k: v for k, v in flat(c.provenance) if k and not _is_digest(k)} for c in cohorts
    }
    if not own:
        return []
    first = next(iter(own.values()))
    shared = {k: v for k, v in first.items() if all(o.get(k) == v for o in own.values())}
    found = [("all tissues" if len(own) > 1 else next(iter(own)), list(shared.items()))]
    for tissue, entries in own.items():
        rest = [(k, v) for k, v in entries.items() if k not in shared]
        if rest:
            found.append((tissue, rest))
    return [(name, entries) for name, entries in found if entries]


def run_versions(results: Path) -> list[tuple[str, str]]:
    """What ``pipeline_info/versions.*`` says, where the run left it."""
    for name in ("versions.json", "versions.yml", "versions.yaml"):
        path = results / "pipeline_info" / name
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            return flat(json.loads(text) if name.endswith("json") else yaml.safe_load(text))
    return []


def package_versions() -> list[tuple[str, str]]:
    """Versions of the packages in the environment that made the page."""
    found = []
    for name in PACKAGES:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return found


def _is_digest(name: str) -> bool:
    return any(part in name for part in ("digest", "sha256", "inputs.", "content."))
