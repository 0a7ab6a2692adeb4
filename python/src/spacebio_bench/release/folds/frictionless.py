"""`datapackage.json`: every file with its digest; labels and samples with a schema."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from spacebio_bench.release.folds.about import About
from spacebio_bench.release.folds.files import ENCODINGS, Table, say
from spacebio_bench.release.folds.listing import ExpectedFile


def datapackage(
    files: Sequence[ExpectedFile], tables: Sequence[Table], about: About
) -> dict[str, Any]:
    """The document; a table of features is a file: its schema would be as long as itself."""
    known = {table.path: table for table in tables}
    return {
        "name": re.sub(r"[^a-z0-9._-]+", "-", about.name.lower()).strip("-"),
        "title": about.name,
        "description": about.description,
        "homepage": about.url,
        "version": about.version,
        "created": f"{about.date}T00:00:00Z",
        "licenses": [{"name": about.license, "path": about.license_url}],
        "contributors": [{"title": about.creator, "role": "publisher"}],
        "resources": [_resource(file, known.get(file.path)) for file in files],
    }


def _resource(file: ExpectedFile, table: Table | None) -> dict[str, Any]:
    path = PurePosixPath(file.path)
    entry = {
        "name": re.sub(r"[^a-z0-9._-]+", "-", file.path.lower()),
        "description": say(path),
        "path": file.path,
        "scheme": "file",
        "format": path.suffix.removeprefix("."),
        "mediatype": ENCODINGS[path.suffix],
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
    }
    if table is None or not table.fields:
        return {**entry, "type": "file"}
    schema = {
        "fields": [_field(column, kind, path) for column, kind in table.fields],
        "primaryKey": ["sample"],
    }
    return {**entry, "type": "table", "encoding": "utf-8", "schema": schema}


def _field(column: str, kind: str, path: PurePosixPath) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": column, "type": kind}
    if column == "sample":
        entry["constraints"] = {"required": True, "unique": True}
    elif column == "label" and path.stem.endswith("_y"):
        entry["constraints"] = {"required": True, "enum": [0, 1]}
    return entry
