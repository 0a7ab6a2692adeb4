"""Which class is taken for which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt

from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._figure import INK, Choice, Figure, finished


def confusion_matrix(rows: Sequence[Row], cells: Mapping[str, Row]) -> Figure | None:
    """The confusion matrix of the cell that is chosen; at first the one with most classes.

    Parameters
    ----------
    rows
        Rows of ``confusion.csv``.
    cells
        By cell: `tissue`, `target`, `feature`, `model`, and `says` for the words beside it.
    """
    names = sorted({row["cell"] for row in rows if row["cell"] in cells})
    if not names:
        return None
    number = {name: i for i, name in enumerate(names)}
    total: dict[tuple[str, str], float] = {}
    for row in rows:
        key = row["cell"], str(row["class"])
        total[key] = total.get(key, 0.0) + row["n_samples"]
    tiles = [
        {
            "c": number[row["cell"]],
            "class": str(row["class"]),
            "named": str(row["named"]),
            "n": round(row["n_samples"]),
            "share": round(row["n_samples"] / max(1.0, total[row["cell"], str(row["class"])]), 3),
        }
        for row in rows
        if row["cell"] in number
    ]
    sizes = {name: sum(t["c"] == i for t in tiles) for name, i in number.items()}
    first = max(names, key=lambda name: (sizes[name], cells[name]["target"] == "mission", name))
    chosen = alt.param(name="chosen_confusion", value=number[first])
    base = (
        alt.Chart(alt.NamedData(name="confusion"))
        .transform_filter("datum.c == chosen_confusion")
        .encode(
            x=alt.X("named:N", title="named", axis=alt.Axis(orient="top", labelAngle=-40)),
            y=alt.Y("class:N", title="is"),
            tooltip=["class:N", "named:N", alt.Tooltip("n:Q", title="samples"), "share:Q"],
        )
    )
    colour = alt.Color(
        "share:Q",
        scale=alt.Scale(domain=[0, 1], range=["#f4f4f4", "#c5bfdf", "#61459a", "#2d004b"]),
        legend=alt.Legend(title="share of the class", orient="bottom", format=".0%"),
    )
    drawn = base.mark_rect(stroke="#ffffff", strokeWidth=2).encode(color=colour)
    ink = alt.condition("datum.share > 0.5", alt.value("#ffffff"), alt.value(INK))
    words = base.mark_text(fontSize=12).encode(text="n:Q", color=ink)
    chart = (
        alt.layer(drawn, words)
        .add_params(chosen)
        .properties(width=alt.Step(58), height=alt.Step(30))
    )
    choices = tuple(
        Choice(
            str(number[name]),
            f"{cells[name]['feature']} / {cells[name]['model']}",
            f"{cells[name]['tissue']}, {cells[name]['target']}",
            cells[name]["says"],
        )
        for name in names
    )
    return Figure(
        name="confusion",
        title="Which class is taken for which",
        caption="Numbers are held-out samples: a row is a class, a column what its samples were "
        f"named. In the picture files: {first}.",
        alt=f"Confusion matrix of {first}. {cells[first]['says']} confusion.csv holds all of them.",
        spec=finished(chart),
        data={"confusion": tiles},
        select="chosen_confusion",
        choices=choices,
        chosen=str(number[first]),
    )
