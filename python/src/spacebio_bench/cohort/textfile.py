"""Bytes of a text file as clean UTF-8, whatever a spreadsheet or a download made of it."""

from __future__ import annotations

import gzip
import zlib
from io import BytesIO
from pathlib import Path

from spacebio_bench.cohort._findings import Findings, at

_LIMIT = 1 << 32  # bytes after decompression; no table of counts comes near
_CHUNK = 1 << 24

_FOREIGN = {
    b"PK\x03\x04": "is a zip archive or an Excel workbook. Export the table as CSV.",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook. Export the table as CSV.",
    b"\xfd7zXZ": "is compressed with xz; only plain and gzip files are read.",
    b"BZh": "is compressed with bzip2; only plain and gzip files are read.",
    b"\x28\xb5\x2f\xfd": "is compressed with zstd; only plain and gzip files are read.",
    b"PAR1": "is a Parquet file without the ending .parquet.",
    b"\xff\xfe": "is UTF-16 text. Save it as UTF-8.",
    b"\xfe\xff": "is UTF-16 text. Save it as UTF-8.",
    b"version https://git-lfs": "is a Git LFS pointer, not the data. Fetch the file itself.",
}


def read_text(path: Path, name: str, findings: Findings) -> bytes | None:
    r"""The content of a text file: UTF-8 without BOM, lines ending in \n, decompressed.

    Parameters
    ----------
    path
        Where the file is.
    name
        What messages call it.
    findings
        Receives a problem when the file cannot be read as text, and a note on everything that was
        put right.

    Returns
    -------
    The bytes, which decode as UTF-8; None where there is a problem.
    """
    raw = _read_bytes(path, name, findings)
    if raw is None:
        return None
    if raw[:2] == b"\x1f\x8b":
        raw = _decompress(raw, name, findings)
        if raw is None:
            return None
        if not name.endswith(".gz"):
            findings.note(
                name, "is gzip-compressed although its name does not say so; read as such."
            )
    elif name.endswith(".gz") and raw:
        findings.note(name, "is not compressed although its name says so; read as plain text.")
    return _clean(raw, name, findings)


def check_file(path: Path, where: str, shown_as: str, findings: Findings) -> bool:
    """Whether a file is there and can be opened; the problem is put `where` the file was named."""
    what = None
    try:
        if "\0" in str(path):
            what = "is not a file name."
        elif not path.exists():
            what = "does not exist."
        elif path.is_dir():
            what = "is a folder, not a file."
        elif not path.is_file():
            what = "is not a regular file."
        else:
            with path.open("rb"):
                pass
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}."
    if what:
        findings.wrong(where, f"{shown_as} {what}")
    return what is None


def _read_bytes(path: Path, name: str, findings: Findings) -> bytes | None:
    try:
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        findings.wrong(name, f"cannot be read: {reason}.")
        return None
    if not raw:
        findings.wrong(name, "is empty.")
        return None
    return raw


def _decompress(raw: bytes, name: str, findings: Findings) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=BytesIO(raw)) as stream:
            while chunk := stream.read(_CHUNK):
                parts.append(chunk)
                size += len(chunk)
                if size > _LIMIT:
                    findings.wrong(name, "is larger than 4 GiB when decompressed.")
                    return None
    except EOFError:
        findings.wrong(name, "is a truncated gzip file. Copy or download it again.")
        return None
    except (OSError, zlib.error) as error:
        findings.wrong(name, f"is a damaged gzip file ({error}). Copy or download it again.")
        return None
    if not size:
        findings.wrong(name, "is empty: a gzip file with nothing in it.")
        return None
    return b"".join(parts)


def _clean(raw: bytes, name: str, findings: Findings) -> bytes | None:
    for magic, what in _FOREIGN.items():
        if raw.startswith(magic):
            findings.wrong(name, what)
            return None
    if raw[:200].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        findings.wrong(name, "is a web page or XML, not a table. Download the file itself.")
        return None
    if raw.startswith(b"\xef\xbb\xbf"):
        raw = raw[3:]
        findings.note(name, "starts with a byte order mark, which was ignored.")
    zero = raw.find(b"\0")
    if zero >= 0:
        row = raw.count(b"\n", 0, zero) + 1
        findings.wrong(at(name, row), "there is a NUL byte: the file is binary or damaged.")
        return None
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        row = raw.count(b"\n", 0, error.start) + 1
        byte = raw[error.start]
        findings.wrong(
            at(name, row), f"byte 0x{byte:02X} is not UTF-8. Save the file with UTF-8 encoding."
        )
        return None
    if b"\r" in raw:
        findings.note(name, "Windows or old Mac line ends were read as plain ones.")
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not raw.strip():
        findings.wrong(name, "is empty: there is nothing but blank lines.")
        return None
    return raw
