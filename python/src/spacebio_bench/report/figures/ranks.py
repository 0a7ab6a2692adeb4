"""The places that each cell of a tissue can have."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from spacebio_bench.report._leaderboard import number
from spacebio_bench.report._ranks import ranked, standings
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._cells import (
    ROW_HEIGHT,
    beside,
    cell_axis,
    feature_colour,
    text_column,
    with_value,
)
from spacebio_bench.report.figures._figure import Figure, finished


def rank_intervals(rows: Sequence[Row], *, task: str, features: Sequence[str]) -> Figure | None:
    """Rank intervals, and the place by mean AUROC alone; None with fewer than two ranked cells.

    `rows` are the cells of one task, best first, with `rank` and `group`.
    """
    own = ranked(with_value(rows))
    if len(own) < 2:
        return None
    n, order, name = len(own), [row["short"] for row in own], f"ranks_{task}"
    scale = alt.Scale(domain=[0.5, n + 0.5], nice=False)
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if n / s <= 16)
    axis = alt.Axis(
        orient="top",
        title="rank, 1 is best",
        values=list(range(1, n + 1, step)) if step <= 2 else [1, *range(step, n + 1, step)],
        format="d",
    )
    base = alt.Chart().encode(
        y=cell_axis(order),
        color=feature_colour(features),
        tooltip=[
            alt.Tooltip("short:N", title="feature set / model"),
            alt.Tooltip("rank:N", title="rank"),
            alt.Tooltip("place:Q", title="place by mean AUROC alone"),
            alt.Tooltip("group:N", title="group"),
            alt.Tooltip("mean:N", title="mean AUROC"),
        ],
    )
    reach = base.mark_rule(strokeWidth=7, opacity=0.5).encode(
        x=alt.X("from:Q", scale=scale, axis=axis), x2=alt.X2("to:Q")
    )
    place = base.mark_point(
        filled=True, size=52, stroke="#ffffff", strokeWidth=1, opacity=1
    ).encode(x=alt.X("place:Q", scale=scale, axis=axis))
    left = alt.layer(reach, place).properties(width=440, height=ROW_HEIGHT * n)
    columns = [
        text_column(order, field, title, width=width)
        for field, title, width in (("rank", "rank", 84), ("group", "group", 64))
    ]
    (standing,) = standings(own)
    return Figure(
        name=name,
        title=f"{standing.label}: which places are real",
        caption="Bar: the places that a cell can have when only clear differences count (95 %, all "
        "pairs of the tissue at once). Dot: its place by the mean AUROC alone. "
        f"{standing.says[0].upper()}{standing.says[1:]}",
        alt=f"Rank intervals of {n} cells of {standing.label}. {standing.says} The leaderboard "
        "table holds all ranks.",
        spec=finished(beside(left, columns, data=name)),
        data={name: [_line(row, i) for i, row in enumerate(own, start=1)]},
    )


def _line(row: Row, place: int) -> Row:
    return {
        "short": row["short"],
        "feature": row["feature"],
        "place": place,
        "from": row["rank_low"] - 0.35,
        "to": row["rank_high"] + 0.35,
        "rank": row["rank"],
        "group": row["group"],
        "mean": number(row["value_mean"], 3),
    }
