"""Published verdicts beside ours, and what did not run: lists that a reader must not miss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spacebio_bench.report._leaderboard import LEVEL, p_text
from spacebio_bench.report._p_words import ours, p_in_words, too_coarse
from spacebio_bench.report._results import Row


def published_verdicts(rows: Sequence[Row], folds: Sequence[Row]) -> list[Row]:
    """Cells that the published statistics call a finding, with whether it survives.

    A finding is a Go (`pub_go`) or a published p below 0.05. Adds `rule` (which of the two),
    `survives` and `why`, in words. It survives when our p is below 0.05; where the protocol has no
    p of ours, it falls when the mean of the folds' exact p-values is 0.05 or more, else `survives`
    is None. Those that do not survive come first.
    """
    found = []
    for row in rows:
        p = row.get("pub_p")
        go = truth(row.get("pub_go"))
        if p is None or not (go or p < LEVEL):
            continue
        rule = "Go" if go else "p < 0.05, no Go" if go is False else "p < 0.05"
        survives, why = _survival(row, [f for f in folds if f["cell"] == row["cell"]])
        found.append({**row, "rule": rule, "survives": survives, "why": why})
    return sorted(found, key=lambda r: (r["survives"] is not False, r["label"], r["cell"]))


def published_misses(rows: Sequence[Row]) -> list[Row]:
    """Cells that hold after correction though the published statistics call them no finding."""
    return [
        row
        for row in rows
        if row.get("pub_p") is not None
        and ours(row) is not None
        and row["evidence"] == "corrected"
        and row["pub_p"] >= LEVEL
        and not truth(row.get("pub_go"))
    ]


def fallen_folds(folds: Sequence[Row]) -> list[Row]:
    """Folds with a published p below 0.05 whose exact p is not."""
    return [
        row
        for row in folds
        if row["status"] == "ok"
        and row.get("pub_p") is not None
        and row.get("p_exact") is not None
        and row["pub_p"] < LEVEL
        and row["p_exact"] >= LEVEL - 1e-12
    ]


def _survival(row: Row, folds: Sequence[Row]) -> tuple[bool | None, str]:
    p = ours(row)
    if p is None:
        exact = [f["p_exact"] for f in folds if f.get("p_exact") is not None]
        if exact and (mean := sum(exact) / len(exact)) >= LEVEL:
            return False, (
                f"with every labeling and every tie counted, the mean of the {len(exact)} fold "
                f"p-values is {p_text(mean)}"
            )
        return None, "this protocol has no p of ours; run `calibrated` for one"
    if p >= LEVEL:
        floor = f"; it could not be below {p_text(row['p_attainable'])}" if too_coarse(row) else ""
        return False, p_in_words(row) + floor
    beyond = [
        f"{name} {p_text(row[key])}"
        for key, name in (("q_bh", "q"), ("p_maxt", "max-T p"))
        if row.get(key) is not None and row[key] >= LEVEL
    ]
    corrected = f", but not after correction ({', '.join(beyond)})" if beyond else ""
    return True, p_in_words(row) + corrected


def was_cut(row: Row) -> bool:
    """The cell has a result from fewer refits than asked for; its `reason` says why."""
    return row["status"] == "ok" and bool(row.get("reason"))


def cut_short(rows: Sequence[Row]) -> list[Row]:
    """Cells that were cut, grouped: `reason`, `least` (smallest p possible), `coarse`, `cells`."""
    groups: dict[tuple[str, float], list[Row]] = {}
    for row in rows:
        if was_cut(row):
            groups.setdefault((row["reason"], row.get("p_attainable") or 0.0), []).append(row)
    return [
        {
            "reason": reason,
            "least": least or None,
            "coarse": too_coarse(own[0]),
            "cells": sorted(row["cell"] for row in own),
        }
        for (reason, least), own in sorted(groups.items(), key=lambda g: (-g[0][1], g[0][0]))
    ]


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
