"""Do pathways respond alike in two missions, and does it matter? The section of `conservation`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from spacebio_bench.report._leaderboard import number
from spacebio_bench.report._results import Results, Row
from spacebio_bench.report._section import (
    FEATURE,
    LEAST,
    MODEL,
    TISSUE,
    Section,
    count,
    counted,
    figures_of,
    p_column,
    panels,
    table,
    word,
)
from spacebio_bench.report.figures.conserved import conservation_scatter


def conservation_section(results: Results) -> Section | None:
    """NES of pairs of missions against transfer between them; None when no pair has a value."""
    rows = results.more.get("conservation", ())
    pairs = [row for row in rows if row["kind"] == "pair" and row["rho"] is not None]
    if not pairs:
        return None
    related = [row for row in rows if row["kind"] == "transfer"]
    over = [row for row in rows if row["kind"] == "transfer_tissues"]
    values = [row["rho"] for row in pairs]
    return Section(
        anchor="conservation",
        title="Do pathways respond alike?",
        asks="conservation",
        brief=f"{counted(len(pairs), 'pair')} of missions; their NES correlate from "
        f"{_minus(min(values))} to {_minus(max(values))}.",
        says=(
            (
                "Do the pathways that rise in one mission rise in another (Spearman correlation of "
                "their NES, positive where up in flight), and do missions that respond alike teach "
                "each other's models?"
            ),
            (
                "A correlation over pathways describes: pathways share genes, so they are no "
                "independent points. A relation over few missions or tissues shows no cause."
            ),
            (
                "p: within a tissue, missions are permuted (Mantel); over tissues, tissues are "
                "permuted. Pairs themselves have no p here."
            ),
        ),
        panels=panels([("", conservation_scatter(list(_points(results, pairs))))]),
        tables=tuple(
            table(title, own, columns, folded=folded)
            for title, own, columns, folded in (
                ("Within a tissue: alike, and teaching each other", related, _WITHIN, False),
                ("Over tissues", over, _OVER, False),
                ("Every pair of missions", pairs, _PAIRS, True),
            )
            if own
        ),
    )


_RELATED = (
    figures_of("rho", "Spearman"),
    p_column("p_value", "p"),
    LEAST,
    word("method"),
    word("reason", "note"),
)
_WITHIN = (
    TISSUE,
    word("collection"),
    FEATURE,
    MODEL,
    *_RELATED[:1],
    count("n_pairs", "pairs"),
    *_RELATED[1:],
)
_OVER = (
    word("collection"),
    FEATURE,
    MODEL,
    *_RELATED[:1],
    count("n_tissues", "tissues"),
    *_RELATED[1:],
)
_PAIRS = (
    TISSUE,
    word("collection"),
    word("mission_a", "mission"),
    word("mission_b", "and"),
    figures_of("rho", "Spearman"),
    count("n_pathways", "pathways"),
)


def _points(results: Results, pairs: Sequence[Row]) -> Iterator[Row]:
    """One a pair and cell of family `pairs` that concerns its collection, both directions there."""
    transfer = _both_ways(results)
    for row in pairs:
        key = frozenset((str(row["mission_a"]), str(row["mission_b"])))
        for (tissue, feature, model), values in transfer.items():
            concerned = feature in ("gene", f"pathway_{row['collection']}")
            if tissue == row["tissue"] and concerned and len(values.get(key, ())) == len(key):
                yield {
                    "panel": f"{row['collection']}; {feature} / {model}",
                    "tissue": tissue,
                    "pair": ", ".join(sorted(key)),
                    "rho": row["rho"],
                    "auroc": sum(values[key]) / len(key),
                }


def _both_ways(
    results: Results,
) -> Mapping[tuple[str, str, str], Mapping[frozenset[str], list[float]]]:
    folds = results.folds_by_cell()
    found: dict[tuple[str, str, str], dict[frozenset[str], list[float]]] = {}
    for cell in results.family("pairs"):
        own = found.setdefault((str(cell["tissue"]), cell["feature"], cell["model"]), {})
        for fold in folds.get(cell["cell"], ()):
            if fold["value"] is not None:
                key = frozenset((str(fold["train_missions"]), str(fold["test_missions"])))
                own.setdefault(key, []).append(fold["value"])
    return found


def _minus(value: float) -> str:
    return number(value).replace("-", "\N{MINUS SIGN}")
