"""Do missions whose pathways respond alike teach each other's models?"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from spacebio_bench.report._leaderboard import number
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._chance import chance_axis
from spacebio_bench.report.figures._figure import OKABE_ITO, Figure, balanced, finished


def conservation_scatter(points: Sequence[Row]) -> Figure | None:
    """A point a pair of missions: `rho` of their NES against the mean `auroc` of both directions.

    `points` have `panel`, `tissue`, `pair` too.
    """
    if not points:
        return None
    tissues = sorted({point["tissue"] for point in points})
    panels = sorted({point["panel"] for point in points})
    data = [
        {
            **{key: point[key] for key in ("panel", "tissue", "pair")},
            "rho": round(point["rho"], 4),
            "auroc": round(point["auroc"], 4),
            "says": f"{number(point['rho'])}, {number(point['auroc'])}",
        }
        for point in points
    ]
    dots = (
        alt.Chart()
        .mark_point(filled=True, size=60, opacity=0.85, stroke="#ffffff", strokeWidth=0.6)
        .encode(
            x=alt.X("rho:Q", scale=alt.Scale(domain=[-1, 1]), title="Spearman correlation of NES"),
            y=alt.Y(
                "auroc:Q",
                scale=alt.Scale(domain=[0, 1]),
                title="AUROC, mean of both ways",
                axis=chance_axis(),
            ),
            color=alt.Color(
                "tissue:N",
                scale=alt.Scale(
                    domain=tissues,
                    range=[OKABE_ITO[i % len(OKABE_ITO)] for i in range(len(tissues))],
                ),
                legend=alt.Legend(orient="bottom", columns=6),
            ),
            tooltip=["tissue:N", "pair:N", alt.Tooltip("says:N", title="NES, AUROC")],
        )
    )
    layered = alt.layer(dots, data=alt.NamedData(name="conservation")).properties(
        width=270, height=230
    )
    chart = layered.facet(
        facet=alt.Facet("panel:N", sort=panels, title=None), columns=balanced(len(panels), 3)
    )
    return Figure(
        name="conservation",
        title="Missions that respond alike, and missions that teach each other",
        caption="A point is a pair of missions: how alike their pathways respond to flight, and "
        "how well a model of one does in the other. Points share missions.",
        alt=f"Scatter plot of {len(points)} pairs of missions: correlation of pathway responses "
        "against AUROC of transfer. conservation.csv and folds.csv hold the values.",
        spec=finished(chart),
        data={"conservation": data},
    )
