"""How the AUROC depends on the number of missions, samples, genes or components."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from spacebio_bench.report._leaderboard import number
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._chance import chance_axis
from spacebio_bench.report.figures._figure import OKABE_ITO, Figure, balanced, finished


def curve(
    points: Sequence[Row], *, name: str, title: str, axis: str, caption: str, log: bool = False
) -> Figure | None:
    """A panel a tissue, a line a series; None without points.

    `points` have `tissue`, `series`, `x`, `mean`, `low`, `high`, and `plain`: whether the point is
    leave-one-mission-out as planned. A plain point without `x` is drawn as a level.
    """
    if not any(point["x"] is not None for point in points):
        return None
    series = sorted({point["series"] for point in points})
    tissues = sorted({point["tissue"] for point in points})
    ticks = sorted({point["x"] for point in points if point["x"] is not None})
    x = alt.X(
        "x:Q",
        scale=alt.Scale(type="log" if log else "linear", zero=False, nice=False, padding=10),
        title=axis,
        axis=alt.Axis(values=ticks, format="~s", grid=False),
    )
    colour = alt.Color(
        "series:N",
        scale=alt.Scale(
            domain=series, range=[OKABE_ITO[i % len(OKABE_ITO)] for i in range(len(series))]
        ),
        legend=alt.Legend(title=None, orient="bottom", columns=4, symbolOpacity=1),
    )
    y = alt.Y(
        "mean:Q",
        scale=alt.Scale(domain=[0, 1]),
        title="mean AUROC",
        axis=chance_axis(),
    )
    base = alt.Chart().encode(
        color=colour,
        tooltip=[
            alt.Tooltip("series:N"),
            alt.Tooltip("x:Q", title=axis),
            alt.Tooltip("text:N", title="mean AUROC"),
            alt.Tooltip("range:N", title="over draws"),
        ],
    )
    placed = base.transform_filter("isValid(datum.x)")
    band = placed.mark_area(opacity=0.16).encode(x=x, y="low:Q", y2="high:Q")
    line = placed.mark_line(strokeWidth=2).encode(x=x, y=y)
    dot = placed.mark_point(filled=True, size=48, opacity=1).encode(
        x=x,
        y=y,
        shape=alt.condition("datum.plain", alt.value("diamond"), alt.value("circle")),
    )
    level = (
        base.transform_filter("!isValid(datum.x)")
        .mark_rule(strokeDash=[5, 3], strokeWidth=1.5)
        .encode(y=y)
    )
    layered = alt.layer(band, level, line, dot, data=alt.NamedData(name=name)).properties(
        width=210, height=190
    )
    chart = layered.facet(
        facet=alt.Facet("tissue:N", sort=tissues, title=None), columns=balanced(len(tissues), 4)
    )
    return Figure(
        name=name,
        title=title,
        caption=caption,
        alt=f"{title}: {len(series)} curves for {len(tissues)} tissues. The table holds the "
        "values.",
        spec=finished(chart),
        data={name: [_point(point) for point in points]},
    )


def _point(point: Row) -> Row:
    low, high = point["low"], point["high"]
    return {
        "tissue": point["tissue"],
        "series": point["series"],
        "x": point["x"],
        "mean": round(point["mean"], 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "plain": point["plain"],
        "text": number(point["mean"]),
        "range": f"{number(low)} to {number(high)}",
    }
