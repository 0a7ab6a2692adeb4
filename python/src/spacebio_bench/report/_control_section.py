"""Questions whose answer is known: the section of family `control`."""

from __future__ import annotations

from collections.abc import Sequence

from spacebio_bench.report._results import Results, Row
from spacebio_bench.report._section import (
    FEATURE,
    MODEL,
    NOTE,
    TISSUE,
    Column,
    Item,
    Section,
    counted,
    figures_of,
    p_column,
    panels,
    table,
    word,
)
from spacebio_bench.report.figures.canaries import canary_panel

GOOD, BAD = ("quiet", "found"), ("fires", "missed")


def control_section(results: Results) -> Section | None:
    """The canary panel; None when no control has a verdict."""
    rows = [row for row in results.more.get("canaries", ()) if row["verdict"] in GOOD + BAD]
    if not rows:
        return None
    rows.sort(key=lambda r: (r["verdict"] not in BAD, *(str(r[k]) for k in _ORDER)))
    levels = [row["level"] for row in rows if row.get("level") is not None]
    level = f" ({0.001 / min(levels):.0f} here)" if levels else ""
    return Section(
        anchor="control",
        title="Questions whose answer is known",
        asks="control",
        brief=verdicts_in_words(rows),
        says=(
            (
                "What does the pipeline say where there is nothing to find (labels shuffled within "
                "missions, noise in place of the features, housekeeping genes), and where a signal "
                "of known strength was planted in noise?"
            ),
            (
                "Quiet canaries do not prove the pipeline right; one that fires proves something "
                "wrong. The planted signal says what could be found with so many samples, not what "
                "is there."
            ),
            (
                "p: two-sided, by the normal distribution with mean and SD of the refitted null. A "
                f"canary fires below 0.001 over the number of canaries{level}. The planted signal "
                "is missed below 0.8 of the least that it gives on other noise, both above 0.5."
            ),
        ),
        panels=panels([("", canary_panel(rows))]),
        tables=(table("Every control", rows, _COLUMNS),),
    )


def verdicts_in_words(rows: Sequence[Row]) -> str:
    """How many canaries are quiet, and how many planted signals were found."""
    n = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in GOOD + BAD}
    silent, planted = n["quiet"] + n["fires"], n["found"] + n["missed"]
    said = []
    if silent:
        fires = f"; {n['fires']} fire{'s' * (n['fires'] == 1)}" if n["fires"] else ""
        said.append(
            f"{n['quiet']} of {counted(silent, 'canary').replace('canarys', 'canaries')} "
            f"quiet{fires}"
        )
    if planted:
        missed = f"; {n['missed']} missed" if n["missed"] else ""
        said.append(f"the planted signal found {n['found']} of {planted} times{missed}")
    text = "; ".join(said) + "."
    return text[0].upper() + text[1:]


def _verdict(row: Row) -> Item:
    return Item(row["verdict"], look="no" if row["verdict"] in BAD else "yes")


_ORDER = ("tissue", "control", "feature", "model")
_COLUMNS = (
    TISSUE,
    word("control"),
    FEATURE,
    MODEL,
    figures_of("value", "mean AUROC", digits=3),
    figures_of("null_mean", "null mean", digits=3),
    figures_of("null_sd", "null SD", digits=3),
    p_column("p_two_sided", "two-sided p"),
    figures_of("simulated", "same signal, other noise", digits=3),
    Column("verdict", _verdict),
    NOTE,
)
