"""AUROC of every held-out mission: which one is hard, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from spacebio_bench.report._leaderboard import NOTHING, interval, number, p_text
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._cells import ROW_HEIGHT, cell_axis, with_value
from spacebio_bench.report.figures._figure import Figure, finished
from spacebio_bench.report.figures._tiles import QUIET_AXIS, tile, tiles

SHOWN = 20  # characters of a fold's name that fit above its tiles


def missions(
    rows: Sequence[Row], folds: Mapping[str, Sequence[Row]], *, task: str
) -> Figure | None:
    """Folds x cells of one task, cells in the order of the forest plot; None without a value."""
    ran = with_value(rows)
    found = [_tile(row, fold) for row in ran for fold in folds.get(row["cell"], ())]
    if not any(one["ran"] for one in found):
        return None
    label = ran[0]["label"]
    order = [row["short"] for row in ran]
    names = sorted({one["mission"] for one in found})
    name = f"missions_{task}"
    base = alt.Chart().encode(
        x=alt.X(
            "mission:N",
            sort=names,
            title="held-out mission",
            axis=alt.Axis(
                orient="top",
                labelAngle=0 if max(map(len, names)) < 9 else -40,
                **QUIET_AXIS,
            ),
        ),
        y=cell_axis(order),
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
    chart = tiles(base, data=name, legend="AUROC").properties(
        width=76 * len(names), height=ROW_HEIGHT * len(ran)
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
        data={name: found},
    )


def _tile(row: Row, fold: Row) -> Row:
    value = fold["value"]
    return {
        "short": row["short"],
        "mission": str(fold["test_missions"] or fold["fold"])[:SHOWN],
        **tile(value),
        "text": "n/a" if value is None else number(value),
        "ci": interval(fold, "ci"),
        "p": p_text(fold.get("p_exact")),
        "least": p_text(fold.get("p_attainable")),
        "test": f"{fold.get('n_test') or 0:.0f} ({fold.get('n_positive') or 0:.0f})",
        "reason": fold["reason"] or NOTHING,
    }
