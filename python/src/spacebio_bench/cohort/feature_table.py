"""A precomputed sample x feature table of a study, CSV or Parquet."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from spacebio_bench.cohort._findings import Findings, at, listing, shown
from spacebio_bench.cohort.number_table import line_of, read_header, read_numbers
from spacebio_bench.cohort.samples import Samples
from spacebio_bench.cohort.textfile import read_text

_SHOWN = 5


def read_features(
    path: Path, name: str, samples: Samples | None, samples_name: str, findings: Findings
) -> pd.DataFrame | None:
    """Read a feature table, keep the listed samples in the order of the samples table.

    Rows of samples that are not listed are dropped and said. Returns a float64 frame with an index
    named `sample`, or None where there is a problem.
    """
    before = len(findings.problems)
    if path.suffix.lower() in (".parquet", ".pq"):
        table = _read_parquet(path, name, findings)
    else:
        table = _read_csv(path, name, findings)
    if table is None or samples is None:
        return None
    kept = [s for s in samples.names if s]
    repeated = set(table.index[table.index.duplicated()]) & set(kept)
    for sample in sorted(repeated)[:_SHOWN]:
        findings.wrong(name, f"sample {shown(sample)} is there more than once.")
    absent = [s for s in kept if s not in table.index]
    for sample in absent[:_SHOWN]:
        where = at(samples_name, samples.rows.get(sample), "sample")
        findings.wrong(where, f"{shown(sample)} has no row in {name}.")
    if len(absent) > _SHOWN:
        findings.wrong(
            samples_name, f"{len(absent) - _SHOWN} further samples have no row in {name}."
        )
    if repeated or absent:
        return None
    rest = set(table.index) - set(kept) - set(samples.excluded["sample"])
    if rest:
        rows = "1 row was" if len(rest) == 1 else f"{len(rest):,} rows were"
        what = f"{rows} dropped, not being in {samples_name}: {listing(sorted(rest))}."
        findings.note(name, what)
    table = table.loc[kept]
    bad = np.argwhere(~np.isfinite(table.to_numpy()))
    for i, j in bad[:_SHOWN]:
        where = f"{name}, sample {shown(kept[i])}, column {shown(str(table.columns[j]))}"
        findings.wrong(where, "the value is missing or not finite.")
    if len(bad) > _SHOWN:
        findings.wrong(name, f"{len(bad) - _SHOWN:,} further values are missing or not finite.")
    return table if len(findings.problems) == before else None


def _read_csv(path: Path, name: str, findings: Findings) -> pd.DataFrame | None:
    text = read_text(path, name, findings)
    header = read_header(text, name, findings) if text is not None else None
    if text is None or header is None or not _check_columns(header.columns, name, findings):
        return None
    numbers = read_numbers(text, header, header.columns, name, findings)
    if numbers is None:
        return None
    if "" in numbers.ids:
        row = line_of(text, header, numbers.ids.index(""))
        findings.wrong(at(name, row), "the sample id is empty.")
        return None
    index = pd.Index(numbers.ids, name="sample", dtype=object)
    return pd.DataFrame(numbers.matrix, index=index, columns=list(numbers.columns))


def _read_parquet(path: Path, name: str, findings: Findings) -> pd.DataFrame | None:
    try:
        frame = pd.read_parquet(BytesIO(path.read_bytes()), engine="pyarrow")
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        reason = shown(str(error).splitlines()[0] if str(error) else type(error).__name__, 120)
        findings.wrong(name, f"cannot be read as Parquet: {reason}.")
        return None
    if isinstance(frame.index, pd.RangeIndex) and frame.shape[1]:
        frame = frame.set_index(frame.columns[0])
    frame.columns = [str(c) for c in frame.columns]
    if frame.empty:
        findings.wrong(name, "has no rows or no feature columns.")
        return None
    if not _check_columns(tuple(frame.columns), name, findings):
        return None
    wrong = [
        c
        for c, kind in frame.dtypes.items()
        if not pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_complex_dtype(kind)
    ]
    if wrong:
        findings.wrong(name, f"columns that are not numeric: {listing([str(c) for c in wrong])}.")
        return None
    index = pd.Index([str(i) for i in frame.index], name="sample", dtype=object)
    values = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    return pd.DataFrame(values, index=index, columns=frame.columns)


def _check_columns(columns: tuple[str, ...], name: str, findings: Findings) -> bool:
    if "" in columns:
        findings.wrong(at(name, 1), f"column {columns.index('') + 2} has no name.")
        return False
    seen: set[str] = set()
    repeated = [c for c in columns if c in seen or seen.add(c)]  # type: ignore[func-returns-value]
    if repeated:
        findings.wrong(at(name, 1), f"repeated columns: {listing(repeated)}.")
    return not repeated
