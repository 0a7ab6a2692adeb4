"""Held-out missions that are too small to be significant by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb

from spacebio_bench.report._p_words import too_coarse
from spacebio_bench.report._results import Row


@dataclass(frozen=True)
class SmallFold:
    """A fold with its class sizes; `least` is the smallest p it can have, 1 in `ways`."""

    label: str
    mission: str
    n_positive: int
    n_negative: int
    least: float

    @property
    def ways(self) -> int:
        """Ways to place the labels."""
        return comb(self.n_positive + self.n_negative, self.n_positive)


def small_folds(folds: Sequence[Row], labels: Mapping[str, str]) -> tuple[list[SmallFold], int]:
    """The folds whose smallest p is 0.05 or more, each once, and how many folds there are.

    Parameters
    ----------
    folds
        Rows of ``folds.csv``.
    labels
        Short name of each task.
    """
    found: dict[tuple[str, str], SmallFold | None] = {}
    for row in folds:
        if row["status"] != "ok" or row.get("p_attainable") is None:
            continue
        task = row["cell"].split("/")[0]
        small = None
        if too_coarse(row):
            positive = round(row["n_positive"])
            small = SmallFold(
                label=labels.get(task, task),
                mission=str(row["test_missions"] or row["fold"]),
                n_positive=positive,
                n_negative=round(row["n_test"]) - positive,
                least=row["p_attainable"],
            )
        found.setdefault((task, row["fold"]), small)
    return [found[key] for key in sorted(found) if found[key] is not None], len(found)  # type: ignore[misc]
