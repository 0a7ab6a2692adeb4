"""The controls: what came out beside what had to."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from spacebio_bench.report._leaderboard import number
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._figure import Figure, finished

VERDICTS = {"quiet": "#009E73", "found": "#009E73", "fires": "#D55E00", "missed": "#D55E00"}


def canary_panel(rows: Sequence[Row]) -> Figure | None:
    """A panel a control: value, null mean with 2 SD, or what the planted signal had to give."""
    ran = [row for row in rows if row["verdict"] in VERDICTS and row["value"] is not None]
    if not ran:
        return None
    lines = [_line(row) for row in ran]
    order = sorted({line["line"] for line in lines})
    scale, axis = alt.Scale(domain=[0, 1]), alt.Axis(values=[0, 0.5, 1], format=".1f")
    base = alt.Chart().encode(
        y=alt.Y("line:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False)),
        tooltip=[
            alt.Tooltip("line:N", title="tissue, feature set / model"),
            alt.Tooltip("text:N", title="mean AUROC"),
            alt.Tooltip("expected:N"),
            alt.Tooltip("verdict:N"),
        ],
    )
    known = base.transform_filter("isValid(datum.low)")
    spread = known.mark_rule(strokeWidth=7, color="#c3cad3").encode(
        x=alt.X("low:Q", scale=scale, axis=axis, title="mean AUROC"), x2="high:Q"
    )
    middle = (
        base.transform_filter("isValid(datum.middle)")
        .mark_tick(color="#000000", thickness=1.6, size=13)
        .encode(x=alt.X("middle:Q", scale=scale, axis=axis, title="mean AUROC"))
    )
    dot = base.mark_point(filled=True, size=58, opacity=1).encode(
        x=alt.X("value:Q", scale=scale, axis=axis, title="mean AUROC"),
        color=alt.Color(
            "verdict:N",
            scale=alt.Scale(domain=list(VERDICTS), range=list(VERDICTS.values())),
            legend=None,
        ),
        shape=alt.Shape(
            "verdict:N",
            scale=alt.Scale(
                domain=list(VERDICTS), range=["circle", "circle", "diamond", "diamond"]
            ),
            legend=None,
        ),
    )
    layered = alt.layer(spread, middle, dot, data=alt.NamedData(name="canaries")).properties(
        width=170, height=18 * len(order)
    )
    chart = layered.facet(column=alt.Column("control:N", title=None))
    bad = sum(row["verdict"] in ("fires", "missed") for row in ran)
    return Figure(
        name="canaries",
        title="The canaries",
        caption="Grey bar: mean of the refitted null and two SD either way; a quiet control lies "
        "about there. Black tick: that mean, or for the planted signal what the same signal gives "
        "on other noise. Green circle: as it should be. Orange diamond: not.",
        alt=f"Dot plot of {len(ran)} controls; {bad} of them are not as they should be. The table "
        "holds the values.",
        spec=finished(chart),
        data={"canaries": lines},
    )


def _line(row: Row) -> Row:
    mean, sd, simulated = row.get("null_mean"), row.get("null_sd"), row.get("simulated")
    spread = None if mean is None or sd is None else (mean - 2 * sd, mean + 2 * sd)
    middle = mean if mean is not None else simulated
    expected = f"{number(mean)} \N{PLUS-MINUS SIGN} {number(sd)}" if spread else number(simulated)
    return {
        "control": row["control"],
        "line": f"{row['tissue']}, {row['feature']} / {row['model']}",
        "value": round(row["value"], 4),
        "text": number(row["value"]),
        "low": None if spread is None else round(max(0.0, spread[0]), 4),
        "high": None if spread is None else round(min(1.0, spread[1]), 4),
        "middle": None if middle is None else round(middle, 4),
        "expected": expected,
        "verdict": row["verdict"],
    }
