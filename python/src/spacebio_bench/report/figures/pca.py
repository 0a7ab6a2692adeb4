"""The samples of a tissue on two principal components, by mission and by condition."""

from __future__ import annotations

from typing import Any

import altair as alt

from spacebio_bench.report._cohorts import CohortView, complete
from spacebio_bench.report.figures._figure import (
    CONDITION_COLOURS,
    CONDITION_SHAPES,
    OKABE_ITO,
    QUIET,
    Figure,
    finished,
)
from spacebio_bench.statistics.ordination import principal_components

SIDE = 330


def pca(cohort: CohortView) -> Figure | None:
    """All samples on the genes, or on the first other feature set of a store without genes."""
    if not cohort.features:
        return None
    feature = "gene" if "gene" in cohort.features else min(cohort.features)
    x, kept = complete(cohort.features[feature])
    if min(x.shape, default=0) < 2:
        return None
    scores, shares = principal_components(x, 2)
    samples = [row for row, keep in zip(cohort.samples, kept, strict=True) if keep]
    name = f"pca_{cohort.tissue}"
    points = [
        {
            "sample": row["sample"],
            "mission": str(row["mission"]),
            "condition": row["condition"],
            "a": float(f"{a:.4g}"),
            "b": float(f"{b:.4g}"),
        }
        for row, (a, b) in zip(samples, scores, strict=True)
    ]
    titles = [f"component {i + 1} ({share:.0%} of the variance)" for i, share in enumerate(shares)]
    chart = alt.hconcat(
        _panel(points, titles, "mission", "by mission"),
        _panel(points, titles, "condition", "by condition"),
        data=alt.NamedData(name=name),
        spacing=28,
    ).resolve_scale(color="independent", shape="independent")
    return Figure(
        name=name,
        title=f"{cohort.tissue}: what sets the samples apart",
        caption=f"Principal components of {x.shape[1]:,} features ({feature}; centred, not "
        "scaled), all samples of the tissue, those that no model sees included. "
        "Shapes are conditions in both panels. Where missions form islands, a model must look past "
        "the mission to find the label.",
        alt=f"Two scatter plots of {len(points)} samples of {cohort.tissue} on two principal "
        f"components ({titles[0]}, {titles[1]}), coloured by mission and by condition.",
        spec=finished(chart),
        data={name: points},
    )


def _panel(points: list[dict[str, Any]], titles: list[str], colour: str, title: str) -> Any:
    def names(key: str) -> list[str]:
        return sorted({point[key] for point in points})

    colours = [OKABE_ITO[i % len(OKABE_ITO)] for i in range(len(names(colour)))]
    if colour == "condition":
        colours = [CONDITION_COLOURS.get(c, QUIET) for c in names("condition")]
    shapes = [CONDITION_SHAPES.get(c, "circle") for c in names("condition")]
    legend = alt.Legend(orient="bottom", title=colour, columns=5)
    return (
        alt.Chart(title=title)
        .mark_point(filled=True, size=70, opacity=0.85, stroke="#ffffff", strokeWidth=0.6)
        .encode(
            x=alt.X("a:Q", title=titles[0], axis=alt.Axis(tickCount=5)),
            y=alt.Y("b:Q", title=titles[1], axis=alt.Axis(tickCount=5)),
            color=alt.Color(
                f"{colour}:N",
                scale=alt.Scale(domain=names(colour), range=colours),
                legend=legend,
            ),
            shape=alt.Shape(
                "condition:N",
                scale=alt.Scale(domain=names("condition"), range=shapes),
                legend=None if colour == "mission" else legend,
            ),
            tooltip=["sample:N", "mission:N", "condition:N"],
        )
        .properties(width=SIDE, height=SIDE)
    )
