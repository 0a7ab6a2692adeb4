"""A p-value of the tables as the count it came from, in words."""

from __future__ import annotations

from spacebio_bench.report._leaderboard import LEVEL, PUBLISHED, p_text
from spacebio_bench.report._results import Row

REFITTED = ("refit", "refit_sequential", "refit_exact")


def ours(row: Row) -> float | None:
    """The p-value of a cell unless it is the published one, which is none."""
    return None if row.get("p_method") == PUBLISHED else row.get("p_value")


def p_in_words(row: Row) -> str:
    """What was counted, and the p-value that it gives; empty where nothing was."""
    p, method = row.get("p_value"), row.get("p_method")
    n = round(row.get("n_permutations") or 0)
    if p is None:
        return ""
    if method == "refit_sequential" and n:
        return (
            f"stopped after {_times(n, 'labeling')} because {round(p * n)} had already done as "
            f"well: p = {round(p * n)}/{n} = {p_text(p)}"
        )
    if method == "refit_exact" and n:
        return (
            f"of all {n + 1} labelings there are, {round(p * (n + 1))} "
            f"do{'es' if round(p * (n + 1)) == 1 else ''} as well, the true one among them: "
            f"p = {round(p * (n + 1))}/{n + 1} = {p_text(p)}"
        )
    if method == "refit" and n:
        b = round(p * (n + 1)) - 1
        return (
            f"{b or 'none'} of {n} shuffled labelings did as well after refitting: "
            f"p = ({b} + 1)/({n} + 1) = {p_text(p)}"
        )
    return {
        "fixed_deflated": f"models not refitted; fixed-score test, deflated: p = {p_text(p)}",
        "fixed_exact": f"test labels shuffled against fixed scores: p = {p_text(p)}",
        PUBLISHED: f"mean of the folds' p-values, as published: {p_text(p)}",
    }.get(str(method), f"p = {p_text(p)}")


def too_coarse(row: Row) -> bool:
    """The smallest p that the row can have is not below 0.05."""
    least = row.get("p_attainable")
    return least is not None and least >= LEVEL - 1e-12


def significant(fold: Row) -> bool:
    """The fold's exact p is below 0.05, whatever rounding left of it."""
    p = fold.get("p_exact")
    return p is not None and p < LEVEL - 1e-12


def _times(n: int, word: str) -> str:
    return f"{n} {word}{'s' * (n != 1)}"
