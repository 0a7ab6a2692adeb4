"""An axis of AUROC whose line at chance stands out."""

from __future__ import annotations

from typing import Any

import altair as alt

from spacebio_bench.report.figures._figure import QUIET


def chance_axis(**options: Any) -> alt.Axis:
    """From 0 to 1, with a dashed line at 0.5."""
    half = "datum.value == 0.5"
    return alt.Axis(
        values=[0, 0.25, 0.5, 0.75, 1],
        format=".2f",
        gridColor=alt.condition(half, alt.value(QUIET), alt.value("#e6e9ee")),
        gridDash=alt.condition(half, alt.value([2, 3]), alt.value([])),
        **options,
    )
