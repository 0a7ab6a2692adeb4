"""The answer of a run in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from spacebio_bench.protocol import LabelRule
from spacebio_bench.report._cohorts import CONDITION_WORDS
from spacebio_bench.report._leaderboard import (
    LEVEL,
    NOTHING,
    PUBLISHED,
    interval,
    number,
    p_text,
)
from spacebio_bench.report._p_words import ours, too_coarse
from spacebio_bench.report._results import Row
from spacebio_bench.report._verdicts import truth


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
    """The result in two or three sentences: where the signature holds in unseen missions.

    `rows` are those of `leaderboard`. "Holds" means that a cell of the tissue is significant after
    correction over all cells (q). Where the tissue's own max-T p of none of these cells is below
    0.05, the tissue is named apart: q is an average over tissues, and in one where nothing is to be
    found several small p may come together, since its cells share animals and labelings.
    """
    ran = [row for row in rows if row["value_mean"] is not None and row["metric"] == "auroc"]
    if not ran:
        return "No cell of this run has a result; the reasons are below."
    if all(row["p_method"] == PUBLISHED for row in ran):
        return _published(ran, groups)
    tested = [row for row in ran if ours(row) is not None]
    if not tested:
        return (
            f"{_n(len(ran), 'cell')} tried to tell {groups} in missions they had never seen; none "
            "has a p-value: see the intervals."
        )
    found = [row for row in tested if row["evidence"] == "corrected"]
    return _found(found, tested, rows, groups) if found else _nothing(tested, groups)


def _found(found: Sequence[Row], tested: Sequence[Row], rows: Sequence[Row], groups: str) -> str:
    tissues = sorted({row["label"] for row in found})
    sure = sorted({row["label"] for row in found if not _beyond_max_t(row)})
    unsure = [name for name in tissues if name not in sure]
    by_max_t = any(row.get("p_maxt") is not None for row in found)
    said = ""
    if sure:
        share = _share(sure, sorted({row["label"] for row in rows}))
        within = ", and within the tissue by max-T" if by_max_t else ""
        said = (
            f"In {share}, models told {groups} better than chance in missions they had never seen "
            f"(q < 0.05, corrected for {_n(len(tested), 'test')}{within}). {_best(found, sure)}"
        )
    if unsure:
        least = min(row["p_maxt"] for row in found if row["label"] in unsure)
        said += (" " if said else "") + (
            f"In {_list(unsure)}, q is below 0.05 but no cell stands out among its tissue's own "
            f"(max-T p {p_text(least)} or more): take this as a hint that models tell {groups}, "
            "not as shown."
        )
    return said


def _nothing(tested: Sequence[Row], groups: str) -> str:
    small = [row for row in tested if row["evidence"] == "nominal"]
    best = max(tested, key=_height)
    by_chance = max(1, round(0.05 * len(tested)))
    said = (
        f"After correction for {_n(len(tested), 'test')}, no model is shown to tell {groups} "
        f"better than chance in missions it had never seen. {_n(len(small), 'cell')} of "
        f"{len(tested)} {'has' if len(small) == 1 else 'have'} p < 0.05, where chance alone gives "
        f"about {by_chance}, often several at once in one tissue, whose cells share their animals; "
        f"the highest mean AUROC is {number(best['value_mean'])} ({_where(best)}, p = "
        f"{p_text(best['p_value'])})."
    )
    family = [row for row in tested if row.get("p_maxt") is not None]
    if family:
        first = min(family, key=lambda row: (row["p_maxt"], row["cell"]))
        said += (
            f" Corrected within its tissue, the smallest p is {p_text(first['p_maxt'])} "
            f"({_where(first)}, max-T)."
        )
    coarse = sum(too_coarse(row) for row in tested)
    if coarse:
        said += (
            f" {_n(coarse, 'test')} of {len(tested)} could not have reached p < 0.05: too few "
            "labelings."
        )
    return said


def _published(ran: Sequence[Row], groups: str) -> str:
    best = max(ran, key=_height)
    called = sum(bool(truth(row.get("pub_go"))) or row["pub_p"] < LEVEL for row in ran)
    return (
        f"{_n(len(ran), 'cell')} tried to tell {groups} in missions they had never seen. By the "
        f"published statistics {called} of them {'is a finding' if called == 1 else 'are findings'}"
        "; these statistics are no test of it, and protocol calibrated has one. The highest mean "
        f"AUROC is {number(best['value_mean'])} ({_where(best)})."
    )


def _best(found: Sequence[Row], tissues: Sequence[str]) -> str:
    best = max((row for row in found if row["label"] in tissues), key=_height)
    span = interval(best, "ci_these")
    around = "" if span == NOTHING else f"; 95 % interval for these missions {span}"
    return f"The highest mean AUROC is {number(best['value_mean'])} ({_where(best)}{around})."


def _beyond_max_t(row: Row) -> bool:
    """The cell has a max-T p and it is not below 0.05."""
    p = row.get("p_maxt")
    return p is not None and p >= LEVEL


def _where(row: Row) -> str:
    return f"{row['label']}, {row['short']}"


def _height(row: Row) -> tuple[float, str]:
    return row["value_mean"], row["cell"]


def _n(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]


def _share(where: Sequence[str], tasks: Sequence[str]) -> str:
    if len(tasks) == 1:
        return where[0]
    return f"{len(where)} of {len(tasks)} tissues ({_list(where)})"
