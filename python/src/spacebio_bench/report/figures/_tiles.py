"""Tiles of AUROC with their numbers; one without a value is dashed and says why."""

from __future__ import annotations

from typing import Any

import altair as alt

from spacebio_bench.report.figures._colour import CHANCE_SCALE, ink_on
from spacebio_bench.report.figures._figure import QUIET

QUIET_AXIS: dict[str, Any] = {"domain": False, "ticks": False}


def tiles(base: Any, *, data: str, legend: str) -> Any:
    """Layers over an encoded `base`, whose rows have what `tile` gives."""
    ran = alt.datum.ran
    scored = (
        base.transform_filter(ran)
        .mark_rect(stroke="#ffffff", strokeWidth=2)
        .encode(
            color=alt.Color(
                "value:Q",
                scale=alt.Scale(domain=[0, 1], range=list(CHANCE_SCALE)),
                legend=alt.Legend(
                    title=f"{legend} (0.5 is chance)",
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
    ink = alt.condition("datum.ink == '#ffffff'", alt.value("#ffffff"), alt.value("#000000"))
    numbers = base.transform_filter(ran).mark_text(fontSize=12).encode(text="text:N", color=ink)
    words = (
        base.transform_filter(~ran)
        .mark_text(fontSize=11, fontStyle="italic", color=QUIET)
        .encode(text="text:N")
    )
    return alt.layer(scored, absent, numbers, words, data=alt.NamedData(name=data))


def tile(value: float | None) -> dict[str, Any]:
    """What a tile is drawn from, without its text."""
    ran = value is not None
    return {
        "ran": ran,
        "value": None if value is None else round(value, 4),
        "ink": QUIET if value is None else ink_on(value),
    }
