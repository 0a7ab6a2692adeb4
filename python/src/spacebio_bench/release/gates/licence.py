"""Licence and citation: the same words wherever they stand."""

from __future__ import annotations

import hashlib
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from spacebio_bench.errors import InputError, NotApplicableError, Problem
from spacebio_bench.release.facts import FACTS, read_facts
from spacebio_bench.release.folds.validators import validator
from spacebio_bench.release.gates._gate import Context, Finding, green, red, reds, yellow
from spacebio_bench.release.sources import read_json, read_text, read_yaml

LICENCE = "LICENSE"
CITATION = "CITATION.cff"
ZENODO = ".zenodo.json"
CODEMETA = "codemeta.json"
PROJECT = "python/pyproject.toml"
_TEXTS = {"MIT": "7c9b48b52decb9837c70f608678129e1"}
"""sha256 (its start) of a licence without its copyright line, one space between words."""
_NEEDED = ("title", "upload_type", "description", "creators", "license", "version")


def licence_gate(context: Context) -> Iterator[Finding]:
    """Judge the licence's text, and what each file says of licence, version and title."""
    root = context.root
    facts = read_facts(root).data
    wanted = {
        "licence": str(facts["licence"]["code"]),
        "version": str(facts["version"]),
        "title": str(facts["title"]),
    }
    found = [*_text(root, wanted["licence"]), *_said(root, wanted), *_zenodo(root)]
    yield from found
    yield from _citation(root)
    if not found:
        told = f"{wanted['title']} {wanted['version']}, {wanted['licence']}"
        yield green("", f"LICENSE, citation and project files agree: {told}")


def _text(root: Path, code: str) -> Iterator[Finding]:
    lines = read_text(root, LICENCE).splitlines()
    if not any(re.fullmatch(r"Copyright \(c\) \d{4}(-\d{4})? \S.*", line) for line in lines):
        yield red(LICENCE, "has no line 'Copyright (c) YEAR HOLDER'.")
    words = " ".join(" ".join(x for x in lines if not x.startswith("Copyright (c)")).split())
    digest = hashlib.sha256(words.encode()).hexdigest()
    if code not in _TEXTS:
        yield red(FACTS, f"the gate knows no text of the licence {code}, only {', '.join(_TEXTS)}.")
    elif not digest.startswith(_TEXTS[code]):
        yield red(LICENCE, f"is not the text of the licence {code}.")


def _said(root: Path, wanted: Mapping[str, str]) -> Iterator[Finding]:
    """What each file says, against what it should."""
    for name, read in _READERS.items():
        if name == CODEMETA and not (root / name).is_file():
            continue
        try:
            said = read(root)
        except InputError as error:
            yield from reds(error.problems)
            continue
        for key, value in said.items():
            text = None if value is None else str(value)
            same = text == wanted[key]
            if key == "licence" and text is not None:
                same = text.lower() == wanted[key].lower()
            if not same:
                told = f"has no {key}" if text is None else f"says {text!r} as {key}"
                yield red(name, f"{told}; {FACTS} says {wanted[key]!r}.")


def _project(root: Path) -> dict[str, Any]:
    try:
        project = tomllib.loads(read_text(root, PROJECT)).get("project", {})
    except tomllib.TOMLDecodeError as error:
        raise InputError([Problem(PROJECT, f"is no TOML: {error}.")]) from error
    return {"licence": project.get("license"), "version": project.get("version")}


def _cff(root: Path) -> dict[str, Any]:
    data = _mapping(CITATION, read_yaml(root, CITATION))
    keys = {"licence": "license", "version": "version", "title": "title"}
    return {key: data.get(name) for key, name in keys.items()}


def _zenodo_says(root: Path) -> dict[str, Any]:
    data = _mapping(ZENODO, read_json(root, ZENODO))
    licence = data.get("license")
    return {
        "licence": licence.get("id") if isinstance(licence, dict) else licence,
        "version": data.get("version"),
        "title": data.get("title"),
    }


def _codemeta(root: Path) -> dict[str, Any]:
    data = _mapping(CODEMETA, read_json(root, CODEMETA))
    return {
        "licence": str(data.get("license")).rstrip("/").rsplit("/", 1)[-1],
        "version": data.get("version"),
        "title": data.get("name"),
    }


_READERS: dict[str, Callable[[Path], dict[str, Any]]] = {
    PROJECT: _project,
    CITATION: _cff,
    ZENODO: _zenodo_says,
    CODEMETA: _codemeta,
}


def _zenodo(root: Path) -> Iterator[Finding]:
    try:
        data = _mapping(ZENODO, read_json(root, ZENODO))
    except InputError:
        return  # told by what reads it first
    for key in _NEEDED:
        if not data.get(key):
            yield red(ZENODO, f"has no {key}.")
    creators = data.get("creators")
    for i, creator in enumerate(creators if isinstance(creators, list) else []):
        if not isinstance(creator, dict) or not creator.get("name"):
            yield red(f"{ZENODO}, creators[{i}]", "has no name.")


def _citation(root: Path) -> Iterator[Finding]:
    try:
        program = validator("cffconvert")
    except NotApplicableError as error:
        yield yellow(CITATION, f"not validated: {error}")
        return
    done = subprocess.run(  # noqa: S603 - a program of the validators' environment
        [str(program), "--validate", "-i", CITATION],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        yield red(CITATION, f"cffconvert: {' '.join(lines[-1:])[:300]}")
    else:
        yield green(CITATION, "valid, says cffconvert")


def _mapping(name: str, data: Any) -> Mapping[str, Any]:
    if not isinstance(data, dict):
        raise InputError([Problem(name, "is no mapping.")])
    return data
