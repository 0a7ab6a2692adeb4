"""An evaluation in words: the same lines for the terminal and for the page."""

from __future__ import annotations

from dataclasses import dataclass

from spacebio_bench.submission.evaluation import Evaluation, FoldScore
from spacebio_bench.submission.rules import Part
from spacebio_bench.submission.standing import Place

NOTHING = "-"
P_NAMES = {
    "fixed_exact": "every labeling of the test samples, scores fixed",
    "fixed_deflated": "scores fixed, z divided by the square root of 2",
}


@dataclass(frozen=True)
class Line:
    """A value with its name and what it is."""

    name: str
    value: str
    note: str = ""


def number(value: float | None, digits: int = 3) -> str:
    """A number with so many decimals; a dash where there is none."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def p_text(value: float | None) -> str:
    """A p-value: three decimals, four below 0.01, a bound below 0.0001."""
    if value is None:
        return NOTHING
    if value < 0.0001:
        return "< 0.0001"
    return f"{value:.4f}" if value < 0.01 else f"{value:.3f}"


def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """Two bounds as text."""
    return NOTHING if low is None or high is None else f"{low:.{digits}f} to {high:.{digits}f}"


def head(evaluation: Evaluation) -> tuple[str, str]:
    """The task with its samples; the model with what is known of it."""
    e, about = evaluation, evaluation.about
    what = "pairs of missions" if e.pairs else "folds, each tests one mission"
    task = f"{about.task} {about.task.tissue}".strip()
    counts = f"{e.n_samples} samples, {e.n_positive} flight and {e.n_samples - e.n_positive} ground"
    tier = f"tier {about.tier}" if about.tier else ""
    told = [about.model_name, tier, about.submission_date]
    return f"{task}: {e.n_folds} {what}; {counts}", ", ".join(text for text in told if text)


FOLD_HEADS = ("fold", "test", "flight", "AUROC", "95 % interval", "exact p", "pub CI", "pub p")


def fold_cells(row: FoldScore) -> tuple[str, ...]:
    """A fold under `FOLD_HEADS`; its name is first."""
    return (
        row.fold,
        str(row.n_test),
        str(row.n_positive),
        number(row.auroc),
        interval(row.ci_low, row.ci_high),
        p_text(row.p_exact),
        interval(row.pub_ci_low, row.pub_ci_high),
        p_text(row.pub_p),
    )


def declaration(evaluation: Evaluation) -> str:
    """What the submission says of other folds' labels, and what that means for the p."""
    about = evaluation.about
    if evaluation.pairs:
        return ""
    if not about.declared:
        return (
            "The submission does not say whether its models saw labels that other folds test; it "
            "is taken so, as models trained on the other missions do. So the p is fixed_deflated."
        )
    if about.saw_other_folds_labels:
        return "Its models saw labels that other folds test, so the p is fixed_deflated."
    return "It declares that no model saw labels that another fold tests: the p is fixed_exact."


def summary(evaluation: Evaluation) -> list[Line]:
    """What the folds say together, without the verdict."""
    e = evaluation
    sd = f"SD over {'pairs' if e.pairs else 'folds'} {number(e.value_sd)}"
    ahead = (
        []
        if e.pairs
        else [
            Line(
                "  next mission", interval(e.pi_next_low, e.pi_next_high), "95 % of the next AUROC"
            )
        ]
    )
    return [
        Line("mean AUROC", number(e.value_mean, 4), sd if e.value_sd is not None else ""),
        Line(
            "  these missions",
            interval(e.ci_these_low, e.ci_these_high),
            "95 %, were their samples drawn again",
        ),
        Line(
            "  missions like these",
            interval(e.ci_population_low, e.ci_population_high),
            "95 %" if e.ci_population_low is not None else "needs three missions",
        ),
        *ahead,
        Line("pooled AUROC", number(e.auroc_pooled), "ranks scores of different models together"),
        *_p_lines(e),
        Line(
            "published statistics",
            f"{interval(e.pub_ci_low, e.pub_ci_high)}, p {p_text(e.pub_p)}",
            "means over folds, as published" if not e.pairs else "as published",
        ),
    ]


def _p_lines(e: Evaluation) -> list[Line]:
    if e.p_method == "none":
        return [Line("p", NOTHING, e.p_reason)]
    lines = []
    for method, value in (("fixed_deflated", e.p_fixed_deflated), ("fixed_exact", e.p_fixed_exact)):
        chosen = "the p of this submission" if method == e.p_method else "not the one that counts"
        lines.append(Line(f"p {method}", p_text(value), f"{chosen}: {P_NAMES[method]}"))
    return lines


def verdict(evaluation: Evaluation) -> list[Line]:
    """The verdict with its parts, or the counts of pairs."""
    e = evaluation
    if e.pairs:
        p = e.pairs
        return [
            Line("pairs with AUROC >= 0.70", f"{p.high} of {p.n_pairs}"),
            Line("pairs with exact p < 0.05", f"{p.exact_below} of {p.n_pairs}"),
            Line("pairs with published p < 0.05", f"{p.pub_p_below} of {p.n_pairs}"),
            Line(
                "pairs that test 10 or more",
                f"{p.large} of {p.n_pairs}",
                f"mean AUROC {number(p.large_mean)}" if p.large else "",
            ),
            Line("Go or No-Go", NOTHING, e.go.reason),
        ]
    return [
        Line("Go or No-Go", e.go.verdict, f"by rule {e.go.rule}"),
        *(_part(part) for part in e.go.parts),
    ]


def _part(part: Part) -> Line:
    sign = ">" if part.side == "above" else "<"
    told = f"{number(part.value, 4)} {sign} {part.bound:g}"
    return Line(f"  {part.name}", told, "holds" if part.holds else "does not hold")


def standing(place: Place) -> Line:
    """The place on a leaderboard."""
    low, high = place.rank_low, place.rank_high
    rank = f"{low}" if low == high else f"{low} to {high}"
    leading = "cannot be told from the best" if place.tie_group == 1 and place.n > 1 else ""
    other = f"{place.n_other_labels} with other labels not compared" if place.n_other_labels else ""
    note = "; ".join(text for text in (leading, other) if text)
    return Line("rank on the leaderboard", f"{rank} of {place.n}", note)
