"""The leaderboard at a glance: tissue x model, a panel a feature set."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from spacebio_bench.report._leaderboard import NOT_RUN, NOTHING, interval, number, p_text
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._colour import CHANCE_SCALE, ink_on
from spacebio_bench.report.figures._figure import QUIET, Figure, finished

MARKS = {"corrected": "●", "nominal": "○", "none": ""}
PAGE_WIDTH = 1010


def heatmap(rows: Sequence[Row], *, features: Sequence[str], models: Sequence[str]) -> Figure:
    """Mean AUROC of every cell; one that did not run is a dashed tile with its status."""
    data = [_tile(row) for row in rows]
    tasks = sorted({row["label"] for row in rows})
    tile = next(width for most, width in ((2, 84), (4, 62), (len(tasks), 52)) if len(tasks) <= most)
    label_width = 9 * max((len(m) for m in models), default=5)
    columns = max(1, min(len(features), (PAGE_WIDTH - label_width) // (tile * len(tasks) + 24)))
    base = alt.Chart().encode(
        x=alt.X(
            "tissue:N",
            sort=tasks,
            title=None,
            axis=alt.Axis(
                labelAngle=-40 if tile < 8 * max(map(len, tasks)) else 0, domain=False, ticks=False
            ),
        ),
        y=alt.Y("model:N", sort=list(models), title=None, axis=alt.Axis(domain=False, ticks=False)),
        tooltip=[
            alt.Tooltip("tissue:N"),
            alt.Tooltip("feature:N", title="feature set"),
            alt.Tooltip("model:N"),
            alt.Tooltip("says:N", title="mean AUROC"),
            alt.Tooltip("these:N", title="95 % interval, these missions"),
            alt.Tooltip("population:N", title="95 % interval, missions like these"),
            alt.Tooltip("p:N", title="p"),
            alt.Tooltip("q:N", title="q, all tissues"),
            alt.Tooltip("missions:N"),
            alt.Tooltip("reason:N", title="why it did not run"),
        ],
    )
    ran = alt.datum.ran
    tiles = (
        base.transform_filter(ran)
        .mark_rect(stroke="#ffffff", strokeWidth=2)
        .encode(
            color=alt.Color(
                "value:Q",
                scale=alt.Scale(domain=[0, 1], range=list(CHANCE_SCALE)),
                legend=alt.Legend(
                    title="mean AUROC (0.5 is chance)",
                    orient="bottom",
                    gradientLength=260,
                    values=[0, 0.25, 0.5, 0.75, 1],
                    format=".2f",
                ),
            )
        )
    )
    absent = base.transform_filter(~ran).mark_rect(
        fill="#ffffff", stroke="#8a93a0", strokeDash=[3, 3], strokeWidth=1, cornerRadius=3
    )
    numbers = (
        base.transform_filter(ran)
        .mark_text(fontSize=12)
        .encode(
            text="text:N",
            color=alt.condition(
                "datum.ink == '#ffffff'", alt.value("#ffffff"), alt.value("#000000")
            ),
        )
    )
    words = (
        base.transform_filter(~ran)
        .mark_text(fontSize=11, fontStyle="italic", color=QUIET)
        .encode(text="text:N")
    )
    panel = alt.layer(tiles, absent, numbers, words, data=alt.NamedData(name="heatmap")).properties(
        width=tile * len(tasks), height=26 * len(models)
    )
    chart = panel.facet(
        facet=alt.Facet("feature:N", sort=list(features), title=None), columns=columns
    )
    return Figure(
        name="leaderboard",
        title="Leaderboard at a glance",
        caption="Mean AUROC over held-out missions. ● significant after correction over all cells "
        "(q < 0.05), ○ p < 0.05 "
        "before correction only. A dashed tile did not run; the tooltip and the table below say "
        "why.",
        alt=_alt(rows),
        spec=finished(chart),
        data={"heatmap": data},
    )


def _tile(row: Row) -> Row:
    ran = row["value_mean"] is not None
    mark = MARKS[row["evidence"]]
    return {
        "tissue": row["label"],
        "feature": row["feature"],
        "model": row["model"],
        "ran": ran,
        "value": round(row["value_mean"], 4) if ran else None,
        "ink": ink_on(row["value_mean"]) if ran else QUIET,
        "text": f"{number(row['value_mean'])}{mark and ' ' + mark}"
        if ran
        else NOT_RUN.get(row["status"], row["status"]),
        "says": number(row["value_mean"], 3),
        "these": interval(row, "ci_these"),
        "population": interval(row, "ci_population"),
        "p": f"{p_text(row['p_value'])} ({row['p_method'] or 'none'})",
        "q": p_text(row.get("q_bh")),
        "missions": NOTHING if row["n_folds"] is None else f"{row['n_folds']:.0f}",
        "reason": row["reason"] or NOTHING,
    }


def _alt(rows: Sequence[Row]) -> str:
    ran = [row for row in rows if row["value_mean"] is not None]
    if not ran:
        return "Heat map without values: no cell ran."
    low, high = (number(f(row["value_mean"] for row in ran)) for f in (min, max))
    significant = sum(row["evidence"] == "corrected" for row in ran)
    return (
        f"Heat map of the mean AUROC of {len(ran)} cells, from {low} to {high}; {significant} are "
        "significant after correction; "
        f"{len(rows) - len(ran)} cells did not run. The table below holds the same values."
    )
