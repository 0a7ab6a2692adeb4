"""What else the features know: the section of family `confounder`."""

from __future__ import annotations

from collections.abc import Sequence

from spacebio_bench.report._leaderboard import number, p_text
from spacebio_bench.report._results import Results, Row
from spacebio_bench.report._section import (
    FEATURE,
    LEAST,
    METHOD,
    MODEL,
    NOTE,
    TISSUE,
    Section,
    count,
    counted,
    figures_of,
    p_column,
    p_made,
    panels,
    span,
    table,
    word,
)
from spacebio_bench.report.figures._figure import Figure
from spacebio_bench.report.figures.confounders import confounder_dots
from spacebio_bench.report.figures.confusion import confusion_matrix

MISSION = "mission"
REFITTED = (
    "p: classes are shuffled over all samples for the mission itself, within missions for what "
    "varies inside them, and between whole missions for what a mission has but once; models are "
    "trained anew. Below 20 such assignments there is no p."
)


PUBLISHED = (
    "The published p shuffles the true classes against the predictions as they are, as if samples "
    "had not trained each other's models."
)
REFIT_CHANCE, KEPT_CHANCE = "refits", "predictions kept"
WORSE = 0.95
"""p from which a value below chance is more than an accident."""


def confounder_section(results: Results) -> Section | None:
    """Macro-F1 against chance, per class, and who is taken for whom; None without a result."""
    rows = confounder_rows(results)
    if not rows:
        return None
    of_cell = {row["cell"]: row for row in rows}
    classes = [
        {**of_cell[row["cell"]], **row}
        for row in results.more.get("classes", ())
        if row["cell"] in of_cell
    ]
    above = sum(_beats(row) for row in rows)
    targets = list(dict.fromkeys(row["target"] for row in rows))
    figures: list[tuple[str, Figure | None]] = [
        (target, confounder_dots(rows, target=target)) for target in targets
    ]
    said = {row["cell"]: {**row, "says": _says(row)} for row in rows}
    mistaken = confusion_matrix(results.more.get("confusion", ()), said)
    return Section(
        anchor="confounder",
        title="What else the features know",
        asks="confounder",
        brief=f"{counted(len(rows), 'cell')} name {', '.join(targets)}; {above} above chance at "
        "p < 0.05.",
        says=(
            (
                "Can the same features name a sample's mission, or the hardware, strain, gravity "
                "or duration? What they can name, a model may learn in place of the label."
            ),
            (
                "It does not say that a model of the leaderboard did so. Macro-F1 weighs every "
                "class alike; chance is its mean under shuffled classes, and depends on their "
                "sizes."
            ),
            " ".join([p_made(rows, REFITTED), *_published(rows)]),
        ),
        notes=tuple(note for note in (below_chance(rows),) if note),
        panels=panels(figures),
        tables=(
            table("Macro-F1 against chance; feature sets of a tissue side by side", rows, _COLUMNS),
            table("Every class", classes, _CLASSES, folded=True),
        ),
        last=mistaken,
    )


_NAMES = (TISSUE, word("target", "names the"), FEATURE, MODEL)
_COLUMNS = (
    *_NAMES,
    figures_of("macro_f1", "macro-F1", digits=3),
    figures_of("macro_f1_chance", "chance", digits=3),
    word("chance_by", "chance by"),
    figures_of("excess", "above chance", digits=3),
    span("ci_these", "95 % interval"),
    p_column("p_value", "p"),
    p_column("pub_p", "published p"),
    LEAST,
    figures_of("accuracy", "accuracy"),
    figures_of("largest_class_share", "largest class"),
    count("n_classes", "classes"),
    count("n_samples", "samples"),
    METHOD,
    NOTE,
)
_CLASSES = (
    *_NAMES,
    word("class"),
    figures_of("f1", "F1", digits=3),
    figures_of("precision", "precision"),
    figures_of("recall", "recall"),
    count("n_samples", "samples"),
)


