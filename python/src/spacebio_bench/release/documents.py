"""Generated documents: made from templates, facts, claims and result files, and checked against."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.files import write_text
from spacebio_bench.release import claims as claim_files
from spacebio_bench.release.datasets import data_sets
from spacebio_bench.release.facts import Facts, read_facts
from spacebio_bench.release.marks import Traced, read_marks, traced, without_traced
from spacebio_bench.release.queries import Query, Row, ask, number, read_rows
from spacebio_bench.release.sources import read_text

TEMPLATES = "release/templates"
COMMAND = "spacebio-bench release cards"
DOCUMENTS = {
    "README.md": "README.md.j2",
    "CITATION.cff": "CITATION.cff.j2",
    ".zenodo.json": "zenodo.json.j2",
    "codemeta.json": "codemeta.json.j2",
    "docs/CANONICAL_RESULTS_V7_1.md": "CANONICAL_RESULTS_V7_1.md.j2",
    "docs/SPACEBIOBENCH_TRANSPARENCY_CARD_PACK.md": "TRANSPARENCY_CARD_PACK.md.j2",
    "docs/SPACEBIOBENCH_SYSTEM_CARD.md": "SYSTEM_CARD.md.j2",
    "docs/SPACEBIOBENCH_EVALUATION_CARD.md": "EVALUATION_CARD.md.j2",
    "docs/SPACEBIOBENCH_RELEASE_READINESS_CARD.md": "RELEASE_READINESS_CARD.md.j2",
    "docs/SPACEBIOBENCH_CLAIM_REGISTER.md": "CLAIM_REGISTER.md.j2",
    "docs/hf_dataset_card.md": "hf_dataset_card.md.j2",
    "docs/v9_hf_dataset_card.md": "v9_hf_dataset_card.md.j2",
    "docs/submission_format.md": "submission_format.md.j2",
    "docs/r_dependencies.md": "r_dependencies.md.j2",
}
"""What is generated, from which template."""

_DECIMAL = re.compile(r"(?<![\w./-])\d+\.\d+(?![\w./-]*\w)")
_NOT_PROSE = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)]*\)|https?://\S+|<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Document:
    """A generated document: where it goes, its text, where its lines come from."""

    path: str
    text: Traced
    untraced: tuple[tuple[int, str], ...]
    """Lines with decimal numbers that nothing but the template knows, and the numbers."""


def render(root: Path) -> tuple[Document, ...]:
    """Every document as facts, claims and result files have it now.

    Raises
    ------
    InputError
        Everything that cannot be read or answered, of all documents.
    """
    facts = read_facts(root)
    claims = claim_files.read_claims(root)
    environment = _environment(root, facts, claims)
    documents, problems = [], []
    for path, template in DOCUMENTS.items():
        try:
            marked = environment.get_template(template).render(path=path)
        except InputError as error:
            problems += [Problem(f"{path}: {p.where}", p.what) for p in error.problems]
        except jinja2.TemplateError as error:
            line = f", line {error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
            problems.append(Problem(f"{TEMPLATES}/{template}{line}", f"{error.message}."))
        else:
            documents.append(Document(path, read_marks(marked), tuple(_untraced(path, marked))))
    if problems:
        raise InputError(sorted(set(problems)))
    return tuple(documents)


def write(root: Path) -> list[str]:
    """Write the documents that differ from what they should be; their names."""
    changed = []
    for document in render(root):
        target = root / document.path
        old = target.read_text(encoding="utf-8") if target.exists() else None
        if old != document.text.text:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_text(target, document.text.text)
            changed.append(document.path)
    return changed


def document_problems(root: Path, documents: Iterable[Document]) -> list[Problem]:
    """Each line of a document that is not what it should be, with the claim and cells behind it."""
    problems = []
    for document in documents:
        try:
            there = read_text(root, document.path).split("\n")
        except InputError as error:
            problems += [
                Problem(p.where, f"{p.what} `{COMMAND}` writes it.") for p in error.problems
            ]
            continue
        problems += _differences(document, there)
        for line, numbers in document.untraced:
            what = f"{numbers} comes from no fact, claim or cell; the template has it typed."
            problems.append(Problem(f"{document.path}, line {line}", what))
    return problems


def quotations(documents: Iterable[Document]) -> dict[str, list[str]]:
    """Where each claim is quoted, by its id."""
    found: dict[str, list[str]] = {}
    for document in documents:
        for line, origins in enumerate(document.text.origins, start=1):
            for origin in origins:
                if origin.startswith("claim "):
                    name = origin.split(" ", 2)[1]
                    found.setdefault(name, []).append(f"{document.path}, line {line}")
    return found


def _differences(document: Document, there: list[str]) -> Iterator[Problem]:
    wanted = document.text.text.split("\n")
    matcher = difflib.SequenceMatcher(a=there, b=wanted, autojunk=False)
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        if kind == "equal":
            continue
        origins = dict.fromkeys(o for n in range(b0, b1) for o in document.text.origins[n])
        behind = f" Behind it: {'; '.join(origins)}." if origins else ""
        what = (
            f"says {_quoted(there[a0:a1])} and should say {_quoted(wanted[b0:b1])}.{behind} "
            f"`{COMMAND}` writes what facts, claims and result files say."
        )
        yield Problem(f"{document.path}, line {a0 + 1}", what)


def _quoted(lines: list[str]) -> str:
    text = " / ".join(line.strip() for line in lines)
    return "nothing" if not text else f'"{text[:240]}{"..." if len(text) > 240 else ""}"'


def _untraced(path: str, marked: str) -> Iterator[tuple[int, str]]:
    """Decimal numbers of prose and tables that a template has typed; code and links left out."""
    if not path.endswith(".md"):
        return
    rest = without_traced(marked)
    rest = _NOT_PROSE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), rest)
    for line, text in enumerate(rest.split("\n"), start=1):
        numbers = _DECIMAL.findall(text)
        if numbers:
            yield line, ", ".join(numbers)


def _environment(
    root: Path, facts: Facts, claims: Mapping[str, claim_files.Claim]
) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(root / TEMPLATES),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  Markdown, YAML and JSON of our own words
    )

    def claim(name: str) -> claim_files.Claim:
        if name not in claims:
            raise InputError([Problem(claim_files.CLAIMS, f"has no claim {name}.")])
        return claims[name]

    def rows(file: str, **where: str) -> list[Row]:
        return [
            row
            for row in read_rows(root, file)
            if all(row.values.get(column) == value for column, value in where.items())
        ]

    def cell(row: Row, column: str, form: str = "") -> str:
        text = row.values[column]
        shown = format(number(row, column), form) if form and text else text
        return traced(row.origin(column), shown)

    def answer(file: str, **query: Any) -> str:
        form = query.pop("format", "")
        found = ask(root, Query(file=file, **query))
        text = found.value if isinstance(found.value, str) else format(found.value, form)
        return traced(f"cells: {'; '.join(found.origins[:3])}", text)

    def fact(path: str) -> str:
        return traced(f"fact {path}", str(facts.at(path)))

    environment.globals.update(
        facts=facts.data,
        fact=fact,
        lane=lambda name: facts.at(f"lanes.{name}"),
        claims=claims,
        value=lambda name: claim_files.claim_value(root, claim(name)),
        statement=lambda name: claim_files.claim_statement(root, claim(name)),
        rows=rows,
        cell=cell,
        answer=answer,
        evidence=lambda name: _evidence(root, name),
        data_sets=lambda: data_sets(root, facts),
        packages=lambda file: _packages(root, file),
    )
    environment.filters["json"] = lambda data: json.dumps(data, indent=1, ensure_ascii=False)
    return environment


def _evidence(root: Path, name: str) -> Any:
    """A JSON file of the release, or nothing when it is not there yet."""
    path = root / "release" / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _packages(root: Path, file: str) -> list[tuple[str, str]]:
    """Name and version of each `name=version` line."""
    lines = read_text(root, file).splitlines()
    pairs = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    return [(name, traced(file, version)) for name, version in pairs]
