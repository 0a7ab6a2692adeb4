"""The leaderboard at a glance: tissue x model, a panel a feature set."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from spacebio_bench.report._leaderboard import NOT_RUN, NOTHING, interval, number, p_text
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._figure import Figure, finished
from spacebio_bench.report.figures._tiles import QUIET_AXIS, tile, tiles

MARKS = {"corrected": "●", "nominal": "○", "none": ""}
PAGE_WIDTH = 1010


def heatmap(rows: Sequence[Row], *, features: Sequence[str], models: Sequence[str]) -> Figure:
    """Mean AUROC of every cell; one that did not run is a dashed tile with its status."""
    data = [_tile(row) for row in rows]
    tasks = sorted({row["label"] for row in rows})
    width = next(w for most, w in ((2, 84), (4, 62), (len(tasks), 52)) if len(tasks) <= most)
    label_width = 9 * max((len(m) for m in models), default=5)
    columns = max(1, min(len(features), (PAGE_WIDTH - label_width) // (width * len(tasks) + 24)))
    base = alt.Chart().encode(
        x=alt.X(
            "tissue:N",
            sort=tasks,
            title=None,
            axis=alt.Axis(labelAngle=-40 if width < 8 * max(map(len, tasks)) else 0, **QUIET_AXIS),
        ),
        y=alt.Y("model:N", sort=list(models), title=None, axis=alt.Axis(**QUIET_AXIS)),
        tooltip=[
            alt.Tooltip("tissue:N"),
            alt.Tooltip("feature:N", title="feature set"),
            alt.Tooltip("model:N"),
            alt.Tooltip("says:N", title="mean AUROC"),
            alt.Tooltip("these:N", title="95 % interval, these missions"),
            alt.Tooltip("population:N", title="95 % interval, missions like these"),
            alt.Tooltip("p:N", title="p"),
            alt.Tooltip("q:N", title="q, all tissues"),
            alt.Tooltip("maxt:N", title="max-T p, this tissue"),
            alt.Tooltip("rank:N", title="rank in this tissue"),
            alt.Tooltip("missions:N"),
            alt.Tooltip("reason:N", title="why it did not run"),
        ],
    )
    panel = tiles(base, data="heatmap", legend="mean AUROC").properties(
        width=width * len(tasks), height=26 * len(models)
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
        **tile(row["value_mean"]),
        "text": f"{number(row['value_mean'])}{mark and ' ' + mark}"
        if ran
        else NOT_RUN.get(row["status"], row["status"]),
        "says": number(row["value_mean"], 3),
        "these": interval(row, "ci_these"),
        "population": interval(row, "ci_population"),
        "p": f"{p_text(row['p_value'])} ({row['p_method'] or 'none'})",
        "q": p_text(row.get("q_bh")),
        "maxt": p_text(row.get("p_maxt")),
        "rank": row.get("rank") or NOTHING,
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
