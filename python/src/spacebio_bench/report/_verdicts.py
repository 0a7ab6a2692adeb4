"""Published verdicts beside ours, and what did not run: lists that a reader must not miss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spacebio_bench.report._leaderboard import LEVEL
from spacebio_bench.report._results import Row


def published_verdicts(rows: Sequence[Row]) -> list[Row]:
    """Cells that the published statistics call a finding, with whether our p-value agrees.

    A finding is a Go where the protocol has that verdict (`pub_go`), else a published p below 0.05.
    Adds `rule` and `survives`: True, False, or None where there is no p-value of ours.
    """
    known = [row for row in rows if row.get("pub_p") is not None]
    go = any(truth(row.get("pub_go")) is not None for row in known)
    found = []
    for row in known:
        called = truth(row.get("pub_go")) if go else row["pub_p"] < LEVEL
        if called:
            p = row["p_value"]
            survives = None if p is None else p < LEVEL
            found.append({**row, "rule": "Go" if go else "p < 0.05", "survives": survives})
    return sorted(found, key=lambda r: (r["survives"] is not False, r["label"], r["cell"]))


def not_run(rows: Sequence[Row]) -> list[Row]:
    """Cells without a result, grouped: `status`, `reason`, `cells`; the worst status first."""
    worst = ("failed", "timed_out", "lost", "not_applicable")
    groups: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row["status"] != "ok":
            groups.setdefault((row["status"], row["reason"] or "no reason given"), []).append(
                row["cell"]
            )

    def place(key: tuple[str, str]) -> tuple[int, str]:
        return (worst.index(key[0]) if key[0] in worst else -1, key[1])

    return [
        {"status": k[0], "reason": k[1], "cells": sorted(groups[k])}
        for k in sorted(groups, key=place)
    ]


def folds_left_out(folds: Sequence[Row], ok_cells: set[str]) -> list[Row]:
    """Folds that the data do not allow, of cells that ran: `task`, `fold`, `reason`, each once."""
    found = {
        (row["cell"].split("/")[0], row["fold"], row["reason"] or "no reason given")
        for row in folds
        if row["cell"] in ok_cells and row["status"] != "ok"
    }
    return [{"task": t, "fold": f, "reason": r} for t, f, r in sorted(found)]


def truth(value: Any) -> bool | None:
    """A verdict as a CSV holds it: true, false, or empty."""
    if value is None or isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    return True if text in ("true", "1", "1.0", "go", "yes") else False if text else None
