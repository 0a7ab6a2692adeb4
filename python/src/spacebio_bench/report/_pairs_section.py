"""One mission teaches, one other is tried: the section of family `pairs`."""

from __future__ import annotations

from collections.abc import Sequence

from spacebio_bench.report._p_words import significant
from spacebio_bench.report._results import Results, Row
from spacebio_bench.report._section import (
    FEATURE,
    LEAST,
    METHOD,
    MODEL,
    NOTE,
    P_VALUES,
    POPULATION,
    THESE,
    TISSUE,
    VALUE,
    Column,
    Item,
    Section,
    best_first,
    counted,
    highest,
    p_made,
    panels,
    span,
    table,
)
from spacebio_bench.report.figures.transfer import transfer_matrix

HIGH = 0.70
"""AUROC from which the published benchmark counts a pair as transfer."""
LARGE = 10
"""Test samples from which a pair is counted apart: small ones are high or low by luck."""
REFITTED = (
    "p: labels are shuffled within missions, every model is trained anew and tried on the shuffled "
    "labels, and the means over all pairs are compared."
)


def pairs_section(results: Results) -> Section | None:
    """Matrix of transfer and the counts of pairs; None without a result."""
    ran = [row for row in results.family("pairs") if row["value_mean"] is not None]
    if not ran:
        return None
    folds = results.folds_by_cell()
    rows = [{**row, **pair_counts(folds.get(row["cell"], ()))} for row in best_first(ran)]
    columns = (
        TISSUE,
        FEATURE,
        MODEL,
        VALUE,
        POPULATION,
        P_VALUES[0],
        _of("n_high", "n_pairs", f"pairs ≥ {HIGH:.2f}"),
        _of("n_significant", "n_pairs", "pairs p < 0.05"),
        _of("n_high_large", "n_large", f"≥ {HIGH:.2f}, {LARGE}+ tested"),
        _of("n_significant_large", "n_large", f"p < 0.05, {LARGE}+ tested"),
        THESE,
        *P_VALUES[1:],
        LEAST,
        METHOD,
        span("pub_ci", "published interval"),
        NOTE,
    )
    tissues = list(dict.fromkeys(str(row["tissue"]) for row in rows))
    return Section(
        anchor="pairs",
        title="One mission teaches another",
        asks="pairs",
        brief=f"{counted(len(ran), 'cell')} in {counted(len(tissues), 'tissue')}; {highest(ran)}.",
        says=(
            (
                "A model learns from one mission alone and is tried on one other, for every "
                "ordered pair of missions of a tissue: which mission teaches which?"
            ),
            (
                "It does not say how well a model does that has seen several missions; that is the "
                "leaderboard. Pairs are no independent answers, since every mission takes part in "
                "many: the interval for missions like these draws missions, not pairs."
            ),
            (
                f"{p_made(ran, REFITTED)} The p of a single pair is exact and keeps the model; of "
                "20 pairs without any effect about one is below 0.05."
            ),
        ),
        tables=(table("Mean over all ordered pairs of missions", rows, columns),),
        panels=panels(
            (
                tissue,
                transfer_matrix(
                    [
                        point
                        for row in rows
                        if row["tissue"] == tissue
                        for point in _points(row, folds)
                    ],
                    name=f"pairs_{tissue}",
                    title=f"{tissue}: which mission teaches which",
                    unit="mission",
                    about="AUROC of a model trained on the mission of the row, in the mission of "
                    "the column; a panel a feature set and model.",
                ),
            )
            for tissue in tissues
        ),
    )


def pair_counts(folds: Sequence[Row]) -> Row:
    """How many scored pairs there are, are high, are significant; and of those that test many."""
    scored = [fold for fold in folds if fold["value"] is not None]
    large = [fold for fold in scored if (fold.get("n_test") or 0) >= LARGE]
    return {
        "n_pairs": len(scored),
        "n_high": sum(fold["value"] >= HIGH for fold in scored),
        "n_significant": sum(map(significant, scored)),
        "n_large": len(large),
        "n_high_large": sum(fold["value"] >= HIGH for fold in large),
        "n_significant_large": sum(map(significant, large)),
    }


def _of(part: str, whole: str, name: str) -> Column:
    def item(row: Row) -> Item:
        if not row[whole]:
            return Item("none so large")
        return Item(f"{row[part]} of {row[whole]}", row[part] / row[whole])

    return Column(name, item, "high")


def _points(row: Row, folds: dict[str, list[Row]]) -> list[Row]:
    return [
        {
            "panel": f"{row['feature']} / {row['model']}",
            "train": str(fold["train_missions"]),
            "test": str(fold["test_missions"]),
            **{key: fold.get(key) for key in ("value", "p_exact", "n_test", "reason")},
        }
        for fold in folds.get(row["cell"], ())
    ]
