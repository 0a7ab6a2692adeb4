"""Each study of a sheet: read, judged and written, some at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from spacebio_bench.cohort._checked_tree import CheckedTree
from spacebio_bench.cohort._findings import Findings
from spacebio_bench.cohort.counts import read_counts
from spacebio_bench.cohort.feature_table import read_features
from spacebio_bench.cohort.samples import Samples, read_samples
from spacebio_bench.cohort.samplesheet import FEATURE, Study
from spacebio_bench.cohort.symbols import share_matched

_AT_A_TIME = 4  # a study of 100 samples takes some 100 MB while it is read


@dataclass
class Seen:
    """What is kept of a study once its files are written."""

    study: Study
    samples: Samples | None = None
    genes: list[str] = field(default_factory=list)
    matched: float | None = None
    features: dict[str, set[str]] = field(default_factory=dict)


def check_each(
    studies: Sequence[Study],
    pairs: list[tuple[str, str]] | None,
    symbols: Path | None,
    tree: CheckedTree | None,
    findings: Findings,
    progress: Callable[[str], None],
) -> list[Seen]:
    """Read and judge each study, and write it where there is a tree.

    Threads share the work: parsing and compressing need no interpreter. Findings are in the order
    of the sheet all the same.
    """
    one = partial(_check_study, pairs=pairs, symbols=symbols, tree=tree)
    seen = []
    with ThreadPoolExecutor(min(_AT_A_TIME, len(os.sched_getaffinity(0)))) as pool:
        for number, (study, found) in enumerate(pool.map(one, studies), start=1):
            findings.extend(found)
            seen.append(study)
            progress(f"checked {study.study.id} ({number} of {len(studies)})")
    return seen


def _check_study(
    study: Study,
    pairs: list[tuple[str, str]] | None,
    symbols: Path | None,
    tree: CheckedTree | None,
) -> tuple[Seen, Findings]:
    findings = Findings()
    seen = Seen(study)
    table = study.names["samples"]
    samples = read_samples(study.samples, table, findings) if study.samples else None
    seen.samples = samples
    folder = f"studies/{study.id}"
    if tree is not None and samples is not None:
        tree.write_frame(f"{folder}/samples.csv", samples.kept)
        tree.write_frame(f"{folder}/excluded.csv", samples.excluded)
    if study.counts is not None:
        name = study.names["counts"]
        counts = read_counts(study.counts, name, samples, table, findings)
        if counts is not None and counts.samples:
            seen.genes = counts.own_genes
            if pairs and symbols:
                known = {gene for gene, _ in pairs}
                seen.matched = share_matched(seen.genes, known, name, str(symbols), findings)
            if tree is not None:
                tree.write_counts(f"{folder}/counts.csv.gz", counts)
    for name, path in study.features.items():
        label = study.names[FEATURE + name]
        features = read_features(path, label, samples, table, findings)
        if features is not None:
            seen.features[name] = set(features.columns)
            if tree is not None:
                tree.write_features(f"{folder}/{FEATURE}{name}.parquet", features)
    return seen, findings
