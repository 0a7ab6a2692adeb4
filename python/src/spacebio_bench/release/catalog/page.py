"""The page to search the catalog: one file, its data inside, nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jinja2

from spacebio_bench.protocol import CONDITIONS
from spacebio_bench.release.catalog.columns import EXCLUDED, SOURCES, TASKS, TRAPS, Table, Tables

_SHOWN: Mapping[str, tuple[str, ...]] = {
    "tasks": (
        *("task_id", "tissue", "family", "missions", "holdout_missions", "n_folds"),
        *("n_sources", "n_sources_seen", "status", "accessions"),
    ),
    "sources": (
        *("accession", "tissue", "mission", "role", "status", "n_samples"),
        *(f"n_{c}" for c in CONDITIONS),
        *("duration_days", "strain_published", "strain_recorded", "strain_by_ids"),
    ),
    "traps": ("trap_id", "kind", "fact", "consequence"),
    "excluded": ("accession", "tissue", "mission", "reason"),
}
"""Columns that the page shows; a row opens to all of them."""
_FILTERS: Mapping[str, tuple[str, ...]] = {
    "tasks": ("tissue", "family", "status"),
    "sources": ("tissue", "mission", "status"),
}
_COUNTED = {
    *("n_samples", "n_excluded", "n_genes", *(f"n_{c}" for c in CONDITIONS)),
    *("samples_sha256", "counts_sha256", "data_origin", "strain_by_ids"),
}
"""Columns of sources that are empty where data have not been seen."""
_ON_PAGE: tuple[Table, ...] = (TASKS, SOURCES, TRAPS, EXCLUDED)


def page_bytes(tables: Tables, facts: Mapping[str, Any]) -> bytes:
    """The page."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("spacebio_bench.release.catalog", "assets"),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    data = {
        table.name: {
            "title": table.title,
            "columns": [
                {"name": c.name, "meaning": c.meaning, "absent": _absent(table, c.name)}
                for c in table.columns
            ],
            "shown": _SHOWN[table.name],
            "filters": _FILTERS.get(table.name, ()),
            "rows": tables[table.name],
        }
        for table in _ON_PAGE
    }
    html = environment.get_template("catalog.html.j2").render(
        facts=facts,
        tables=_ON_PAGE,
        counts={table.name: len(tables[table.name]) for table in _ON_PAGE},
        data=_script_json(data),
    )
    return html.encode()


def _absent(table: Table, column: str) -> str:
    """How the page shows an empty value: not recorded, not looked at, or none."""
    if table is not SOURCES:
        return "none"
    return "not seen" if column in _COUNTED else "not recorded"


def _script_json(data: Any) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
