"""From what to what a signature carries over: trained on a row, tried on a column."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from spacebio_bench.report._leaderboard import NOTHING, number, p_text
from spacebio_bench.report._p_words import significant
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._figure import Figure, balanced, finished
from spacebio_bench.report.figures._tiles import QUIET_AXIS, tile, tiles

PAGE_WIDTH = 1000
TILE = 54


def transfer_matrix(
    points: Sequence[Row], *, name: str, title: str, unit: str, about: str
) -> Figure | None:
    """A panel for each `panel` of the points (`train`, `test`, `value`); None without a value.

    Parameters
    ----------
    points
        `p_exact`, `n_test` and `reason` are shown where they are known.
    unit
        What trains and is tried: mission or tissue.
    about
        What a tile is, for the caption.
    """
    if not any(point["value"] is not None for point in points):
        return None
    names = sorted({point[end] for point in points for end in ("train", "test")})
    panels = sorted({point["panel"] for point in points})
    own, longest = TILE * len(names), 7 * max(map(len, names))
    columns = balanced(len(panels), (PAGE_WIDTH - longest) // (own + 20))
    slanted = longest > TILE
    base = alt.Chart().encode(
        x=alt.X(
            "test:N",
            sort=names,
            title="tried on",
            axis=alt.Axis(labelAngle=-40 if slanted else 0, **QUIET_AXIS),
        ),
        y=alt.Y("train:N", sort=names, title="learned from", axis=alt.Axis(**QUIET_AXIS)),
        tooltip=[
            alt.Tooltip("panel:N", title="feature set / model"),
            alt.Tooltip("train:N", title="learned from"),
            alt.Tooltip("test:N", title="tried on"),
            alt.Tooltip("text:N", title="AUROC"),
            alt.Tooltip("p:N", title="exact p of this pair"),
            alt.Tooltip("n:N", title="test samples"),
            alt.Tooltip("reason:N", title="note"),
        ],
    )
    panel = tiles(base, data=name, legend="AUROC").properties(width=own, height=26 * len(names))
    chart = panel.facet(facet=alt.Facet("panel:N", sort=panels, title=None), columns=columns)
    return Figure(
        name=name,
        title=title,
        caption=f"{about} ● exact p below 0.05, not corrected for the number of tiles.",
        alt=f"{title}: AUROC of every ordered pair of {len(names)} {unit}s in {len(panels)} "
        "panels. The tables of this section and folds.csv hold the values.",
        spec=finished(chart),
        data={name: [_tile(point) for point in points]},
    )


def _tile(point: Row) -> Row:
    value = point["value"]
    mark = " ●" if significant(point) else ""
    return {
        "panel": point["panel"],
        "train": point["train"],
        "test": point["test"],
        **tile(value),
        "text": "n/a" if value is None else number(value) + mark,
        "p": p_text(point.get("p_exact")),
        "n": number(point.get("n_test"), 0),
        "reason": point.get("reason") or NOTHING,
    }
