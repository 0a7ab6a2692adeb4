"""Tables of a page in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd


def table(frame: pd.DataFrame) -> str:
    """All rows, numbers with four digits, an empty field where there is none."""

    def text(value: object) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, float):
            return "" if value != value else f"{value:.4f}"  # noqa: PLR0124  NaN
        return str(value)

    def line(values: Iterable[object]) -> str:
        return "| " + " | ".join(text(v) for v in values) + " |"

    head = [line(frame.columns), line(["---"] * len(frame.columns))]
    return "\n".join([*head, *(line(row) for row in frame.astype(object).to_numpy().tolist())])


def bullets(names: Sequence[str]) -> str:
    """One name a line."""
    return "\n".join(f"- `{name}`" for name in names) or "- none"
