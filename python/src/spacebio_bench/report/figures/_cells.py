"""What the charts of one tissue share: a row a cell, best first, and columns of text beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._figure import INK, OKABE_ITO

ROW_HEIGHT = 22


def with_value(rows: Sequence[Row]) -> list[Row]:
    """The cells that have an AUROC."""
    return [row for row in rows if row["value_mean"] is not None and row["metric"] == "auroc"]


def cell_axis(order: Sequence[str]) -> Any:
    """Cells down the page, by their short name."""
    return alt.Y(
        "short:N",
        sort=list(order),
        title=None,
        axis=alt.Axis(domain=False, ticks=False, minExtent=150),
    )


def feature_colour(features: Sequence[str]) -> Any:
    """A colour a feature set, the same in every chart."""
    return alt.Color(
        "feature:N",
        scale=alt.Scale(domain=list(features), range=list(OKABE_ITO[: len(features)])),
        legend=alt.Legend(title="feature set", orient="bottom", symbolOpacity=1),
    )


def text_column(order: Sequence[str], field: str, title: str, *, width: int) -> Any:
    """A field as text, a line a cell."""
    return (
        alt.Chart(
            title=alt.Title(title, fontSize=12, fontWeight="normal", anchor="start", offset=6)
        )
        .mark_text(align="left", fontSize=12, color=INK, x=0)
        .encode(y=alt.Y("short:N", sort=list(order), axis=None), text=f"{field}:N")
        .properties(width=width, height=ROW_HEIGHT * len(order))
    )


def beside(left: Any, columns: Sequence[Any], *, data: str) -> Any:
    """A chart with its columns of text."""
    return alt.hconcat(left, *columns, spacing=8, data=alt.NamedData(name=data)).resolve_scale(
        y="shared"
    )
