"""The page people read: one self-contained HTML file, and its figures as files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import vl_convert
from markupsafe import Markup

from spacebio_bench import __version__
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.grid.plan import Plan
from spacebio_bench.report import _leaderboard as board
from spacebio_bench.report._answer import answer, groups_in_words
from spacebio_bench.report._cohorts import CONDITION_WORDS, CohortView, read_cohorts
from spacebio_bench.report._results import Results, Row, read_results
from spacebio_bench.report.figures._drawing import Drawing, draw
from spacebio_bench.report.figures._figure import Figure
from spacebio_bench.report.figures.forest import forest
from spacebio_bench.report.figures.heatmap import heatmap
from spacebio_bench.report.figures.missions import missions

Panels = list[tuple[str, list[Figure]]]


@dataclass(frozen=True)
class Inputs:
    """Everything the page is made of."""

    results: Results
    cohorts: tuple[CohortView, ...]
    plan: Plan


@dataclass(frozen=True)
class Written:
    """What `write_report` wrote: the page with its size in bytes, and the names of the figures."""

    page: Path
    size: int
    figures: tuple[str, ...]


def read_inputs(*, results: Path, cohorts: Path, plan: Path) -> Inputs:
    """Read all that the page needs; InputError when something is missing or unreadable."""
    try:
        planned = Plan.load(plan)
    except (OSError, ValueError, KeyError) as error:
        raise InputError([Problem(str(plan), f"cannot be read as a plan: {error}")]) from error
    return Inputs(read_results(results), read_cohorts(cohorts), planned)


def write_report(inputs: Inputs, outdir: Path) -> Written:
    """Write ``report.html`` and ``figures/*.svg``, ``*.png``; the same inputs give the same page."""
    folder = outdir / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    rows = board.leaderboard(inputs.results)
    sections = _figures(inputs, rows)
    figures = [figure for panels in sections.values() for _, found in panels for figure in found]
    drawn = {figure.name: draw(figure, folder) for figure in figures}
    html = _environment().get_template("report.html.j2").render(
        **_texts(inputs, rows),
        rows=rows,
        heatmap=next((drawn[f.name] for _, found in sections["heatmap"] for f in found), None),
        forests=_drawn(sections["forests"], drawn),
        chart_data=_packed({k: v for figure in figures for k, v in figure.data.items()}),
        chart_specs=_script_json({f.name: {"spec": f.spec, "data": list(f.data)} for f in figures}),
        vega=Markup(vl_convert.javascript_bundle().replace("</script", "<\\/script")),  # noqa: S704  from the library
        css=Markup(_asset("report.css")),  # noqa: S704  ours
        js=Markup(_asset("report.js")),  # noqa: S704  ours
    )  # fmt: skip
    page = outdir / "report.html"
    page.write_text(html, encoding="utf-8", newline="\n")
    return Written(page, page.stat().st_size, tuple(sorted(drawn)))


def _figures(inputs: Inputs, rows: Sequence[Row]) -> dict[str, Panels]:
    features = board.ordered_features(inputs.results)
    models = board.ordered_models(inputs.results)
    folds = inputs.results.folds_by_cell()
    forests: Panels = []
    for task, label in board.task_labels(inputs.results).items():
        own = [row for row in rows if row["task"] == task]
        found = (forest(own, task=task, features=features), missions(own, folds, task=task))
        forests.append((label, [figure for figure in found if figure is not None]))
    whole = heatmap([r for r in rows if r["metric"] == "auroc"], features=features, models=models)
    return {"heatmap": [("", [whole])], "forests": forests}


def _texts(inputs: Inputs, rows: Sequence[Row]) -> dict[str, Any]:
    protocol = inputs.plan.protocol
    tasks = board.task_labels(inputs.results)
    status = ", ".join(f"{n} {name}" for name, n in board.by_status(rows).items())
    positive = " or ".join(CONDITION_WORDS.get(c, c) for c in protocol.labels.positive)
    facts = [("tissues", len({r["tissue"] for r in rows})), ("cells", status)]
    filters = [
        ("tissue", "tissue", list(tasks.values())),
        ("feature", "feature set", board.ordered_features(inputs.results)),
        ("model", "model", board.ordered_models(inputs.results)),
    ]
    return {
        "version": __version__,
        "title": "Does the signature hold in a mission no model has seen?",
        "answer": answer(rows, protocol.labels),
        "groups": groups_in_words(protocol.labels),
        "positive": positive,
        "protocol": protocol,
        "digest": protocol.digest,
        "facts": facts,
        "filters": filters,
        "contents": [("question", "Data"), ("leaderboard", "Leaderboard"), ("tissues", "Tissues")],
    }


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("spacebio_bench.report", "assets"),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(
        num=board.number, p=board.p_text, interval=board.interval, raw=_raw
    )
    return environment


def _raw(row: Mapping[str, Any], key: str) -> str:
    """A sortable value of a table cell: empty where there is none."""
    value = row.get(key)
    return "" if value is None else repr(value)


def _drawn(panels: Panels, drawn: Mapping[str, Drawing]) -> list[tuple[str, list[Drawing]]]:
    return [(label, [drawn[figure.name] for figure in found]) for label, found in panels]


def _packed(data: Mapping[str, Sequence[Mapping[str, Any]]]) -> Markup:
    """The data sets with their column names once."""
    packed = {}
    for name, rows in sorted(data.items()):
        columns = list(rows[0]) if rows else []
        packed[name] = {"columns": columns, "rows": [[row[c] for c in columns] for row in rows]}
    return _script_json(packed)


def _script_json(value: Any) -> Markup:
    """JSON that can stand in a script element whatever its texts hold."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704  nothing left that ends the element


def _asset(name: str) -> str:
    return (Path(__file__).parent / "assets" / name).read_text(encoding="utf-8")
