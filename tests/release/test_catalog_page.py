"""The page: its data are the tables, it asks for nothing from elsewhere, and it can be searched."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from ..report._browser import CHROMIUM, visit

V9 = "release/catalog/v9"


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.inside = ""
        self.data = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = dict(attrs).get("id") or "" if tag == "script" else ""

    def handle_endtag(self, tag):
        self.inside = ""

    def handle_data(self, data):
        if self.inside == "data":
            self.data += data


@pytest.fixture(scope="module")
def page(project: Path) -> _Read:
    reader = _Read()
    reader.feed((project / V9 / "index.html").read_text(encoding="utf-8"))
    return reader


@pytest.mark.parametrize("name", ["tasks", "sources", "traps", "excluded"])
def test_its_data_are_the_table(page: _Read, project: Path, name: str) -> None:
    table = pd.read_csv(project / V9 / f"{name}.csv", dtype=str, keep_default_na=False)
    rows = json.loads(page.data)[name]["rows"]
    told = [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]
    assert told == table.to_dict("records")


def test_it_asks_for_nothing_from_elsewhere(page: _Read, project: Path) -> None:
    text = (project / V9 / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest", text)
    for tag, attributes in page.tags:
        assert tag not in ("img", "iframe", "object", "embed")
        assert "src" not in attributes
        if tag == "a":
            assert (project / V9 / str(attributes["href"])).is_file()
    policy = next(a["content"] for _, a in page.tags if a.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy


def test_it_names_its_parts(page: _Read) -> None:
    assert page.tags[0] == ("html", {"lang": "en"})
    tabs = [a for tag, a in page.tags if a.get("role") == "tab"]
    ids = {a.get("id") for _, a in page.tags}
    assert len(tabs) == 4
    assert all(a["aria-controls"] in ids for a in tabs)


ROWS = "[...document.querySelectorAll('tbody .open')].map((b) => b.textContent)"
SEARCH = """(() => { const box = document.querySelector('#search'); box.value = '%s';
  box.dispatchEvent(new Event('input')); return %s; })()"""
FILTER = """(() => { const list = document.querySelector('select[name=%s]'); list.value = '%s';
  list.dispatchEvent(new Event('change')); return %s; })()"""
SORT = "(() => { document.querySelector('[data-sort=%s]').click(); return %s; })()"
OPEN = """(() => { document.querySelector('tbody .open').click();
  return document.querySelector('.detail').textContent; })()"""
KEY = """(() => { const tab = document.querySelector('[aria-selected=true]'); tab.focus();
  tab.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));
  const count = document.querySelector('#count').textContent;
  return [document.activeElement.dataset.table, count]; })()"""
NAMES = """[...document.querySelectorAll('input, select')].filter((e) => !e.labels.length).length"""


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: `make setup-checks`")
def test_a_browser_searches_it(project: Path, tmp_path: Path) -> None:
    done = visit(
        project / V9 / "index.html",
        tmp_path,
        width=1200,
        scripts=(
            SEARCH % ("thymus lomo", ROWS),
            SEARCH % ("", FILTER % ("family", "kfold", ROWS)),
            OPEN,
            FILTER % ("family", "", SORT % ("n_folds", ROWS)),
            KEY,
            SEARCH % ("not fetched yet", ROWS),
            NAMES,
        ),
    )
    assert done.complaints == []
    assert done.requests == []
    found, kfold, detail, ordered, moved, absent, unnamed = done.answers
    assert found == ["A4_thymus_lomo"]
    assert kfold == ["colon_kfold", "lung_kfold"]
    assert "rep0_fold4" in detail
    tasks = pd.read_csv(project / V9 / "tasks.csv")
    assert len(ordered) == len(tasks)
    assert ordered[-1] == tasks.set_index("task_id")["n_folds"].idxmax()
    sources = pd.read_csv(project / V9 / "sources.csv")
    assert moved == ["sources", f"{len(sources)} of {len(sources)} rows"]
    wanted = sources.loc[sources["status"] == "not fetched yet", "accession"]
    assert sorted(absent) == sorted(wanted)
    assert unnamed == 0
