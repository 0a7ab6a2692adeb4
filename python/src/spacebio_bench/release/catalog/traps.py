"""Known traps as facts with a source; what the evidence tables show of them is looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.catalog import columns, names
from spacebio_bench.release.catalog.columns import Row
from spacebio_bench.release.catalog.inputs import Inputs, chosen_by
from spacebio_bench.release.catalog.table_files import csv_bytes
from spacebio_bench.release.catalog.tasks import source_id
from spacebio_bench.release.queries import Query, answer_of, rows_of_text
from spacebio_bench.release.queries import Row as Read

_ACCESSIONS = ("accession", "accession_a", "accession_b")
_ROW = re.compile(r", row (\d+) ")


def trap_rows(inputs: Inputs) -> tuple[list[Row], list[Row]]:
    """The traps, and which sources each is about.

    Raises
    ------
    InputError
        The evidence has no answer to what a trap says it shows of studies that have been seen.
    """
    evidence = {
        f"{names.EVIDENCE}/{table.name}.csv": rows_of_text(
            f"{names.EVIDENCE}/{table.name}.csv",
            csv_bytes(table, inputs.evidence[table.name]).decode(),
        )
        for table in columns.EVIDENCE_TABLES
    }
    traps: list[Row] = []
    links: list[Row] = []
    problems: list[Problem] = []
    for i, trap in enumerate(inputs.traps):
        try:
            shown = [
                _shown(query, evidence)
                for query in trap.get("shown_by", ())
                if _looked_at(query, inputs.evidence[columns.SEEN.name])
            ]
        except InputError as error:
            where = f"{names.TRAPS}, traps[{i}].shown_by"
            problems += [Problem(where, str(problem)) for problem in error.problems]
            continue
        given = {name: trap[name] for name in ("kind", "fact", "consequence", "source")}
        traps.append({"trap_id": trap["id"], **given, "shown_by": " ".join(shown)})
        links += [
            {"trap_id": trap["id"], "source_id": source_id(study)}
            for study in inputs.studies
            if any(chosen_by(choice, study) for choice in trap["studies"])
        ]
    if problems:
        raise InputError(problems)
    return traps, links


def _looked_at(asked: Mapping[str, Any], seen: Sequence[Row]) -> bool:
    """Have the studies that a question names been seen, with their counts where it needs them?"""
    where = asked.get("where", {})
    counted = asked["file"] == f"{names.EVIDENCE}/{columns.CLOCK.name}.csv"
    known = [row for row in seen if row["counts_sha256"] or not counted]
    named = [where[name] for name in _ACCESSIONS if name in where]
    if named:
        return set(named) <= {row["accession"] for row in known}
    return any(row["mission"] == where.get("mission", row["mission"]) for row in known)


def _shown(asked: Mapping[str, Any], evidence: Mapping[str, tuple[Read, ...]]) -> str:
    """The text with the value in it, and the file and rows that it is from."""
    query = Query(
        file=asked["file"],
        column=asked.get("column", ""),
        where=asked.get("where", {}),
        reduce=asked.get("reduce", "only"),
    )
    rows = evidence[query.file]
    found = answer_of(rows, query)
    value = found.value
    told = value if isinstance(value, str) else format(value, asked.get("format", "g"))
    numbers = [int(n) for origin in found.origins for n in _ROW.findall(origin)]
    where = f"{query.file}, row{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
    return f"{asked['text'].replace('{value}', told)} ({where})."
