"""Files of the catalog: written whole, the same twice, checked, and read by others' libraries."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from spacebio_bench.cli._main import main
from spacebio_bench.errors import NotApplicableError
from spacebio_bench.release.catalog.build import catalog_problems, make_catalog, write_catalog
from spacebio_bench.release.catalog.card import card_problems
from spacebio_bench.release.folds.validators import validator
from spacebio_bench.release.gates._gate import Context, Flag, Gate
from spacebio_bench.release.gates.catalog import catalog_gate
from spacebio_bench.release.gates.runner import judge

from ._copy import copy_release, swap

V9 = "release/catalog/v9"
CARD = "docs/v9_hf_dataset_card.md"


@pytest.fixture
def release(project: Path, tmp_path: Path) -> Path:
    return copy_release(project, tmp_path / "release")


@pytest.fixture
def frictionless() -> Path:
    try:
        return validator("frictionless")
    except NotApplicableError as error:
        pytest.skip(str(error))


def run(release: Path, *arguments: str):
    return CliRunner().invoke(main, ["release", "catalog", "--root", str(release), *arguments])


def content(release: Path) -> dict[str, bytes]:
    root = release / "release"
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_the_same_bytes_twice(project: Path) -> None:
    one, two = make_catalog(project), make_catalog(project)
    assert one.files == two.files
    assert list(one.files) == list(two.files)


def test_written_from_nothing_it_is_ours(project: Path, release: Path) -> None:
    for path in sorted((release / V9).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (release / V9).rmdir()
    assert run(release, "--quiet").exit_code == 0
    assert set(content(release)) == set(content(project))
    texts = [n for n in content(project) if not n.endswith(".parquet")]
    assert all(content(release)[n] == content(project)[n] for n in texts)


def test_nothing_is_touched_where_nothing_differs(release: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in (release / V9).rglob("*")}
    done = run(release, "--json")
    assert json.loads(done.stdout)["changed"] == []
    assert before == {p: p.stat().st_mtime_ns for p in (release / V9).rglob("*")}


def _drop_a_row(path: Path) -> None:
    pd.read_parquet(path).iloc[1:].to_parquet(path, index=False)


CHANGES: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "a value": (
        f"{V9}/sources.csv",
        lambda p: swap(p, "BALB/cAnNTac", "C57BL/6J"),
        "should say",
    ),
    "a file gone": (f"{V9}/manifests/A4_thymus_lomo.json", Path.unlink, "is not there"),
    "a row of a Parquet": (f"{V9}/tasks.parquet", _drop_a_row, "does not hold what the CSV should"),
    "no Parquet": (f"{V9}/tasks.parquet", lambda p: p.write_text("x"), "does not hold"),
    "a file too many": (
        f"{V9}/notes.txt",
        lambda p: p.write_text("x"),
        "is no file of the catalog",
    ),
    "the page": (
        f"{V9}/index.html",
        lambda p: swap(p, "metadata catalog", "best catalog"),
        "should say",
    ),
}


@pytest.mark.parametrize(("name", "change", "words"), CHANGES.values(), ids=CHANGES.keys())
def test_check_tells_what_differs_and_writing_mends_it(
    project: Path, release: Path, name: str, change: Callable[[Path], object], words: str
) -> None:
    change(release / name)
    before = content(release)
    done = run(release, "--check")
    assert done.exit_code == 4
    assert f"{name}" in done.output
    assert words in done.output
    assert content(release) == before
    assert run(release).exit_code == 0
    assert run(release, "--check", "--quiet").exit_code == 0
    assert set(content(release)) == set(content(project))


def test_the_check_as_json_names_file_and_line(release: Path) -> None:
    swap(release / V9 / "excluded.csv", "microarray", "macroarray")
    done = run(release, "--check", "--json")
    assert done.exit_code == 4
    (problem,) = json.loads(done.stdout)["problems"]
    assert problem["where"] == f"{V9}/excluded.csv, line 4"
    assert "macroarray" in problem["what"]


def test_a_parquet_of_another_library_version_stays(release: Path) -> None:
    path = release / V9 / "tasks.parquet"
    pd.read_parquet(path, dtype_backend="pyarrow").to_parquet(path, compression="gzip", index=False)
    other = path.read_bytes()
    catalog = make_catalog(release)
    assert catalog.files[f"{V9}/tasks.parquet"] != other
    swap(release / V9 / "traps.csv", "strain", "stain")
    assert write_catalog(release, catalog) == [f"{V9}/traps.csv"]
    assert path.read_bytes() == other
    assert catalog_problems(release, catalog) == []


def test_a_folder_half_written_is_not_taken(release: Path) -> None:
    left = release / f"{V9}.partial"
    left.mkdir()
    (left / "tasks.csv").write_text("half", encoding="utf-8")
    swap(release / V9 / "tasks.csv", "liver", "river")
    assert run(release).exit_code == 0
    assert not left.exists()
    assert run(release, "--check").exit_code == 0


def _frictionless(program: Path, folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [str(program), "validate", "datapackage.json"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.slow
def test_frictionless_accepts_it(project: Path, frictionless: Path) -> None:
    code, told = _frictionless(frictionless, project / V9)
    assert code == 0, told
    assert "INVALID" not in told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("sources.csv", "OSD-248.lung.RR-6,", "OSD-249.lung.RR-6,", "foreign-key"),
        ("task_sources.csv", "lung_kfold,OSD-248", "lung_kfold,OSD-999", "foreign-key"),
        ("tasks.csv", ",A1,", ",A9,", "hash"),
    ],
)
def test_frictionless_finds_what_is_broken(
    release: Path, frictionless: Path, name: str, old: str, new: str, words: str
) -> None:
    swap(release / V9 / name, old, new)
    code, told = _frictionless(frictionless, release / V9)
    assert code == 1
    assert words in told.lower().replace(" ", "-")


def test_the_hubs_library_reads_the_card(project: Path) -> None:
    assert card_problems(project) == []


def test_the_cards_example_works(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (project / CARD).read_text(encoding="utf-8")
    code = text.split("```python\n", 1)[1].split("```", 1)[0]
    monkeypatch.chdir(project / V9)
    found: dict[str, pd.DataFrame] = {}
    exec(compile(code, CARD, "exec"), found)
    assert sorted(found["mine"]["mission"]) == ["MHU-1", "MHU-2", "RR-6", "RR-9"]


CARDS = {
    "no front matter that is YAML": ("license: other", "license: [other", "is no dataset card"),
    "no licence": ("license: other\n", "", "has no license"),
    "a table less": ("config_name: traps\n", "config_name: tricks\n", "of the table traps"),
    "another file": ("data_files: tasks.parquet", "data_files: task.parquet", "is not in"),
    "a file of another kind": ("data_files: tasks.parquet", "data_files: tasks.csv", "no Parquet"),
}


@pytest.mark.parametrize(("old", "new", "words"), CARDS.values(), ids=CARDS.keys())
def test_a_broken_card_is_told(release: Path, old: str, new: str, words: str) -> None:
    swap(release / CARD, old, new)
    assert any(words in str(problem) for problem in card_problems(release))


@pytest.mark.slow
@pytest.mark.usefixtures("frictionless")
def test_the_gate_opens_and_closes(release: Path, tmp_path: Path) -> None:
    gate = Gate("catalog", "", catalog_gate)
    found = judge(gate, Context(release, tmp_path))
    assert {finding.flag for finding in found} == {Flag.GREEN}, found
    swap(release / V9 / "task_sources.csv", "lung_kfold,OSD-248", "lung_kfold,OSD-999")
    swap(release / CARD, "config_name: traps\n", "config_name: tricks\n")
    told = [str(f) for f in judge(gate, Context(release, tmp_path)) if f.flag == Flag.RED]
    assert any("OSD-999" in line and "should say" in line for line in told)
    assert any("Frictionless" in line for line in told)
    assert any("of the table traps" in line for line in told)


def test_the_gate_without_validators_is_yellow(
    release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACEBIO_BENCH_VALIDATORS", str(tmp_path / "nowhere"))
    found = judge(Gate("catalog", "", catalog_gate), Context(release, tmp_path))
    assert max(f.flag for f in found) == Flag.YELLOW
