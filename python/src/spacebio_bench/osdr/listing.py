"""The file listing of a study: what there is, and which files make a study of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from spacebio_bench.errors import InputError, Problem

_COUNTS = re.compile(r"rna[-_ ]?seq.*unnormali[sz]ed[-_ ]counts.*\.csv(\.gz)?", re.IGNORECASE)
_ISA = re.compile(r".*isa\.zip", re.IGNORECASE)
_MD5 = re.compile(r"(?!.*raw)(?!.*fastq).*md5.*\.(txt|tsv|csv)", re.IGNORECASE)
# counts without ribosomal RNA, or without spike-ins, are another view of the same samples
_OTHER_VIEW = re.compile(r"rrnarm|noercc|no_ercc", re.IGNORECASE)
_QUANTIFIERS = (re.compile(r"rsem", re.IGNORECASE), None, re.compile(r"star", re.IGNORECASE))
_CURRENT = re.compile(r"glbulkrnaseq", re.IGNORECASE)
_MD5_LIMIT = 5_000_000


@dataclass(frozen=True)
class RemoteFile:
    """A file that the listing names.

    Attributes
    ----------
    size
        Bytes as listed; None where the listing has no whole number.
    address
        Path and query at the server.
    changed
        When it was made or changed, as listed; part of what the cache knows it by.
    """

    accession: str
    name: str
    size: int | None
    address: str
    changed: str


@dataclass(frozen=True)
class Chosen:
    """What is fetched of a study; `md5` are tables of checksums."""

    counts: RemoteFile
    isa: RemoteFile
    md5: tuple[RemoteFile, ...]


def read_listing(answer: Any, accession: str) -> tuple[RemoteFile, ...]:
    """Visible files of a study from the answer of `/osdr/data/osd/files/<number>`.

    Raises
    ------
    InputError
        The answer is of another form, or knows no such study.
    """
    where = f"{accession}, file listing"
    studies = answer.get("studies") if isinstance(answer, Mapping) else None
    if not isinstance(studies, Mapping):
        raise InputError([Problem(where, "has no `studies`; its form has changed.")])
    study = studies.get(accession)
    if not study:
        raise InputError([Problem(accession, "is not a study of OSDR. Is the number right?")])
    rows = study.get("study_files") if isinstance(study, Mapping) else None
    if not isinstance(rows, list):
        raise InputError([Problem(where, "has no `study_files`; its form has changed.")])
    found, strange = [], 0
    for row in rows:
        if not isinstance(row, Mapping):
            strange += 1
            continue
        name, address = row.get("file_name"), row.get("remote_url")
        if not (isinstance(name, str) and name and isinstance(address, str) and address):
            strange += 1
        elif row.get("visible") is not False and row.get("restricted") is not True:
            size = row.get("file_size")
            whole = isinstance(size, int) and not isinstance(size, bool) and size >= 0
            changed = row.get("date_updated") or row.get("date_created") or ""
            found.append(
                RemoteFile(accession, name, size if whole else None, address, str(changed))
            )
    if strange and not found:
        what = "no entry has `file_name` and `remote_url`; its form has changed."
        raise InputError([Problem(where, what)])
    return tuple(found)


def choose(files: Iterable[RemoteFile], accession: str, *, counts: str | None = None) -> Chosen:
    """Unnormalised RNA-seq counts, the newest ISA archive and tables of checksums.

    Of several counts RSEM's come before those that name no quantifier (RSEM's too, of the first
    pipeline), before STAR's; the current pipeline's before older ones.

    Parameters
    ----------
    counts
        Name of the counts file, where the study has several that are alike.

    Raises
    ------
    InputError
        What is missing, and what there is; counts that nothing tells apart.
    """
    everything = tuple(files)
    problems = []
    tables = [f for f in everything if _COUNTS.search(f.name)]
    if counts is not None:
        chosen = [f for f in everything if f.name == counts]
    else:
        chosen = _best([f for f in tables if not _OTHER_VIEW.search(f.name)] or tables)
    if not chosen:
        has = ", ".join(sorted(f.name for f in tables)[:8]) or _kinds(everything)
        asked = f"no file {counts}" if counts else "no unnormalised RNA-seq counts"
        problems.append(Problem(accession, f"has {asked}; there are {has}."))
    elif len(chosen) > 1:
        names = ", ".join(sorted(f.name for f in chosen))
        what = f"has several tables of counts that are alike: {names}. Choose with --counts NAME."
        problems.append(Problem(accession, what))
    archives = [f for f in everything if _ISA.fullmatch(f.name)]
    if not archives:
        problems.append(Problem(accession, "has no ISA archive (*ISA.zip), so no sample table."))
    if problems:
        raise InputError(problems)
    md5 = [f for f in everything if _MD5.fullmatch(f.name) and f.size and f.size < _MD5_LIMIT]
    isa = max(archives, key=lambda f: (_time(f.changed), f.name))
    return Chosen(chosen[0], isa, tuple(sorted(md5, key=lambda f: f.name)))


def read_md5_table(text: str) -> dict[str, str]:
    """File names and md5 of a table: either column first, with any blanks between."""
    found = {}
    for line in text.splitlines():
        parts = [part.strip('"') for part in re.split(r"[\s,*]+", line.strip())]
        digests = [p for p in parts if re.fullmatch(r"[0-9a-fA-F]{32}", p)]
        names = [p for p in parts if p and p not in digests]
        if len(digests) == 1 and names:
            found[names[-1].rsplit("/", 1)[-1]] = digests[0].lower()
    return found


def _best(files: list[RemoteFile]) -> list[RemoteFile]:
    for pattern in _QUANTIFIERS:
        mine = [
            f
            for f in files
            if (pattern.search(f.name) if pattern else not _names_quantifier(f.name))
        ]
        if mine:
            return [f for f in mine if _CURRENT.search(f.name)] or mine
    return files


def _names_quantifier(name: str) -> bool:
    return any(p.search(name) for p in _QUANTIFIERS if p)


def _time(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _kinds(files: tuple[RemoteFile, ...]) -> str:
    names = sorted(f.name for f in files)
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{', '.join(names[:5])}{more}" if names else "no files"
