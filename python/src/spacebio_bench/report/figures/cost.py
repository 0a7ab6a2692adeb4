"""What an AUROC costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import ceil, floor, log10

import altair as alt

from spacebio_bench.report._leaderboard import number
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._figure import OKABE_ITO, QUIET, SHAPES, Figure, finished


def cost_against_score(
    rows: Sequence[Row], costs: Sequence[Row], features: Sequence[str], models: Sequence[str]
) -> Figure | None:
    """CPU seconds of a cell, all folds and labelings, against its AUROC; None without costs."""
    spent: dict[str, float] = defaultdict(float)
    for row in costs:
        spent[row["cell"]] += (row.get("fit_cpu_s") or 0.0) + (row.get("score_cpu_s") or 0.0)
    points = [
        _point(row, spent[row["cell"]])
        for row in rows
        if row["value_mean"] is not None and spent.get(row["cell"], 0) > 0
    ]
    if not points:
        return None
    picked = alt.selection_point(fields=["model"], bind="legend", name="picked")
    known = [m for m in models if any(p["model"] == m for p in points)]
    chart = (
        alt.Chart(alt.NamedData(name="cost"))
        .mark_point(filled=True, size=64, stroke="#ffffff", strokeWidth=0.6)
        .encode(
            x=alt.X(
                "seconds:Q",
                scale=alt.Scale(type="log", nice=False, padding=14),
                title="CPU seconds (log scale)",
                axis=alt.Axis(format=",.3~r", values=_ticks(points)),
            ),
            y=alt.Y("value:Q", scale=alt.Scale(zero=False, padding=12), title="mean AUROC"),
            color=alt.Color(
                "model:N",
                scale=alt.Scale(
                    domain=known, range=[OKABE_ITO[i % len(OKABE_ITO)] for i in range(len(known))]
                ),
                legend=alt.Legend(title="model (click to single out)", orient="bottom", columns=8),
            ),
            shape=alt.Shape(
                "feature:N",
                scale=alt.Scale(
                    domain=list(features),
                    range=[SHAPES[i % len(SHAPES)] for i in range(len(features))],
                ),
                legend=alt.Legend(title="feature set", orient="bottom", columns=4),
            ),
            opacity=alt.condition(picked, alt.value(0.85), alt.value(0.08)),
            tooltip=[
                alt.Tooltip("cell:N"),
                alt.Tooltip("text:N", title="mean AUROC"),
                alt.Tooltip("seconds:Q", title="CPU seconds", format=".3~s"),
            ],
        )
        .add_params(picked)
        .properties(width=640, height=320)
    )
    chance = alt.Chart().mark_rule(stroke=QUIET, strokeDash=[2, 3]).encode(y=alt.datum(0.5))
    total = sum(p["seconds"] for p in points)
    return Figure(
        name="cost_against_score",
        title="What a score costs",
        caption="A point is a cell: CPU time of all its folds and labelings, as measured on the "
        "machine of this run, against its mean AUROC. "
        f"All together {_duration(total)} of CPU time.",
        alt=f"Scatter plot of CPU seconds against mean AUROC of {len(points)} cells. The costs "
        "are in costs.csv.",
        spec=finished(alt.layer(chart, chance)),
        data={"cost": points},
    )


def _point(row: Row, seconds: float) -> Row:
    return {
        "cell": row["cell"],
        "model": row["model"],
        "feature": row["feature"],
        "value": round(row["value_mean"], 4),
        "text": number(row["value_mean"], 3),
        "seconds": float(f"{seconds:.3g}"),
    }


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _ticks(points: Sequence[Row]) -> list[float]:
    """1 and 3 times the powers of ten that span the costs."""
    seconds = [point["seconds"] for point in points]
    powers = range(floor(log10(min(seconds))), ceil(log10(max(seconds))) + 1)
    return [float(f"{lead}e{power}") for power in powers for lead in (1, 3)]
