"""CITATION.cff, .zenodo.json and codemeta.json say the same, and name every study."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import tomllib
from typing import Any

import pytest
import yaml

from spacebio_bench.errors import NotApplicableError
from spacebio_bench.release.folds.validators import validator

from ._read import ROOT

TERMS = {
    # terms of the CodeMeta 3.0 context, https://w3id.org/codemeta/3.0, as far as used
    *("name", "description", "version", "datePublished", "license", "author", "keywords"),
    *("programmingLanguage", "operatingSystem", "developmentStatus", "softwareRequirements"),
    *("softwareVersion", "citation", "identifier"),
}
TYPES = {
    *("SoftwareSourceCode", "SoftwareApplication", "Organization", "Person"),
    *("ScholarlyArticle", "Dataset"),  # of schema.org, within a citation
}


def _json(name: str) -> Any:
    return json.loads((ROOT / name).read_text(encoding="utf-8"))


def _yaml(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def _objects(data: Any) -> list[dict[str, Any]]:
    if isinstance(data, list):
        return [found for entry in data for found in _objects(entry)]
    if isinstance(data, dict):
        return [data, *(found for entry in data.values() for found in _objects(entry))]
    return []


def _accessions() -> set[str]:
    with (ROOT / "release/catalog/studies.csv").open(encoding="utf-8") as stream:
        sheet = {row["accession"] for row in csv.DictReader(stream)}
    facts = {entry["id"] for entry in _yaml("release/facts.yaml")["accessions"]}
    return {name for name in sheet | facts if name.startswith("OSD-")}


def test_citation_is_valid() -> None:
    try:
        program = validator("cffconvert")
    except NotApplicableError as error:
        pytest.skip(str(error))
    done = subprocess.run(
        [program, "--validate", "-i", "CITATION.cff"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_study_is_cited_once() -> None:
    references = _yaml("CITATION.cff")["references"]
    cited = [r for r in references if r["type"] == "data"]
    numbers = [found[0] for r in cited if (found := re.findall(r"OSD-\d+$", r["url"]))]
    assert sorted(numbers) == sorted(_accessions())
    metadata = [c["identifier"] for c in _json("codemeta.json")["citation"] if "identifier" in c]
    assert sorted(metadata) == sorted(numbers)


def test_dois_are_those_of_the_facts() -> None:
    known = _yaml("release/catalog/studies_facts.yaml")
    known = known.get("studies", known)
    dois = {known.get(name, {}).get("doi") for name in _accessions()} - {None, ""}
    cited = {r.get("doi") for r in _yaml("CITATION.cff")["references"] if r["type"] == "data"}
    assert cited - {None} == dois
    related = {r["identifier"] for r in _json(".zenodo.json")["related_identifiers"]}
    assert dois <= related


def test_the_published_benchmark_and_the_repository_are_cited() -> None:
    references = _yaml("CITATION.cff")["references"]
    kim = [r for r in references if r["authors"][0].get("family-names") == "Kim"]
    assert [(r["year"], r["type"]) for r in kim] == [(2026, "software")]
    assert "10.1093/nar/gkae1116" in {r.get("doi") for r in references}


def test_the_files_agree() -> None:
    facts = _yaml("release/facts.yaml")
    project = tomllib.loads((ROOT / "python/pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation, zenodo, codemeta = (
        _yaml("CITATION.cff"),
        _json(".zenodo.json"),
        _json("codemeta.json"),
    )
    versions = {citation["version"], zenodo["version"], codemeta["version"], facts["version"]}
    assert versions == {project["version"]}
    authors = [author["name"] for author in facts["authors"]]
    for named in (citation["authors"], zenodo["creators"], codemeta["author"]):
        assert [author["name"] for author in named] == authors
    assert citation["title"] == zenodo["title"] == codemeta["name"] == facts["title"]
    assert citation["date-released"] == codemeta["datePublished"] == str(facts["date"])
    assert citation["keywords"] == zenodo["keywords"] == codemeta["keywords"]
    assert codemeta["license"] == f"https://spdx.org/licenses/{project['license']}"
    python = next(x for x in codemeta["softwareRequirements"] if x["name"] == "Python")
    assert python["softwareVersion"] == project["requires-python"]


def test_codemeta_uses_terms_of_its_vocabulary() -> None:
    data = _json("codemeta.json")
    assert data["@context"] == "https://w3id.org/codemeta/3.0"
    assert data["@type"] == "SoftwareSourceCode"
    for found in _objects(data):
        assert set(found) - {"@context", "@type", "@id"} <= TERMS
        assert found["@type"] in TYPES
        assert found.get("@id", "https://").startswith("https://")
