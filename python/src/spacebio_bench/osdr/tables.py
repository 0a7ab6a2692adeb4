"""From an ISA archive and a counts file to samples tables, one part per tissue and mission."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from spacebio_bench.cohort._findings import Findings, listing, shown
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.files import check_target
from spacebio_bench.osdr.columns import STANDARD, Recorded, join_tables, sample_row
from spacebio_bench.osdr.conditions import Rules, words
from spacebio_bench.osdr.counts_columns import gzipped_columns, match_names, open_counts
from spacebio_bench.osdr.isa import Archive, read_archive
from spacebio_bench.osdr.isa_groups import Group, all_groups, groups_of, wanted_groups
from spacebio_bench.osdr.isa_table import IsaTable


@dataclass(frozen=True)
class Source:
    """What was fetched of one accession.

    Attributes
    ----------
    counts_name
        The counts file's name at the source, for messages.
    metadata
        The biological data API's answer for the data set, {} where it gave none.
    """

    accession: str
    isa: Path
    counts: Path
    counts_name: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """Samples of one tissue and mission.

    Attributes
    ----------
    samples
        sample, condition, exclude, note, what is recorded; text, "" where missing; sorted bytewise.
    columns
        Their columns of the counts file in its order; () where they are all of it.
    notes
        What was handled and should be known.
    """

    tissue: str
    mission: str
    samples: pd.DataFrame
    columns: tuple[str, ...]
    notes: tuple[str, ...]


def make_parts(source: Source, *, wanted: Sequence[Group] | None, rules: Rules) -> tuple[Part, ...]:
    """Samples tables of a study.

    Parameters
    ----------
    wanted
        Pairs of tissue and mission that the catalog has for this accession; None for all there are.

    Raises
    ------
    InputError
        Everything wrong with the archive, the counts, the names or the conditions.
    """
    findings = Findings()
    archive = read_archive(source.isa, findings)
    counts = open_counts(source.counts, source.counts_name, findings)
    recorded = _recorded(archive, rules, findings) if archive is not None else None
    findings.raise_if_any()
    assert archive is not None
    assert counts is not None
    assert recorded is not None
    table = f"the RNA-seq assay of {source.accession}"
    sample_of = match_names(
        counts.header.columns, recorded.sequenced, source.counts_name, table, findings
    )
    _note_absent(recorded, sample_of, source, findings)
    groups = groups_of(
        list(sample_of.values()), source.accession, recorded, archive, source.metadata, rules
    )
    where = source.accession
    if wanted is None:
        chosen = {
            group: [s for s, g in groups.items() if g == group]
            for group in all_groups(groups, where, findings)
        }
    else:
        chosen = wanted_groups(groups, wanted, rules.mission, where, findings)
    column_of = {sample: column for column, sample in sample_of.items()}
    frames = {
        group: _frame(samples, column_of, recorded, rules, where, findings)
        for group, samples in chosen.items()
    }
    findings.raise_if_any()
    return tuple(
        _part(group, *frames[group], counts.header.columns, findings) for group in sorted(frames)
    )


def _recorded(archive: Archive, rules: Rules, findings: Findings) -> Recorded | None:
    before = len(findings.problems)
    assays = [
        assay
        for assay in archive.assays
        if rules.measurement.fullmatch(assay.measurement)
        and rules.technology.fullmatch(assay.technology)
    ]
    if not assays:
        has = listing([assay.title for assay in archive.assays], 10, 100) or "none"
        findings.wrong(archive.name, f"the study has no bulk RNA-seq assay; its assays: {has}.")
    studies = archive.studies(findings)
    tables = [
        table
        for file in dict.fromkeys(assay.file for assay in assays)
        if (table := archive.table(file, findings)) is not None
    ]
    if len(findings.problems) > before:
        return None
    recorded = join_tables(studies, tables, rules, findings)
    _check_spaceflight(recorded, studies, rules, findings)
    return recorded if len(findings.problems) == before else None


def _check_spaceflight(
    recorded: Recorded, studies: Sequence[IsaTable], rules: Rules, findings: Findings
) -> None:
    if not recorded.has(rules.spaceflight):
        has = listing(list(recorded.factors.values()), 12) or "none"
        what = f"no column {' or '.join(rules.spaceflight)}; its factors: {has}."
        findings.wrong(listing([table.name for table in studies], 3, 200), what)


def _note_absent(
    recorded: Recorded, sample_of: Mapping[str, str], source: Source, findings: Findings
) -> None:
    there = set(sample_of.values())
    absent = [s for s in recorded.sequenced if s not in there]
    if absent:
        what = (
            f"{len(absent)} samples of the assay have no counts ({listing(absent, 8)}); left out."
        )
        findings.note(source.counts_name, what)


def _frame(
    samples: Sequence[str],
    column_of: Mapping[str, str],
    recorded: Recorded,
    rules: Rules,
    where: str,
    findings: Findings,
) -> tuple[pd.DataFrame, list[str]]:
    """The samples table, and what is to be said of its samples together."""
    rows = []
    said: dict[str, int] = {}
    unknown: dict[tuple[str, str], list[str]] = {}
    for sample in sorted(samples, key=lambda s: column_of[s].encode()):
        column = column_of[sample]
        row, notes = sample_row(sample, column, recorded, rules)
        rule = rules.condition(row["spaceflight"], row["gravity"])
        refused = _refusals(sample, recorded, rules)
        for text, reason in refused.items():
            unknown.setdefault((text, reason), []).append(column)
        if rule is None and not refused:
            text = f"'{shown(row['spaceflight'])}'"
            text += f" with gravity '{shown(row['gravity'])}'" if row["gravity"] else ""
            unknown.setdefault((text, "no rule knows it"), []).append(column)
        if rule is not None and rule.note:
            notes.append(rule.note)
        for note in notes:
            said[note] = said.get(note, 0) + 1
        if column != sample:
            notes.append(f"{sample} in the ISA tables")
        head = {
            "sample": column,
            "condition": rule.condition if rule is not None else "",
            "exclude": "",
            "note": "; ".join(notes),
        }
        rows.append(head | row)
    for (text, reason), names in unknown.items():
        what = (
            f"{text} of {listing(names)} is no condition: {reason} (rules {rules.version}). Leave "
            "the study out, or write a rule for it in a file and give it with --conditions."
        )
        findings.wrong(where, what)
    return _ordered(pd.DataFrame(rows)), [f"{n} samples: {note}." for note, n in said.items()]


def _refusals(sample: str, recorded: Recorded, rules: Rules) -> dict[str, str]:
    found = {}
    for header, factor in recorded.factors.items():
        value = recorded.cells[sample].get(header, "")
        reason = rules.refusal(factor, value) if words(value) else None
        if reason:
            found[f"{factor} '{shown(value)}'"] = reason
    return found


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    """Fixed columns first; of the others those that say anything, in alphabetical order."""
    frame = frame.fillna("")
    head = ["sample", "condition", "exclude", "note", "strain"]
    further = sorted(
        c for c in frame.columns if c not in (*head, *STANDARD) and (frame[c] != "").any()
    )
    recorded = [c for c in further if c == "strain_recorded"]
    rest = [c for c in further if c != "strain_recorded"]
    return frame[[*head, *recorded, *STANDARD[1:], *rest]]


def _part(
    group: Group,
    frame: pd.DataFrame,
    said: Sequence[str],
    columns: Sequence[str],
    findings: Findings,
) -> Part:
    mine = set(frame["sample"])
    kept = tuple(c for c in columns if c in mine)
    if len(kept) == len(columns):
        kept = ()
    return Part(*group, frame, kept, (*findings.notes, *said))


def write_part(part: Part, source: Source, *, counts_to: Path, samples_to: Path) -> None:
    """Write a part's counts (CSV in gzip, the same bytes at every run) and samples, both or none.

    Raises
    ------
    InputError
        The counts cannot be read, or a place cannot be written to.
    """
    findings = Findings()
    counts = open_counts(source.counts, source.counts_name, findings)
    findings.raise_if_any()
    assert counts is not None
    lacking = [c for c in part.columns if c not in counts.header.columns]
    if lacking:
        raise InputError([Problem(source.counts_name, f"has no column {listing(lacking)}.")])
    columns = part.columns or counts.header.columns
    packed = gzipped_columns(counts, columns, source.counts_name, findings)
    findings.raise_if_any()
    assert packed is not None
    samples = part.samples.to_csv(index=False, lineterminator="\n").encode("utf-8")
    _write_both({counts_to: packed, samples_to: samples})


def _write_both(contents: Mapping[Path, bytes]) -> None:
    """Write files by temporary names; none takes its place before all are on the disk."""
    # two processes may fetch the same study into the same folder
    partials = {p: p.with_name(f".{p.name}.{os.getpid()}.partial") for p in contents}
    new = [path for path in contents if not path.exists()]
    for path in contents:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError, PermissionError) as error:
            what = f"its folder cannot be made: {error.strerror}."
            raise InputError([Problem(str(path), what)]) from error
        check_target(path)
    try:
        for path, partial in partials.items():
            partial.write_bytes(contents[path])
        for path, partial in partials.items():
            partial.replace(path)
    except OSError:
        for path in new:
            path.unlink(missing_ok=True)
        raise
    finally:
        for partial in partials.values():
            partial.unlink(missing_ok=True)
