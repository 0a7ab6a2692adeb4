"""The columns of the catalog's tables and of its evidence, as the code declares them."""

from __future__ import annotations

from tables import code, table

from spacebio_bench.release.catalog.columns import EVIDENCE_TABLES, TABLES, Table

_TYPES = {str: "text", int: "whole number", float: "number"}


def text() -> str:
    """A section for each table."""
    own = (_section(one.name, one) for one in TABLES)
    evidence = (_section(f"Evidence: {one.name}", one) for one in EVIDENCE_TABLES)
    return "\n".join([*own, *evidence])


def _section(heading: str, one: Table) -> str:
    key = ", ".join(map(code, one.key))
    links = [f"{code(column)} points to {code(other)}." for column, (other, _) in one.links.items()]
    rows = [
        (code(c.name), _TYPES[c.kind] + ("" if c.required else ", may be empty"), c.meaning)
        for c in one.columns
    ]
    about = " ".join([f"{one.title}. Key: {key}.", *links])
    return f"### {heading}\n\n{about}\n\n{table(('column', 'type', 'meaning'), rows)}"
