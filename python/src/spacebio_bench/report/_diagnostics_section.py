"""Beside the questions: odd samples, samples seen twice, missions alone, what models look at."""

from __future__ import annotations

from collections.abc import Sequence

from spacebio_bench.report._results import Results, Row
from spacebio_bench.report._section import (
    MODEL,
    TISSUE,
    Column,
    Item,
    Section,
    Table,
    count,
    counted,
    figures_of,
    table,
    word,
)

TOP = 10
TABLES = ("samples", "duplicates", "top_features", "within_mission", "calibration")


def diagnostics_section(results: Results) -> Section | None:
    """Whatever of the five tables there is; None without any."""
    more = results.more
    if not any(name in more for name in TABLES):
        return None
    samples, twice = more.get("samples", ()), more.get("duplicates", ())
    flagged = [row for row in samples if row.get("qc_flags")]
    within = list(more.get("within_mission", ()))
    top = top_rows(more.get("top_features", ()))
    brief = [
        f"{len(flagged)} of {counted(len(samples), 'sample')} flagged" if samples else "",
        f"{counted(len(twice), 'pair')} of samples that seem to be one"
        if "duplicates" in more
        else "",
    ]
    tables: list[Table] = []
    if flagged:
        tables.append(table("Samples with a flag; none was dropped for it", flagged, _FLAGGED))
    if twice:
        tables.append(table("Samples of two studies that seem to be one", twice, _TWICE))
    if within:
        tables.append(table("Each mission by itself", within, _WITHIN, folded=True))
    if top:
        tables.append(
            table(f"The {TOP} features that weigh most, by feature set", top, _TOP, folded=True)
        )
    probabilities = list(more.get("calibration", ()))
    if probabilities:
        title = "Are the probabilities right on the whole?"
        tables.append(table(title, probabilities, _CALIBRATION, folded=True))
    said = "; ".join(part for part in brief if part) or "what the models look at"
    return Section(
        anchor="diagnostics",
        title="Odd samples, and what models look at",
        asks=", ".join(TABLES),
        brief=f"{said[0].upper()}{said[1:]}.",
        says=tuple(text for text, there in _SAYS if any(name in more for name in there)),
        tables=tuple(tables),
    )


_SAYS = (
    (
        (
            "A sample is flagged more than four robust SDs on the wrong side of its mission's "
            "median; of sound samples, some 5 % are in a mission of 6, 1.5 % in one of 12. Samples "
            "of two studies that seem to be one make a held-out mission known to its model."
        ),
        ("samples", "duplicates"),
    ),
    (
        (
            "A mission by itself: leaving out one sample at a time is below 0.5 where there is "
            "nothing, so look at the pairs, which leave out one sample of each class. High within "
            "but low across missions: they differ in what flight does. Low in both: there is "
            "nothing to carry over."
        ),
        ("within_mission",),
    ),
    (
        (
            "Features that weigh most describe the models and test nothing: correlated features "
            "share or hide each other's weight. Believe those that most folds agree on."
        ),
        ("top_features",),
    ),
    (
        (
            "Probabilities of held-out samples, of all missions together: a slope of 1 and an "
            "intercept of 0 are right on the whole, a slope below 1 is too sure of itself. Classes "
            "weigh the same in training, so an intercept shows how unequal they are."
        ),
        ("calibration",),
    ),
    ("Nothing here has a p.", TABLES),
)
_CALIBRATION = (
    word("cell"),
    count("n_samples", "samples"),
    figures_of("brier", "Brier score", digits=3, first="low"),
    figures_of("error", "calibration error", digits=3, first="low"),
    figures_of("slope", "slope"),
    figures_of("slope_low", "slope, at least"),
    figures_of("slope_high", "slope, at most"),
    figures_of("intercept", "intercept"),
    figures_of("intercept_low", "intercept, at least"),
    figures_of("intercept_high", "intercept, at most"),
)
_FLAGGED = (
    TISSUE,
    word("mission"),
    word("sample"),
    word("condition"),
    Column("flags", lambda row: Item(str(row["qc_flags"]).replace(";", ", ").replace("_", " "))),
    count("library_size", "library size"),
    count("detected_genes", "genes"),
    figures_of("pca_outlyingness", "outlyingness, robust SDs", digits=1),
    figures_of("mission_correlation", "correlation", digits=3, first="low"),
)
_TWICE = (
    *tuple(
        word(f"{key}_{end}", key) for end in ("a", "b") for key in ("sample", "tissue", "mission")
    ),
    word("how"),
    figures_of("correlation", "correlation", digits=5),
)
_WITHIN = (
    word("task"),
    word("mission"),
    word("feature_set", "feature set"),
    MODEL,
    figures_of("pair_auroc", "pairs left out", digits=3),
    figures_of("loo_auroc", "one left out", digits=3),
    figures_of("lomo_auroc", "other missions train", digits=3),
    count("n_samples", "samples"),
    count("n_positive", "positive"),
    word("transductive"),
    word("reason", "note"),
)
_TOP = (
    word("task"),
    word("feature_set", "feature set"),
    word("name", "feature"),
    figures_of("consensus_rank", "consensus rank", digits=1, first="low"),
    word("direction", "in flight"),
    figures_of("stable", "in the top, share of folds"),
    figures_of("agree", "same sign, share of folds"),
    word("models"),
)


def top_rows(rows: Sequence[Row]) -> list[Row]:
    """The `TOP` features of each task and feature set by consensus rank, a row a feature.

    `stable` and `agree` are the least over the models: the share of folds with the feature in the
    top, and with the same sign of its weight. `direction` is that of all coefficients, or mixed.
    """
    groups: dict[tuple[str, str], dict[str, list[Row]]] = {}
    for row in rows:
        group = groups.setdefault((row["task"], row["feature_set"]), {})
        group.setdefault(str(row["feature"]), []).append(row)
    found = []
    for (task, feature_set), features in sorted(groups.items()):
        best = sorted(features.items(), key=lambda f: (f[1][0]["consensus_rank"], f[0]))[:TOP]
        for name, own in best:
            found.append(
                {
                    "task": task,
                    "feature_set": feature_set,
                    "name": own[0].get("symbol") or name,
                    "consensus_rank": own[0]["consensus_rank"],
                    "direction": _direction(own),
                    "stable": min(row["n_folds_in_top"] / row["n_folds"] for row in own),
                    "agree": min(
                        (r["sign_consistency"] for r in own if r["sign_consistency"] is not None),
                        default=None,
                    ),
                    "models": ", ".join(sorted(row["model"] for row in own)),
                }
            )
    return found


def _direction(rows: Sequence[Row]) -> str:
    signs = {row["mean_importance"] > 0 for row in rows if row["importance"] == "coefficient"}
    if len(signs) != 1:
        return "mixed" if signs else ""
    return "up" if True in signs else "down"
