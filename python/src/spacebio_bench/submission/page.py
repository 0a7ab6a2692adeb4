"""Self-contained pages: one evaluation, and the leaderboard; what was handed in is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from spacebio_bench import __version__
from spacebio_bench.submission import words
from spacebio_bench.submission.evaluation import Evaluation
from spacebio_bench.submission.records import Record, rank_together
from spacebio_bench.task_ids import parse_task_id


def evaluation_page(evaluation: Evaluation, *, place: words.Line | None = None) -> str:
    """The page of one submission; the same evaluation gives the same page."""
    task, model = words.head(evaluation)
    return _render(
        "evaluation.html.j2",
        title=f"{evaluation.about.model_name} on {evaluation.about.task}",
        task=task,
        model=model,
        description=evaluation.about.model_description,
        heads=words.FOLD_HEADS,
        folds=[words.fold_cells(row) for row in evaluation.folds if not row.reason],
        left_out=[row for row in evaluation.folds if row.reason],
        lines=[
            *words.summary(evaluation),
            *words.verdict(evaluation),
            *([place] if place else []),
        ],
        declaration=words.declaration(evaluation),
        digests={
            "submission": evaluation.submission_digest,
            "labels": evaluation.labels_digest,
        },
    )


def leaderboard_page(records: Sequence[Record]) -> str:
    """The page of a leaderboard: a table for each task and its labels, best rank first."""
    questions: dict[tuple[str, str, int], list[Record]] = {}
    for record in records:
        questions.setdefault(record.question, []).append(record)
    sections = [_section(own) for _, own in sorted(questions.items(), key=_by_task)]
    return _render("leaderboard.html.j2", title="Leaderboard", sections=sections)


def _by_task(item: tuple[tuple[str, str, int], list[Record]]) -> tuple[str, int, str, int]:
    task, labels, seed = item[0]
    return task[0], int(task[1:]), labels, seed


def _section(records: Sequence[Record]) -> dict[str, Any]:
    ranks = rank_together(records)
    rows = [
        _row(record.evaluation, int(low), int(high), int(group))
        for record, low, high, group in zip(
            records, ranks.low, ranks.high, ranks.tie_group, strict=True
        )
    ]
    rows.sort(key=lambda row: (row["low"], row["high"], -row["value"], row["model"]))
    first = records[0].evaluation
    task = parse_task_id(records[0].task)
    family = "pairs of missions" if task and task.family == "pairs" else "one mission left out"
    return {
        "task": records[0].task,
        "about": f"{first['tissue']}, {family}".removeprefix(", "),
        "counts": f"{first['n_samples']} samples, {first['n_positive']} of them flight, "
        f"{first['n_folds']} folds",
        "labels": str(first["labels_digest"])[:12],
        "rows": rows,
    }


def _row(e: Mapping[str, Any], low: int, high: int, group: int) -> dict[str, Any]:
    return {
        "low": low,
        "high": high,
        "rank": str(low) if low == high else f"{low} to {high}",
        "leading": group == 1,
        "model": e["model_name"],
        "description": e["model_description"],
        "tier": e["tier"] or words.NOTHING,
        "value": e["value_mean"],
        "mean": words.number(e["value_mean"]),
        "these": words.interval(e["ci_these_low"], e["ci_these_high"], 2),
        "population": words.interval(e["ci_population_low"], e["ci_population_high"], 2),
        "p": words.p_text(e["p_value"]),
        "method": e["p_method"],
        "go": e["go"]["verdict"],
        "rule": e["go"]["rule"],
        "date": e["submission_date"] or words.NOTHING,
    }


def _render(template: str, **values: Any) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("spacebio_bench.submission", "assets"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    css = resources.files("spacebio_bench") / "report" / "assets" / "report.css"
    return environment.get_template(template).render(
        css=Markup(css.read_text(encoding="utf-8")),  # noqa: S704  ours
        version=__version__,
        **values,
    )
