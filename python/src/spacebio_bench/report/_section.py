"""A section of the page about one family of questions: sentences, figures, tables that sort."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from spacebio_bench.report._leaderboard import NOTHING, PUBLISHED, interval, number, p_text
from spacebio_bench.report._p_words import REFITTED
from spacebio_bench.report._results import Row
from spacebio_bench.report.figures._figure import Figure

MANY = 14
"""Rows beyond which a table scrolls by itself."""
P_MADE = {
    "fixed_exact": "p (fixed_exact): training and test samples are independent, so the labels of "
    "the test samples are shuffled against the scores as they are.",
    "fixed_deflated": "p (fixed_deflated): the models are not refitted; test labels are shuffled "
    "against their scores, and the result is divided by the square root of 2.",
    PUBLISHED: "p (mean_of_folds): the average of the folds' p-values as published, which is no "
    "p-value of the mean.",
}


@dataclass(frozen=True)
class Item:
    """What stands in a table: its text, what it is sorted by, and its look (a CSS class)."""

    text: str
    value: float | None = None
    look: str = ""


@dataclass(frozen=True)
class Column:
    """A heading and what a row shows under it; `first`: what sorting a number shows first."""

    name: str
    of: Callable[[Row], Item]
    first: Literal["", "high", "low"] = ""


@dataclass(frozen=True)
class Table:
    """Rows under headings; `folded` tables open at a click."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Item, ...], ...]
    folded: bool = False

    @property
    def tall(self) -> bool:
        """It scrolls by itself."""
        return len(self.rows) > MANY


@dataclass(frozen=True)
class Section:
    """One family on the page.

    Attributes
    ----------
    anchor, title, asks
        Its place, its heading, and the families or tables it is about.
    brief
        What came out, in one sentence, for the list of questions.
    says
        What is asked, what it cannot answer, how its p is made.
    panels
        Figures under the label of their tab.
    tables
        In order.
    notes
        What a reader would get wrong without it.
    last
        A figure below the tables.
    """

    anchor: str
    title: str
    asks: str
    brief: str
    says: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    panels: tuple[tuple[str, list[Figure]], ...] = ()
    notes: tuple[str, ...] = ()
    last: Figure | None = None

    @property
    def figures(self) -> list[Figure]:
        """All of its figures."""
        found = [figure for _, own in self.panels for figure in own]
        return found + ([self.last] if self.last else [])


def table(
    title: str, rows: Iterable[Row], columns: Sequence[Column], *, folded: bool = False
) -> Table:
    """A table without the columns that are empty in all rows."""
    found = [[column.of(row) for column in columns] for row in rows]
    kept = [
        i
        for i, column in enumerate(columns)
        if i == 0 or any(row[i].text not in ("", NOTHING) for row in found)
    ]
    return Table(
        title,
        tuple(columns[i] for i in kept),
        tuple(tuple(row[i] for i in kept) for row in found),
        folded,
    )


def panels(found: Iterable[tuple[str, Figure | None]]) -> tuple[tuple[str, list[Figure]], ...]:
    """A tab for each figure that there is."""
    return tuple((label, [figure]) for label, figure in found if figure is not None)


def word(key: str, name: str = "") -> Column:
    """A column of text."""
    return Column(name or key, lambda row: Item(str(row.get(key) or "")))


def figures_of(
    key: str, name: str, *, digits: int = 2, first: Literal["high", "low"] = "high"
) -> Column:
    """A column of numbers."""

    def item(row: Row) -> Item:
        value = row.get(key)
        return Item(number(value, digits).replace("-", "\N{MINUS SIGN}"), value)

    return Column(name, item, first)


def span(key: str, name: str) -> Column:
    """A column of intervals, ``<key>_low`` and ``<key>_high``; sorted by the lower end."""
    return Column(name, lambda row: Item(interval(row, key), row.get(f"{key}_low")), "high")


def p_column(key: str, name: str) -> Column:
    """A column of p-values."""
    return Column(name, lambda row: Item(p_text(row.get(key)), row.get(key)), "low")


def count(key: str, name: str) -> Column:
    """A column of counts."""
    return figures_of(key, name, digits=0)


TISSUE, FEATURE, MODEL = word("tissue"), word("feature", "feature set"), word("model")
VALUE = figures_of("value_mean", "mean AUROC", digits=3)
THESE, POPULATION = span("ci_these", "these missions"), span("ci_population", "missions like these")
P_VALUES = (p_column("p_value", "p"), p_column("p_maxt", "max-T p"), p_column("q_bh", "q"))
LEAST = p_column("p_attainable", "least p possible")
METHOD, NOTE = word("p_method", "p method"), word("reason", "note")


def p_made(rows: Iterable[Row], refitted: str) -> str:
    """How the p-values of some cells were made; `refitted` says it of those by refits."""
    methods = {row.get("p_method") for row in rows}
    said = [refitted] if methods & set(REFITTED) else []
    said += [text for method, text in P_MADE.items() if method in methods]
    return " ".join(said) or "There is no p: nothing was refitted."


def variant(row: Row) -> str:
    """The variant of a cell; empty for the plain question."""
    return str(row.get("variant") or "")


def counted(n: int, thing: str) -> str:
    """``1 cell``, ``2 cells``."""
    return f"{n} {thing}{'s' * (n != 1)}"


def best_first(rows: Iterable[Row]) -> list[Row]:
    """Cells by tissue, then by value, best first."""
    return sorted(rows, key=lambda r: (str(r["tissue"]), -(r["value_mean"] or 0.0), r["cell"]))


def highest(rows: Sequence[Row]) -> str:
    """The best cell in words, with its p where it has one."""
    best: dict[str, Any] = max(rows, key=lambda r: (r["value_mean"], r["cell"]))
    p = best.get("p_value")
    tested = "" if p is None else f", p {p_text(p)}" if p < 0.0001 else f", p = {p_text(p)}"
    return (
        f"the highest mean AUROC is {number(best['value_mean'])} ({best['tissue']}, "
        f"{best['feature']} / {best['model']}{tested})"
    )
