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

from spacebio_bench.report import _leaderboard as board
from spacebio_bench.report._contents import TABBED, Inputs, Panels, panels_of
from spacebio_bench.report._families import families
from spacebio_bench.report._ranks import with_ranks
from spacebio_bench.report._section import Section
from spacebio_bench.report._texts import texts_of
from spacebio_bench.report.figures._drawing import Drawing, draw


@dataclass(frozen=True)
class Written:
    """What `write_report` wrote: the page with its size in bytes, and the names of the figures."""

    page: Path
    size: int
    figures: tuple[str, ...]


def write_report(inputs: Inputs, outdir: Path) -> Written:
    """Write ``report.html`` and ``figures/``; the same inputs give the same page."""
    folder = outdir / "figures"
    folder.mkdir(parents=True, exist_ok=True)
    rows = with_ranks(board.leaderboard(inputs.results))
    panels = panels_of(inputs, rows)
    sections = families(inputs.everything)
    figures = [figure for found in panels.values() for _, own in found for figure in own]
    figures += [figure for section in sections for figure in section.figures]
    drawn = {figure.name: draw(figure, folder) for figure in figures}
    html = (
        _environment()
        .get_template("report.html.j2")
        .render(
            **texts_of(inputs, rows, sections),
            **_charts(panels, drawn),
            sections=sections,
            drawings={section.anchor: _drawings(section, drawn) for section in sections},
            chart_data=_packed({k: v for figure in figures for k, v in figure.data.items()}),
            chart_specs=_script_json(
                {f.name: {"spec": f.spec, "data": list(f.data)} for f in figures}
            ),
            vega=_library(),
            css=Markup(_asset("report.css")),  # noqa: S704  ours
            js=Markup(_asset("report.js")),  # noqa: S704  ours
        )
    )
    page = outdir / "report.html"
    page.write_text(html, encoding="utf-8", newline="\n")
    return Written(page, page.stat().st_size, tuple(sorted(drawn)))


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("spacebio_bench.report", "assets"),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(
        num=board.number, p=board.p_text, interval=board.interval, raw=_raw, percent=_percent
    )
    return environment


def _raw(row: Mapping[str, Any], key: str) -> str:
    """A sortable value of a table cell: empty where there is none."""
    value = row.get(key)
    return "" if value is None else repr(value)


def _percent(value: float | None) -> str:
    """A share as text; with a decimal where it is small."""
    if value is None:
        return board.NOTHING
    return f"{value:.1%}" if value < 0.0995 else f"{value:.0%}"


def _charts(panels: Mapping[str, Panels], drawn: Mapping[str, Drawing]) -> dict[str, Any]:
    """Drawings under the names that the template knows; the single ones by themselves."""
    found: dict[str, Any] = {}
    for name, own in panels.items():
        tabs = [(label, [drawn[figure.name] for figure in figures]) for label, figures in own]
        single = name not in TABBED
        found[name] = next((d for _, ds in tabs for d in ds), None) if single else tabs
    return found


def _drawings(section: Section, drawn: Mapping[str, Drawing]) -> dict[str, Any]:
    """Drawings of a section: those of its tabs, and the one below its tables."""
    return {
        "panels": [(label, [drawn[f.name] for f in own]) for label, own in section.panels],
        "last": drawn[section.last.name] if section.last else None,
    }


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


def _library() -> Markup:
    """Vega-Embed with all it needs, as one script that fetches nothing."""
    code = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return Markup(code.replace("</script", "<\\/script"))  # noqa: S704  the library's own


def _asset(name: str) -> str:
    return (Path(__file__).parent / "assets" / name).read_text(encoding="utf-8")
