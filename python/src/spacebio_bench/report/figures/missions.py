"""AUROC of every held-out mission: which one is hard, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from spacebio_bench.report._leaderboard import NOTHING, interval, number, p_text
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._colour import CHANCE_SCALE, ink_on
from spacebio_bench.report.figures._figure import QUIET, Figure, finished

SHOWN = 20  # characters of a fold's name that fit above its tiles


def missions(
    rows: Sequence[Row], folds: Mapping[str, Sequence[Row]], *, task: str
) -> Figure | None:
    """Folds x cells of one task, cells in the order of the forest plot; None without a value."""
    ran = [row for row in rows if row["value_mean"] is not None and row["metric"] == "auroc"]
    tiles = [_tile(row, fold) for row in ran for fold in folds.get(row["cell"], ())]
    if not any(tile["ran"] for tile in tiles):
        return None
    label = ran[0]["label"]
    order = [row["short"] for row in ran]
    names = sorted({tile["mission"] for tile in tiles})
    name = f"missions_{task}"
    base = alt.Chart().encode(
        x=alt.X(
            "mission:N",
            sort=names,
            title="held-out mission",
            axis=alt.Axis(
                orient="top",
                labelAngle=0 if max(map(len, names)) < 9 else -40,
                domain=False,
                ticks=False,
            ),
        ),
        y=alt.Y(
            "short:N",
            sort=order,
            title=None,
            axis=alt.Axis(domain=False, ticks=False, minExtent=150),
        ),
        tooltip=[
            alt.Tooltip("mission:N", title="held-out mission"),
            alt.Tooltip("short:N", title="feature set / model"),
            alt.Tooltip("text:N", title="AUROC"),
            alt.Tooltip("ci:N", title="95 % interval"),
            alt.Tooltip("p:N", title="exact p of this fold"),
            alt.Tooltip("least:N", title="least p this fold can have"),
            alt.Tooltip("test:N", title="test samples (positive)"),
            alt.Tooltip("reason:N", title="why it was not scored"),
        ],
    )
    scored = (
        base.transform_filter("datum.ran")
        .mark_rect(stroke="#ffffff", strokeWidth=2)
        .encode(
            color=alt.Color(
                "value:Q",
                scale=alt.Scale(domain=[0, 1], range=list(CHANCE_SCALE)),
                legend=alt.Legend(
                    title="AUROC (0.5 is chance)",
                    orient="bottom",
                    gradientLength=220,
                    values=[0, 0.25, 0.5, 0.75, 1],
                    format=".2f",
                ),
            )
        )
    )
    absent = base.transform_filter("!datum.ran").mark_rect(
        fill="#ffffff", stroke="#8a93a0", strokeDash=[3, 3], strokeWidth=1
    )
    ink = alt.condition("datum.ink == '#ffffff'", alt.value("#ffffff"), alt.value("#000000"))
    words = base.mark_text(fontSize=12).encode(text="text:N", color=ink)
    chart = alt.layer(scored, absent, words, data=alt.NamedData(name=name)).properties(
        width=76 * len(names), height=22 * len(ran)
    )
    return Figure(
        name=name,
        title=f"{label}: each mission held out in turn",
        caption="AUROC of the model that was trained on the other missions. Rows as in the forest "
        "plot. Read a row for one "
        "cell across missions, a column for how hard a mission is.",
        alt=f"Table-like chart of AUROC per held-out mission for {len(ran)} cells of {label}; the "
        "list of folds holds the same values.",
        spec=finished(chart),
        data={name: tiles},
    )


def _tile(row: Row, fold: Row) -> Row:
    value = fold["value"]
    return {
        "short": row["short"],
        "mission": str(fold["test_missions"] or fold["fold"])[:SHOWN],
        "ran": value is not None,
        "value": None if value is None else round(value, 4),
        "ink": QUIET if value is None else ink_on(value),
        "text": "n/a" if value is None else number(value),
        "ci": interval(fold, "ci"),
        "p": p_text(fold.get("p_exact")),
        "least": p_text(fold.get("p_attainable")),
        "test": f"{fold.get('n_test') or 0:.0f} ({fold.get('n_positive') or 0:.0f})",
        "reason": fold["reason"] or NOTHING,
    }
