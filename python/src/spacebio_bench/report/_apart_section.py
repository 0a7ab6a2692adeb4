"""Hold-outs, and k-fold inside one mission: each in a table of its own."""

from __future__ import annotations

from spacebio_bench.report import _leaderboard as board
from spacebio_bench.report._results import Results, Row
from spacebio_bench.report._section import (
    FEATURE,
    LEAST,
    METHOD,
    MODEL,
    NOTE,
    P_VALUES,
    THESE,
    TISSUE,
    VALUE,
    Section,
    best_first,
    count,
    counted,
    figures_of,
    highest,
    p_column,
    p_made,
    panels,
    span,
    table,
    word,
)
from spacebio_bench.report.figures.holdout import holdout_forest

_CELL = (
    TISSUE,
    FEATURE,
    MODEL,
    VALUE,
    THESE,
    span("pub_ci", "published interval"),
    *P_VALUES,
    LEAST,
)


def holdout_section(results: Results) -> Section | None:
    """Forest of the hold-out missions; None without a result."""
    ran = [row for row in results.family("holdout") if row["value_mean"] is not None]
    if not ran:
        return None
    features, folds = board.ordered_features(results), results.folds_by_cell()
    rows = best_first(ran)
    points: list[Row] = [
        {**fold, **{k: row[k] for k in ("tissue", "feature", "model")}, "mission": str(mission)}
        for row in rows
        for fold in folds.get(row["cell"], ())
        if (mission := fold["test_missions"] or fold["fold"])
    ]
    columns = (*_CELL, count("n_folds", "missions"), METHOD, NOTE)
    return Section(
        anchor="holdout",
        title="Studies that were kept aside",
        asks="holdout",
        brief=f"{counted(len(ran), 'cell')}; {highest(ran)}.",
        says=(
            (
                "All benchmark studies of a tissue train, and studies with the role holdout are "
                "tried: what do the models say of data that no choice was ever made on?"
            ),
            (
                "One or two missions say little of the next one; look at the intervals. A study "
                "that is part of the benchmark, or shares samples with it, is refused as a "
                "hold-out."
            ),
            p_made(ran, "p: labels are shuffled within missions and every model is trained anew."),
        ),
        panels=panels(
            (tissue, holdout_forest(own, tissue=tissue, features=features))
            for tissue in dict.fromkeys(str(row["tissue"]) for row in rows)
            if (own := [point for point in points if point["tissue"] == tissue])
        ),
        tables=(
            table("Hold-out results, mean over hold-out missions", rows, columns),
            table("Every hold-out mission", points, _FOLD, folded=True),
        ),
    )


_FOLD = (
    TISSUE,
    word("mission"),
    FEATURE,
    MODEL,
    figures_of("value", "AUROC", digits=3),
    span("ci", "95 % interval"),
    p_column("p_exact", "exact p"),
    LEAST,
    count("n_test", "tested"),
    count("n_positive", "positive"),
    word("reason", "note"),
)


def kfold_section(results: Results) -> Section | None:
    """A table of its own, since it answers another question; None without a result."""
    ran = [row for row in results.family("kfold") if row["value_mean"] is not None]
    if not ran:
        return None
    columns = (*_CELL, count("n_folds", "folds"), count("n_samples", "samples"), METHOD, NOTE)
    return Section(
        anchor="kfold",
        title="Inside a single mission",
        asks="kfold",
        brief=f"{counted(len(ran), 'cell')}, not to be compared with the leaderboard's; "
        f"{highest(ran)}.",
        says=(
            (
                "Tissues with one mission cannot leave one out. Here the samples of that mission "
                "are dealt into stratified folds, each of which is tried by a model of the others."
            ),
            (
                "This answers another question than leave-one-mission-out: whether flight can be "
                "told within the mission it was learned in, with the same launch, hands and "
                "sequencing run. It says nothing of a mission that no model has seen; do not "
                "compare its numbers with those of the leaderboard."
            ),
            p_made(
                ran,
                "p: labels are shuffled within folds, whose make-up follows from the labels, and "
                "every model is trained anew.",
            ),
        ),
        tables=(table("Stratified k-fold inside one mission", best_first(ran), columns),),
    )
