"""The facts of a release: version, dates, licence, people, accessions, the words for each lane."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.sources import read_valid

FACTS = "release/facts.yaml"
SCHEMA = "release/facts.schema.json"


@dataclass(frozen=True)
class Facts:
    """What `release/facts.yaml` says, as its schema has it."""

    data: dict[str, Any]

    def at(self, path: str) -> Any:
        """The fact at `a.b.c`; a list is entered by the `id` of its entries.

        Raises
        ------
        InputError
            There is no such fact.
        """
        found: Any = self.data
        for part in path.split("."):
            if isinstance(found, list):
                found = {entry["id"]: entry for entry in found}
            if not isinstance(found, dict) or part not in found:
                raise InputError([Problem(FACTS, f"has no {path}.")])
            found = found[part]
        return found


def read_facts(root: Path) -> Facts:
    """The facts; errors as of :func:`~spacebio_bench.release.sources.read_valid`."""
    return Facts(read_valid(root, FACTS, schema_name=SCHEMA))
