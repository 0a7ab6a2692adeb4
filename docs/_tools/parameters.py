"""The parameters, by group, as `nextflow_schema.json` has them."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from tables import code, table


def text() -> str:
    """A section for each group, with a table of its parameters."""
    path = resources.files("spacebio_bench") / "nextflow_schema.json"
    groups = json.loads(path.read_text(encoding="utf-8"))["$defs"].values()
    return "\n".join(_group(group) for group in groups)


def _group(group: dict[str, Any]) -> str:
    rows = [_row(name, entry) for name, entry in group["properties"].items()]
    head = f"## {group['title']}\n\n{group['description']}\n"
    return f"{head}\n{table(('parameter', 'takes', 'default', 'what it does'), rows)}"


def _row(name: str, entry: dict[str, Any]) -> tuple[str, str, str, str]:
    default = json.dumps(entry["default"]).strip('"') if "default" in entry else ""
    about = f"{entry['description']} {entry.get('help_text', '')}"
    return code(f"--{name}"), _takes(entry), code(default), about.replace("<", "&lt;")


def _takes(entry: dict[str, Any]) -> str:
    if "enum" in entry:
        return ", ".join(code(value) for value in entry["enum"])
    low, high = entry.get("minimum"), entry.get("maximum")
    bounds = [f"from {low}"] * (low is not None) + [f"to {high}"] * (high is not None)
    return " ".join([entry["type"], *bounds])
