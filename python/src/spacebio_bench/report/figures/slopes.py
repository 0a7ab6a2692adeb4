"""Each held-out mission before and after a batch correction."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from spacebio_bench.report._leaderboard import number
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._chance import chance_axis
from spacebio_bench.report.figures._figure import OKABE_ITO, Figure, balanced, finished


def batch_slopes(points: Sequence[Row], *, tissue: str) -> Figure | None:
    """A line a mission from `none` to a correction; a panel a feature set, model and correction.

    `points` have `panel`, `mission`, `before`, `after`.
    """
    if not points:
        return None
    name = f"batch_{tissue}"
    missions = sorted({point["mission"] for point in points})
    panels = sorted({point["panel"] for point in points})
    ends = [
        {
            "panel": point["panel"],
            "mission": point["mission"],
            "when": when,
            "value": round(point[when], 4),
            "text": number(point[when]),
        }
        for point in points
        for when in ("before", "after")
    ]
    colour = alt.Color(
        "mission:N",
        scale=alt.Scale(
            domain=missions, range=[OKABE_ITO[i % len(OKABE_ITO)] for i in range(len(missions))]
        ),
        legend=alt.Legend(title="held-out mission", orient="bottom", columns=6),
    )
    base = alt.Chart().encode(
        x=alt.X(
            "when:N",
            sort=["before", "after"],
            title=None,
            scale=alt.Scale(padding=0.4),
            axis=alt.Axis(labelAngle=0, labelExpr="datum.value == 'before' ? 'none' : 'corrected'"),
        ),
        y=alt.Y(
            "value:Q",
            scale=alt.Scale(domain=[0, 1]),
            title="AUROC",
            axis=chance_axis(),
        ),
        color=colour,
        tooltip=["panel:N", "mission:N", "when:N", alt.Tooltip("text:N", title="AUROC")],
    )
    layered = alt.layer(
        base.mark_line(strokeWidth=2),
        base.mark_point(filled=True, size=52, opacity=1),
        data=alt.NamedData(name=name),
    ).properties(width=190, height=210)
    chart = layered.facet(
        facet=alt.Facet("panel:N", sort=panels, title=None), columns=balanced(len(panels), 4)
    )
    return Figure(
        name=name,
        title=f"{tissue}: without and with the correction",
        caption="A line is a held-out mission, from plain leave-one-mission-out to the same fold "
        "after the correction named above the panel.",
        alt=f"Slope chart of {len(points)} folds of {tissue} before and after a batch correction. "
        "folds.csv holds the values.",
        spec=finished(chart),
        data={name: ends},
    )
