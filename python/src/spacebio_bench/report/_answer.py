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
    told = f"told {groups} in missions they had never seen"
    if not tested:
        return f"{len(ran)} cells {told}, but none has a p-value: see the intervals."
    found = [row for row in tested if row["evidence"] == "corrected"]
    if found:
        where = sorted({row["label"] for row in found})
        best = max(found, key=lambda row: (row["value_mean"], row["cell"]))
        span = interval(best, "ci_these")
        around = "" if span == NOTHING else f"; 95 % interval for these missions {span}"
        return (
            f"In {_share(where, tasks)}, models {told} better than chance after correction for "
            f"{len(tested)} tests; at best "
            f"with a mean AUROC of {number(best['value_mean'])} ({best['label']}, "
            f"{best['short']}{around})."
        )
    nominal = [row for row in tested if row["evidence"] == "nominal"]
    best = max(tested, key=lambda row: (row["value_mean"], row["cell"]))
    chance = max(1, round(0.05 * len(tested)))
    return (
        f"In none of {len(tasks)} tissue{'s' * (len(tasks) != 1)} can it be said that models "
        f"{told} better than chance, once corrected "
        f"for {len(tested)} tests: {len(nominal)} have p < 0.05 where about {chance} would by "
        "chance alone; the highest mean "
        f"AUROC is {number(best['value_mean'])} ({best['label']}, {best['short']}, p = "
        f"{p_text(best['p_value'])})."
    )


def _share(where: Sequence[str], tasks: Sequence[str]) -> str:
    if len(tasks) == 1:
        return where[0]
    names = ", ".join(where[:-1]) + (" and " if len(where) > 1 else "") + where[-1]
    return f"{len(where)} of {len(tasks)} tissues ({names})"
