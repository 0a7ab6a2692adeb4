"""Feature sets against each other, fold by fold: the section of `gene_vs_pathway`."""

from __future__ import annotations

from spacebio_bench.report._results import Results
from spacebio_bench.report._section import (
    LEAST,
    MODEL,
    Section,
    count,
    counted,
    figures_of,
    p_column,
    span,
    table,
    word,
)


def paired_section(results: Results) -> Section | None:
    """Wins, differences and intervals; None without a row."""
    rows = sorted(
        results.more.get("gene_vs_pathway", ()),
        key=lambda r: (str(r["family"]), str(r["variant"] or ""), r["model"], r["a"], r["b"]),
    )
    if not rows:
        return None
    clear = sum(row["p_value"] is not None and row["p_value"] < 0.05 for row in rows)
    return Section(
        anchor="feature-sets",
        title="Genes against pathways",
        asks="gene_vs_pathway",
        brief=f"{counted(len(rows), 'pair')} of feature sets; {clear} differ at p < 0.05, "
        "uncorrected.",
        says=(
            (
                "Wherever two feature sets were given to the same model on the same folds, which "
                "of them did better, how often and by how much? A positive difference is in favour "
                "of a."
            ),
            (
                "It does not say which is better on other tissues or with other models, and wins "
                "count folds that share missions: read the difference, which weighs every mission "
                "alike."
            ),
            (
                "p: a sign-flip test over missions, across tissues. With few missions it cannot be "
                "small; the interval (t) leans on normal differences, which the p does not."
            ),
        ),
        tables=(table("Pairs of feature sets by question and model", rows, _COLUMNS),),
    )


_COLUMNS = (
    word("family", "question"),
    word("variant"),
    MODEL,
    word("a"),
    word("b"),
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
