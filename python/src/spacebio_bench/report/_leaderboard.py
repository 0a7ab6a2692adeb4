"""What the page says of a cell beyond its columns: does it stand out, and from what."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import Any

from spacebio_bench.report._results import Results, Row

LEVEL = 0.05
PUBLISHED = "mean_of_folds"
NOTHING = "\N{EN DASH}"
NOT_RUN = {
    "not_applicable": "n/a",
    "failed": "failed",
    "timed_out": "time",
    "lost": "lost",
}


def evidence(row: Row) -> str:
    """``corrected``, ``nominal`` or ``none``: the strongest test that a cell passes at 0.05.

    Corrected means q (Benjamini-Hochberg over all tissues), or p_maxt where there is no q. The
    published mean of fold p-values is no test of the cell, so it gives ``none``.
    """
    if row.get("p_method") == PUBLISHED:
        return "none"
    corrected = row.get("q_bh") if row.get("q_bh") is not None else row.get("p_maxt")
    if corrected is not None and corrected < LEVEL:
        return "corrected"
    p = row.get("p_value")
    return "nominal" if p is not None and p < LEVEL else "none"


def ordered_features(results: Results) -> list[str]:
    """Feature sets as people expect them: genes, pathways, both together, then anything else."""
    names = {row["feature"] for row in results.cells}

    def place(name: str) -> tuple[int, str]:
        if name == "gene":
            return 0, name
        if name.startswith("pathway_"):
            return 1, name
        return (2, name) if name == "combined" else (3, name)

    return sorted(names, key=place)


def ordered_models(results: Results) -> list[str]:
    """Models by their mean AUROC over all cells that ran, best first; those that never ran last."""
    values: dict[str, list[float]] = {row["model"]: [] for row in results.cells}
    for row in results.cells:
        if row["value_mean"] is not None:
            values[row["model"]].append(row["value_mean"])
    return sorted(values, key=lambda m: (-sum(values[m]) / len(values[m]) if values[m] else 1, m))


def task_labels(results: Results) -> dict[str, str]:
    """A short name a task: its tissue where that is enough."""
    tissue = {row["task"]: str(row["tissue"]) for row in results.cells}
    taken = list(tissue.values())
    return {task: name if taken.count(name) == 1 else task for task, name in tissue.items()}


def leaderboard(results: Results) -> list[Row]:
    """The cells with what the page adds, best first within a task, those that did not run last.

    Adds ``evidence``, ``label`` of the task, ``short`` (feature and model), ``behind`` (how far
    below the best value of the task) and ``near_best``: that difference is smaller than its
    seed-to-seed SD, the root of the summed squares of both cells' SDs.
    """
    labels = task_labels(results)
    rows: list[Row] = []
    for task in results.tasks:
        cells = sorted(results.cells_of(task), key=_best_first)
        best = cells[0] if cells and cells[0]["value_mean"] is not None else None
        rows.extend(_described(row, best, labels[task]) for row in cells)
    return rows


def _best_first(row: Row) -> tuple[float, str]:
    value = row["value_mean"]
    return (-value if value is not None else 1.0, row["cell"])


def _described(row: Row, best: Row | None, label: str) -> Row:
    behind: float | None = None
    near = False
    if best is not None and row["value_mean"] is not None:
        behind = best["value_mean"] - row["value_mean"]
        sd = hypot(row.get("value_seed_sd") or 0.0, best.get("value_seed_sd") or 0.0)
        near = row is not best and behind < sd
    return {
        **row,
        "label": label,
        "short": f"{row['feature']} / {row['model']}",
        "evidence": evidence(row) if row["status"] == "ok" else "none",
        "behind": behind,
        "near_best": near,
    }


def number(value: Any, digits: int = 2) -> str:
    """A number as the page prints it; a dash where there is none."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def p_text(value: Any) -> str:
    """A p-value: three digits, four below 0.01, a bound below 0.0001."""
    if value is None:
        return NOTHING
    if value < 0.0001:
        return "< 0.0001"
    return f"{value:.4f}" if value < 0.01 else f"{value:.3f}"


def interval(row: Row, name: str, digits: int = 2) -> str:
    """An interval as text: the columns ``<name>_low`` and ``<name>_high``."""
    low, high = row.get(f"{name}_low"), row.get(f"{name}_high")
    if low is None or high is None:
        return NOTHING
    return f"{low:.{digits}f} to {high:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def by_status(rows: Sequence[Row]) -> dict[str, int]:
    """How many cells have each status, the usual ones first."""
    order = ("ok", "not_applicable", "failed", "timed_out", "lost")
    counts = {status: sum(row["status"] == status for row in rows) for status in order}
    return {status: n for status, n in counts.items() if n}
