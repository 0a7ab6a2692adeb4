"""The counts of a study: genes x samples, matched to its samples table."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from spacebio_bench.cohort._findings import Findings, at, listing, shown
from spacebio_bench.cohort.countscale import size_factors, wrong_scale
from spacebio_bench.cohort.number_table import Header, Numbers, line_of, read_header, read_numbers
from spacebio_bench.cohort.samples import Samples
from spacebio_bench.cohort.tables import records
from spacebio_bench.cohort.textfile import read_text
from spacebio_bench.typing import FloatArray

SPIKE_IN = "ERCC-"
_VERSION = re.compile(r"^(ENS[A-Z]*\d{11})\.\d+(?=$|_)")
_SUMMARY = re.compile(r"^(__\w+|N_(unmapped|multimapping|noFeature|ambiguous))$")
_DATE = re.compile(r"^\d{1,2}-(Jan|Feb|Mar|Apr|Dec|Sep|Oct|Nov)$|^(Mar|Sep|Dec)-\d{1,2}$")
_SHOWN = 5


@dataclass(frozen=True)
class Counts:
    """Counts of the kept samples, in the order of the samples table; spike-ins are still in.

    ``matrix`` has shape (n_genes, n_samples).
    """

    genes: list[str]
    samples: list[str]
    matrix: FloatArray

    @property
    def own_genes(self) -> list[str]:
        """Gene ids without spike-ins."""
        return [g for g in self.genes if not g.startswith(SPIKE_IN)]


def strip_version(gene: str) -> str:
    """An Ensembl id without its version; any other id as it is."""
    return _VERSION.sub(r"\1", gene) if "." in gene else gene


def read_counts(
    path: Path, name: str, samples: Samples | None, samples_name: str, findings: Findings
) -> Counts | None:
    """Read raw counts, keep the listed samples and judge them; None where they are not usable.

    Without a readable samples table (None), all columns are judged.
    """
    text = read_text(path, name, findings)
    header = read_header(text, name, findings) if text is not None else None
    if text is None or header is None:
        return None
    if samples is not None and _is_transposed(text, header, samples):
        findings.wrong(name, "the samples are its rows. Transpose it: genes x samples are needed.")
        return None
    if samples is None:
        wanted = [c for c, n in Counter(header.columns).items() if c and n == 1]
    else:
        wanted = _match_columns(header, samples, name, samples_name, findings)
    numbers = read_numbers(text, header, wanted, name, findings)
    if numbers is None:
        return None
    before = len(findings.problems)
    genes = [strip_version(g) for g in numbers.ids]
    _check_genes(text, header, numbers.ids, genes, name, findings)
    _check_values(text, header, numbers, genes, name, findings)
    if len(findings.problems) > before or samples is None or len(wanted) < len(samples.kept):
        return None
    n_versions = sum(a != b for a, b in zip(genes, numbers.ids, strict=True))
    if n_versions:
        findings.note(name, f"the version suffix of {n_versions:,} gene ids was removed.")
    n_spikes = sum(g.startswith(SPIKE_IN) for g in genes)
    if n_spikes:
        findings.note(name, f"{n_spikes} spike-in rows (ERCC-) are left out of the normalisation.")
    return Counts(genes, list(wanted), numbers.matrix)


def _is_transposed(text: bytes, header: Header, samples: Samples) -> bool:
    """Whether the first rows are samples and no column is one."""
    names = set(samples.names)
    if names & set(header.columns):
        return False
    rows = islice(records(text, header.separator, "", Findings()), 1, 4)
    return any(cells[0].strip() in names for _, cells in rows)


def _match_columns(
    header: Header, samples: Samples, name: str, samples_name: str, findings: Findings
) -> list[str]:
    """The kept samples that the counts have, in the order of the samples table."""
    times = Counter(header.columns)
    kept = list(dict.fromkeys(s for s in samples.names if s))
    listed = {*kept, *samples.excluded["sample"]}
    unlisted = [c for c in times if c and c not in listed]
    if unlisted:
        said = "columns {} are" if len(unlisted) > 1 else "column {} is"
        what = (
            f"{said.format(listing(unlisted))} not in {samples_name}. List the sample (with a "
            "reason in exclude to leave it out) or remove the column."
        )
        findings.wrong(at(name, 1), what)
    if "" in times:
        position = header.columns.index("") + 2
        findings.wrong(at(name, 1), f"column {position} has no name.")
    absent = [s for s in kept if s not in times]
    for sample in absent[:_SHOWN]:
        where = at(samples_name, samples.rows.get(sample), "sample")
        findings.wrong(where, f"{shown(sample)} has no column in {name}.")
    if len(absent) > _SHOWN:
        findings.wrong(
            samples_name, f"{len(absent) - _SHOWN} further samples have no column in {name}."
        )
    for sample in kept:
        if times[sample] > 1:
            findings.wrong(at(name, 1, sample), f"is there {times[sample]} times.")
    return [s for s in kept if times[s] == 1]


def _check_genes(
    text: bytes, header: Header, given: list[str], genes: list[str], name: str, findings: Findings
) -> None:
    def row(index: int) -> str:
        return at(name, line_of(text, header, index))

    empty = [i for i, g in enumerate(genes) if not g]
    if empty:
        more = f" (and {len(empty) - 1:,} more)" if len(empty) > 1 else ""
        findings.wrong(row(empty[0]), f"the gene id is empty{more}.")
    odd = next(
        (i for i, g in enumerate(genes) if g and (not g.isprintable() or len(g) > 1000)), None
    )
    if odd is not None:
        findings.wrong(row(odd), f"the gene id {shown(genes[odd])} is not one line of plain text.")
    summary = [i for i, g in enumerate(genes) if g[:1] in "_N" and _SUMMARY.match(g)]
    if summary:
        said = listing([genes[i] for i in summary])
        what = f"{said}: summary rows of a counting tool, not genes. Remove them."
        findings.wrong(row(summary[0]), what)
    dates = [g for g in genes if "-" in g and _DATE.match(g)]
    if dates:
        findings.note(name, f"gene names that a spreadsheet turned into dates: {listing(dates)}.")
    if len(set(genes)) < len(genes):
        _name_duplicates(row, given, genes, name, findings)
    if genes and all(g.startswith(SPIKE_IN) for g in genes):
        findings.wrong(name, "there are only spike-ins (ERCC-), no genes.")


def _name_duplicates(row, given, genes, name, findings) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    first: dict[str, int] = {}
    repeats: list[tuple[int, int]] = []
    for i, gene in enumerate(genes):
        if gene and (j := first.setdefault(gene, i)) != i:
            repeats.append((i, j))
    for i, j in repeats[:_SHOWN]:
        as_given = "" if given[i] == given[j] else f" ({given[j]} and {given[i]}, without version)"
        earlier = row(j).rsplit(", ", 1)[1]
        findings.wrong(row(i), f"gene {shown(genes[i])} is in {earlier} already{as_given}.")
    if len(repeats) > _SHOWN:
        findings.wrong(name, f"{len(repeats) - _SHOWN:,} further gene ids are repeated.")


def _check_values(
    text: bytes, header: Header, numbers: Numbers, genes: list[str], name: str, findings: Findings
) -> None:
    values, samples = numbers.matrix, numbers.columns
    if not len(samples):
        return
    negative = values < 0
    if negative.any():
        i, j = map(int, np.argwhere(negative)[0])
        where = at(name, line_of(text, header, i), samples[j])
        many = f" ({int(negative.sum()):,} such values)" if negative.sum() > 1 else ""
        log = " Are these logarithms? Raw counts are needed." if values.max() < 40 else ""
        findings.wrong(where, f"{values[i, j]:g} is negative{many}.{log}")
        return
    own = values[[not g.startswith(SPIKE_IN) for g in genes]]
    if not len(own):
        return
    scale = wrong_scale(own, list(samples))
    if scale:
        findings.wrong(name, scale)
        return
    empty = [s for s, total in zip(samples, np.rint(own).sum(axis=0), strict=True) if total == 0]
    if empty:
        what = "every count is zero. Give a reason in exclude to leave such samples out."
        findings.wrong(name, f"{listing(empty)}: {what}")
    elif size_factors(own) is None:
        what = "no gene is counted in every sample, so no size factor can be computed."
        findings.wrong(name, f"{what} Is a sample nearly empty?")
    _note_copies(values, samples, name, findings)


def _note_copies(
    values: FloatArray, samples: tuple[str, ...], name: str, findings: Findings
) -> None:
    first: dict[bytes, str] = {}
    for j, sample in enumerate(samples):
        other = first.setdefault(np.ascontiguousarray(values[:, j]).tobytes(), sample)
        if other != sample:
            findings.note(name, f"{sample} and {other} have identical counts; is one a copy?")
