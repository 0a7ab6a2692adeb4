"""An ISA archive of a study: its investigation file, study tables and assay tables."""

from __future__ import annotations

import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from spacebio_bench.cohort._findings import Findings, listing, shown
from spacebio_bench.osdr.isa_table import IsaTable, decoded, plain, read_isa_table, records

MOST_FILES = 2000
MOST_BYTES = 1 << 27  # of text in all; the archives of the largest studies hold a few megabytes
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,  # a compression that Python lacks
    RuntimeError,  # encrypted
    OSError,
    ValueError,
    OverflowError,
)
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True)
class Assay:
    """What the investigation says of an assay; `table` is None where it was not asked for."""

    file: str
    measurement: str
    technology: str

    @property
    def title(self) -> str:
        """Measurement and technology, for people."""
        return f"{self.measurement or 'no measurement'} by {self.technology or 'no technology'}"


@dataclass(frozen=True)
class Archive:
    """An ISA archive.

    Attributes
    ----------
    investigation
        Values by name, names as :func:`plain` makes them; repeated names together.
    files
        Content of every table by its name without folders.
    """

    name: str
    investigation: Mapping[str, Sequence[str]]
    assays: tuple[Assay, ...]
    files: Mapping[str, bytes]

    def studies(self, findings: Findings) -> list[IsaTable]:
        """The study tables that the investigation names."""
        named = [f for f in self.investigation.get("study file name", ()) if f]
        if not named:
            findings.wrong(self.name, "the investigation names no study table.")
        return [table for file in named if (table := self.table(file, findings)) is not None]

    def table(self, file: str, findings: Findings) -> IsaTable | None:
        """One table; a problem where it is not in the archive or not readable."""
        if file not in self.files:
            has = listing(sorted(self.files), 8) or "none"
            what = (
                f"{shown(file, 200)} is named in the investigation and not there; there are {has}."
            )
            findings.wrong(self.name, what)
            return None
        return read_isa_table(self.files[file], f"{self.name}, {file}", findings)


def read_archive(path: Path, findings: Findings) -> Archive | None:
    """Read an ISA archive into memory; nothing of it is written to disk.

    None, and a problem, where it is damaged, larger than any ISA archive, or not meant well.
    """
    name = path.name
    files = _members(path, name, findings)
    if files is None:
        return None
    found = sorted(f for f in files if f.startswith("i_") and f.endswith(".txt"))
    if len(found) != 1:
        said = f"has {listing(found)}" if found else "has no i_*.txt"
        findings.wrong(name, f"{said}; an ISA archive has one investigation file.")
        return None
    investigation = _investigation(files[found[0]], f"{name}, {found[0]}", findings)
    if investigation is None:
        return None
    columns = [
        list(investigation.get(key, ()))
        for key in (
            "study assay file name",
            "study assay measurement type",
            "study assay technology type",
        )
    ]
    size = max(map(len, columns))
    padded = [[*column, *[""] * (size - len(column))] for column in columns]
    assays = tuple(Assay(*row) for row in zip(*padded, strict=True) if any(row))
    return Archive(name, investigation, assays, files)


def _investigation(raw: bytes, name: str, findings: Findings) -> Mapping[str, Sequence[str]] | None:
    before = len(findings.problems)
    values: dict[str, list[str]] = {}
    for _, cells in records(decoded(raw, name, findings), name, findings):
        values.setdefault(plain(cells[0]), []).extend(cells[1:])
    return values if len(findings.problems) == before else None


def _members(path: Path, name: str, findings: Findings) -> dict[str, bytes] | None:
    """Every text table by its name without folders."""
    files: dict[str, bytes] = {}
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            what = _what_is_wrong(members)
            if what:
                findings.wrong(name, what)
                return None
            for member in members:
                file = PurePosixPath(member.filename).name
                if member.is_dir() or not _is_table(member.filename):
                    continue
                with archive.open(member) as stream:
                    content = stream.read(left + 1)
                left -= len(content)
                if left < 0:
                    findings.wrong(name, _too_large())
                    return None
                if file in files:
                    findings.wrong(name, f"{shown(file)} is there twice.")
                    return None
                files[file] = content
    except FileNotFoundError:
        findings.wrong(str(path), "does not exist.")
        return None
    except _DAMAGED as error:
        findings.wrong(name, f"is no readable zip archive ({shown(str(error))}). Fetch it again.")
        return None
    return files


def _is_table(member: str) -> bool:
    path = PurePosixPath(member)
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts
    return path.suffix == ".txt" and not hidden


def _what_is_wrong(members: Sequence[zipfile.ZipInfo]) -> str | None:
    if len(members) > MOST_FILES:
        return f"has {len(members):,} files; an ISA archive has a few."
    if sum(m.file_size for m in members if _is_table(m.filename)) > MOST_BYTES:
        return _too_large()
    for member in members:
        given = member.orig_filename
        parts = given.replace("\\", "/").split("/")
        outside = given.startswith(("/", "\\")) or ".." in parts or _DRIVE.match(given)
        if outside:
            return f"{shown(given)} leads out of the archive. It is not used."
        if stat.S_ISLNK(member.external_attr >> 16):
            return f"{shown(given)} is a link. It is not used."
    return None


def _too_large() -> str:
    return f"has more than {MOST_BYTES >> 20} MiB of text; no ISA archive has."
