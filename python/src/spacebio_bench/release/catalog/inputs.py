"""What the catalog is made from: sheets, facts, traps and evidence, read strictly and together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

from spacebio_bench.cohort._findings import did_you_mean
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.osdr.catalog import (
    Excluded,
    Listed,
    Wanted,
    read_catalog,
    read_excluded,
    read_listed,
)
from spacebio_bench.protocol import Protocol, load_protocol
from spacebio_bench.release.catalog import columns, names
from spacebio_bench.release.catalog.columns import Tables
from spacebio_bench.release.catalog.table_files import read_rows
from spacebio_bench.release.facts import read_facts
from spacebio_bench.release.sources import read_text, read_valid

T = TypeVar("T")


@dataclass(frozen=True)
class Inputs:
    """Everything that the tables are made from.

    Attributes
    ----------
    facts
        Facts of each accession; `source` names where each is written.
    fact_sources
        The words behind these names.
    evidence
        Tables of :data:`~spacebio_bench.release.catalog.columns.EVIDENCE_TABLES`.
    release
        The facts of the release.
    """

    root: Path
    studies: tuple[Wanted, ...]
    excluded: tuple[Excluded, ...]
    files: Mapping[str, Listed]
    facts: Mapping[str, Mapping[str, Any]]
    fact_sources: Mapping[str, str]
    traps: tuple[Mapping[str, Any], ...]
    evidence: Tables
    release: Mapping[str, Any]
    protocol: Protocol


def read_inputs(root: Path, *, evidence: Tables | None = None) -> Inputs:
    """Read and cross-check all of it.

    Parameters
    ----------
    evidence
        Tables to use in place of those of the checkout.

    Raises
    ------
    InputError
        Everything wrong in all files.
    """
    problems: list[Problem] = []

    def attempt(read: Callable[[], T], fallback: Any) -> T:
        try:
            return read()
        except InputError as error:
            problems.extend(error.problems)
            return cast("T", fallback)

    studies: tuple[Wanted, ...] = attempt(lambda: _sheet(root, names.STUDIES, read_catalog), ())
    told: Any = attempt(
        lambda: read_valid(root, names.STUDY_FACTS, schema_name=names.STUDY_FACTS_SCHEMA), None
    )
    given: Any = attempt(
        lambda: read_valid(root, names.TRAPS, schema_name=names.TRAPS_SCHEMA), {"traps": ()}
    )
    found = Inputs(
        root=root,
        studies=studies,
        excluded=attempt(lambda: _sheet(root, names.EXCLUDED, read_excluded), ()),
        files=attempt(lambda: _sheet(root, names.FILES, read_listed), {}),
        facts=told["studies"] if told else {},
        fact_sources=told["sources"] if told else {},
        traps=tuple(given["traps"]),
        evidence=evidence if evidence is not None else attempt(lambda: _evidence(root), {}),
        release=attempt(lambda: read_facts(root).data, {}),
        protocol=load_protocol(names.PROTOCOL),
    )
    if studies and told:
        problems += _fact_problems(found)
    if studies:
        problems += [*_trap_problems(found), *_unknown(found)]
    if problems:
        raise InputError(list(dict.fromkeys(problems)))
    return found


def _sheet(root: Path, name: str, read: Callable[[Path], T]) -> T:
    """A table of the catalog, which has to be there; problems name it as it is in the checkout."""
    read_text(root, name)
    path = root / name
    try:
        return read(path)
    except InputError as error:
        told = [Problem(p.where.replace(str(path), name), p.what) for p in error.problems]
        raise InputError(told) from error


def _evidence(root: Path) -> Tables:
    tables: Tables = {}
    problems: list[Problem] = []
    for table in columns.EVIDENCE_TABLES:
        name = f"{names.EVIDENCE}/{table.name}.csv"
        try:
            tables[table.name] = read_rows(table, read_text(root, name), name)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return tables


def _fact_problems(found: Inputs) -> Iterator[Problem]:
    wanted = {study.accession for study in found.studies}
    for accession, facts in found.facts.items():
        where = f"{names.STUDY_FACTS}, studies.{accession}"
        if accession not in wanted:
            hint = did_you_mean(accession, sorted(wanted))
            yield Problem(where, f"is not in {names.STUDIES}.{hint}")
        sources = facts.get("source", {})
        for name in facts:
            if name != "source" and name not in sources:
                yield Problem(f"{where}.{name}", "has no source.")
        for name, source in sources.items():
            if name not in facts:
                yield Problem(f"{where}.source.{name}", f"there is no fact {name}.")
            if source not in found.fact_sources:
                hint = did_you_mean(source, sorted(found.fact_sources))
                yield Problem(f"{where}.source.{name}", f"{source} is not in sources.{hint}")
    for accession in sorted(wanted - set(found.facts)):
        what = f"{accession} has no entry; where nothing is known of it, write {{}}."
        yield Problem(f"{names.STUDY_FACTS}, studies", what)


def _trap_problems(found: Inputs) -> Iterator[Problem]:
    seen: set[str] = set()
    for i, trap in enumerate(found.traps):
        where = f"{names.TRAPS}, traps[{i}]"
        if trap["id"] in seen:
            yield Problem(where, f"the id {trap['id']} is there twice.")
        seen.add(trap["id"])
        for j, choice in enumerate(trap["studies"]):
            if not any(chosen_by(choice, study) for study in found.studies):
                told = ", ".join(f"{k} {v}" for k, v in choice.items())
                yield Problem(f"{where}.studies[{j}]", f"no study of the catalog has {told}.")


def chosen_by(choice: Mapping[str, str], study: Wanted) -> bool:
    """Does a study have the accession, tissue and mission that a trap names?"""
    return all(getattr(study, name) == value for name, value in choice.items())


def _unknown(found: Inputs) -> Iterator[Problem]:
    accessions = {study.accession for study in found.studies}
    for accession in found.files:
        if accession not in accessions:
            yield Problem(names.FILES, f"{accession} is not in {names.STUDIES}.")
    for one in found.excluded:
        if one.accession in accessions:
            what = f"{one.accession} is in {names.STUDIES} too."
            yield Problem(names.EXCLUDED, what)
    known = {(s.accession, s.tissue, s.mission) for s in found.studies}
    for table in (columns.SEEN, columns.STRAINS, columns.CLOCK):
        for row in found.evidence.get(table.name, ()):
            key = (row["accession"], row["tissue"], row["mission"])
            if key not in known:
                where = f"{names.EVIDENCE}/{table.name}.csv"
                yield Problem(where, f"{', '.join(map(str, key))} is not in {names.STUDIES}.")
