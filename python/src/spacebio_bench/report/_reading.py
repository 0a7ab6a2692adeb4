"""How to read the page: what each number means, with an example from the page itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from spacebio_bench.protocol import Protocol
from spacebio_bench.report._leaderboard import LEVEL, interval, number, p_text
from spacebio_bench.report._p_words import REFITTED, ours, p_in_words
from spacebio_bench.report._ranks import places, standings
from spacebio_bench.report._results import Row
from spacebio_bench.report._verdicts import was_cut

WIDE, FEW = 0.7, 0.4
"""Intervals of these widths say next to nothing, or little, about an AUROC."""


@dataclass(frozen=True)
class Entry:
    """A number of the page: its name there, what it means, and an example (or nothing)."""

    name: str
    means: str
    example: str = ""


INTERVALS = {
    "ci_these": Entry(
        "these missions",
        "Where the mean would lie if other animals had flown in these same missions.",
    ),
    "ci_population": Entry(
        "missions like these",
        "Where the mean would lie if other missions of the same kind had flown, which may differ "
        "more than animals do; three missions or more.",
    ),
    "pi_next": Entry(
        "next mission",
        "Where to expect the AUROC of one more mission, by how much these differ from each other; "
        "three missions or more.",
    ),
}
OTHER_METHODS = {
    "fixed_deflated": "The model cannot be refitted often enough. Test labels are shuffled against "
    "its scores, and the result is divided by the square root of 2, which makes up for missions "
    "that train each other's models.",
    "fixed_exact": "Training and test samples are not shared by any two folds, so shuffling the "
    "test labels is enough.",
    "mean_of_folds": "The average of the folds' p-values, as published: no p-value of the mean "
    "AUROC. Protocol calibrated has one.",
    "none": "No p: nothing was refitted.",
}
LEAD = {
    "How well, and how sure": "All intervals are 95 %: of 100 such intervals, about 95 hold what "
    "they are about. They take the trained models as they are. They describe; p tests.",
    "Could it be chance": "",
    "Which is better": "",
}


def reading(
    rows: Sequence[Row], folds: Mapping[str, Sequence[Row]], protocol: Protocol
) -> list[tuple[str, str, list[Entry]]]:
    """Headings, each with a line of introduction and its entries.

    Entries of columns that this run does not have are left out.

    Parameters
    ----------
    rows
        Rows of `leaderboard`.
    folds
        Rows of ``folds.csv`` under their cell.
    """
    ran = [row for row in rows if row["value_mean"] is not None and row["metric"] == "auroc"]
    if not ran:
        return []
    shown = max(ran, key=_worth_showing)
    own = folds.get(shown["cell"], ())
    parts = (_intervals(shown, own), _chance(ran, shown, protocol), _order(ran, protocol))
    return [
        (heading, lead, entries)
        for (heading, lead), entries in zip(LEAD.items(), parts, strict=True)
        if entries
    ]


def _worth_showing(row: Row) -> tuple[bool, bool, float, str]:
    whole = row.get("pi_next_low") is not None
    return whole, row["evidence"] == "corrected", row["value_mean"], row["cell"]


def _intervals(row: Row, folds: Sequence[Row]) -> list[Entry]:
    where = f"{row['label']}, {row['short']}"
    n = round(row["n_folds"])
    found = [
        Entry(
            "mean AUROC",
            "How often a flight sample is scored above a ground sample, averaged over missions, "
            "each held out once. The mission is the unit: animals of one mission share launch, "
            "cage, hands and sequencing run, and do not count as independent answers.",
            f"{where}: {number(row['value_mean'])} over {n} mission{'s' * (n != 1)}; in about "
            f"{round(100 * row['value_mean'])} of 100 pairs the flight sample is on top.",
        )
    ]
    ok = [f for f in folds if f["value"] is not None and f.get("ci_low") is not None]
    if ok:
        fold = min(ok, key=lambda f: (f["n_test"] or 0, f["fold"]))
        positive = round(fold["n_positive"] or 0)
        few = fold["ci_high"] - fold["ci_low"] > FEW
        found.append(
            Entry(
                "interval of one mission",
                "Where the AUROC of this one trained model would lie if many more animals of this "
                "mission were measured.",
                f"{where}, {fold['test_missions']} held out ({positive} flight, "
                f"{round(fold['n_test']) - positive} ground): {number(fold['value'])}, interval "
                f"{interval(fold, 'ci')}.{' So few animals say little.' if few else ''}",
            )
        )
    for key, entry in INTERVALS.items():
        if row.get(f"{key}_low") is not None:
            wide = row[f"{key}_high"] - row[f"{key}_low"] > WIDE
            so = " This says next to nothing: only more missions would narrow it." if wide else ""
            example = f"{where}, {n} missions: {interval(row, key)}.{so}"
            found.append(replace(entry, example=example))
    return found


def _chance(ran: Sequence[Row], shown: Row, protocol: Protocol) -> list[Entry]:
    found = []
    counted = [row for row in ran if row["p_method"] in REFITTED]
    if counted:
        one = shown if shown in counted else counted[0]
        found.append(
            Entry(
                "p",
                "How often models do as well when the labels mean nothing. Labels are shuffled "
                "within each mission: a shuffle across missions would let what differs between "
                "missions pass for an effect. All models are trained anew for every shuffle: each "
                "mission also trains the models of the others, so their AUROCs rise and fall "
                "together, and a test that keeps the models calls up to 10 of 100 null cells "
                "significant at 0.05.",
                _said(one),
            )
        )
    stopped = [row for row in ran if row["p_method"] == "refit_sequential"]
    if stopped:
        middle = sorted(stopped, key=lambda row: (row["n_permutations"], row["cell"]))
        found.append(
            Entry(
                "refit_sequential",
                f"Refits of a cell end once {protocol.inference.stop_at} shuffled labelings have "
                "done as well as the true one: more of them would hardly change the answer. p is "
                "their number over the labelings it took, and as sound as one of full length "
                "(Besag & Clifford 1991).",
                f"{len(stopped)} of {len(ran)} cells; {_said(middle[len(middle) // 2])}",
            )
        )
    found += [
        Entry(
            method, means, f"{sum(row['p_method'] == method for row in ran)} of {len(ran)} cells."
        )
        for method, means in OTHER_METHODS.items()
        if any(row["p_method"] == method for row in ran)
    ]
    coarsest = max((row for row in counted if row["p_attainable"]), key=_coarse, default=None)
    if coarsest is not None:
        found.append(
            Entry(
                "least p possible",
                "No p can be below one over the number of labelings tried, nor below one over "
                "the number there are. Where it is 0.05 or more, nothing could be significant.",
                f"{_where(coarsest)}: {p_text(coarsest['p_attainable'])}, the coarsest here.",
            )
        )
    found += _corrected(ran)
    cut = [row for row in ran if was_cut(row)]
    if cut:
        found.append(
            Entry(
                "cut short",
                f"{len(cut)} cells were refitted on fewer labelings than the protocol asks for. "
                f"Refits of a cell may cost {protocol.inference.cell_cpu_minutes:g} CPU minutes by "
                "the model's card, decided before the run and not by a clock. Their p is sound but "
                "coarser; the list stands under what did not run.",
                f"{_where(cut[0])}: {cut[0]['reason']}.",
            )
        )
    return found


def _corrected(ran: Sequence[Row]) -> list[Entry]:
    found = []
    family = [row for row in ran if row.get("p_maxt") is not None]
    if family:
        small = [row for row in family if row["p_value"] < LEVEL <= row["p_maxt"]]
        one = min(small or family, key=lambda row: (row["p_value"], row["p_maxt"], row["cell"]))
        own = [row for row in family if row["task"] == one["task"]]
        lost = " alone it looks like a finding, among its tissue's cells it does not." * bool(small)
        found.append(
            Entry(
                "max-T p",
                "p corrected for all cells of the tissue: how often the best of them all, under "
                "shuffled labels, stands out as much. All cells see the same shuffles, so that "
                "cells which say the same do not count twice.",
                f"{_where(one)}: p {p_text(one['p_value'])}, max-T p {p_text(one['p_maxt'])} among "
                f"{len(own)} cells{';' + lost if lost else '.'}",
            )
        )
    tested = [row for row in ran if ours(row) is not None and row.get("q_bh") is not None]
    if tested:
        below = sum(row["q_bh"] < LEVEL for row in tested)
        one = min(tested, key=lambda row: (row["q_bh"], row["cell"]))
        found.append(
            Entry(
                "q",
                "p corrected for all cells of this page: of the cells with q below 0.05, about 5 "
                "in 100 are expected to be false. Choose by q or max-T p when you choose the best "
                "of many. q is over all tissues: a strong tissue makes it easier for the others, "
                "max-T does not.",
                f"{below} of {len(tested)} cells have q < 0.05; the smallest is "
                f"{p_text(one['q_bh'])} ({_where(one)}).",
            )
        )
    return found


def _order(ran: Sequence[Row], protocol: Protocol) -> list[Entry]:
    found = []
    known = standings(ran)
    if known:
        one = known[0]
        row = next(r for r in ran if r["label"] == one.label and r.get("rank_low") is not None)
        found.append(
            Entry(
                "rank, leading group",
                "The places that a cell can have when only clear differences count: those that "
                "stay above 0 when the animals of each mission are drawn again, for all pairs of "
                "the tissue at once. The leading group is the best cell and all that cannot be "
                "told from it.",
                f"{one.label}, {one.best}: highest mean, rank "
                f"{places(row['rank_low'], row['rank_high'])} of {one.n}; {one.leading} "
                f"cell{'s' * (one.leading != 1)} in the leading group.",
            )
        )
    seeded = [row for row in ran if row.get("value_seed_sd")]
    if seeded:
        one_row = max(seeded, key=lambda row: (row["value_seed_sd"], row["cell"]))
        near = sum(row["near_best"] for row in ran)
        found.append(
            Entry(
                "seed SD, ≈",
                f"Forests, boosting and networks start from random numbers. Fitted "
                f"{protocol.inference.n_seeds} times to the same data, they give so much spread. "
                "≈ marks a cell that is behind the best by less: another seed could reverse them.",
                f"{_where(one_row)}: {number(one_row['value_mean'])}, SD "
                f"{number(one_row['value_seed_sd'], 3)}. {near} cell{'s' * (near != 1)} of the "
                "page marked.",
            )
        )
    return found


def _said(row: Row) -> str:
    return f"{_where(row)}: {p_in_words(row)}."


def _coarse(row: Row) -> tuple[float, str]:
    return row["p_attainable"], row["cell"]


def _where(row: Row) -> str:
    return f"{row['label']}, {row['short']}"
