"""The answer of a run in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from spacebio_bench.protocol import LabelRule
from spacebio_bench.report._cohorts import CONDITION_WORDS
from spacebio_bench.report._leaderboard import NOTHING, interval, number, p_text
from spacebio_bench.report._results import Row


def in_words(conditions: Sequence[str], *, codes: bool = False) -> str:
    """Conditions as a reader calls them, with their codes on demand: ``ground control (GC)``."""
    names = [CONDITION_WORDS.get(c, c) + (f" ({c})" if codes else "") for c in conditions]
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1] if names else ""


def groups_in_words(rule: LabelRule, known: Collection[str], *, codes: bool = False) -> str:
    """The two groups, of the conditions that occur: ``flight from ground control``."""
    sides = [
        [c for c in side if c in known] or list(side) for side in (rule.positive, rule.negative)
    ]
    return " from ".join(in_words(side, codes=codes) for side in sides)


def answer(rows: Sequence[Row], groups: str) -> str:
    """One sentence: where the signature holds in unseen missions, and how well at best.

    `rows` are those of `leaderboard`. "Holds" means that a cell of the task is significant after
    correction.
    """
    ran = [row for row in rows if row["value_mean"] is not None and row["metric"] == "auroc"]
    if not ran:
        return "No cell of this run has a result; the reasons are below."
    tested = [row for row in ran if row["p_value"] is not None]
    tasks = sorted({row["label"] for row in rows})
    n = f"{len(tested)} test{'s' * (len(tested) != 1)}"
    if not tested:
        return (
            f"{len(ran)} cells tried to tell {groups} in missions they had never seen; none has a "
            "p-value: see the intervals."
        )
    found = [row for row in tested if row["evidence"] == "corrected"]
    best = max(found or tested, key=lambda row: (row["value_mean"], row["cell"]))
    where = f"{best['label']}, {best['short']}"
    if found:
        span = interval(best, "ci_these")
        around = "" if span == NOTHING else f"; 95 % interval for these missions {span}"
        tissues = sorted({row["label"] for row in found})
        return (
            f"In {_share(tissues, tasks)}, models told {groups} better than chance in missions "
            "they "
            f"had never seen, after correction for {n}; the highest mean AUROC is "
            f"{number(best['value_mean'])} ({where}{around})."
        )
    nominal = sum(row["evidence"] == "nominal" for row in tested)
    return (
        f"After correction for {n}, no model is shown to tell {groups} better than chance in "
        "missions "
        f"it had never seen: {nominal} cell{'s' * (nominal != 1)} of {len(tested)} have p < 0.05, "
        "where "
        f"chance alone gives about {max(1, round(0.05 * len(tested)))}; the highest mean AUROC is "
        f"{number(best['value_mean'])} ({where}, p = {p_text(best['p_value'])})."
    )


def _share(where: Sequence[str], tasks: Sequence[str]) -> str:
    if len(tasks) == 1:
        return where[0]
    names = ", ".join(where[:-1]) + (" and " if len(where) > 1 else "") + where[-1]
    return f"{len(where)} of {len(tasks)} tissues ({names})"
