"""How well features name what they should not know, beside chance."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from spacebio_bench.report._leaderboard import number, p_text
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._cells import ROW_HEIGHT
from spacebio_bench.report.figures._figure import OKABE_ITO, QUIET, Figure, finished


def confounder_dots(rows: Sequence[Row], *, target: str) -> Figure | None:
    """Macro-F1 and chance of every cell of a target, feature sets of a tissue side by side."""
    own = [row for row in rows if row["target"] == target and row["macro_f1"] is not None]
    if not own:
        return None
    name = f"confounder_{target}"
    lines = [
        {
            "line": f"{row['tissue']}, {row['line']}",
            "value": round(row["macro_f1"], 4),
            "chance": None if row["macro_f1_chance"] is None else round(row["macro_f1_chance"], 4),
            "text": number(row["macro_f1"]),
            "p": p_text(row.get("p_value")),
        }
        for row in own
    ]
    order = [line["line"] for line in lines]
    x = alt.X("value:Q", scale=alt.Scale(domain=[0, 1]), title="macro-F1", axis=_axis())
    y = alt.Y("line:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False, offset=8))
    base = alt.Chart().encode(
        y=y,
        tooltip=[
            alt.Tooltip("line:N", title="tissue, feature set / model"),
            alt.Tooltip("text:N", title="macro-F1"),
            alt.Tooltip("chance:Q", title="chance", format=".2f"),
            alt.Tooltip("p:N", title="p"),
        ],
    )
    known = base.transform_filter("isValid(datum.chance)")
    reach = known.mark_rule(color=QUIET, strokeWidth=1.2).encode(x=x, x2="chance:Q")
    chance = known.mark_tick(color="#000000", thickness=2, size=15).encode(
        x=alt.X("chance:Q", scale=alt.Scale(domain=[0, 1]), axis=_axis())
    )
    dot = base.mark_point(filled=True, size=70, opacity=1, color=OKABE_ITO[0]).encode(x=x)
    chart = alt.layer(reach, chance, dot, data=alt.NamedData(name=name)).properties(
        width=440, height=ROW_HEIGHT * len(order)
    )
    return Figure(
        name=name,
        title=f"Which {target}? What the features say",
        caption="Dot: macro-F1 of the held-out samples. Black tick: chance, the mean under "
        "shuffled classes. A dot left of its tick is below chance.",
        alt=f"Dot plot of the macro-F1 of {len(own)} cells that name the {target}, beside chance. "
        "The table holds the values.",
        spec=finished(chart),
        data={name: lines},
    )


def _axis() -> alt.Axis:
    return alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".2f")
