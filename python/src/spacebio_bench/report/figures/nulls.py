"""What a cell's mean AUROC is when the labels mean nothing, and where the observed one lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from spacebio_bench.report._leaderboard import number, p_text
from spacebio_bench.report._nulls import N_BINS, NullOfCell
from spacebio_bench.report._p_words import p_in_words
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._figure import INK, OKABE_ITO, QUIET, Choice, Figure, finished


def null_histogram(rows: Sequence[Row], nulls: Mapping[str, NullOfCell]) -> Figure | None:
    """One histogram for the cell that is chosen; at first the one with the highest AUROC."""
    shown = [row for row in rows if row["cell"] in nulls]
    if not shown:
        return None
    first = max(range(len(shown)), key=lambda i: (shown[i]["value_mean"] or 0, -i))
    bars: list[Row] = []
    marks: list[Row] = []
    for i, row in enumerate(shown):
        null = nulls[row["cell"]]
        bars.extend({"c": i, "bin": int(b), "n": int(n)} for b, n in enumerate(null.counts) if n)
        marks.append(
            {"c": i, "observed": round(null.observed, 4), "text": number(null.observed, 3)}
        )
    chosen = alt.param(name="chosen_cell", value=first)
    of_cell = "datum.c == chosen_cell"
    x = alt.X(
        "from:Q",
        bin="binned",
        scale=alt.Scale(domain=[0, 1]),
        title="mean AUROC over held-out missions",
        axis=alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".2f"),
    )
    histogram = (
        alt.Chart(alt.NamedData(name="null_bars"))
        .transform_filter(of_cell)
        .transform_calculate(
            **{"from": f"datum.bin / {N_BINS}", "to": f"(datum.bin + 1) / {N_BINS}"}
        )
        .mark_bar(color="#9aa5b4", stroke="#ffffff", strokeWidth=0.5)
        .encode(
            x=x,
            x2="to:Q",
            y=alt.Y("n:Q", title="permuted labelings", axis=alt.Axis(tickMinStep=1, tickCount=5)),
            tooltip=[
                alt.Tooltip("from:Q", format=".2f"),
                alt.Tooltip("to:Q", format=".2f"),
                alt.Tooltip("n:Q", title="labelings"),
            ],
        )
    )
    chance = alt.Chart().mark_rule(stroke=QUIET, strokeDash=[2, 3]).encode(x=alt.datum(0.5))
    marked = alt.Chart(alt.NamedData(name="null_cells")).transform_filter(of_cell)
    rule = marked.mark_rule(color=OKABE_ITO[1], strokeWidth=2.5).encode(x="observed:Q")
    word = marked.mark_text(color=INK, fontSize=12, fontWeight="bold", y=-8).encode(
        x="observed:Q", text="text:N"
    )
    chart = (
        alt.layer(histogram, chance, rule, word)
        .add_params(chosen)
        .properties(width=620, height=210)
    )
    options = [
        Choice(
            str(i),
            f"{row['feature']} / {row['model']}",
            row["label"],
            _says(row, nulls[row["cell"]]),
        )
        for i, row in enumerate(shown)
    ]
    best = shown[first]
    return Figure(
        name="null_distribution",
        title="If the labels meant nothing",
        caption="Grey: the mean AUROC of the same cell after its models were refitted to labels "
        "shuffled within missions. Orange: "
        f"what it was with the true labels (in the picture files: {best['label']}, "
        f"{best['short']}).",
        alt=f"Histogram of the null distribution of one cell. {options[first].says}",
        spec=finished(chart),
        data={"null_bars": bars, "null_cells": marks},
        select="chosen_cell",
        choices=tuple(options),
        chosen=str(first),
    )


def _says(row: Row, null: NullOfCell) -> str:
    stopped = row["p_method"] == "refit_sequential"
    reached = "" if stopped else f"{null.reached} of {null.n} permuted labelings reached it; "
    return (
        f"{row['label']}, {row['short']}: observed {number(null.observed, 3)}; null mean "
        f"{number(null.mean, 3)}, SD {number(null.sd, 3)}; {reached}"
        f"{p_in_words(row) if stopped else 'p = ' + p_text(row['p_value'])} "
        f"({row['p_method'] or 'none'})."
    )