def confounder_rows(results: Results) -> list[Row]:
    """Cells that ran with the columns of ``confounders.csv``, by target, tissue and feature set."""
    about = {row["cell"]: row for row in results.more.get("confounders", ())}
    kept = chance_of_predictions(results.more.get("confusion", ()))
    rows = []
    for cell in results.family("confounder"):
        if cell["value_mean"] is None:
            continue
        own = about.get(cell["cell"], {})
        value: float = cell["value_mean"] if own.get("macro_f1") is None else own["macro_f1"]
        chance: float | None = own.get("macro_f1_chance")
        by = REFIT_CHANCE if chance is not None else KEPT_CHANCE
        chance = kept.get(cell["cell"]) if chance is None else chance
        more = {
            "target": own.get("target") or str(cell.get("variant") or ""),
            "macro_f1": value,
            "macro_f1_chance": chance,
            "chance_by": "" if chance is None else by,
            "excess": None if chance is None else value - chance,
            "line": f"{cell['feature']} / {cell['model']}",
        }
        rows.append(
            {
                **dict.fromkeys(("accuracy", "largest_class_share", "n_classes")),
                **cell,
                **own,
                **more,
            }
        )
    order = ("target", "tissue", "feature", "model")
    return sorted(rows, key=lambda r: (r["target"] != MISSION, *(str(r[k]) for k in order)))


def chance_of_predictions(rows: Sequence[Row]) -> dict[str, float]:
    """Mean macro-F1 by cell when true classes are shuffled against the predictions.

    F1 of a class is 2 hits / (samples + times named); shuffling keeps all but the hits, whose mean
    is samples x times named / all samples.

    Parameters
    ----------
    rows
        Rows of ``confusion.csv``.
    """
    size: dict[str, dict[str, float]] = {}
    given: dict[str, dict[str, float]] = {}
    for row in rows:
        for counts, key in ((size, "class"), (given, "named")):
            own = counts.setdefault(row["cell"], {})
            own[str(row[key])] = own.get(str(row[key]), 0.0) + row["n_samples"]
    found = {}
    for cell, sizes in size.items():
        n, named = sum(sizes.values()), given[cell]
        present = [c for c, n_c in sizes.items() if n_c + named.get(c, 0.0) > 0]
        if n and present:
            means = [
                2 * sizes[c] * named.get(c, 0.0) / n / (sizes[c] + named.get(c, 0.0))
                for c in present
            ]
            found[cell] = sum(means) / len(means)
    return found


def below_chance(rows: Sequence[Row]) -> str:
    """Why naming the mission can come out below chance, where it does; else empty."""
    named = [row for row in rows if row["target"] == MISSION and row["excess"] is not None]
    below = [
        row
        for row in named
        if row["feature"] != "gene" and row["excess"] < 0 and (_p(row) or 0.0) >= WORSE
    ]
    if not below:
        return ""
    beside = [row for row in named if _beats(row)]
    said = (
        f"{len(below)} of {len(named)} cells name the mission worse than chance "
        f"({', '.join(sorted({row['feature'] for row in below}))}). This is what scores "
        "made mission by mission do, as GSVA per mission: they are centred within the mission, "
        "which takes away what would name it. What is left is a leave-out effect: leave a sample "
        "out, and the rest of its own mission lies on the other side of the centre, so that the "
        "model names any mission but the right one. It does not show that the missions are alike."
    )
    if not beside:
        return said + " No feature set of this run names the mission above chance beside it."
    best: dict[str, Row] = {}
    for row in beside:
        first = best.get(row["feature"])
        best[row["feature"]] = row if first is None or row["excess"] > first["excess"] else first
    told = "; ".join(
        f"{name} {number(row['macro_f1'])} against {number(row['macro_f1_chance'])} "
        f"({row['tissue']})"
        for name, row in sorted(best.items())
    )
    return f"{said} Feature sets that do name it, side by side in the table: {told}."


def _published(rows: Sequence[Row]) -> list[str]:
    return [PUBLISHED] if any(row.get("pub_p") is not None for row in rows) else []


def _p(row: Row) -> float | None:
    """Ours, or the published one where there is none of ours."""
    p: float | None = row.get("p_value")
    return row.get("pub_p") if p is None else p


def _beats(row: Row) -> bool:
    p = _p(row)
    return row["excess"] is not None and row["excess"] > 0 and p is not None and p < 0.05


def _says(row: Row) -> str:
    return (
        f"{row['tissue']}, {row['target']}, {row['line']}: macro-F1 {number(row['macro_f1'])}, "
        f"chance {number(row['macro_f1_chance'])}, p {p_text(row.get('p_value'))}."
    )
