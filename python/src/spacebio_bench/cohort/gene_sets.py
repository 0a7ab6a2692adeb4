"""Collections of gene sets, in GMT files."""

from __future__ import annotations

import re
from pathlib import Path

from spacebio_bench.cohort._findings import Findings, at, listing, shown
from spacebio_bench.cohort.textfile import check_file, read_text

GeneSets = dict[str, tuple[str, list[str]]]
"""Name of a set -> description and genes."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def parse_named_files(text: str, findings: Findings, *, option: str) -> dict[str, Path]:
    """`hallmark=h.gmt,kegg=k.gmt` as names and paths."""
    files: dict[str, Path] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        name, equals, file = (p.strip() for p in part.partition("="))
        if not equals or not file:
            findings.wrong(option, f"'{shown(part)}' is not NAME=FILE.")
        elif not _NAME.fullmatch(name):
            what = (
                f"the name '{shown(name)}' must start with a letter and hold letters, digits and _."
            )
            findings.wrong(option, what)
        elif name in files:
            findings.wrong(option, f"{name} is given twice.")
        else:
            files[name] = Path(file)
    return files


def read_gene_sets(path: Path, collection: str, findings: Findings) -> GeneSets | None:
    """Sets by name: description and genes, each gene once; None where a line is wrong."""
    name = str(path)
    if not check_file(path, f"--gene_sets {collection}", name, findings):
        return None
    text = read_text(path, name, findings)
    if text is None:
        return None
    before = len(findings.problems)
    sets: GeneSets = {}
    lines: dict[str, int] = {}
    padded = repeated = 0
    for line, content in enumerate(text.decode("utf-8").split("\n"), start=1):
        if not content.strip():
            continue
        fields = [f.strip() for f in content.rstrip("\t ").split("\t")]
        padded += content.endswith("\t")
        what = _what_is_wrong(fields, lines)
        if what:
            findings.wrong(at(name, line), what)
            continue
        label, description, *genes = fields
        unique = list(dict.fromkeys(genes))
        repeated += len(unique) < len(genes)
        sets[label] = (description, unique)
        lines[label] = line
    if padded:
        findings.note(name, "tabs at the end of lines were ignored.")
    if repeated:
        findings.note(name, f"{repeated} sets name a gene more than once; it counts once.")
    return sets if len(findings.problems) == before else None


def _what_is_wrong(fields: list[str], lines: dict[str, int]) -> str | None:
    label = fields[0]
    if len(fields) < 3:
        what = "a gene set is name, description and genes, with tabs between"
        return f"{what}; there {'is 1 field' if len(fields) == 1 else 'are 2 fields'}."
    if not label:
        return "the name of the set is empty."
    if label in lines:
        return f"the set {shown(label)} is in row {lines[label]} already."
    if "" in fields[2:]:
        return f"gene {fields[2:].index('') + 1} of {shown(label)} is empty."
    return None


def check_overlap(sets: GeneSets, known: set[str], name: str, findings: Findings) -> None:
    """A problem when no gene of a collection is known; a note when only the case differs."""
    genes = {g for _, members in sets.values() for g in members}
    if genes & known:
        return
    if {g.upper() for g in genes} & {k.upper() for k in known}:
        what = "its genes match only when case is ignored: are they symbols of another species?"
        findings.note(name, what)
        return
    said = f"such as {listing(sorted(genes), 3)}"
    what = f"none of its {len(genes):,} genes ({said}) is among the genes of the studies."
    findings.wrong(name, f"{what} Give --symbols where the studies have ids and the sets symbols.")
