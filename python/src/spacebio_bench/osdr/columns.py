"""What the ISA tables record of each sample, study and assay tables joined by sample name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from spacebio_bench.cohort._findings import Findings, listing, shown
from spacebio_bench.cohort.samples import RESERVED
from spacebio_bench.osdr.conditions import Rules, words
from spacebio_bench.osdr.isa_table import SAMPLE, IsaTable, plain
from spacebio_bench.osdr.strains import strain_of

STANDARD = (
    "strain",
    "sex",
    "age",
    "duration",
    "hardware",
    "batch",
    "euthanasia",
    "preservation",
)
"""Columns that every samples table has, empty where nothing is recorded."""

_OURS = ("sample", "condition", "exclude", "note", "strain_recorded", "spaceflight", "gravity")
_FACTOR = re.compile(r"factor value\[(.+)\]", re.IGNORECASE)


@dataclass(frozen=True)
class Recorded:
    """Values by sample and column name, names as :func:`plain` makes them.

    Attributes
    ----------
    sequenced
        Samples of the RNA-seq assay tables, each once, in their order.
    headers
        Column names as the tables spell them, by plain name.
    """

    sequenced: tuple[str, ...]
    cells: Mapping[str, Mapping[str, str]]
    headers: Mapping[str, str]

    def value(self, sample: str, headers: Sequence[str]) -> str:
        """The first value that is not empty under the given names."""
        cells = self.cells[sample]
        return next((v for h in headers if (v := cells.get(plain(h), ""))), "")

    def has(self, headers: Sequence[str]) -> bool:
        """Whether the tables have one of the columns."""
        return any(plain(h) in self.headers for h in headers)

    @property
    def factors(self) -> dict[str, str]:
        """Names of the factors, by plain name of their column."""
        found = {h: _FACTOR.fullmatch(spelt) for h, spelt in self.headers.items()}
        return {h: match[1].strip() for h, match in found.items() if match}


def join_tables(
    studies: Sequence[IsaTable], assays: Sequence[IsaTable], rules: Rules, findings: Findings
) -> Recorded:
    """Join the tables by sample name.

    A sample that stands in several rows of an assay (lanes, technical replicates) is one sample;
    values that differ between its rows are put together. A value of the study table comes first.
    """
    cells: dict[str, dict[str, str]] = {}
    headers: dict[str, str] = {}
    for table in studies:
        _take(table, _by_sample(table), cells, headers, rules)
        _check_rows(table, findings)
    known = set(cells)
    sequenced: dict[str, None] = {}
    for table in assays:
        grouped = _by_sample(table)
        sequenced |= dict.fromkeys(grouped)
        strange = [s for s in grouped if s not in known]
        if strange:
            several = f"samples {listing(strange)} are" if len(strange) > 1 else f"{strange[0]} is"
            findings.wrong(table.name, f"{several} not in the study table.")
        repeated = sum(len(rows) > 1 for rows in grouped.values())
        if repeated:
            what = f"{repeated} samples have several rows (lanes or technical replicates); "
            findings.note(table.name, f"{what}each is one sample.")
        _take(table, grouped, cells, headers, rules)
    return Recorded(tuple(sequenced), cells, headers)


def _by_sample(table: IsaTable) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for i, sample in enumerate(table.samples):
        rows.setdefault(sample, []).append(i)
    return rows


def _take(
    table: IsaTable,
    grouped: Mapping[str, Sequence[int]],
    cells: dict[str, dict[str, str]],
    headers: dict[str, str],
    rules: Rules,
) -> None:
    for header in dict.fromkeys(table.headers):
        key = plain(header)
        values = table.values(header) or []
        headers.setdefault(key, header)
        for sample, rows in grouped.items():
            told = dict.fromkeys(values[i] for i in rows if words(values[i]) not in rules.missing)
            told.pop("", None)
            mine = cells.setdefault(sample, {})
            if told and not mine.get(key):
                mine[key] = ";".join(told)


def _check_rows(table: IsaTable, findings: Findings) -> None:
    """A sample twice in a study table must be the same sample twice."""
    factors = [h for h in dict.fromkeys(table.headers) if _FACTOR.fullmatch(h)]
    values = {h: table.values(h) or [] for h in factors}
    for sample, rows in _by_sample(table).items():
        for factor in factors:
            told = list(dict.fromkeys(values[factor][i] for i in rows))
            if len(told) > 1:
                what = f"{shown(sample)} has several rows with different {factor}: {listing(told)}."
                findings.wrong(f"{table.name}, column {SAMPLE}", what)


def snake(name: str) -> str:
    """`Dissection Condition` as `dissection_condition`."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def sample_row(
    sample: str, column: str, recorded: Recorded, rules: Rules
) -> tuple[dict[str, str], list[str]]:
    """Columns of one sample as recorded, and what to note of it.

    The id that tells the strain is the name in the counts, `column`.
    """
    row = {name: recorded.value(sample, headers) for name, headers in rules.columns.items()}
    strain = strain_of(column, row.get("strain", ""), rules.strains)
    row |= {
        "strain": strain.strain,
        "strain_recorded": strain.recorded,
        "spaceflight": recorded.value(sample, rules.spaceflight),
        "gravity": recorded.value(sample, rules.gravity),
    }
    used = {plain(h) for headers in rules.columns.values() for h in headers}
    used |= {plain(h) for h in (*rules.spaceflight, *rules.gravity, *rules.mission.columns)}
    for header, factor in recorded.factors.items():
        if header in used:
            continue
        name = snake(factor)
        taken = name in (*RESERVED, *_OURS) or name in rules.columns or not name[:1].isalpha()
        row[f"factor_{name}" if taken else name] = recorded.cells[sample].get(header, "")
    return row, [strain.note] if strain.note else []
