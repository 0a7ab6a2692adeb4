"""The documentation as a site: it builds, its links lead somewhere, nothing public is left out."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

from spacebio_bench.cli import main
from spacebio_bench.protocol import load_protocol, protocol_names

from ..pipeline.conftest import CONTRACT

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "docs/_tools"


def tool(name: str) -> ModuleType:
    """A file of `docs/_tools`."""
    if str(TOOLS) not in sys.path:
        sys.path.insert(0, str(TOOLS))
    spec = importlib.util.spec_from_file_location(f"docs_{name}", TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    options = ["-q", "-W", "--keep-going", "-b", "html", "-d", str(folder / "trees")]
    nobody = dict.fromkeys(("http_proxy", "https_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(ROOT / "docs"), str(folder / "html")],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | nobody,
    )
    assert done.returncode == 0, done.stderr
    return folder / "html"


class _Codes(HTMLParser):
    """Texts that a page shows as code."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.codes = 0, [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "code":
            self.depth += 1
            self.codes.append("")

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "code"

    def handle_data(self, data: str) -> None:
        if self.depth:
            self.codes[-1] += data


def codes(page: Path) -> set[str]:
    parser = _Codes()
    parser.feed(page.read_text(encoding="utf-8"))
    return set(parser.codes)


@pytest.mark.slow
@pytest.mark.xdist_group("site")
class TestSite:
    def test_links_lead_somewhere(self, site: Path) -> None:
        command = [sys.executable, TOOLS / "check_links.py", site]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")

    def test_nothing_is_loaded_from_elsewhere(self, site: Path) -> None:
        loads = re.compile(
            r"<(?:script|img|iframe)[^>]*src=\"https?:|<link[^>]*stylesheet[^>]*https?:"
        )
        pages = {p: loads.findall(p.read_text(encoding="utf-8")) for p in site.rglob("*.html")}
        assert {page: found for page, found in pages.items() if found} == {}

    def test_every_verb_is_in_the_reference(self, site: Path) -> None:
        verbs = list(tool("verbs").named(main, "spacebio-bench"))
        assert "spacebio-bench release folds" in verbs
        text = (site / "reference/cli.html").read_text(encoding="utf-8")
        assert [v for v in verbs if f'id="{v.replace(" ", "-")}"' not in text] == []

    def test_every_parameter_is_in_the_reference(self, site: Path) -> None:
        schema = json.loads((ROOT / "nextflow_schema.json").read_text(encoding="utf-8"))
        names = [f"--{n}" for group in schema["$defs"].values() for n in group["properties"]]
        assert "--unit_timeout" in names
        assert set(names) <= codes(site / "reference/parameters.html")

    @pytest.mark.parametrize("name", protocol_names())
    def test_every_choice_is_in_the_reference(self, site: Path, name: str) -> None:
        choices = load_protocol(name).to_dict()
        inner = [e for value in choices.values() if isinstance(value, dict) for e in value]
        plain = [
            e for e, value in choices.items() if value is not None and not isinstance(value, dict)
        ]
        assert {*inner, *plain} <= codes(site / "reference/protocols.html")

    def test_every_column_is_in_the_reference(self, site: Path) -> None:
        columns = tool("columns")
        shown = codes(site / "reference/columns.html")
        named = {c for table in columns.DECLARED for c in columns.columns_of(table)}
        assert {"ci_population_low", "p_exact"} <= named
        assert named <= shown

    def test_every_column_of_the_catalog_is_told(self, site: Path) -> None:
        package = json.loads((ROOT / "release/catalog/v9/datapackage.json").read_text("utf-8"))
        fields = [
            f["name"] for r in package["resources"] for f in r.get("schema", {}).get("fields", ())
        ]
        assert "n_sources_seen" in fields
        assert set(fields) <= codes(site / "catalog.html")

    def test_every_page_is_in_the_contents(self, site: Path) -> None:
        start = (site / "index.html").read_text(encoding="utf-8")
        pages = {
            p.relative_to(ROOT / "docs").with_suffix("") for p in (ROOT / "docs").rglob("*.md")
        }
        listed = {f"{page}.html" for page in pages} - {"index.html"}
        contents = set(
            re.findall(r'class="toctree-l1"><a class="reference internal" href="([^"#]+)', start)
        )
        assert listed == contents


