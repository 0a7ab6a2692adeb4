"""CHECK_STUDIES: everything wrong with the input at once, and the input in one plain form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from types import MappingProxyType
from typing import Any

from spacebio_bench.cohort._checked_tree import MARK, CheckedTree
from spacebio_bench.cohort._findings import Findings, at, listing
from spacebio_bench.cohort._seen import Seen, check_each
from spacebio_bench.cohort.gene_sets import GeneSets, check_overlap, read_gene_sets
from spacebio_bench.cohort.samplesheet import FEATURE, Study, read_sheet
from spacebio_bench.cohort.symbols import read_symbols


def check_studies(
    sheet: Path | None,
    *,
    gene_sets: Mapping[str, Path],
    symbols: Path | None,
    parameters: Mapping[str, Any],
    outdir: Path | None,
    only_tissues: Sequence[str] = (),
    left_out: Mapping[str, str] = MappingProxyType({}),
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Judge a study sheet and all files it names; write them in one plain form.

    Parameters
    ----------
    sheet
        The study sheet; None where a run starts from stores that exist.
    gene_sets
        Collection names and GMT files.
    symbols
        Table of gene id and symbol.
    parameters
        The parameters of the run, validated; they are recorded, and names of tissues, features and
        strata in them are compared with the studies.
    outdir
        Where the checked studies go; with None nothing is written.
    only_tissues
        Leave out the studies of other tissues, unseen.
    left_out
        Accessions that the published benchmark leaves out, and why: a note where one is used.
    progress
        Told a line for each study.

    Returns
    -------
    The content of `check.json`.

    Raises
    ------
    InputError
        Everything that is wrong; nothing is written then.
    """
    findings = Findings()
    with CheckedTree(outdir) if outdir else nullcontext() as tree:
        collections = {n: read_gene_sets(p, n, findings) for n, p in gene_sets.items()}
        pairs = read_symbols(symbols, findings) if symbols else []
        studies = read_sheet(sheet, findings, tissues=only_tissues) if sheet else ()
        _note_left_out(str(sheet), studies, left_out, findings)
        writer = None if findings.problems else tree
        seen = check_each(studies, pairs, symbols, writer, findings, progress)
        _check_samples_of_tissues(seen, findings)
        universes = _universes(str(sheet), seen, findings)
        if pairs is not None:
            _check_collections(collections, pairs, seen, gene_sets, findings)
        if seen:  # of stores that exist, the plan knows the names
            _check_choices(parameters, seen, list(gene_sets), findings)
        _note_limits(seen, findings)
        findings.raise_if_any()
        summary = _summary(seen, list(gene_sets), findings)
        if tree is not None:
            _write_common(tree, seen, collections, pairs or [], universes, parameters)
            tree.write_json(MARK, summary)
            tree.commit()
    return summary


def _note_left_out(
    sheet: str, studies: Sequence[Study], left_out: Mapping[str, str], findings: Findings
) -> None:
    reasons = {accession.lower(): reason for accession, reason in left_out.items()}
    for study in studies:
        reason = reasons.get(study.accession.lower())
        if reason:
            what = f"the published benchmark leaves {study.accession} out: {reason}."
            findings.note(at(sheet, study.row, "accession"), what)


def _by_tissue(seen: list[Seen]) -> dict[str, list[Seen]]:
    tissues: dict[str, list[Seen]] = {}
    for one in seen:
        tissues.setdefault(one.study.tissue, []).append(one)
    return tissues


def _check_samples_of_tissues(seen: list[Seen], findings: Findings) -> None:
    """A sample is in one study of a tissue only."""
    for tissue, members in _by_tissue(seen).items():
        first: dict[str, Seen] = {}
        for one in members:
            if one.samples is None:
                continue
            repeated = [s for s in one.samples.rows if first.setdefault(s, one) is not one]
            for sample in repeated[:5]:
                other = first[sample]
                where = at(one.study.names["samples"], one.samples.rows[sample], "sample")
                earlier = at(other.study.names["samples"], other.samples.rows[sample])  # type: ignore[union-attr]
                findings.wrong(where, f"{sample} is a sample of {tissue} in {earlier} already.")
            if len(repeated) > 5:
                what = (
                    f"{len(repeated) - 5} further samples are in another study of {tissue} already."
                )
                findings.wrong(one.study.names["samples"], what)


def _universes(sheet: str, seen: list[Seen], findings: Findings) -> dict[str, list[str]]:
    """Gene ids common to the studies of each tissue that have counts."""
    universes: dict[str, list[str]] = {}
    for tissue, members in _by_tissue(seen).items():
        with_genes = [one for one in members if one.genes]
        if not with_genes:
            universes[tissue] = []
            continue
        common = set(with_genes[0].genes).intersection(*(one.genes for one in with_genes[1:]))
        universes[tissue] = sorted(common, key=str.encode)
        smallest = min(len(one.genes) for one in with_genes)
        if not common:
            said = "; ".join(f"{o.study.accession}: {listing(o.genes, 2)}" for o in with_genes[:3])
            what = f"the studies of {tissue} have no gene id in common ({said})."
            findings.wrong(sheet, f"{what} Use the same kind of id.")
        elif len(common) < 0.5 * smallest:
            what = f"the studies of {tissue} have only {len(common):,} gene ids in common."
            findings.note(sheet, what)
    return universes


