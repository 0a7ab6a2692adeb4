"""A manifest a task: its folds by mission and source, and digests of the data that were seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from spacebio_bench.protocol import LabelRule, Protocol
from spacebio_bench.release.catalog.columns import Row
from spacebio_bench.release.catalog.tasks import CatalogTask, source_id
from spacebio_bench.tasks import Fold


def manifest_bytes(
    task: CatalogTask, row: Row, sources: Mapping[str, Row], protocol: Protocol
) -> bytes:
    """The manifest as JSON; what was not seen is null."""
    text = json.dumps(_manifest(task, row, sources, protocol), indent=1, ensure_ascii=False)
    return f"{text}\n".encode()


def _manifest(
    task: CatalogTask, row: Row, sources: Mapping[str, Row], protocol: Protocol
) -> dict[str, Any]:
    own = [source_id(study) for study in task.sources]
    return {
        "task_id": task.id,
        "key": row["key"],
        "tissue": row["tissue"],
        "family": row["family"],
        "label": row["label"],
        "metric": row["metric"],
        "status": row["status"],
        "protocol": {"name": protocol.name, "sha256": protocol.digest},
        "folds": [_fold(task, fold, sources, protocol.labels) for fold in task.task.folds],
        "within_mission": row["family"] == "kfold",
        "data": [_data(name, sources[name]) for name in own],
    }


def _data(name: str, row: Row) -> dict[str, Any]:
    """What was seen of a source; null where nothing was."""
    return {
        "source_id": name,
        "status": row["status"],
        "n_samples": row.get("n_samples"),
        "samples": {"sha256": row.get("samples_sha256") or None},
        "counts": {"sha256": row.get("counts_sha256") or None},
        "origin": row.get("data_origin") or None,
    }


def _fold(
    task: CatalogTask, fold: Fold, sources: Mapping[str, Row], labels: LabelRule
) -> dict[str, Any]:
    """Both parts of a fold; inside one mission both are of the same samples, so without numbers."""
    entry: dict[str, Any] = {"fold": fold.name}
    within = set(fold.train_missions) & set(fold.test_missions)
    for part, missions in (("train", fold.train_missions), ("test", fold.test_missions)):
        own = [source_id(study) for study in task.of_missions(missions)]
        entry[part] = {"missions": list(missions), "sources": own}
        if not within:
            entry[part] |= _numbers(own, sources, labels)
    return entry


def _numbers(own: list[str], sources: Mapping[str, Row], labels: LabelRule) -> dict[str, Any]:
    """Labelled samples of sources; null unless all of them were seen."""
    numbers: dict[str, Any] = {}
    for name, conditions in (("n_positive", labels.positive), ("n_negative", labels.negative)):
        counted = [sources[source].get(f"n_{c}") for source in own for c in conditions]
        known = [n for n in counted if isinstance(n, int)]
        numbers[name] = sum(known) if len(known) == len(counted) else None
    return numbers
