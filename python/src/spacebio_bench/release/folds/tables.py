"""Tables of a fold as CSV and Parquet with the same content, the sample id first."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

SAMPLE = "sample"


def write_table(frame: pd.DataFrame, folder: Path, name: str) -> tuple[str, str]:
    """Write `<name>.csv` and `<name>.parquet`; missing values are empty, or null.

    Floats are the shortest text that reads back the same, so both hold the same numbers. Neither
    has a hidden index: `sample` is the first column.
    """
    samples = [str(sample) for sample in frame.index]
    names = [SAMPLE, *map(str, frame.columns)]
    rows, arrays = _all_floats(frame) if _is_matrix(frame) else _by_column(frame)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([sample, *row] for sample, row in zip(samples, rows, strict=True))
    arrays = [pa.array(samples, pa.string()), *arrays]
    pq.write_table(
        pa.Table.from_arrays(arrays, names=names),
        folder / f"{name}.parquet",
        compression="zstd",
        use_dictionary=False,
        write_statistics=False,  # of thousands of columns with a few rows each
    )
    return f"{name}.csv", f"{name}.parquet"


def read_arrow(path: Path) -> pa.Table:
    """A Parquet file of a package as it is."""
    return pq.ParquetFile(path).read()  # a data set of one file takes twice as long


def as_frame(table: pa.Table) -> pd.DataFrame:
    """A table indexed by its first column."""
    frame: pd.DataFrame = table.to_pandas()
    return frame.set_index(frame.columns[0])


def difference_of_formats(csv_path: Path, stored: pa.Table) -> str:
    """How the content of a CSV differs from that of its Parquet, or an empty text."""
    with csv_path.open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream), [])
    if header != stored.column_names:
        return f"{csv_path.name} and its Parquet have other columns"
    read = arrow_csv.read_csv(
        csv_path,
        # a header of 20,000 genes is longer than a default block
        read_options=arrow_csv.ReadOptions(block_size=2**30, use_threads=False),
        convert_options=arrow_csv.ConvertOptions(
            column_types=stored.schema, strings_can_be_null=False
        ),
    )
    if read.num_rows != stored.num_rows:
        return f"{csv_path.name} has {read.num_rows} rows, its Parquet {stored.num_rows}"
    differ = [
        name
        for name, a, b in zip(header, read.columns, stored.columns, strict=True)
        if not _same(a, b)
    ]
    if differ:
        shown = ", ".join(differ[:3]) + (", ..." if len(differ) > 3 else "")
        return f"{csv_path.name} and its Parquet differ in {shown}"
    return ""


def _same(a: pa.ChunkedArray, b: pa.ChunkedArray) -> bool:
    return bool(a.combine_chunks().equals(b.combine_chunks()))


def _is_matrix(frame: pd.DataFrame) -> bool:
    floats = all(dtype == np.float64 for dtype in set(frame.dtypes))
    return floats and not np.isnan(frame.to_numpy()).any()


def _all_floats(frame: pd.DataFrame) -> tuple[list[list[float]], list[pa.Array]]:
    """Rows and columns of a matrix, quicker than column by column for 20,000 genes."""
    values = frame.to_numpy()
    return values.tolist(), [pa.array(column) for column in np.ascontiguousarray(values.T)]


def _by_column(frame: pd.DataFrame) -> tuple[list[list[Any]], list[pa.Array]]:
    columns = [_plain(frame.iloc[:, i]) for i in range(frame.shape[1])]
    return [list(row) for row in zip(*columns, strict=True)], [_array(c) for c in columns]


def _plain(column: pd.Series[float]) -> list[str | float | int | None]:
    """Values as Python has them: numbers, None where a number is missing, else text."""
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return ["" if pd.isna(value) else str(value) for value in column]
    if pd.api.types.is_bool_dtype(column.dtype):
        return [str(value) for value in column]
    values = column.to_numpy()
    if np.issubdtype(values.dtype, np.integer):
        return [int(value) for value in values]
    return [None if math.isnan(value) else value for value in values.astype(np.float64).tolist()]


def _array(values: list[str | float | int | None]) -> pa.Array:
    if all(isinstance(value, str) for value in values):
        return pa.array(values, pa.string())
    whole = all(isinstance(value, int) for value in values)
    return pa.array(values, pa.int64() if whole else pa.float64())
