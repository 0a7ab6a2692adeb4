"""Quality of the samples of a tissue, by mission and condition."""

from __future__ import annotations

from typing import Any

import altair as alt

from spacebio_bench.report._cohorts import QC_COLUMNS, CohortView
from spacebio_bench.report.figures._figure import (
    CONDITION_COLOURS,
    CONDITION_SHAPES,
    QUIET,
    Figure,
    finished,
)

FORMAT = {
    "library_size": "~s",
    "detected_genes": "~s",
    "pca_distance": "~g",
    "replicate_correlation": ".3~f",
}


def quality(cohort: CohortView) -> Figure | None:
    """One panel a QC column that the store has; None without any."""
    columns = [c for c in QC_COLUMNS if any(row.get(c) is not None for row in cohort.samples)]
    if not columns:
        return None
    name = f"qc_{cohort.tissue}"
    points = [
        {
            "sample": row["sample"],
            "mission": str(row["mission"]),
            "condition": row["condition"],
            **{c: _rounded(row.get(c)) for c in columns},
        }
        for row in cohort.samples
    ]
    conditions = sorted({point["condition"] for point in points})
    n_missions = len({point["mission"] for point in points})
    panels = [_panel(column, conditions, max(180, 46 * n_missions)) for column in columns]
    chart = alt.concat(*panels, data=alt.NamedData(name=name), columns=2, spacing=26)
    return Figure(
        name=name,
        title=f"{cohort.tissue}: quality of the samples",
        caption="A point is a sample. Nothing is dropped by these numbers; they are columns of "
        "the cohort store for you to judge.",
        alt=f"Dot plots of {', '.join(QC_COLUMNS[c] for c in columns)} of {len(points)} samples "
        f"of {cohort.tissue} by mission and condition.",
        spec=finished(chart),
        data={name: points},
    )


def _panel(column: str, conditions: list[str], width: int) -> Any:
    return (
        alt.Chart()
        .transform_filter(f"isValid(datum.{column})")
        .mark_point(filled=True, size=44, opacity=0.8, stroke="#ffffff", strokeWidth=0.5)
        .encode(
            x=alt.X("mission:N", title=None, axis=alt.Axis(labelAngle=-30)),
            xOffset=alt.XOffset("condition:N", scale=alt.Scale(domain=conditions)),
            y=alt.Y(
                f"{column}:Q",
                title=QC_COLUMNS[column],
                scale=alt.Scale(zero=False, padding=8),
                axis=alt.Axis(format=FORMAT[column], tickCount=5),
            ),
            color=alt.Color(
                "condition:N",
                scale=alt.Scale(
                    domain=conditions, range=[CONDITION_COLOURS.get(c, QUIET) for c in conditions]
                ),
                legend=alt.Legend(orient="bottom"),
            ),
            shape=alt.Shape(
                "condition:N",
                scale=alt.Scale(
                    domain=conditions, range=[CONDITION_SHAPES.get(c, "circle") for c in conditions]
                ),
            ),
            tooltip=[
                "sample:N",
                "mission:N",
                "condition:N",
                alt.Tooltip(f"{column}:Q", title=QC_COLUMNS[column]),
            ],
        )
        .properties(width=max(width, 340), height=170)
    )


def _rounded(value: Any) -> float | None:
    return None if value is None else float(f"{float(value):.5g}")
