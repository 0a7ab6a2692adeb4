"""Columns of a counts file: matched to the samples of a study, and written without a change."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacebio_bench.cohort._findings import Findings, at, listing, shown
from spacebio_bench.cohort.number_table import Header, read_header
from spacebio_bench.cohort.tables import records
from spacebio_bench.cohort.textfile import read_text

_GAPS = re.compile(r"[\s._-]+")
_R_PREFIX = re.compile(r"^X(?=[\d_.-])")


def normalised(name: str) -> str:
    """A sample name without what programs change in it.

    Runs of blanks, dots, dashes and underscores are one underscore, the X that R puts before a
    digit is gone, and case does not count.
    """
    return _GAPS.sub("_", _R_PREFIX.sub("", name.strip())).strip("_").casefold()


@dataclass(frozen=True)
class Counts:
    """A counts file as text, and its header."""

    text: bytes
    header: Header


def open_counts(path: Path, name: str, findings: Findings) -> Counts | None:
    """The file and its header, with a problem for columns without a name or named twice."""
    text = read_text(path, name, findings)
    header = read_header(text, name, findings) if text is not None else None
    if text is None or header is None:
        return None
    before = len(findings.problems)
    for column, times in Counter(header.columns).items():
        if not column:
            findings.wrong(at(name, header.line), f"{times} columns have no name.")
        elif times > 1:
            findings.wrong(at(name, header.line, column), f"is there {times} times.")
    return Counts(text, header) if len(findings.problems) == before else None


def match_names(
    columns: Sequence[str], samples: Sequence[str], name: str, table: str, findings: Findings
) -> Mapping[str, str]:
    """Sample of every column: the same name, else the one that is alike when normalised.

    A column without a sample, with two, or two columns of one sample are problems.
    """
    exact = set(samples)
    alike: dict[str, list[str]] = {}
    for sample in dict.fromkeys(samples):
        alike.setdefault(normalised(sample), []).append(sample)
    matched: dict[str, str] = {}
    unknown = []
    for column in columns:
        found = [column] if column in exact else alike.get(normalised(column), [])
        if not found:
            unknown.append(column)
        elif len(found) > 1:
            what = f"may be {listing(found)} of {table}; the names do not tell."
            findings.wrong(at(name, 1, column), what)
        else:
            matched[column] = found[0]
    if unknown:
        several = len(unknown) > 1
        said = f"columns {listing(unknown, 8)} are" if several else f"column {shown(unknown[0])} is"
        findings.wrong(at(name, 1), f"{said} not among the samples of {table}.")
    for sample, times in Counter(matched.values()).items():
        if times > 1:
            both = [c for c, s in matched.items() if s == sample]
            findings.wrong(at(name, 1), f"columns {listing(both)} are both {shown(sample)}.")
    renamed = [c for c, s in matched.items() if c != s]
    if renamed:
        what = (
            f"{len(renamed)} columns differ from the sample names of {table} only in blanks, dots, "
            f"dashes, underscores, case or an X in front, such as {shown(renamed[0])}; matched."
        )
        findings.note(name, what)
    return matched


def gzipped_columns(
    counts: Counts, columns: Sequence[str], name: str, findings: Findings
) -> bytes | None:
    """The ids and the given columns as CSV in a gzip file that is the same at every run.

    Every cell keeps its text. None, and problems, where a row does not fit the header.
    """
    before = len(findings.problems)
    places = [0, *(counts.header.columns.index(c) + 1 for c in columns)]
    raw = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["gene_id", *columns])
        writer.writerows([cells[i] for i in places] for cells in _rows(counts, name, findings))
    return raw.getvalue() if len(findings.problems) == before else None


def _rows(counts: Counts, name: str, findings: Findings) -> Iterator[list[str]]:
    width = len(counts.header.columns) + 1
    found = records(counts.text, counts.header.separator, name, findings)
    next(found, None)
    wrong = 0
    for line, cells in found:
        if len(cells) < width or any(cells[width:]):
            wrong += 1
            if wrong <= 5:
                findings.wrong(at(name, line), f"{len(cells)} cells where there should be {width}.")
            continue
        yield cells
    if wrong > 5:
        findings.wrong(name, f"{wrong - 5:,} further rows do not fit the header.")
