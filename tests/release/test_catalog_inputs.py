"""Everything that may be wrong with what the catalog is made from is named, all at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from spacebio_bench.cli._main import main
from spacebio_bench.errors import InputError
from spacebio_bench.release.catalog.build import make_catalog

from ._copy import copy_release, swap

FACTS = "release/catalog/studies_facts.yaml"
TRAPS = "release/catalog/traps.yaml"
SHEET = "release/catalog/studies.csv"
SEEN = "release/catalog/evidence/studies.csv"


@pytest.fixture
def release(project: Path, tmp_path: Path) -> Path:
    return copy_release(project, tmp_path / "release")


@dataclass(frozen=True)
class Fault:
    file: str
    old: str
    new: str
    told: tuple[str, ...]


FAULTS = {
    "unknown accession": Fault(
        FACTS, "  OSD-421:", "  OSD-999:", ("OSD-999: is not in", "OSD-421 has no entry")
    ),
    "a fact without a source": Fault(
        FACTS,
        "source: {title: nasa_data_json, ",
        "source: {",
        ("studies.OSD-48.title: has no source",),
    ),
    "an unknown source": Fault(
        FACTS, "{title: nasa_data_json", "{title: hearsay", ("hearsay is not in sources",)
    ),
    "a source of nothing": Fault(
        FACTS,
        "{title: nasa_data_json",
        "{doi: catalog_v3, title: nasa_data_json",
        ("there is no fact doi",),
    ),
    "a fact of another kind": Fault(
        FACTS, "duration_days: 37", "duration_days: long", ("'long' is not of type 'integer'",)
    ),
    "no YAML": Fault(FACTS, "studies:", "studies: [", (f"{FACTS}: is no YAML",)),
    "a key twice": Fault(FACTS, "  OSD-515: {}", "  OSD-515: {}\n  OSD-515: {}", ("there twice",)),
    "a trap of no study": Fault(
        TRAPS, "{accession: OSD-253}", "{accession: OSD-1}", ("no study of the catalog has",)
    ),
    "a trap without a source": Fault(
        TRAPS, "  source: computed from", "  note: computed from", ("'source' is a required",)
    ),
    "a trap that nothing shows": Fault(
        TRAPS, "symbol: Dbp}, column", "symbol: Per9}, column", ("has no row with",)
    ),
    "a trap twice": Fault(TRAPS, "id: rr3_balbc", "id: rr1_same_mice", ("is there twice",)),
    "evidence of no study": Fault(
        SEEN, "OSD-100,eye,RR-1", "OSD-100,eye,RR-99", ("OSD-100, eye, RR-99 is not in",)
    ),
    "a count that is none": Fault(
        SEEN, "RR-1,12,0,", "RR-1,a dozen,0,", ("'a dozen' is not a whole number",)
    ),
    "evidence of other columns": Fault(SEEN, "accession,", "study,", ("row 1: must be accession",)),
    "a row cut off": Fault(
        SEEN, "OSD-100,eye,RR-1,12,", "OSD-100,eye\nOSD-100,eye,RR-1,12,", ("has 2 cells",)
    ),
    "left out without a reason": Fault(
        "release/catalog/excluded.csv",
        '"a microarray, not RNA-seq"',
        '""',
        ("column reason: is empty",),
    ),
    "left out and in": Fault(
        "release/catalog/excluded.csv", "OSD-173", "OSD-48", ("OSD-48 is in",)
    ),
    "samples that are no number": Fault(
        "release/catalog/files.csv",
        "OSD-101,,,12,",
        "OSD-101,,,twelve,",
        ("'twelve' is not a whole",),
    ),
    "a sheet without a column": Fault(SHEET, "mission,accession", "mission,study", ("accession",)),
    "a task without its source": Fault(
        SHEET,
        "lung,RR-6,OSD-248,../../data/OSD-248/lung.RR-6.counts.csv.gz,"
        "../../data/OSD-248/lung.RR-6.samples.csv,benchmark\n",
        "",
        ("OSD-248: is not in",),
    ),
}


def told(root: Path) -> str:
    with pytest.raises(InputError) as caught:
        make_catalog(root)
    return str(caught.value)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_named(release: Path, fault: Fault) -> None:
    swap(release / fault.file, fault.old, fault.new)
    found = told(release)
    assert all(words in found for words in fault.told), found
    assert str(release) not in found


def test_results_of_a_tissue_without_a_task_are_named(release: Path) -> None:
    sheet = (release / SHEET).read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in sheet if not line.startswith("lung,")]
    (release / SHEET).write_text("".join(kept), encoding="utf-8")
    swap(release / "release/catalog/studies_facts.yaml", "  OSD-248:", "  OSD-247b:")
    facts = (release / FACTS).read_text(encoding="utf-8")
    start, end = facts.index("  OSD-247b:"), facts.index("  OSD-253:")
    (release / FACTS).write_text(facts[:start] + facts[end:], encoding="utf-8")
    files = (release / "release/catalog/files.csv").read_text(encoding="utf-8")
    files = "".join(x for x in files.splitlines(keepends=True) if not x.startswith("OSD-248,"))
    (release / "release/catalog/files.csv").write_text(files, encoding="utf-8")
    found = told(release)
    assert "is of lung, of which the catalog has no task kfold" in found


@pytest.mark.parametrize("name", [FACTS, TRAPS, SHEET, SEEN, "release/catalog/excluded.csv"])
def test_a_file_that_is_not_there_is_named(release: Path, name: str) -> None:
    (release / name).unlink()
    assert f"{name}: cannot be read" in told(release)


def test_all_at_once(release: Path) -> None:
    chosen = ("unknown accession", "a trap of no study", "a count that is none", "left out and in")
    for name in chosen:
        fault = FAULTS[name]
        swap(release / fault.file, fault.old, fault.new)
    found = told(release)
    assert all(words in found for name in chosen for words in FAULTS[name].told), found


def test_the_command_tells_it_and_writes_nothing(release: Path) -> None:
    swap(release / FACTS, "  OSD-421:", "  OSD-999:")
    before = {p: p.read_bytes() for p in release.rglob("*") if p.is_file()}
    done = CliRunner().invoke(main, ["release", "catalog", "--root", str(release)])
    assert done.exit_code == 2
    assert "OSD-999: is not in release/catalog/studies.csv" in done.output
    assert "Traceback" not in done.output
    assert before == {p: p.read_bytes() for p in release.rglob("*") if p.is_file()}


Write = Callable[[str, str], Path]


@pytest.fixture
def sheet(tmp_path: Path) -> Write:
    def write(samples: str, row: str = "eye,RR-1,OSD-100,,s.csv,f.csv") -> Path:
        folder = tmp_path / "given"
        folder.mkdir()
        (folder / "s.csv").write_text(samples, encoding="utf-8")
        (folder / "f.csv").write_text("sample,x\na_M1,1\n", encoding="utf-8")
        path = folder / "studies.csv"
        head = "tissue,mission,accession,counts,samples,feature.x"
        path.write_text(f"{head}\n{row}\n", encoding="utf-8")
        return path

    return write


def _run(release: Path, *arguments: str):
    return CliRunner().invoke(main, ["release", "catalog", "--root", str(release), *arguments])


def test_a_sheet_that_is_wrong(release: Path, sheet: Write) -> None:
    path = sheet("sample,condition\na_M1,Flight?\nb_M2,GC\nb_M2,GC\n")
    done = _run(release, "--studies", str(path), "--origin", "made up")
    assert done.exit_code == 2
    assert "'Flight?' is not one of FLT, GC, VC, BC, AG" in done.output
    assert "is in row 3 already" in done.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give one for each --studies; there are 0 for 1"),
        (("--origin", "a", "--origin", "b"), "there are 2 for 1"),
        (("--origin", " "), "is empty"),
        (("--origin", "/data/x"), "is a path of one machine"),
    ],
)
def test_where_the_files_are_from_is_asked(release: Path, sheet: Write, arguments, words) -> None:
    path = sheet("sample,condition\na_M1,FLT\n")
    done = _run(release, "--studies", str(path), *arguments)
    assert done.exit_code == 2
    assert words in done.output


def test_a_sheet_that_is_not_there(release: Path, tmp_path: Path) -> None:
    done = _run(release, "--studies", str(tmp_path / "none.csv"), "--origin", "x")
    assert done.exit_code == 2
    assert "none.csv" in done.output


def test_studies_outside_the_catalog_are_said_and_left_out(release: Path, sheet: Write) -> None:
    path = sheet("sample,condition\na_M1,FLT\n", row="eye,RR-1,OSD-1,,s.csv,f.csv")
    done = _run(release, "--studies", str(path), "--origin", "made up")
    assert done.exit_code == 0, done.output
    assert "OSD-1, eye, RR-1 is not in the catalog and is left out" in done.output
    assert len((release / SEEN).read_text(encoding="utf-8").splitlines()) == 1
