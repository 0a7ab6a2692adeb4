"""`datapackage.json` of the catalog: tables with schema and foreign keys, and other files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from spacebio_bench.release.catalog.columns import TABLES, Column, Table
from spacebio_bench.release.folds.about import SOURCES_PAGE

_TYPES = {str: "string", int: "integer", float: "number"}
_MEDIA = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".html": "text/html",
    ".parquet": "application/vnd.apache.parquet",
}


def package_bytes(files: Mapping[str, bytes], facts: Mapping[str, Any]) -> bytes:
    """The document about these files of the catalog's folder.

    Parquet files are listed without digest: the library's version is in their bytes, not in what
    they hold.
    """
    tables = {f"{table.name}.csv": table for table in TABLES}
    document = {
        "name": "spacebio-bench-catalog",
        "title": f"{facts['title']} metadata catalog (v9 public bulk)",
        "description": "Tasks, sources, published baselines and known traps of the "
        "leave-one-mission-out tasks on public bulk RNA-seq. Metadata only, no matrix.",
        "version": facts["version"],
        "created": f"{facts['date']}T00:00:00Z",
        "licenses": [
            {
                "name": facts["licence"]["data"],
                "path": SOURCES_PAGE,
                "title": facts["licence"]["data_text"],
            }
        ],
        "sources": [_source(citation) for citation in facts["citations"]],
        "contributors": [
            {"title": author["name"], "role": "author"} for author in facts["authors"]
        ],
        "resources": [_resource(name, data, tables.get(name)) for name, data in files.items()],
    }
    return f"{json.dumps(document, indent=1, ensure_ascii=False)}\n".encode()


def _source(citation: Mapping[str, Any]) -> dict[str, str]:
    doi = citation.get("doi")
    path = f"https://doi.org/{doi}" if doi else citation.get("url")
    return {"title": citation["title"]} | ({"path": path} if path else {})


def _resource(name: str, data: bytes, table: Table | None) -> dict[str, Any]:
    path = PurePosixPath(name)
    entry: dict[str, Any] = {
        "name": name.lower().replace("/", "-").replace(".", "-"),
        "path": name,
        "scheme": "file",
        "format": path.suffix.removeprefix("."),
        "mediatype": _MEDIA[path.suffix],
    }
    if path.suffix != ".parquet":
        entry |= {"bytes": len(data), "hash": f"sha256:{hashlib.sha256(data).hexdigest()}"}
    if table is None:
        return {**entry, "type": "file"}
    return {
        **entry,
        "name": table.name,
        "title": table.title,
        "type": "table",
        "encoding": "utf-8",
        "schema": {
            "fields": [_field(column, table) for column in table.columns],
            "missingValues": [""],
            "primaryKey": list(table.key),
            "foreignKeys": [
                {"fields": [column], "reference": {"resource": other, "fields": [field]}}
                for column, (other, field) in table.links.items()
            ],
        },
    }


def _field(column: Column, table: Table) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": column.name,
        "type": _TYPES[column.kind],
        "description": column.meaning,
    }
    limits = {"required": True} if column.required else {}
    if table.key == (column.name,):
        limits["unique"] = True
    return entry | ({"constraints": limits} if limits else {})
