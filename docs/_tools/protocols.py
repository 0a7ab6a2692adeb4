"""The protocols side by side, entry by entry, as their files have them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tables import code, table

from spacebio_bench.protocol import load_protocol, protocol_names


def text() -> str:
    """A section for each part of a protocol; what all have alike is told once."""
    files = {name: load_protocol(name).to_dict() for name in protocol_names()}
    entries = list(next(iter(files.values())))
    plain = [e for e in entries if not any(isinstance(f[e], Mapping) for f in files.values())]
    first = _section("Choices", {name: {e: f[e] for e in plain} for name, f in files.items()})
    parts = (
        _section(entry, {name: f[entry] or {} for name, f in files.items()})
        for entry in entries
        if entry not in plain
    )
    return "\n".join([first, *parts])


def _section(title: str, files: Mapping[str, Mapping[str, Any]]) -> str:
    entries = list(dict.fromkeys(e for choices in files.values() for e in choices))
    rows = [(code(e), *(_said(choices, e) for choices in files.values())) for e in entries]
    return f"## {title}\n\n{table(('entry', *map(code, files)), rows)}"


def _said(choices: Mapping[str, Any], entry: str) -> str:
    """The value of an entry; nothing where the file has none."""
    if entry not in choices:
        return ""
    value = choices[entry]
    if isinstance(value, Mapping):
        return "; ".join(f"{k} {code(_plain(v))}" for k, v in value.items()) or "as it is"
    if isinstance(value, list) and any(" " in str(v) for v in value):
        return "; ".join(map(str, value))
    return str(value) if isinstance(value, str) and " " in value else code(_plain(value))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return value if isinstance(value, str) else json.dumps(value).replace('"', "")
