"""The data sets that a release stands on, as citations name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacebio_bench.osdr.catalog import read_catalog
from spacebio_bench.release.catalog import names
from spacebio_bench.release.facts import Facts
from spacebio_bench.release.sources import read_valid

_PAGES = "https://osdr.nasa.gov/bio/repo/data/studies/"


def page_of(accession: str) -> str:
    """The page of a study in the NASA Open Science Data Repository."""
    return f"{_PAGES}{accession}"


@dataclass(frozen=True)
class DataSet:
    """A study of the NASA Open Science Data Repository.

    Attributes
    ----------
    accession
        As in `OSD-48`.
    title
        The repository's, where `release/catalog/studies_facts.yaml` knows it; else what is in it.
    doi
        Empty where that file knows none.
    url
        The study's page.
    """

    accession: str
    title: str
    doi: str
    url: str


def data_sets(root: Path, facts: Facts) -> tuple[DataSet, ...]:
    """Every OSDR accession of the catalog and of the facts, once, by its number.

    Raises
    ------
    InputError
        The catalog's sheet, or what is known of its studies, cannot be read.
    """
    content: dict[str, dict[str, None]] = {}
    used = [
        *((s.accession, s.tissue, s.mission) for s in read_catalog(root / names.STUDIES)),
        *((e["id"], e["tissue"], e["mission"]) for e in facts.data["accessions"]),
    ]
    for accession, tissue, mission in used:
        content.setdefault(accession, {})[f"{tissue}, {mission}"] = None
    told = read_valid(root, names.STUDY_FACTS, schema_name=names.STUDY_FACTS_SCHEMA)
    known = told["studies"]
    numbers = {int(n): name for name in content if (n := name.removeprefix("OSD-")).isdecimal()}
    return tuple(
        _data_set(name, "; ".join(content[name]), known.get(name, {}))
        for _, name in sorted(numbers.items())
    )


def _data_set(name: str, content: str, known: Mapping[str, Any]) -> DataSet:
    title = known.get("title") or f"{name}: RNA-seq of mouse {content}"
    return DataSet(name, title, known.get("doi", ""), page_of(name))
