"""One tissue teaches, another is tried: the section of family `cross_tissue`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spacebio_bench.report._results import Results, Row
from spacebio_bench.report._section import (
    FEATURE,
    LEAST,
    METHOD,
    MODEL,
    NOTE,
    P_VALUES,
    THESE,
    Section,
    counted,
    figures_of,
    highest,
    p_made,
    panels,
    span,
    table,
    variant,
    word,
)
from spacebio_bench.report.figures.transfer import transfer_matrix

UNSHARED = "_unshared"
VARIANTS = {
    "gene": "genes that both tissues have",
    "de": "genes that differ most between flight and ground",
    "pathway": "pathways of largest mean |NES| in the training tissue",
    "matrix": "feature sets as given",
}


def cross_section(results: Results) -> Section | None:
    """A matrix a variant, and who shares missions; None without a result."""
    ran = [row for row in results.family("cross_tissue") if row["value_mean"] is not None]
    if not ran:
        return None
    folds = results.folds_by_cell()
    shared = shared_missions(ran, folds)
    rows = [
        {
            **row,
            **_ends(row),
            "shared": _said(row, shared),
            "reason": None if shared[row["tissue"], variant(row)] else row["reason"],
            "n_test": _tested(row, folds),
        }
        for row in sorted(ran, key=lambda r: (r["tissue"], variant(r), -r["value_mean"], r["cell"]))
    ]
    columns = (
        word("train", "learned from"),
        word("test", "tried on"),
        word("variant"),
        FEATURE,
        MODEL,
        figures_of("value_mean", "AUROC", digits=3),
        THESE,
        word("shared", "missions in both"),
        *P_VALUES,
        LEAST,
        figures_of("n_test", "tested", digits=0),
        METHOD,
        span("pub_ci", "published interval"),
        NOTE,
    )
    variants = sorted({variant(row) for row in rows})
    apart = sum(variant(row).endswith(UNSHARED) for row in ran)
    return Section(
        anchor="cross-tissue",
        title="One tissue teaches another",
        asks="cross_tissue",
        brief=f"{counted(len(ran), 'cell')}; {highest(ran)}.",
        says=(
            (
                "A model learns from all missions of one tissue and is tried on another: is there "
                "a signature of the animal, not of the organ?"
            ),
            "It cannot tell a shared signature from shared animals: where both tissues have "
            "samples of a mission, these may be of the same mice. Such a cell has no p; "
            + (
                "a variant “unshared” beside it leaves those missions out of training and has one."
                if apart
                else "no variant of this run leaves those missions out."
            ),
            p_made(ran, "p: labels are shuffled within missions and every model is trained anew."),
        ),
        tables=(table("Every ordered pair of tissues", rows, columns),),
        panels=panels(
            (
                name.replace(UNSHARED, " unshared"),
                transfer_matrix(
                    [
                        point
                        for row in rows
                        if variant(row) == name
                        for point in _points(row, folds)
                    ],
                    name=f"cross_tissue_{name}",
                    title=f"Across tissues, {_title(name)}",
                    unit="tissue",
                    about="AUROC of a model trained on the tissue of the row, in the tissue of the "
                    "column; a panel a feature set and model."
                    + ("" if name.endswith(UNSHARED) else " Tooltips name shared missions."),
                ),
            )
            for name in variants
        ),
    )


def shared_missions(
    rows: Sequence[Row], folds: Mapping[str, Sequence[Row]]
) -> dict[tuple[str, str], set[str]]:
    """Missions that train and are tested, by tissue pair and variant."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        both = found.setdefault((row["tissue"], variant(row)), set())
        for fold in folds.get(row["cell"], ()):
            train, test = (
                set(str(fold.get(end) or "").split(";"))
                for end in ("train_missions", "test_missions")
            )
            both |= (train & test) - {""}
    return found


def _said(row: Row, shared: Mapping[tuple[str, str], set[str]]) -> str:
    own = shared[row["tissue"], variant(row)]
    if own or not variant(row).endswith(UNSHARED):
        return ", ".join(sorted(own)) or "none"
    left = shared.get((row["tissue"], variant(row).removesuffix(UNSHARED)), set())
    return f"none; {', '.join(sorted(left))} left out" if left else "none"


def _ends(row: Row) -> Row:
    train, _, test = str(row["tissue"]).partition("_to_")
    return {"train": train, "test": test}


def _tested(row: Row, folds: Mapping[str, Sequence[Row]]) -> float | None:
    return next((fold.get("n_test") for fold in folds.get(row["cell"], ())), None)


def _title(name: str) -> str:
    kind = name.removesuffix(UNSHARED)
    return VARIANTS.get(kind, kind) + (
        ", without the missions that both have" if name.endswith(UNSHARED) else ""
    )


def _points(row: Row, folds: Mapping[str, Sequence[Row]]) -> list[Row]:
    return [
        {
            "panel": f"{row['feature']} / {row['model']}",
            **_ends(row),
            "value": fold["value"],
            "p_exact": row["p_value"],
            "n_test": fold.get("n_test"),
            "reason": f"missions in both: {row['shared']}",
        }
        for fold in folds.get(row["cell"], ())
    ]
