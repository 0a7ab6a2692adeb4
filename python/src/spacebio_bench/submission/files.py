"""The bytes of a file that somebody sent: present, plain, of a size that can be looked at."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from pathlib import Path

from spacebio_bench.submission.findings import Findings, shown

NumberedRow = tuple[int, list[str]]
MEGABYTE = 1_000_000
JSON_LIMIT = 20 * MEGABYTE
TABLE_LIMIT = 50 * MEGABYTE


def read_bytes(path: Path, limit: int, findings: Findings) -> bytes | None:
    """The content, decompressed where the name ends in `.gz`; None when something is wrong.

    Parameters
    ----------
    limit
        Bytes, of the content as it is read.
    """
    where = str(path)
    try:
        if not path.is_file():
            kind = "is no regular file" if path.exists() else "does not exist"
            kind = "is a folder; name one file" if path.is_dir() else kind
            findings.add("file", where, f"{kind}.")
            return None
        with path.open("rb") as file:
            zipped = path.suffix.lower() == ".gz"
            data = (gzip.GzipFile(fileobj=file) if zipped else file).read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        findings.add("file", shown(where), f"cannot be read: {why}.")
        return None
    if len(data) > limit:
        findings.add("size", where, f"is larger than {limit // MEGABYTE} MB, the limit.")
        return None
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        findings.add("file", where, "is empty.")
        return None
    return data


def as_text(data: bytes, where: str, findings: Findings) -> str | None:
    """UTF-8 text without its byte order mark; None, with the place, where it is none."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = shown(data[error.start : error.start + 1])
        findings.add(
            "encoding", f"{where}, line {line}", f"the byte {byte} is not UTF-8; save it as UTF-8."
        )
        return None


def read_csv_rows(path: Path, findings: Findings) -> tuple[list[str], list[NumberedRow]] | None:
    """Header and rows of a CSV file, plain or gzip, with their numbers there; empty rows left out.

    Rows of another length than the header are told and left out. None when there is no CSV.
    """
    where = str(path)
    data = read_bytes(path, TABLE_LIMIT, findings)
    text = as_text(data, where, findings) if data is not None else None
    if text is None:
        return None
    try:
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        findings.add("CSV", where, f"is not CSV: {error}.")
        return None
    body: list[NumberedRow] = []
    for number, row in enumerate(rows, start=2):
        if row and len(row) != len(header):
            what = f"has {len(row)} fields, the header {len(header)}."
            findings.add("row lengths", f"{where}, row {number}", what)
        elif row:
            body.append((number, row))
    return [name.strip() for name in header], body