def test_every_table_of_a_run_has_its_columns() -> None:
    tables = {n for n in CONTRACT if n.endswith((".csv", "predictions.parquet"))}
    assert tables <= set(tool("columns").DECLARED)


def test_a_column_without_words_stops_the_build() -> None:
    words = {
        "shared": {"cell": "The cell.", "idle": "Nobody has it."},
        "tables": {"a.csv": {"about": "A.", "columns": {"gone": "No such."}}, "b.csv": {}},
    }
    told = tool("columns").faults(words, {"a.csv": ("cell", "new"), "c.csv": ("cell",)})
    assert told == [
        "columns.yaml: no table c.csv",
        "columns.yaml: b.csv is no table",
        "columns.yaml: no words for new of a.csv",
        "columns.yaml: a.csv has no column gone",
        "columns.yaml: shared: idle is used nowhere",
    ]


PAGE = """<html><body id="top">
<a href="other.html#there">fine</a>
<a href="#top">fine</a>
<a href="https://example.org/page#part">fine</a>
<a href="mailto:some.one@example.org">fine</a>
<img src="picture.png">
{}</body></html>"""
BROKEN = {
    '<a href="absent.html">': "absent.html: no such file",
    '<a href="other.html#absent">': "other.html#absent: no such anchor",
    '<a href="#absent">': "#absent: no such anchor",
    '<img src="absent.png">': "absent.png: no such file",
    '<a href="">': "a link without text: leads nowhere",
    '<a href="../../secret.html">': "../../secret.html: leads out of the site",
    '<a href="https://">': "https://: no host",
    '<a href="https://exam ple/x">': "https://exam ple/x: no host",
    '<a href="http://localhost:8080/">': "leads to the reader's own machine",
    '<a href="javascript:alert(1)">': "javascript is neither https nor mailto",
    '<a href="mailto:nobody">': "mailto:nobody: no mail address",
    '<p id="top">': "id top is there twice",
}


def _checked(folder: Path, *extra: str) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    (folder / "picture.png").write_bytes(b"png")
    (folder / "other.html").write_text('<p id="there">', encoding="utf-8")
    (folder / "page.html").write_text(PAGE.format("\n".join(extra)), encoding="utf-8")
    command = [sys.executable, str(TOOLS / "check_links.py"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_sound_links_are_no_faults(tmp_path: Path) -> None:
    done = _checked(tmp_path / "site")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("link", "told"), BROKEN.items(), ids=BROKEN.keys())
def test_a_broken_link_is_found(tmp_path: Path, link: str, told: str) -> None:
    done = _checked(tmp_path / "site", link)
    assert done.returncode == 1
    assert told in done.stderr
    assert "page.html, line 7" in done.stderr


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    done = _checked(tmp_path / "site", *BROKEN)
    assert f"{len(BROKEN)} faults." in done.stderr


def test_an_empty_site_is_a_fault(tmp_path: Path) -> None:
    command = [sys.executable, str(TOOLS / "check_links.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "no pages" in done.stderr


def test_pictures_are_small() -> None:
    large = tool("screenshots").LARGEST
    images = list((ROOT / "docs/images").glob("*.png"))
    assert images
    assert [p.name for p in images if p.stat().st_size > large] == []


def test_without_a_browser_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    page = tmp_path / "page.html"
    page.write_text("<p>", encoding="utf-8")
    with pytest.raises(SystemExit, match="no Chromium"):
        tool("screenshots").take(page, tmp_path / "page.png")
