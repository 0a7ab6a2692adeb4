"""Evidence: what samples tables and counts say, counted; the data themselves are not kept."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from spacebio_bench.cohort._findings import Findings, shown
from spacebio_bench.cohort.counts import SPIKE_IN, Counts, read_counts
from spacebio_bench.cohort.countscale import size_factors
from spacebio_bench.cohort.samples import read_samples
from spacebio_bench.cohort.samplesheet import Study, read_sheet
from spacebio_bench.files import sha256_of
from spacebio_bench.osdr.catalog import CATALOG, Wanted, read_catalog
from spacebio_bench.osdr.conditions import StrainCode, load_rules
from spacebio_bench.osdr.strains import strain_of
from spacebio_bench.protocol import CONDITIONS, LabelRule, load_protocol
from spacebio_bench.release.catalog.columns import ANIMALS, CLOCK, SEEN, STRAINS, Row, Tables
from spacebio_bench.release.catalog.names import PROTOCOL
from spacebio_bench.release.catalog.table_files import sorted_rows
from spacebio_bench.release.sources import read_text

CLOCK_GENES = {"ENSMUSG00000059824": "Dbp"}
"""An output of the circadian clock, by gene id."""
_ANIMAL = re.compile(r"[A-Z]{1,3}[0-9]{1,3}")
_NOTHING_RECORDED = "none is recorded"  # in the note of a fetched samples table


@dataclass(frozen=True)
class Sheet:
    """A study sheet and, in words, where its files are from.

    `ids_only`: its `strain` column repeats what the sample ids say, so nothing is recorded.
    """

    path: Path
    origin: str
    ids_only: bool = False


@dataclass(frozen=True)
class Seen:
    """A study that was looked at; `clock` holds mean log2 values of flight and ground by gene."""

    study: Study
    origin: str
    kept: pd.DataFrame
    n_excluded: int
    hardware: str
    platform: str
    samples_sha256: str
    n_genes: int | None
    counts_sha256: str
    clock: tuple[Row, ...]


@dataclass(frozen=True)
class Evidence:
    """Evidence tables by name, and what was left out of them."""

    tables: Tables
    notes: tuple[str, ...]


def collect(sheets: Sequence[Sheet], wanted: Iterable[Wanted], labels: LabelRule) -> Evidence:
    """Count what study sheets hold of the catalog's studies.

    A study in several sheets is taken from the last of them; hardware and platform from the last
    that has them.

    Raises
    ------
    InputError
        Everything wrong with the sheets, samples tables and counts.
    """
    findings = Findings()
    known = {(w.accession, w.tissue, w.mission) for w in wanted}
    codes = load_rules().strains
    chosen: dict[tuple[str, str, str], Seen] = {}
    notes = []
    for sheet in sheets:
        for study in read_sheet(sheet.path, findings):
            key = (study.accession, study.tissue, study.mission)
            if key not in known:
                where = f"{sheet.path}: {', '.join(key)}"
                notes.append(f"{where} is not in the catalog and is left out.")
                continue
            seen = _look(study, sheet, labels, findings)
            if seen is not None:
                chosen[key] = _with_machines(seen, chosen.get(key))
    findings.raise_if_any()
    all_seen = list(chosen.values())
    tables: Tables = {
        SEEN.name: sorted_rows(SEEN, [_study_row(seen) for seen in all_seen]),
        STRAINS.name: sorted_rows(STRAINS, [r for s in all_seen for r in _strains(s, codes)]),
        ANIMALS.name: sorted_rows(ANIMALS, list(_animals(all_seen))),
        CLOCK.name: sorted_rows(CLOCK, [row for seen in all_seen for row in seen.clock]),
    }
    return Evidence(tables, tuple(notes))


def _look(study: Study, sheet: Sheet, labels: LabelRule, findings: Findings) -> Seen | None:
    name = study.names["samples"]
    before = len(findings.problems)
    if study.samples is None:
        return None  # the sheet's reader has said so
    samples = read_samples(study.samples, name, findings)
    if samples is None or len(findings.problems) > before:
        return None
    counts = None
    if study.counts is not None:
        counts = read_counts(study.counts, study.names["counts"], samples, name, findings)
        if counts is None:
            return None
    kept = samples.kept.copy()
    kept["recorded"] = "" if sheet.ids_only else _recorded(kept)
    return Seen(
        study=study,
        origin=sheet.origin,
        kept=kept,
        n_excluded=len(samples.excluded),
        hardware=";".join(_values(kept, "hardware")),
        platform=";".join(_values(kept, "platform")),
        samples_sha256=sha256_of(study.samples),
        n_genes=len(counts.genes) if counts is not None else None,
        counts_sha256=sha256_of(study.counts) if study.counts is not None else "",
        clock=tuple(_clock(study, counts, kept, labels)) if counts is not None else (),
    )


def _with_machines(seen: Seen, before: Seen | None) -> Seen:
    if before is None:
        return seen
    return replace(
        seen,
        hardware=seen.hardware or before.hardware,
        platform=seen.platform or before.platform,
    )


def _recorded(kept: pd.DataFrame) -> list[str]:
    """The strain on record: fetched tables keep it apart where the id says another one."""
    empty = [""] * len(kept)
    used, apart, notes = (
        list(kept[name]) if name in kept else empty
        for name in ("strain", "strain_recorded", "note")
    )
    return [
        record or ("" if _NOTHING_RECORDED in note else strain)
        for strain, record, note in zip(used, apart, notes, strict=True)
    ]


def _values(frame: pd.DataFrame, column: str) -> list[str]:
    return sorted(set(frame[column]) - {""}) if column in frame else []


def _names(study: Study) -> Row:
    return {"accession": study.accession, "tissue": study.tissue, "mission": study.mission}


def _study_row(seen: Seen) -> Row:
    conditions = Counter(seen.kept["condition"])
    return {
        **_names(seen.study),
        "n_samples": len(seen.kept),
        "n_excluded": seen.n_excluded,
        **{f"n_{c}": conditions[c] for c in CONDITIONS},
        "hardware": seen.hardware,
        "platform": seen.platform,
        "n_genes": seen.n_genes,
        "samples_sha256": seen.samples_sha256,
        "counts_sha256": seen.counts_sha256,
        "origin": seen.origin,
    }


def _strains(seen: Seen, codes: Mapping[str, StrainCode]) -> Iterator[Row]:
    groups = Counter(
        (condition, recorded, strain_of(sample, "", codes).strain)
        for sample, condition, recorded in zip(
            seen.kept["sample"], seen.kept["condition"], seen.kept["recorded"], strict=True
        )
    )
    for (condition, recorded, by_ids), n in groups.items():
        yield {
            **_names(seen.study),
            "condition": condition,
            "recorded": recorded,
            "by_ids": by_ids,
            "n_samples": n,
        }


def _animals(all_seen: Sequence[Seen]) -> Iterator[Row]:
    """Codes such as `M23` at the end of ids that two studies have with the same condition.

    A study where a code is there twice says nothing: the code alone does not name an animal.
    """
    of_study = [(seen.study, _codes(seen.kept)) for seen in all_seen]
    for (a, in_a), (b, in_b) in combinations(sorted(of_study, key=lambda x: x[0].id), 2):
        if a.mission == b.mission and a.accession != b.accession and in_a and in_b:
            yield {
                "mission": a.mission,
                "accession_a": a.accession,
                "accession_b": b.accession,
                "n_a": len(in_a),
                "n_b": len(in_b),
                "n_shared": len(in_a & in_b),
            }


def _codes(kept: pd.DataFrame) -> set[tuple[str, str]]:
    found = [
        (sample.rpartition("_")[2], condition)
        for sample, condition in zip(kept["sample"], kept["condition"], strict=True)
        if "_" in sample
    ]
    codes = [pair for pair in found if _ANIMAL.fullmatch(pair[0])]
    return set(codes) if len(set(codes)) == len(codes) else set()


def _clock(study: Study, counts: Counts, kept: pd.DataFrame, labels: LabelRule) -> Iterator[Row]:
    own = np.array([not gene.startswith(SPIKE_IN) for gene in counts.genes])
    factors = size_factors(counts.matrix[own])
    truth = np.array([_number(labels.label(c)) for c in kept["condition"]])
    flight, ground = truth == 1, truth == 0
    if factors is None or not flight.any() or not ground.any():
        return
    for gene, symbol in CLOCK_GENES.items():
        if gene in counts.genes:
            values = np.log2(np.rint(counts.matrix[counts.genes.index(gene)]) / factors + 1)
            difference = float(values[flight].mean() - values[ground].mean())
            yield {
                **_names(study),
                "gene": gene,
                "symbol": symbol,
                "n_flight": int(flight.sum()),
                "n_ground": int(ground.sum()),
                "log2_fold_change": round(difference, 4),
            }


def _number(label: int | None) -> int:
    return -1 if label is None else label


def gather(
    root: Path, paths: Sequence[Path], origins: Sequence[str], *, ids_only: bool = False
) -> Evidence:
    """What sheets that a user gave hold of the catalog of a checkout.

    Parameters
    ----------
    paths, origins
        The sheets, and where the files of each are from.
    ids_only
        As of :class:`Sheet`, of all of them.

    Raises
    ------
    InputError
        Everything wrong with what was given, as of :func:`collect`.
    """
    findings = Findings()
    if len(paths) != len(origins):
        what = f"give one for each --studies; there are {len(origins)} for {len(paths)}."
        findings.wrong("--origin", what)
    for origin in origins:
        text = origin.strip()
        if not text:
            findings.wrong("--origin", "is empty; name the public source.")
        elif text.startswith(("/", "~", ".")):
            what = f"'{shown(text)}' is a path of one machine; name the public source."
            findings.wrong("--origin", what)
    findings.raise_if_any()
    read_text(root, CATALOG)
    sheets = [Sheet(p, o, ids_only) for p, o in zip(paths, origins, strict=True)]
    return collect(sheets, read_catalog(root / CATALOG), load_protocol(PROTOCOL).labels)
