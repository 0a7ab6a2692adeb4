"""What a figure is, and how all of them look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
INK, QUIET, RULE, PAPER = "#1b2430", "#5a6472", "#c9ced6", "#ffffff"
OKABE_ITO = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
    "#8C6D00",
    "#000000",
)
"""Okabe & Ito (2008); their yellow is darkened to be seen on white."""
CONDITION_COLOURS = {
    "FLT": "#D55E00",
    "GC": "#0072B2",
    "VC": "#56B4E9",
    "BC": "#8C6D00",
    "AG": "#CC79A7",
}
CONDITION_SHAPES = {
    "FLT": "triangle-up",
    "GC": "circle",
    "VC": "square",
    "BC": "cross",
    "AG": "diamond",
}
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")


@dataclass(frozen=True)
class Choice:
    """An entry of a list: the value, its text, the group it stands in, what it shows in words."""

    value: str
    text: str
    group: str
    says: str


@dataclass(frozen=True)
class Figure:
    """A Vega-Lite chart whose data are named, so that the page holds each set once.

    Attributes
    ----------
    name
        Stem of its files.
    title, caption, alt
        Heading, what is to be seen and how to read it, and a text that stands for the picture.
    spec
        Vega-Lite specification as plain data; its data sources are names.
    data
        The named data sets: rows.
    select, choices, chosen
        A parameter of the chart that the page offers as a list, its values, and the one that the
        picture shows.
    """

    name: str
    title: str
    caption: str
    alt: str
    spec: Mapping[str, Any]
    data: Mapping[str, Sequence[Mapping[str, Any]]]
    select: str = ""
    choices: tuple[Choice, ...] = ()
    chosen: str = ""

    def whole_spec(self) -> dict[str, Any]:
        """The specification with its data in it."""
        return {**self.spec, "datasets": {name: list(rows) for name, rows in self.data.items()}}


def balanced(n_panels: int, most: int) -> int:
    """Columns, at most so many, whose rows are about equally long."""
    most = max(1, min(most, n_panels))
    n_rows = -(-n_panels // most)
    return -(-n_panels // n_rows)


def finished(chart: Any) -> dict[str, Any]:
    """The specification of a chart in the common style."""
    styled = (
        chart.configure(font=FONT, background=PAPER, padding=8)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK,
            titleColor=INK,
            gridColor="#e6e9ee",
            domainColor=RULE,
            tickColor=RULE,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            labelLimit=260,
        )
        .configure_legend(
            labelColor=INK,
            titleColor=INK,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            symbolLimit=60,
            labelLimit=260,
        )
        .configure_header(
            labelColor=INK,
            titleColor=INK,
            labelFontSize=13,
            labelFontWeight="bold",
            titleFontSize=12,
        )
        .configure_title(color=INK, fontSize=13, fontWeight="bold", anchor="start")
    )
    spec = styled.to_dict()
    assert isinstance(spec, dict)
    spec.pop("usermeta", None)
    return spec
