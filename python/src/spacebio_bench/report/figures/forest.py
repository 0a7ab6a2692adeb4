"""A tissue's cells with their three intervals, best first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from spacebio_bench.report._leaderboard import NOTHING, interval, number, p_text
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._cells import (
    ROW_HEIGHT,
    beside,
    cell_axis,
    feature_colour,
    text_column,
    with_value,
)
from spacebio_bench.report.figures._figure import QUIET, Figure, finished


def forest(rows: Sequence[Row], *, task: str, features: Sequence[str]) -> Figure | None:
    """Mean AUROC with its intervals: these missions, missions like these, the next one.

    `rows` are the cells of one task, best first; None when none of them ran.
    """
    ran = with_value(rows)
    if not ran:
        return None
    label = ran[0]["label"]
    order = [row["short"] for row in ran]
    name = f"forest_{task}"
    axis = alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], orient="top", title="AUROC", format=".2f")
    base = alt.Chart().encode(
        y=cell_axis(order),
        color=feature_colour(features),
        tooltip=[
            alt.Tooltip("short:N", title="feature set / model"),
            alt.Tooltip("mean:N", title="mean AUROC"),
            alt.Tooltip("these:N", title="these missions (thick)"),
            alt.Tooltip("population:N", title="missions like these (thin)"),
            alt.Tooltip("next:N", title="next mission (dotted)"),
            alt.Tooltip("p:N", title="p"),
        ],
    )
    scale = alt.Scale(domain=[0, 1])
    chance = alt.Chart().mark_rule(stroke=QUIET, strokeDash=[2, 3]).encode(x=alt.datum(0.5))
    coming = _span(base, "pi_next", scale, axis).mark_rule(strokeWidth=1, strokeDash=[1.5, 3])
    population = _span(base, "ci_population", scale, axis).mark_rule(strokeWidth=1.6)
    these = _span(base, "ci_these", scale, axis).mark_rule(strokeWidth=5, opacity=0.55)
    point = base.mark_point(
        filled=True, size=52, stroke="#ffffff", strokeWidth=1, opacity=1
    ).encode(x=alt.X("value_mean:Q", scale=scale, axis=axis))
    height = ROW_HEIGHT * len(ran)
    left = alt.layer(chance, coming, population, these, point).properties(width=440, height=height)
    columns = [
        text_column(order, field, title, width=width)
        for field, title, width in (
            ("mean", "mean", 40),
            ("these", "these missions", 96),
            ("p", "p", 58),
            ("missions", "missions", 54),
        )
    ]
    chart = beside(left, columns, data=name)
    absent = len(rows) - len(ran)
    left_out = f" {absent} cells without a value are left out." if absent else ""
    return Figure(
        name=name,
        title=f"{label}: every cell with its uncertainty",
        caption="Dot: mean AUROC over missions. Thick bar: 95 % interval for these missions, were "
        "their samples drawn again. "
        "Thin line: for missions like these. Dotted: where the next mission is expected (three "
        f"missions or more).{left_out}",
        alt=f"Forest plot of {len(ran)} cells of {label}. Best: {order[0]}, mean AUROC "
        f"{number(ran[0]['value_mean'])} "
        f"({interval(ran[0], 'ci_these')}). The leaderboard table holds all values.",
        spec=finished(chart),
        data={name: [_line(row) for row in ran]},
    )


def _span(base: Any, name: str, scale: Any, axis: Any) -> Any:
    return base.transform_filter(f"isValid(datum.{name}_low)").encode(
        x=alt.X(f"{name}_low:Q", scale=scale, axis=axis), x2=alt.X2(f"{name}_high:Q")
    )


def _line(row: Row) -> Row:
    spans = ("ci_these", "ci_population", "pi_next")
    edges = [f"{name}_{end}" for name in spans for end in ("low", "high")]
    return {
        "short": row["short"],
        "feature": row["feature"],
        "value_mean": round(row["value_mean"], 4),
        **{e: None if row.get(e) is None else round(row[e], 4) for e in edges},
        "mean": number(row["value_mean"]),
        "these": interval(row, "ci_these"),
        "population": interval(row, "ci_population"),
        "next": interval(row, "pi_next"),
        "p": p_text(row["p_value"]),
        "missions": NOTHING if row["n_folds"] is None else f"{row['n_folds']:.0f}",
    }
