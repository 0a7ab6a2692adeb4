"""The dataset card as the hub's own library reads it: its front matter and the files it names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from spacebio_bench.errors import Problem
from spacebio_bench.release.catalog.columns import TABLES
from spacebio_bench.release.catalog.names import CARD, DERIVED
from spacebio_bench.release.sources import read_text


def card_problems(root: Path) -> list[Problem]:
    """What is wrong with the card: it cannot be parsed, or a configuration names no such table.

    Raises
    ------
    InputError
        The card cannot be read.
    """
    from huggingface_hub import DatasetCard  # noqa: PLC0415 - half a second, only when asked

    text = read_text(root, CARD)
    try:
        data: Any = DatasetCard(text).data
        found = data.to_dict()
    except Exception as error:  # noqa: BLE001 - whatever the library finds wrong with it
        return [Problem(CARD, f"is no dataset card: {' '.join(str(error).split())[:300]}")]
    if not found.get("license"):
        return [Problem(CARD, "has no license in its front matter.")]
    configs = found.get("configs")
    entries = [e for e in configs if isinstance(e, dict)] if isinstance(configs, list) else []
    named = [entry.get("config_name") for entry in entries]
    problems = [
        Problem(f"{CARD}, configs", f"has no configuration of the table {table.name}.")
        for table in TABLES
        if table.name not in named
    ]
    for entry in entries:
        problems += _file_problems(root, entry)
    return problems


def _file_problems(root: Path, entry: dict[str, Any]) -> list[Problem]:
    where = f"{CARD}, configuration {entry.get('config_name')}"
    name = str(entry.get("data_files"))
    path = root / DERIVED / name
    if not path.is_file():
        return [Problem(where, f"{name} is not in {DERIVED}.")]
    try:
        pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        return [Problem(where, f"{name} is no Parquet file: {error}.")]
    return []
