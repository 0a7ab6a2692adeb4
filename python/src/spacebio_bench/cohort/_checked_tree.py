"""The folder that CHECK_STUDIES leaves: the same studies in one plain form, whole or not at all."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from spacebio_bench.cohort.counts import Counts
from spacebio_bench.errors import InputError, Problem

MARK = "check.json"


class CheckedTree:
    """Writes beside the target and takes its place at the end, or leaves nothing.

    Raises
    ------
    InputError
        The target is a file, or a folder that holds something else than an earlier result of the
        check.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.root = target
        self._beside: TemporaryDirectory[str] | None = None

    def __enter__(self) -> CheckedTree:
        where = "--outdir"
        if self.target.is_dir():
            if any(self.target.iterdir()) and not (self.target / MARK).is_file():
                what = f"{self.target} holds other files. Name a new or empty folder."
                raise InputError([Problem(where, what)])
        elif self.target.exists():
            raise InputError([Problem(where, f"{self.target} is not a folder.")])
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            self._beside = TemporaryDirectory(
                prefix=f".{self.target.name}.partial-", dir=self.target.parent
            )
            self.root = Path(self._beside.name) / "new"
            self.root.mkdir()
        except OSError as error:
            what = f"{self.target} cannot be made: {error.strerror}."
            raise InputError([Problem(where, what)]) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._beside is not None:
            self._beside.cleanup()

    def commit(self) -> None:
        """Put the finished folder in its place."""
        if self.target.exists():
            self.target.rename(self.root.with_name("old"))
        self.root.rename(self.target)

    def _file(self, name: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write_json(self, name: str, data: Any) -> None:
        """Sorted, indented JSON."""
        text = json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False)
        self._file(name).write_text(text + "\n", encoding="utf-8")

    def write_rows(self, name: str, rows: Iterable[Sequence[str]]) -> None:
        """A CSV table, header first."""
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="\n").writerows(rows)
        self._file(name).write_text(buffer.getvalue(), encoding="utf-8")

    def write_lines(self, name: str, lines: Iterable[str]) -> None:
        """One value a line."""
        text = "".join(f"{line}\n" for line in lines)
        self._file(name).write_text(text, encoding="utf-8")

    def write_frame(self, name: str, frame: pd.DataFrame) -> None:
        """A CSV table of strings."""
        self.write_rows(name, [list(frame.columns), *frame.to_numpy().tolist()])

    def write_counts(self, name: str, counts: Counts) -> None:
        """Counts as gzipped CSV with no time stamp, numbers as given."""
        header = io.StringIO(newline="")
        csv.writer(header, lineterminator="\n").writerow(["gene_id", *counts.samples])
        whole = bool(
            (counts.matrix == np.rint(counts.matrix)).all() and counts.matrix.max() < 2**53
        )
        values = counts.matrix.astype(np.int64) if whole else counts.matrix
        columns = [pa.array(counts.genes), *(pa.array(v) for v in np.ascontiguousarray(values.T))]
        table = pa.table(columns, names=[str(i) for i in range(len(columns))])
        ids = "".join(counts.genes)
        plain = not any(c in ids for c in '",\n')
        body = io.BytesIO()
        options = arrow_csv.WriteOptions(
            include_header=False, quoting_style="none" if plain else "needed"
        )
        arrow_csv.write_csv(table, body, options)
        with (
            self._file(name).open("wb") as file,
            gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0, compresslevel=4) as out,
        ):
            out.write(header.getvalue().encode())
            out.write(body.getvalue())

    def write_features(self, name: str, frame: pd.DataFrame) -> None:
        """Features as Parquet with the index `sample`."""
        frame.to_parquet(self._file(name), engine="pyarrow", index=True)
