"""What the rank intervals of a task say: who leads, and how many cannot be told from the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spacebio_bench.report._leaderboard import number
from spacebio_bench.report._results import Row

LEADING = 1
"""The tie group of the best cell."""


@dataclass(frozen=True)
class Standing:
    """The ranks of one task.

    Attributes
    ----------
    label
        Its short name.
    n, leading, groups
        Cells with a rank, those in the leading group (the best one too), and tie groups.
    best, value
        Feature set and model of the best cell, and its mean AUROC.
    best_low, best_high
        The places that the best cell itself can have.
    """

    label: str
    n: int
    leading: int
    groups: int
    best: str
    value: float
    best_low: int
    best_high: int

    @property
    def says(self) -> str:
        """The sentence of the page, without the task's name."""
        best = f"{self.best} (mean AUROC {number(self.value)})"
        if self.n == 1:
            return f"one cell, {best}; nothing to rank."
        if self.leading == self.n:
            return (
                f"none of the other {self.n - 1} cells can be told from the best, {best}: "
                "the order of this tissue may be chance."
            )
        if self.leading == 1:
            return f"{best} is clearly above all {self.n - 1} other cells."
        others = self.leading - 1
        return (
            f"{others} of the other {self.n - 1} cells cannot be told from the best, {best}, whose "
            f"own place can be {places(self.best_low, self.best_high)} of {self.n}."
        )


def ranked(rows: Sequence[Row]) -> list[Row]:
    """The cells that have a rank."""
    return [row for row in rows if row.get("rank_low") is not None]


def standings(rows: Sequence[Row]) -> list[Standing]:
    """One entry a task with ranks, in the order of `rows`, which are best first within a task."""
    found = []
    for task in dict.fromkeys(row["task"] for row in rows):
        own = ranked([row for row in rows if row["task"] == task])
        if own:
            groups = {int(row["tie_group"]) for row in own if row.get("tie_group") is not None}
            found.append(
                Standing(
                    label=own[0]["label"],
                    n=len(own),
                    leading=sum(row.get("tie_group") == LEADING for row in own),
                    groups=len(groups),
                    best=own[0]["short"],
                    value=own[0]["value_mean"],
                    best_low=int(own[0]["rank_low"]),
                    best_high=int(own[0]["rank_high"]),
                )
            )
    return found


def places(low: float, high: float) -> str:
    """Places as text: ``3``, or ``1 to 7``."""
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"


def group_name(row: Row) -> str:
    """``leading`` or ``group 2``; empty without a tie group."""
    group = row.get("tie_group")
    if group is None:
        return ""
    return "leading" if group == LEADING else f"group {group:.0f}"


def with_ranks(rows: Sequence[Row]) -> list[Row]:
    """The rows of the leaderboard with `rank`, `group` and `split`.

    `rank` is ``1 to 7 of 28``: the places that a cell can have when only clear differences
    count; `split` says what begins with the row: ``task``, ``group`` (lower than any before in the
    task) or nothing.
    """
    count = {
        task: len(ranked([row for row in rows if row["task"] == task]))
        for task in {row["task"] for row in rows}
    }
    done: list[Row] = []
    reached: dict[str, float] = {}
    for row in rows:
        task, above = row["task"], done[-1] if done else None
        known = row.get("rank_low") is not None and row.get("rank_high") is not None
        text = f"{places(row['rank_low'], row['rank_high'])} of {count[task]}" if known else ""
        group = row.get("tie_group") or 0
        further = known and group > reached.get(task, group)
        reached[task] = max(group, reached.get(task, 0))
        split = "task" if above and above["task"] != task else "group" if further else ""
        done.append({**row, "rank": text, "group": group_name(row), "split": split})
    return done
