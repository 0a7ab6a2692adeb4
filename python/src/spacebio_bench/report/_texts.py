"""The texts and tables of the page, under the names that the template knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from spacebio_bench import __version__
from spacebio_bench.report import _leaderboard as board
from spacebio_bench.report._answer import answer, groups_in_words, in_words
from spacebio_bench.report._cohorts import CONDITION_WORDS, QC_COLUMNS, CohortView
from spacebio_bench.report._contents import FILES, Inputs
from spacebio_bench.report._families import all_not_run
from spacebio_bench.report._pairs import comparisons_of
from spacebio_bench.report._pooled import pooled_cells
from spacebio_bench.report._provenance import (
    package_versions,
    protocol_choices,
    run_versions,
    store_provenance,
)
from spacebio_bench.report._ranks import standings
from spacebio_bench.report._reading import reading
from spacebio_bench.report._results import Results, Row
from spacebio_bench.report._samples import sample_table
from spacebio_bench.report._section import Section
from spacebio_bench.report._separation import mission_separation
from spacebio_bench.report._small_folds import small_folds
from spacebio_bench.report._verdicts import (
    cut_short,
    fallen_folds,
    folds_left_out,
    published_misses,
    published_verdicts,
)

NOT_ASKED = (
    "This run did not ask whether the signature holds in a mission no model has seen: it has no "
    "lomo task. What it asked instead stands below."
)


def texts_of(inputs: Inputs, rows: Sequence[Row], sections: Sequence[Section]) -> dict[str, Any]:
    """Everything else that the template asks for."""
    protocol, results = inputs.plan.protocol, inputs.results
    samples = sample_table(inputs.cohorts, protocol.labels)
    known = set(samples.conditions) or set(CONDITION_WORDS)
    ran = {row["cell"] for row in rows if row["status"] == "ok"}
    ok_folds = [row for row in results.folds if row["cell"] in ran]
    published = published_verdicts(rows, ok_folds)
    small, n_folds = small_folds(ok_folds, board.task_labels(results))
    separation = mission_separation(inputs.cohorts, protocol)
    shown = {key for row in rows for key, value in row.items() if value is not None}
    if all(row["p_method"] in (None, board.PUBLISHED) for row in rows):
        shown.discard("q_bh")  # a correction of what is no p-value
    dropped = [c for c in protocol.labels.dropped if c in known]
    texts: dict[str, Any] = {
        "version": __version__,
        "title": "Does the signature hold in a mission no model has seen?",
        "answer": answer(rows, groups_in_words(protocol.labels, known)) if rows else NOT_ASKED,
        "groups": groups_in_words(protocol.labels, known, codes=True),
        "positive": in_words([c for c in protocol.labels.positive if c in known]),
        "dropped": in_words(dropped, codes=True),
        "words": CONDITION_WORDS,
        "protocol": protocol,
        "digest": protocol.digest,
        "seed": inputs.plan.seed,
        "rows": rows,
        "shown": shown,
        "cell_heads": _cell_heads(shown),
        "folds": ok_folds,
        "samples": samples,
        "excluded": inputs.excluded,
        "standings": standings(rows),
        "comparisons": comparisons_of(results.comparisons),
        "pooled": pooled_cells(rows, results.pooled),
        "reading": reading(rows, results.folds_by_cell(), protocol),
        "small_folds": small,
        "n_folds": n_folds,
        "cut": cut_short(rows),
        "published": published,
        "missed": published_misses(rows),
        "fallen_folds": fallen_folds(ok_folds),
        "published_known": any(row.get("pub_p") is not None for row in rows),
        "fallen": sum(row["survives"] is False for row in published),
        "not_run": all_not_run(inputs.everything),
        "left_out": folds_left_out(inputs.everything.folds, _plain_questions(inputs.everything)),
        "effort": _effort(results.outcome),
        "separation": separation,
        "choices": protocol_choices(protocol),
        "provenance": store_provenance(inputs.cohorts),
        "versions": run_versions(results.folder),
        "packages": package_versions(),
        "files": [(n, w) for n, w in FILES.items() if (results.folder / n).exists()],
        "filters": [
            ("tissue", "tissue", list(board.task_labels(results).values())),
            ("feature", "feature set", board.ordered_features(results)),
            ("model", "model", board.ordered_models(results)),
        ],
    }
    texts |= _quality_table(inputs.cohorts)
    texts["facts"] = _facts(inputs, rows, samples.total)
    texts["contents"] = _table_of_contents(texts, rows, results, sections)
    return texts


def _plain_questions(results: Results) -> set[str]:
    """Cells that ran, without the variants, whose folds are those of the plain question."""
    return {c["cell"] for c in results.cells if c["status"] == "ok" and not c.get("variant")}


def _facts(inputs: Inputs, rows: Sequence[Row], n_samples: int) -> list[tuple[str, str]]:
    cells = inputs.everything.cells
    shown = rows or [row for row in cells if row["family"] != "cross_tissue"]
    names = {key: len({row[key] for row in shown}) for key in ("tissue", "feature", "model")}
    missions = {str(s["mission"]) for cohort in inputs.cohorts for s in cohort.samples}
    ran = sum(row["status"] == "ok" for row in cells)
    facts = [("tissues", names["tissue"]), ("missions", len(missions)), ("samples", n_samples)]
    facts += [("feature sets", names["feature"]), ("models", names["model"])]
    return [(name, str(n)) for name, n in facts] + [
        ("cells with a result", f"{ran} of {len(cells)}")
    ]


def _cell_heads(shown: set[str]) -> list[tuple[str, str]]:
    """Headings of the leaderboard; ``high`` or ``low``: what sorting a number shows first."""
    heads = [
        ("tissue", "", ""),
        ("feature set", "", ""),
        ("model", "", ""),
        ("mean AUROC", "high", ""),
        ("rank", "low", "rank_low"),
        ("group", "low", "tie_group"),
        ("these missions", "high", ""),
        ("missions like these", "high", ""),
        ("next mission", "high", ""),
        ("p", "low", "p_value"),
        ("max-T p", "low", "p_maxt"),
        ("q", "low", "q_bh"),
        ("missions", "high", ""),
        ("behind best", "low", ""),
        ("seed SD", "low", "value_seed_sd"),
        ("p method", "", ""),
        ("status", "", ""),
    ]
    return [(name, kind) for name, kind, needs in heads if not needs or needs in shown]


def _effort(outcome: Mapping[str, Any]) -> str:
    names = {
        "units_planned": "planned",
        "units_reused": "taken from the ledger",
        "units_computed": "computed",
    }
    return ", ".join(f"{outcome[key]} {text}" for key, text in names.items() if key in outcome)


def _quality_table(cohorts: Sequence[CohortView]) -> dict[str, Any]:
    columns = [
        c for c in QC_COLUMNS if any(s.get(c) is not None for co in cohorts for s in co.samples)
    ]
    rows = []
    for cohort in cohorts if columns else ():
        for mission in sorted({str(s["mission"]) for s in cohort.samples}):
            own = [s for s in cohort.samples if str(s["mission"]) == mission]
            values = [[float(s[c]) for s in own if s.get(c) is not None] for c in columns]
            medians = [_rounded(median(v)) if v else board.NOTHING for v in values]
            rows.append(
                {"tissue": cohort.tissue, "mission": mission, "n": len(own), "medians": medians}
            )
    return {"qc_names": [QC_COLUMNS[c] for c in columns], "qc_rows": rows}


def _rounded(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def _table_of_contents(
    texts: Mapping[str, Any], rows: Sequence[Row], results: Results, sections: Sequence[Section]
) -> list[tuple[str, str]]:
    has_nulls = (results.folder / "nulls.zarr").is_dir() and any(
        r["value_mean"] is not None for r in rows
    )
    entries = [
        ("question", "Data", True),
        ("leaderboard", "Leaderboard", bool(rows)),
        ("compare", "Comparisons", bool(texts["comparisons"] or texts["pooled"])),
        ("tissues", "Tissues", bool(rows)),
        ("chance", "Chance", has_nulls),
        ("cost", "Cost", bool(results.costs)),
        ("samples", "Samples", True),
        ("missions", "Mission effect", bool(texts["separation"])),
        ("families", "Other questions", bool(sections)),
        ("not-run", "Not run", True),
        ("published", "Published verdicts", bool(texts["published_known"])),
        ("reading", "How to read it", True),
        ("protocol", "Protocol", True),
        ("files", "Files", True),
    ]
    return [(anchor, name) for anchor, name, there in entries if there]
