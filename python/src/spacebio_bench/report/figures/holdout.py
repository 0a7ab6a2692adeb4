"""Hold-out missions: what the benchmark's models say of studies that were kept aside."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from spacebio_bench.report._leaderboard import interval, number, p_text
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._cells import (
    ROW_HEIGHT,
    beside,
    cell_axis,
    feature_colour,
    text_column,
)
from spacebio_bench.report.figures._figure import QUIET, SHAPES, Figure, finished


def holdout_forest(points: Sequence[Row], *, tissue: str, features: Sequence[str]) -> Figure | None:
    """A line a mission and cell with its interval; None without a value.

    `points` are scored folds of one tissue with `feature`, `model` and `mission`.
    """
    own = [point for point in points if point["value"] is not None]
    if not own:
        return None
    own = sorted(own, key=lambda r: (r["mission"], -r["value"], r["cell"]))
    name, lines = f"holdout_{tissue}", [_line(row) for row in own]
    order = [line["short"] for line in lines]
    missions = sorted({line["mission"] for line in lines})
    scale = alt.Scale(domain=[0, 1])
    axis = alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], orient="top", title="AUROC", format=".2f")
    base = alt.Chart().encode(
        y=cell_axis(order),
        color=feature_colour(features),
        tooltip=[
            alt.Tooltip("mission:N", title="hold-out mission"),
            alt.Tooltip("short:N"),
            alt.Tooltip("text:N", title="AUROC"),
            alt.Tooltip("ci:N", title="95 % interval"),
            alt.Tooltip("p:N", title="exact p"),
        ],
    )
    chance = alt.Chart().mark_rule(stroke=QUIET, strokeDash=[2, 3]).encode(x=alt.datum(0.5))
    reach = (
        base.transform_filter("isValid(datum.ci_low)")
        .mark_rule(strokeWidth=2.4, opacity=0.7)
        .encode(x=alt.X("ci_low:Q", scale=scale, axis=axis), x2="ci_high:Q")
    )
    dot = base.mark_point(filled=True, size=58, stroke="#ffffff", opacity=1).encode(
        x=alt.X("value:Q", scale=scale, axis=axis),
        shape=alt.Shape(
            "mission:N",
            scale=alt.Scale(
                domain=missions, range=[SHAPES[i % len(SHAPES)] for i in range(len(missions))]
            ),
            legend=alt.Legend(title="hold-out mission", orient="bottom"),
        ),
    )
    left = alt.layer(chance, reach, dot).properties(width=440, height=ROW_HEIGHT * len(lines))
    columns = [
        text_column(order, field, title, width=width)
        for field, title, width in (
            ("text", "AUROC", 44),
            ("ci", "95 % interval", 96),
            ("p", "p", 50),
        )
    ]
    return Figure(
        name=name,
        title=f"{tissue}: hold-out missions",
        caption="Dot: AUROC in a mission that was kept aside. Line: 95 % interval, were its "
        "samples drawn again.",
        alt=f"Forest plot of {len(lines)} hold-out results of {tissue}. The table holds the "
        "values.",
        spec=finished(beside(left, columns, data=name)),
        data={name: lines},
    )


def _line(row: Row) -> Row:
    return {
        "short": f"{row['mission']}: {row['feature']} / {row['model']}",
        "feature": row["feature"],
        "mission": row["mission"],
        "value": round(row["value"], 4),
        "ci_low": row.get("ci_low"),
        "ci_high": row.get("ci_high"),
        "text": number(row["value"]),
        "ci": interval(row, "ci"),
        "p": p_text(row.get("p_exact")),
    }
