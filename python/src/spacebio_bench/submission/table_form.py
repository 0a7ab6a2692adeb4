"""Reads the long form: a CSV or Parquet table with a row for each sample of each fold."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spacebio_bench.submission.files import TABLE_LIMIT, read_bytes, read_csv_rows
from spacebio_bench.submission.findings import Findings, listed, repeated, shown
from spacebio_bench.submission.raw import ALIASES, ENTRIES, NotNumber, Raw

COLUMNS = ("fold", "sample", "score")
MOST_ROWS = 1_000_000
_MOST_COLUMNS = 100
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")

Columns = dict[str, Sequence[Any]]


def read_csv(path: Path, findings: Findings) -> Raw | None:
    """The entries and predictions of a long CSV file, plain or gzip."""
    where = str(path)
    table = read_csv_rows(path, findings)
    if table is None:
        return None
    header, rows = table
    if not _header_is_good(header, where, findings):
        return None
    numbers, body = [number for number, _ in rows], [row for _, row in rows]
    if not _size_is_good(len(body), where, findings):
        return None
    columns: Columns = {name: [row[i] for row in body] for i, name in enumerate(header)}
    columns["score"] = [_number(text) for text in columns["score"]]
    return _raw(columns, numbers, where, findings)


def read_parquet(path: Path, findings: Findings) -> Raw | None:
    """The entries and predictions of a long Parquet file."""
    import pyarrow as pa  # noqa: PLC0415 - the other forms do without
    import pyarrow.parquet as pq  # noqa: PLC0415

    where = str(path)
    data = read_bytes(path, TABLE_LIMIT, findings)
    if data is None:
        return None
    try:
        with pq.ParquetFile(io.BytesIO(data)) as file:
            schema, n_rows = file.schema_arrow, file.metadata.num_rows
        if not _header_is_good(list(schema.names), where, findings):
            return None
        nested = [field.name for field in schema if pa.types.is_nested(field.type)]
        if nested:
            findings.add("columns", where, f"{listed(nested)} holds lists or the like.")
        if nested or not _size_is_good(n_rows, where, findings):
            return None
        # as dictionaries: a long text that many rows share stays one text
        texts = [field.name for field in schema if pa.types.is_string(field.type)]
        with pq.ParquetFile(io.BytesIO(data), read_dictionary=texts) as file:
            columns: Columns = {
                name: [value for chunk in column.chunks for value in _shared(chunk)]
                for name, column in zip(schema.names, file.read().columns, strict=True)
            }
    except (pa.ArrowException, OSError, ValueError) as error:
        findings.add(
            "Parquet", where, f"is not Parquet: {(str(error).splitlines() or [''])[0][:120]}"
        )
        return None
    return _raw(columns, range(1, 1 + len(columns["fold"])), where, findings)


def _shared(chunk: Any) -> list[Any]:
    """Values of an Arrow array; equal texts of a dictionary are one object."""
    if not hasattr(chunk, "dictionary"):
        return list(chunk.to_pylist())
    texts = chunk.dictionary.to_pylist()
    return [None if i is None else texts[i] for i in chunk.indices.to_pylist()]


def _header_is_good(header: list[str], where: str, findings: Findings) -> bool:
    if len(header) > _MOST_COLUMNS:
        findings.add("size", where, f"has {len(header)} columns; {_MOST_COLUMNS} is the limit.")
        return False
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        findings.add(
            "missing columns",
            f"{where}, row 1",
            f"{listed(missing)} is not among the columns; fold, sample and score are needed.",
        )
    twice = repeated(header)
    if twice:
        findings.add("repeated columns", f"{where}, row 1", f"{listed(twice)} is there twice.")
    return not missing and not twice


def _size_is_good(n_rows: int, where: str, findings: Findings) -> bool:
    if n_rows == 0:
        findings.add("file", where, "has no row.")
    elif n_rows > MOST_ROWS:
        findings.add("size", where, f"has {n_rows} rows; {MOST_ROWS} is the limit.")
    else:
        return True
    return False


def _raw(columns: Columns, numbers: Sequence[int], where: str, findings: Findings) -> Raw:
    predictions: dict[str, dict[str, Any]] = {}
    keys = zip(numbers, columns["fold"], columns["sample"], columns["score"], strict=True)
    for number, fold, sample, score in keys:
        place = f"{where}, row {number}"
        if not all(isinstance(name, str) and name for name in (fold, sample)):
            findings.add("empty names", place, "fold and sample have to be text that is not empty.")
            continue
        own = predictions.setdefault(fold, {})
        if sample in own:
            what = f"sample {shown(sample)} of fold {shown(fold)} is there a second time."
            findings.add("repeated rows", place, what)
        own.setdefault(sample, score)
    entries = {
        name: _constant(name, values, where, findings)
        for name, values in columns.items()
        if name not in COLUMNS
    }
    known = {name: value for name, value in entries.items() if value not in ("", None)}
    return Raw(where, known, predictions, bounded=False)


def _constant(name: str, values: Sequence[Any], where: str, findings: Findings) -> Any:
    """The one value of a column beside the three; text of true and false as such."""
    distinct = list(dict.fromkeys(str(value) for value in values))
    if len(distinct) > 1 and name in {*ENTRIES, *ALIASES}:
        what = f"holds {listed(distinct)}; one value is needed in all rows."
        findings.add("columns that vary", f"{where}, column {name}", what)
    value = values[0]
    if name == "saw_other_folds_labels" and isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower(), value)
    return value


def _number(text: str) -> float | NotNumber:
    """A decimal number as a table writes it."""
    bare = text.strip()
    if not bare:
        return NotNumber("", "is missing")
    if _NUMBER.fullmatch(bare) is None:
        named = bare.lower().lstrip("+-") in {"nan", "inf", "infinity"}
        return NotNumber(bare, "is not finite" if named else "is text")
    value = float(bare)
    return value if math.isfinite(value) else NotNumber(bare, "is too large for a number")
