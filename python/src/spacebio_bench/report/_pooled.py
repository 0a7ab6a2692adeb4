"""The table of pooled AUROC as text, whichever columns it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spacebio_bench.report._leaderboard import NOTHING, number, p_text
from spacebio_bench.report._results import Row

WORDS = {"n_folds": "folds", "auroc": "pooled AUROC", "ci_low": "95 % from", "ci_high": "to"}


@dataclass(frozen=True)
class Pooled:
    """Headings (name, whether numbers) and rows of (text, sortable value)."""

    heads: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]


def pooled_table(rows: Sequence[Row]) -> Pooled | None:
    """The rows of ``pooled.csv``; None without any."""
    if not rows:
        return None
    names = list(rows[0])
    numeric = {name: all(_is_number(row[name]) for row in rows) for name in names}
    return Pooled(
        heads=tuple((WORDS.get(name, name.replace("_", " ")), numeric[name]) for name in names),
        rows=tuple(tuple(_entry(name, row[name]) for name in names) for row in rows),
    )


def _is_number(value: Any) -> bool:
    return value is None or isinstance(value, int | float)


def _entry(name: str, value: Any) -> tuple[str, str]:
    if value is None:
        return NOTHING, ""
    if not _is_number(value):
        return str(value), ""
    if name.startswith("n_"):
        return number(value, 0), repr(value)
    return (p_text(value) if name.startswith("p") else number(value, 3)), repr(value)
