"""Rows of the source inventory: facts, counts and digests of each study, and whence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from spacebio_bench.osdr.catalog import Wanted
from spacebio_bench.protocol import CONDITIONS
from spacebio_bench.release.catalog.columns import SEEN, STRAINS, Row
from spacebio_bench.release.catalog.inputs import Inputs
from spacebio_bench.release.catalog.tasks import (
    COUNTS_SEEN,
    NOT_FETCHED,
    SAMPLES_SEEN,
    source_id,
)
from spacebio_bench.release.datasets import page_of

_FACTS = (
    *("title", "library", "duration_days"),
    *("doi", "publication", "publication_doi", "note"),
)


def source_rows(inputs: Inputs) -> list[Row]:
    """One row a study of the catalog; what no source says, and what was not seen, is empty."""
    return [_row(study, inputs) for study in inputs.studies]


def _row(study: Wanted, inputs: Inputs) -> Row:
    facts = inputs.facts[study.accession]
    seen = next(_own(study, inputs.evidence[SEEN.name]), None)
    strains = list(_own(study, inputs.evidence[STRAINS.name]))
    listed = inputs.files.get(study.accession)
    published = listed.samples if listed is not None else None
    licence = inputs.release["licence"]
    row: Row = {
        "source_id": source_id(study),
        "accession": study.accession,
        "tissue": study.tissue,
        "mission": study.mission,
        "role": study.role,
        "status": _status(seen),
        **{name: facts.get(name) for name in _FACTS},
        **{n: facts.get(n) or (seen[n] if seen else None) for n in ("hardware", "platform")},
        "strain_published": facts.get("strain"),
        "strain_recorded": _joined(strains, "recorded"),
        "strain_by_ids": _joined(strains, "by_ids"),
        "n_published": published,
        "n_published_source": listed.source if listed is not None and published else None,
        "licence": licence["data"],
        "licence_text": licence["data_text"],
        "citation": _citation(study, facts),
        "url": page_of(study.accession),
        "fact_sources": _fact_sources(facts, inputs),
        "counts_file": listed.file_name if listed is not None else None,
    }
    if seen is not None:
        row |= {name: seen[name] for name in ("n_samples", "n_excluded", "n_genes")}
        row |= {f"n_{c}": seen[f"n_{c}"] for c in CONDITIONS}
        row |= {name: seen[name] for name in ("samples_sha256", "counts_sha256")}
        row["data_origin"] = seen["origin"]
    return row


def _own(study: Wanted, rows: Iterable[Row]) -> Iterator[Row]:
    key = (study.accession, study.tissue, study.mission)
    return (row for row in rows if (row["accession"], row["tissue"], row["mission"]) == key)


def _status(seen: Row | None) -> str:
    if seen is None:
        return NOT_FETCHED
    return COUNTS_SEEN if seen["counts_sha256"] else SAMPLES_SEEN


def _joined(rows: Iterable[Row], column: str) -> str:
    return ";".join(sorted({str(row[column]) for row in rows if row[column]}))


def _citation(study: Wanted, facts: Any) -> str:
    title = facts.get("title") or f"RNA-seq of mouse {study.tissue}"
    doi = f" doi:{facts['doi']}." if facts.get("doi") else ""
    where = page_of(study.accession)
    return f"{study.accession}: {title}. NASA Open Science Data Repository.{doi} {where}"


def _fact_sources(facts: Any, inputs: Inputs) -> str:
    """`title: <where>; duration_days, strain: <where>`."""
    by_source: dict[str, list[str]] = {}
    for name, source in facts.get("source", {}).items():
        by_source.setdefault(inputs.fact_sources[source], []).append(name)
    return "; ".join(f"{', '.join(given)}: {where}" for where, given in by_source.items())
