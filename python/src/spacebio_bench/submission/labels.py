"""The true labels, which the benchmark holds: read as strictly as what is judged by them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from spacebio_bench.identity import digest
from spacebio_bench.submission.files import NumberedRow, read_csv_rows
from spacebio_bench.submission.findings import Findings, listed, repeated, shown
from spacebio_bench.typing import IntArray, Labels

COLUMNS = ("sample", "mission", "label")
_LABELS = {"0": 0, "1": 1, "0.0": 0, "1.0": 1}


@dataclass(frozen=True)
class TrueLabels:
    """Labelled samples in the order of their file, in which the published generators draw.

    Attributes
    ----------
    samples, missions
        Shape (n,).
    labels
        1 for flight, 0 for ground, shape (n,).
    where
        The file.
    """

    samples: tuple[str, ...]
    missions: tuple[str, ...]
    labels: tuple[int, ...]
    where: str = "--labels"

    @cached_property
    def digest(self) -> str:
        """sha256 of samples, missions and labels in their order."""
        return digest(self.samples, self.missions, self.labels)

    @property
    def mission_names(self) -> tuple[str, ...]:
        """Every mission once, sorted."""
        return tuple(sorted(set(self.missions)))

    def of(self, mission: str) -> IntArray:
        """Positions of a mission's samples."""
        return np.flatnonzero(np.array(self.missions) == mission)

    def truth(self, positions: IntArray) -> Labels:
        """Labels at positions."""
        return np.array(self.labels, dtype=np.int8)[positions]


def read_labels(path: Path, findings: Findings) -> TrueLabels | None:
    """Read a CSV file with the columns sample, mission and label; others are not looked at."""
    where = str(path)
    table = read_csv_rows(path, findings)
    if table is None:
        return None
    header, rows = table
    missing = [name for name in COLUMNS if header.count(name) != 1]
    if missing:
        what = f"sample, mission and label are needed once each; {listed(missing)} is not."
        findings.add("label columns", f"{where}, row 1", what)
        return None
    good = list(_read_rows(rows, header, where, findings))
    for sample in repeated(sample for sample, _, _ in good):
        findings.add("repeated labels", where, f"sample {shown(sample)} is there more than once.")
    if not good:
        findings.add("file", where, "has no labelled sample.")
        return None
    samples, missions, labels = zip(*good, strict=True)
    return TrueLabels(samples, missions, labels, where)


def _read_rows(
    rows: list[NumberedRow], header: list[str], where: str, findings: Findings
) -> Iterator[tuple[str, str, int]]:
    at = [header.index(name) for name in COLUMNS]
    for number, row in rows:
        place = f"{where}, row {number}"
        sample, mission, label = (row[i].strip() for i in at)
        if not sample or not mission:
            findings.add("empty labels", place, "sample and mission have to be filled in.")
        elif label not in _LABELS:
            what = f"{shown(label)} is not 0 (ground) or 1 (flight)."
            findings.add("labels", f"{place}, column label", what)
        else:
            yield sample, mission, _LABELS[label]
