"""Variants of leave-one-mission-out: batch corrections, learning curves, ablations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from spacebio_bench.report._leaderboard import number, p_text
from spacebio_bench.report._results import Results, Row
from spacebio_bench.report._section import (
    FEATURE,
    LEAST,
    METHOD,
    MODEL,
    NOTE,
    P_VALUES,
    POPULATION,
    THESE,
    TISSUE,
    VALUE,
    Section,
    best_first,
    count,
    counted,
    figures_of,
    p_column,
    p_made,
    panels,
    span,
    table,
    variant,
    word,
)
from spacebio_bench.report.figures.curves import curve
from spacebio_bench.report.figures.slopes import batch_slopes

BATCH = "batch_"
_DRAWN = re.compile(r"learning_curve_([ms])(\d+)_d\d+")
_KEPT = re.compile(r"ablation_(genes|components)(\d+)")
REFITTED = (
    "p of a corrected cell: labels are shuffled within missions and every model is trained anew, "
    "on the corrected values."
)


def batch_section(results: Results) -> Section | None:
    """Every correction against none, fold by fold; None without a result."""
    ran = [row for row in results.family("lomo", beginning=BATCH) if row["value_mean"] is not None]
    if not ran:
        return None
    against = sorted(
        results.more.get("batch", ()), key=lambda r: (str(r["feature"]), r["model"], r["a"])
    )
    best = max(against, key=lambda r: r["difference"], default=None)
    found = (
        "nothing to compare them with: plain lomo of the same cells did not run."
        if best is None
        else f"the largest mean difference is {number(best['difference'], 3)} ({best['a']}, "
        f"{best['feature']} / {best['model']}, p {p_text(best['p_value'])})."
    )
    rows = [{**row, "method": variant(row).removeprefix(BATCH)} for row in best_first(ran)]
    return Section(
        anchor="batch",
        title="With the missions' differences taken away",
        asks="lomo.batch",
        brief=f"{counted(len(ran), 'cell')}; {found}",
        says=(
            (
                "Leave-one-mission-out once more, after a batch correction: does a signature carry "
                "over better when the missions are made alike?"
            ),
            (
                "All of it is transductive: the held-out mission's samples, though not their "
                "labels, take part in the correction. It does not say what a model does with a "
                "single new sample, and it stands apart from the leaderboard."
            ),
            (
                "Differences are paired by fold and averaged by mission, across tissues; their p "
                "is that of a sign-flip test over missions, their interval is t's. "
                f"{p_made(ran, REFITTED)}"
            ),
        ),
        panels=panels(
            (tissue, batch_slopes(points, tissue=tissue))
            for tissue, points in _slopes(results, rows).items()
        ),
        tables=(
            table("Correction minus none, over missions", against, PAIRED),
            table("Every corrected cell", rows, _CELLS, folded=True),
        ),
    )


PAIRED = (
    FEATURE,
    MODEL,
    word("a"),
    word("b", "against"),
    figures_of("difference", "a minus b", digits=3),
    span("ci", "95 % interval"),
    p_column("p_value", "p"),
    LEAST,
    count("wins_a", "a higher"),
    count("wins_b", "b higher"),
    count("ties", "equal"),
    count("n_folds", "folds"),
    count("n_clusters", "missions"),
)
_CELLS = (
    TISSUE,
    word("method", "correction"),
    FEATURE,
    MODEL,
    VALUE,
    POPULATION,
    THESE,
    *P_VALUES,
    METHOD,
    NOTE,
)


def _slopes(results: Results, rows: Sequence[Row]) -> dict[str, list[Row]]:
    plain = _plain(results)
    folds = results.folds_by_cell()
    found: dict[str, list[Row]] = {}
    for row in rows:
        none = plain.get((row["tissue"], row["feature"], row["model"]))
        before = {} if none is None else _values(folds.get(none["cell"], ()))
        after = _values(folds.get(row["cell"], ()))
        for mission in sorted(before.keys() & after.keys()):
            found.setdefault(str(row["tissue"]), []).append(
                {
                    "panel": f"{row['method']}: {row['feature']} / {row['model']}",
                    "mission": mission,
                    "before": before[mission],
                    "after": after[mission],
                }
            )
    return found


def _values(folds: Sequence[Row]) -> dict[str, float]:
    return {str(f["test_missions"]): f["value"] for f in folds if f["value"] is not None}


def _plain(results: Results) -> dict[tuple[str, str, str], Row]:
    """Cells of plain leave-one-mission-out with a value, by tissue, feature set and model."""
    return {
        (row["tissue"], row["feature"], row["model"]): row
        for row in results.plain().cells
        if row["value_mean"] is not None
    }


CURVES = {
    "m": ("curve_missions", "How many missions it takes", "missions that train"),
    "s": ("curve_samples", "How many samples it takes", "% of the training samples"),
    "genes": ("ablation_genes", "How many genes it takes", "genes of largest variance"),
    "components": ("ablation_components", "How many components it takes", "components"),
}


def curves_section(results: Results) -> Section | None:
    """Learning curves and ablations; None without a result."""
    points = curve_points(results)
    if not points:
        return None
    drawn = [
        (
            title,
            curve(
                [point for point in points if point["kind"] == kind],
                name=name,
                title=title,
                axis=axis,
                caption=_CAPTION[kind in ("m", "s")],
                log=kind in ("genes", "components"),
            ),
        )
        for kind, (name, title, axis) in CURVES.items()
    ]
    rows = [
        {
            **point,
            "what": CURVES[point["kind"]][2],
            "at": "as planned" if point["x"] is None else f"{point['x']:g}",
        }
        for point in points
    ]
    n = sum(not point["plain"] for point in points)
    return Section(
        anchor="curves",
        title="How much it takes",
        asks="lomo.learning_curve, lomo.ablation",
        brief=f"{counted(n, 'point')} of learning curves and ablations; they describe.",
        says=(
            (
                "How does the AUROC in unseen missions depend on the number of missions that "
                "train, on the share of their samples, on the number of genes and of principal "
                "components?"
            ),
            (
                "No best value can be read off: choosing the highest point of a curve and "
                "reporting its AUROC would be choosing on the held-out missions. Draws share "
                "samples, so their range is no interval."
            ),
            "There is no p: a curve describes, the leaderboard tests.",
        ),
        panels=panels(drawn),
        tables=(table("Every point of the curves", rows, _POINTS, folded=True),),
    )


_CAPTION = {
    True: "Dot: mean over draws; band: from the lowest to the highest draw. Diamond: the plain "
    "question, with all there is.",
    False: "Dashed: the plain question, as planned.",
}
_POINTS = (
    TISSUE,
    word("series", "feature set / model"),
    word("what", "depends on"),
    word("at"),
    figures_of("mean", "mean AUROC", digits=3),
    figures_of("low", "lowest draw", digits=3),
    figures_of("high", "highest draw", digits=3),
    count("n", "draws"),
)


def curve_points(results: Results) -> list[Row]:
    """Mean and range over draws of each point, and plain lomo: the last point, or a level."""
    groups: dict[tuple[str, str, str, str, float], list[float]] = {}
    for row in results.family("lomo"):
        read = _read(variant(row))
        if read is not None and row["value_mean"] is not None:
            kind, x = read
            key = kind, row["tissue"], row["feature"], row["model"], x
            groups.setdefault(key, []).append(row["value_mean"])
    points = [
        _point(kind, (tissue, feature, model), x, values, plain=False)
        for (kind, tissue, feature, model, x), values in groups.items()
    ]
    points += _ends(groups.keys(), _plain(results))
    order = list(CURVES)
    return sorted(
        points,
        key=lambda p: (order.index(p["kind"]), p["tissue"], p["series"], p["x"] or float("inf")),
    )


def _ends(
    keys: Iterable[tuple[str, str, str, str, float]],
    plain: Mapping[tuple[str, str, str], Row],
) -> Iterator[Row]:
    for kind, *cell in sorted({key[:4] for key in keys}):
        tissue, feature, model = cell
        row = plain.get((tissue, feature, model))
        if row is not None:
            last = {"m": row["n_folds"] - 1, "s": 100.0}.get(kind)
            yield _point(kind, (tissue, feature, model), last, [row["value_mean"]], plain=True)


def _read(name: str) -> tuple[str, float] | None:
    found = _DRAWN.fullmatch(name) or _KEPT.fullmatch(name)
    return None if found is None else (found[1], float(found[2]))


def _point(
    kind: str, cell: tuple[str, str, str], x: float | None, values: Sequence[float], *, plain: bool
) -> Row:
    tissue, feature, model = cell
    return {
        "kind": kind,
        "tissue": tissue,
        "series": f"{feature} / {model}",
        "x": x,
        "mean": sum(values) / len(values),
        "low": min(values),
        "high": max(values),
        "n": len(values),
        "plain": plain,
    }
