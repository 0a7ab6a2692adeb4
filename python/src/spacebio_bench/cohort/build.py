"""From checked studies, normalised expression and pathway scores to the store of one tissue."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spacebio_bench.cohort.assemble import (
    corrected_layers,
    feature_matrices,
    gene_matrix,
    sample_table,
)
from spacebio_bench.cohort.enrichment import as_arrays, as_table, read_enrichment
from spacebio_bench.cohort.expression import (
    Corrected,
    Expression,
    read_corrected,
    read_expression,
)
from spacebio_bench.cohort.store import write_cohort
from spacebio_bench.cohort.studies import (
    Frames,
    Study,
    read_collections,
    read_scores,
    read_studies,
    read_symbols,
)
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.protocol import Protocol

SCORES = ".pathways.h5"
CORRECTED = ".corrected.h5"
TOOLS = ("anndata", "h5py", "numpy", "pandas", "zarr")


@dataclass(frozen=True)
class Built:
    """What a build made, for the user to read."""

    tissue: str
    n_samples: int
    n_genes: int
    missions: tuple[str, ...]
    features: Mapping[str, int]
    notes: tuple[str, ...]
    digests: Mapping[str, str]


def build_cohort(
    checked: Path,
    *,
    tissue: str,
    expression: Sequence[Path],
    pathways: Sequence[Path],
    protocol: Protocol,
    output: Path,
    corrected: Sequence[Path] = (),
    enrichment: Sequence[Path] = (),
) -> Built:
    """Join the studies of `tissue` under `protocol` and write the store at `output`.

    `expression`, `pathways`, `corrected` (batches) and `enrichment` are files or folders of them;
    other tissues' are passed over.

    Raises
    ------
    InputError
        Missing or foreign files, a sample that is in two studies, feature sets of one name.
    """
    studies = read_studies(checked, tissue)
    problems = _repeated_samples(studies)
    expressions = _expressions(studies, _files(expression, ".h5"), problems)
    scores, versions = _mission_scores(studies, _files(pathways, SCORES), problems)
    without_batches = _corrected(tissue, studies, _files(corrected, CORRECTED), problems)
    given = [study.features for study in studies]
    taken = {f"pathway_{name}" for part in scores for name in part} | {"gene", "combined"}
    problems += [
        Problem("studies.csv", f"feature.{name}: a feature set of that name exists already.")
        for name in sorted({name for part in given for name in part} & taken)
    ]
    if problems:
        raise InputError(problems)

    obs = sample_table(studies, expressions)
    samples = list(obs.index)
    matrix = gene_matrix(samples, list(expressions.values()), protocol.genes)
    order = read_collections(checked)
    collections = [
        {f"pathway_{name}": part[name] for name in sorted(part, key=_rank(order))}
        for part in scores
    ]
    matrices = {**feature_matrices(samples, collections), **feature_matrices(samples, given)}
    symbols = read_symbols(checked)
    notes = _notes(studies, matrices, matrix.genes)
    for one in expressions.values():
        versions.update({f"normalisation_{name}": text for name, text in one.versions.items()})
    layers = corrected_layers(samples, matrix.genes, without_batches) if without_batches else {}
    if without_batches:
        versions.update(
            {f"correction_{name}": text for name, text in without_batches.versions.items()}
        )
    digests = write_cohort(
        output,
        tissue=tissue,
        obs=obs,
        genes=matrix.genes,
        x=matrix.x,
        counts=matrix.counts,
        symbols=[symbols.get(gene, "") for gene in matrix.genes],
        n_studies=[int(n) for n in matrix.n_studies],
        matrices=matrices,
        layers=layers,
        enrichment=_enrichment(tissue, enrichment),
        provenance=_provenance(checked, studies, versions, protocol),
    )
    return Built(
        tissue=tissue,
        n_samples=len(samples),
        n_genes=len(matrix.genes),
        missions=tuple(dict.fromkeys(study.mission for study in studies)),
        features={name: frame.shape[1] for name, frame in matrices.items()},
        notes=tuple(notes),
        digests=digests,
    )


def _rank(order: Sequence[str]) -> Callable[[str], tuple[int, str]]:
    """Sort key: the names of `order` first, in that order."""
    place = {name: i for i, name in enumerate(order)}
    return lambda name: (place.get(name, len(place)), name)


def _files(given: Sequence[Path], ending: str) -> list[Path]:
    found: list[Path] = []
    for path in given:
        found += sorted(path.glob(f"*{ending}")) if path.is_dir() else [path]
    return found


def _repeated_samples(studies: Sequence[Study]) -> list[Problem]:
    seen: dict[str, str] = {}
    problems = []
    for study in studies:
        for sample in study.samples.index:
            if sample in seen:
                what = f"sample {sample} is also in {seen[sample]}."
                problems.append(Problem(study.id, what))
            seen[sample] = study.id
    return problems


def _expressions(
    studies: Sequence[Study], files: Sequence[Path], problems: list[Problem]
) -> dict[str, Expression]:
    """Expression of every study with counts, rows in the order of its samples table."""
    by_id = {path.name.removesuffix(".h5"): path for path in files}
    expressions = {}
    for study in studies:
        if not study.has_counts:
            continue
        if study.id not in by_id:
            problems.append(Problem("--expression", f"{study.id}.h5 is missing."))
            continue
        one = read_expression(by_id[study.id])
        if one.samples != tuple(study.samples.index):
            what = f"does not hold the samples of {study.id}, in their order."
            problems.append(Problem(str(by_id[study.id]), what))
            continue
        expressions[study.id] = one
    return expressions


def _mission_scores(
    studies: Sequence[Study], files: Sequence[Path], problems: list[Problem]
) -> tuple[list[Frames], dict[str, str]]:
    """Pathway scores of every mission with counts; none at all when no file is given."""
    missions: dict[str, list[Study]] = {}
    for study in studies:
        if study.has_counts:
            missions.setdefault(study.mission, []).append(study)
    scores: list[Frames] = []
    versions: dict[str, str] = {}
    for mission, members in missions.items() if files else ():
        wanted = {sample for study in members for sample in study.samples.index}
        fitting = [
            path
            for path in files
            if any(study.id.startswith(path.name.removesuffix(SCORES) + ".") for study in members)
        ]
        read = [read_scores(path) for path in fitting]
        read = [one for one in read if all(set(f.index) == wanted for f in one[0].values())]
        if len(read) != 1:
            what = f"{len(read)} files hold the samples of mission {mission}; one is needed."
            problems.append(Problem("--pathways", what))
            continue
        scores.append(read[0][0])
        versions.update({f"pathways_{name}": text for name, text in read[0][1].items()})
    return scores, versions


def _enrichment(tissue: str, given: Sequence[Path]) -> pd.DataFrame | None:
    """Scores of the tissue; None where there is none."""
    table = read_enrichment(given) if given else pd.DataFrame()
    own = table[table["tissue"] == tissue].reset_index(drop=True) if len(table) else table
    return as_table(as_arrays(own)) if len(own) else None


def _corrected(
    tissue: str, studies: Sequence[Study], files: Sequence[Path], problems: list[Problem]
) -> Corrected | None:
    """Corrected expression of the tissue; None where there is none of it."""
    own = [path for path in files if path.name == f"{tissue}{CORRECTED}"]
    if not own:
        return None
    one = read_corrected(own[0])
    known = {s for study in studies if study.has_counts for s in study.samples.index}
    foreign = [sample for sample in one.samples if sample not in known]
    if foreign:
        what = f"sample {foreign[0]} is not one of {tissue} with counts."
        problems.append(Problem(str(own[0]), what))
    return one


def _notes(studies: Sequence[Study], matrices: Frames, genes: Sequence[str]) -> list[str]:
    notes = []
    with_counts = [study.has_counts for study in studies]
    if any(with_counts) and not genes:
        notes.append("no gene is left by the protocol's gene rule.")
    if any(with_counts) and not all(with_counts):
        without = ", ".join(study.id for study in studies if not study.has_counts)
        notes.append(f"no counts of {without}: gene expression is missing there.")
    for name, frame in matrices.items():
        partial = int(frame.isna().any(axis=0).sum())
        if not frame.shape[1]:
            notes.append(f"{name}: no set has a fitting size in any mission.")
        elif partial:
            notes.append(
                f"{name}: {partial} of {frame.shape[1]} columns are missing in some samples."
            )
    return notes


def _provenance(
    checked: Path, studies: Sequence[Study], versions: Mapping[str, str], protocol: Protocol
) -> dict[str, Any]:
    gene_sets = [f"gene_sets/{path.name}" for path in (checked / "gene_sets").glob("*.gmt")]
    files = sorted([*(f for study in studies for f in study.files), *gene_sets, "symbols.csv"])
    digests = [hashlib.sha256((checked / name).read_bytes()).hexdigest() for name in files]
    tools = {name: version(name) for name in TOOLS} | {"Python": platform.python_version()}
    return {
        "inputs": pd.DataFrame(
            {"sha256": np.array(digests, dtype=object)}, index=pd.Index(files, dtype=object)
        ),
        "recipe": {
            name.removesuffix("_recipe"): text
            for name, text in versions.items()
            if name.endswith("_recipe")
        },
        "versions": {k: v for k, v in versions.items() if not k.endswith("_recipe")} | tools,
        "protocol": {"name": protocol.name, "sha256": protocol.digest},
    }
