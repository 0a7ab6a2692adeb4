"""The page and its files: complete, self-contained, the same for the same inputs."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from spacebio_bench.cli import main

from ._results import FEATURES, MODELS, TISSUES, Made, write_results

VOID = {"meta", "img", "input", "br", "link", "hr"}


class _Outline(HTMLParser):
    """What a screen reader would walk through; complains about unbalanced elements."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.levels: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return write_results(tmp_path_factory.mktemp("run"), models=MODELS[3:], n_labelings=39)


@pytest.fixture(scope="module")
def outdir(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _report(made, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def html(outdir: Path) -> str:
    return (outdir / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def outline(html: str) -> _Outline:
    parser = _Outline()
    parser.feed(html)
    assert parser.open == []
    return parser


def _arguments(made: Made, outdir: Path) -> list[str]:
    named = {**vars(made), "outdir": outdir}
    return ["report", *(f"--{name}={path}" for name, path in named.items())]


def _report(made: Made, outdir: Path) -> Path:
    done = CliRunner().invoke(main, [*_arguments(made, outdir), "--quiet"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert done.output == ""
    return outdir


def _chart_data(html: str) -> dict[str, list[dict[str, object]]]:
    text = re.search(r'id="chart-data">(.*?)</script>', html, re.DOTALL)
    assert text is not None
    sets = json.loads(text.group(1))
    return {
        name: [dict(zip(s["columns"], row, strict=True)) for row in s["rows"]]
        for name, s in sets.items()
    }


def test_nothing_is_fetched(html: str, outline: _Outline) -> None:
    assert not outline.all("link")
    assert all("src" not in script for script in outline.all("script"))
    sources = [image["src"] or "" for image in outline.all("img")]
    assert all(source.startswith("data:image/svg+xml,") for source in sources)
    targets = [a["href"] or "" for a in outline.all("a")]
    assert not [t for t in targets if ":" in t or t.startswith("/")]
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    assert "url(" not in style.group(1)
    assert "@import" not in style.group(1)
    assert "default-src 'none'" in html


def test_every_section_that_is_linked_exists(outline: _Outline) -> None:
    ids = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    linked = {(a["href"] or "")[1:] for a in outline.all("a") if (a["href"] or "").startswith("#")}
    assert linked <= set(ids)
    assert {"question", "leaderboard", "tissues", "chance", "cost", "not-run", "samples"} <= linked
    assert {"compare", "missions", "published", "reading", "protocol", "files"} <= linked


def test_headings_landmarks_and_tables_can_be_walked(outline: _Outline) -> None:
    assert outline.levels[0] == 1
    assert outline.levels.count(1) == 1
    assert all(b - a <= 1 for a, b in zip(outline.levels, outline.levels[1:], strict=False))
    for landmark in ("header", "nav", "main", "footer"):
        assert len(outline.all(landmark)) == 1
    assert len(outline.all("caption")) == len(outline.all("table"))
    assert all("scope" in th for th in outline.all("th"))
    assert all(image["alt"] for image in outline.all("img"))
    scrolled = [d for d in outline.all("div") if "scroll" in (d.get("class") or "").split()]
    assert scrolled
    assert all(d["tabindex"] == "0" and d["role"] == "region" for d in scrolled)


def test_every_cell_is_in_the_table_with_its_value_or_its_reason(made: Made, html: str) -> None:
    cells = pd.read_csv(made.results / "cells.csv")
    table = re.search(r'<table id="cells".*?<tbody>(.*?)</tbody>', html, re.DOTALL)
    assert table is not None
    rows = table.group(1).split("<tr")[1:]
    assert len(rows) == len(cells)
    for cell in cells.itertuples():
        marks = (
            f'data-tissue="{cell.tissue}" data-feature="{cell.feature}" data-model="{cell.model}"'
        )
        (row,) = [row for row in rows if marks in row]
        assert (f"{cell.value_mean:.3f}" in row) == (cell.status == "ok")
        assert (cell.status == "ok") or f">{cell.status}</span>" in row


def test_ranks_are_shown_as_intervals(made: Made, html: str) -> None:
    cells = pd.read_csv(made.results / "cells.csv")
    own = cells[(cells["task"] == "eye.lomo") & cells["rank_low"].notna()]
    table = re.search(r'<table id="cells".*?</table>', html, re.DOTALL)
    assert table is not None
    wide = own[own["rank_low"] < own["rank_high"]].iloc[0]
    text = f">{wide.rank_low:.0f} to {wide.rank_high:.0f} of {len(own)}</td>"
    assert text in table.group()
    leading = (cells["tie_group"] == 1).sum()
    assert table.group().count('<span class="badge lead">leading</span>') == leading
    tied = (own["tie_group"] == 1).sum() - 1
    assert f"<strong>eye</strong>: {tied} of the other {len(own) - 1} cells" in html


def test_comparisons_say_what_they_cannot_tell(html: str) -> None:
    section = re.search(r'<section id="compare".*?</section>', html, re.DOTALL)
    assert section is not None
    text = section.group()
    assert "With 6 missions the smallest possible p is 0.031. 1 of 2 pairs differs" in text
    assert "With 4 missions the smallest possible p is 0.125: no difference between" in text
    assert "over 12 blocks (tissue and feature set) gives p = 0.0003" in text
    assert "no variance to weigh it by: fold_MHU-2_test" in text


def test_small_missions_and_cut_cells_are_listed(made: Made, html: str) -> None:
    text = re.sub(r"<[^>]+>", " ", html[html.index('id="small-folds"') :])
    assert "In this run 3 of 9 held-out missions are that small" in text
    assert re.search(r"kidney\s+MHU-2\s+3 \+ 3\s+20\s+0\.050", text)
    cells = pd.read_csv(made.results / "cells.csv")
    cut = cells[(cells["status"] == "ok") & cells["reason"].notna()]
    assert len(cut) > 3
    assert f"<summary>{len(cut)} cells</summary>" in html[html.index('id="cut"') :]


def test_published_findings_that_fall_are_named(made: Made, html: str) -> None:
    cells = pd.read_csv(made.results / "cells.csv")
    called = cells[(cells["pub_p"] < 0.05) | (cells["pub_go"].astype(str) == "True")]
    fallen = called[called["p_value"] >= 0.05]
    section = re.search(r'<section id="published".*?</section>', html, re.DOTALL)
    assert section is not None
    text = section.group()
    assert f"{len(called)} cells are." in text
    assert f"<strong>{len(fallen)} of them do not survive</strong>" in text
    for cell in fallen.itertuples():
        assert f'<th scope="row">{cell.tissue}, {cell.feature} / {cell.model}</th>' in text
    assert text.count('<span class="no">no</span>') == len(fallen)
    scored = pd.read_csv(made.results / "folds.csv").query("status == 'ok'")
    lost = scored[(scored["pub_p"] < 0.05) & (scored["p_exact"] >= 0.05)]
    assert f"<summary>{len(lost)} single folds with a published p below 0.05" in text


def test_what_did_not_run_is_named_and_escaped(html: str) -> None:
    assert "XGBoostError: &lt;out of memory&gt; &amp; gone" in html
    assert "<out of memory>" not in html
    assert "the TabNet environment is not installed" in html
    assert "kidney.lomo/combined/xgb" in html


def test_charts_hold_the_numbers_of_the_tables(made: Made, html: str) -> None:
    data = _chart_data(html)
    cells = pd.read_csv(made.results / "cells.csv")
    values = {(r["tissue"], r["feature"], r["model"]): r["value"] for r in data["heatmap"]}
    assert len(values) == len(cells)
    for cell in cells.itertuples():
        shown = values[cell.tissue, cell.feature, cell.model]
        expected = None if cell.status != "ok" else pytest.approx(cell.value_mean, abs=1e-4)
        assert shown == expected
    folds = pd.read_csv(made.results / "folds.csv")
    scored = folds[folds["cell"].str.startswith("kidney") & folds["value"].notna()]
    assert sum(r["ran"] for r in data["missions_kidney.lomo"]) == len(scored)


def test_samples_are_counted_by_mission_and_condition(html: str) -> None:
    table = re.search(r"<caption>\d+ samples by.*?</table>", html, re.DOTALL)
    assert table is not None
    text = re.sub(r"<[^>]+>", " ", table.group())
    assert "108 samples by tissue, mission and condition; 90 of them have a label" in text
    counts = r"RR-3\s+OSD-103\s+5\s+5\s+2\s+10\s+benchmark"
    assert re.search(counts, text)
    assert html.count("no muscle expression") == 3


def test_transductive_steps_and_choices_are_named(html: str) -> None:
    assert "size factors are computed per study over all its samples" in html
    assert re.search(r"labelings\.default</span> 999", html)
    assert "DESeq2" in html


def test_same_inputs_same_files(made: Made, outdir: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    done = CliRunner().invoke(main, [*_arguments(made, again), "--json"])
    said = json.loads(done.output)
    assert said["bytes"] == (again / "report.html").stat().st_size
    assert Path(said["manifest"]) == again / "manifest.json"
    files = sorted(p.relative_to(outdir) for p in outdir.rglob("*") if p.is_file())
    assert sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file()) == files
    for name in files:
        digests = [hashlib.sha256((top / name).read_bytes()).digest() for top in (outdir, again)]
        assert digests[0] == digests[1], name


def test_figures_are_there_twice(outdir: Path, html: str) -> None:
    names = set(re.findall(r'<figure class="chart" id="fig-([^"]+)"', html))
    assert {"leaderboard", "forest_eye.lomo", "ranks_eye.lomo"} <= names
    assert {"missions_eye.lomo", "null_distribution"} <= names
    assert {"cost_against_score", "pca_eye", "qc_eye"} <= names
    files = {p.name for p in (outdir / "figures").iterdir()}
    assert files == {f"{name}.{ending}" for name in names for ending in ("svg", "png")}


def test_tables_alone_make_a_page(made: Made, tmp_path: Path) -> None:
    results, cohorts = tmp_path / "results", tmp_path / "cohorts"
    results.mkdir()
    cohorts.mkdir()
    for name in ("cells.csv", "folds.csv"):
        shutil.copy(made.results / name, results / name)
    bare = Made(results, cohorts, made.plan, made.checked)
    page = (_report(bare, tmp_path / "out") / "report.html").read_text(encoding="utf-8")
    assert 'id="leaderboard"' in page
    assert 'id="chance"' not in page
    assert 'id="cost"' not in page
    assert 'href="#cost"' not in page
    assert 'id="compare"' not in page


def test_a_run_without_any_result_still_has_a_page(made: Made, tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    cells = pd.read_csv(made.results / "cells.csv")
    reasons = {"status": "not_applicable", "reason": "one mission only"}
    empty = cells.loc[:, "n_folds":].columns
    cells.assign(**dict.fromkeys(empty), **reasons).to_csv(results / "cells.csv", index=False)
    folds = pd.read_csv(made.results / "folds.csv").iloc[:0]
    folds.to_csv(results / "folds.csv", index=False)
    bare = Made(results, made.cohorts, made.plan, made.checked)
    page = (_report(bare, tmp_path / "out") / "report.html").read_text(encoding="utf-8")
    assert "No cell of this run has a result" in page
    assert "one mission only" in page


def test_what_is_missing_is_said_at_once(made: Made, tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    (results / "cells.csv").write_text("cell,task\n")
    bare = Made(results, made.cohorts, made.plan, made.checked)
    done = CliRunner().invoke(main, _arguments(bare, tmp_path / "out"))
    assert done.exit_code == 2
    assert "cells.csv: has no column family" in done.output
    assert "folds.csv: does not exist" in done.output
    assert "2 problems; nothing was run." in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_256_cells_fit_into_8_mb(tmp_path: Path) -> None:
    made = write_results(tmp_path / "run", tissues=TISSUES, n_labelings=99)
    assert len(TISSUES) * len(FEATURES) * len(MODELS) == 256
    page = _report(made, tmp_path / "out") / "report.html"
    assert page.stat().st_size < 8e6