def _check_collections(
    collections: Mapping[str, GeneSets | None],
    pairs: list[tuple[str, str]],
    seen: list[Seen],
    files: Mapping[str, Path],
    findings: Findings,
) -> None:
    ids = {gene for one in seen for gene in one.genes}
    if not ids:
        if collections and not findings.problems:
            findings.note("--gene_sets", "no study has counts, so the gene sets are not used.")
        return
    known = {symbol for gene, symbol in pairs if gene in ids} if pairs else ids
    for name, sets in collections.items():
        if sets is not None and known:
            check_overlap(sets, known, str(files[name]), findings)


def _check_choices(
    parameters: Mapping[str, Any], seen: list[Seen], collections: list[str], findings: Findings
) -> None:
    """Names in the parameters that the studies lack; silent where studies are not readable."""
    if findings.problems:
        return
    tissues = list(_by_tissue(seen))
    features = sorted({name for one in seen for name in one.study.features})
    if any(one.study.counts for one in seen):
        features = ["gene", *(f"pathway_{c}" for c in collections), "combined", *features]
    columns = sorted({str(c) for one in seen if one.samples is not None for c in one.samples.kept})
    for parameter, known in (("tissues", tissues), ("features", features), ("strata", columns)):
        asked = str(parameters.get(parameter) or "")
        for name in filter(None, (n.strip() for n in asked.split(","))):
            if name not in known:
                findings.wrong(f"--{parameter}", f"'{name}' is not one of {listing(known, 12)}.")


def _note_limits(seen: list[Seen], findings: Findings) -> None:
    """What a tissue cannot support: said here, a row with a reason in the results."""
    for tissue, members in _by_tissue(seen).items():
        missions = list(dict.fromkeys(one.study.mission for one in members))
        if len(missions) < 2:
            findings.note(
                tissue, f"there is one mission only ({missions[0]}): none can be left out."
            )
        conditions = {
            c for o in members if o.samples is not None for c in o.samples.kept["condition"]
        }
        if "FLT" not in conditions:
            findings.note(tissue, "no sample is FLT.")
        if not conditions & {"GC", "VC", "BC"}:
            findings.note(tissue, "no sample is a ground control.")
        for name in sorted({n for one in members for n in one.study.features}):
            without = [o.study.id for o in members if name not in o.study.features]
            if without:
                findings.note(tissue, f"feature.{name} is not given for {listing(without)}.")
            else:
                tables = [o.features[name] for o in members if name in o.features]
                if tables and not set.intersection(*tables):
                    findings.note(tissue, f"feature.{name} has no column common to its studies.")
        without = [one.study.id for one in members if one.study.counts is None]
        if without and len(without) < len(members):
            findings.note(tissue, f"counts are not given for {listing(without)}.")


def _summary(seen: list[Seen], collections: list[str], findings: Findings) -> dict[str, Any]:
    return {
        "studies": [
            {
                "id": one.study.id,
                "tissue": one.study.tissue,
                "mission": one.study.mission,
                "accession": one.study.accession,
                "role": one.study.role,
                "n_samples": len(one.samples.kept) if one.samples is not None else 0,
                "counts": one.study.counts is not None,
                "features": list(one.study.features),
                "genes": len(one.genes),
                "symbols_matched": one.matched,
            }
            for one in seen
        ],
        "gene_sets": collections,
        "tissues": list(_by_tissue(seen)),
        "notes": findings.notes,
        "problems": 0,
    }


def _write_common(
    tree: CheckedTree,
    seen: list[Seen],
    collections: Mapping[str, GeneSets | None],
    pairs: list[tuple[str, str]],
    universes: Mapping[str, list[str]],
    parameters: Mapping[str, Any],
) -> None:
    names = list(dict.fromkeys(name for one in seen for name in one.study.features))
    header = ["id", "tissue", "mission", "accession", "role", "counts", "samples"]
    rows = [[*header, *(FEATURE + n for n in names)]]
    for one in seen:
        study, folder = one.study, f"studies/{one.study.id}"
        row = [study.id, study.tissue, study.mission, study.accession, study.role]
        row += [f"{folder}/counts.csv.gz" if study.counts else "", f"{folder}/samples.csv"]
        row += [f"{folder}/{FEATURE}{n}.parquet" if n in study.features else "" for n in names]
        rows.append(row)
    tree.write_rows("studies.csv", rows)
    for name, sets in collections.items():
        lines = ["\t".join([label, text, *genes]) for label, (text, genes) in (sets or {}).items()]
        tree.write_lines(f"gene_sets/{name}.gmt", lines)
    for tissue, genes in universes.items():
        tree.write_lines(f"universe/{tissue}.txt", genes)
    tree.write_rows("symbols.csv", [("gene_id", "symbol"), *pairs])
    tree.write_json("parameters.json", dict(parameters))
