"""The page in a real browser: no complaint, no request, no sideways scrolling; by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from spacebio_bench.cli import main

from . import _browser
from ._results import MODELS, write_results

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(_browser.CHROMIUM is None, reason="no Chromium: `make setup-checks`"),
]
NO_OVERFLOW = "document.documentElement.scrollWidth <= innerWidth"
DRAWN = (
    "[...document.querySelectorAll('[data-chart]')].filter((c) => c.querySelector('svg')).length"
)
SHOWN = (
    "[...document.querySelectorAll('[data-chart] img')].filter((i) => i.offsetParent)"
    ".every((i) => i.complete && i.naturalWidth > 0)"
)
SORT = """(() => {
  const heads = [...document.querySelectorAll('#cells thead th')];
  const head = heads.find((h) => h.textContent.trim() === 'p');
  head.querySelector('button').click();
  const at = head.cellIndex;
  const keys = [...document.querySelectorAll('#cells tbody tr')].map((r) => r.cells[at].dataset.v);
  const given = keys.filter((k) => k !== '').map(Number);
  return [head.getAttribute('aria-sort'), given.every((v, i) => !i || given[i - 1] <= v),
    keys.slice(given.length).every((k) => k === '')];
})()"""
FILTER = """(() => {
  const select = document.querySelector('[data-field="tissue"]');
  select.value = 'kidney';
  select.dispatchEvent(new Event('change'));
  const shown = [...document.querySelectorAll('#cells tbody tr')].filter((r) => !r.hidden);
  return [shown.length > 0, shown.every((r) => r.dataset.tissue === 'kidney')];
})()"""
TABS = """(() => {
  const list = document.querySelector('[role="tablist"]');
  list.querySelector('[aria-selected="true"]').focus();
  const key = new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true});
  document.activeElement.dispatchEvent(key);
  const open = [...document.querySelectorAll('.panel')].filter((p) => !p.hidden);
  const names = open.map((p) => p.dataset.tab);
  return [document.activeElement.textContent, ...names];
})()"""
CHOOSE = """(async () => {
  const chart = document.querySelector('[data-chart="null_distribution"]');
  const before = chart.querySelector('svg').outerHTML;
  const select = document.querySelector('[data-selects] select');
  select.value = [...select.options].find((o) => !o.selected).value;
  select.dispatchEvent(new Event('change'));
  await new Promise((r) => setTimeout(r, 500));
  const says = document.querySelector('p[data-says]').textContent;
  const expected = select.selectedOptions[0].dataset.says;
  return [chart.querySelector('svg').outerHTML !== before, says === expected];
})()"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    made = write_results(folder / "run", models=MODELS[4:], n_labelings=19)
    named = {**vars(made), "outdir": folder / "out"}
    arguments = ["report", "--quiet", *(f"--{name}={path}" for name, path in named.items())]
    assert CliRunner().invoke(main, arguments, catch_exceptions=False).exit_code == 0
    return folder / "out" / "report.html"


def test_desktop(page: Path, tmp_path: Path) -> None:
    scripts = (NO_OVERFLOW, DRAWN, SORT, FILTER, TABS, CHOOSE)
    seen = _browser.visit(page, tmp_path, width=1280, scripts=scripts)
    assert seen.complaints == []
    assert seen.requests == []
    fits, drawn, sort, filtered, tabs, chosen = seen.answers
    assert fits
    assert drawn == 8
    assert sort == ["ascending", True, True]
    assert filtered == [True, True]
    assert tabs == ["gastrocnemius"] * 3
    assert chosen == [True, True]


def test_phone(page: Path, tmp_path: Path) -> None:
    seen = _browser.visit(page, tmp_path, width=390, height=844, scripts=(NO_OVERFLOW,))
    assert seen.complaints == []
    assert seen.requests == []
    assert seen.answers == [True]


def test_without_javascript_everything_is_there(page: Path, tmp_path: Path) -> None:
    """Pictures for charts, all tissues one below the other."""
    hidden = "document.querySelectorAll('.panel[hidden]').length"
    scripts = (NO_OVERFLOW, DRAWN, SHOWN, hidden)
    seen = _browser.visit(page, tmp_path, width=1000, scripts=scripts, javascript=False)
    assert seen.complaints == []
    assert seen.answers == [True, 0, True, 0]


def test_print_shows_all_tissues(page: Path, tmp_path: Path) -> None:
    panels = "[...document.querySelectorAll('.panel')]"
    shown = f"{panels}.every((p) => getComputedStyle(p).display === 'block')"
    seen = _browser.visit(page, tmp_path, width=800, scripts=(shown,), media="print")
    assert seen.answers == [True]
