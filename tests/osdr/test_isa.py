"""ISA archives: repeated columns, units, encodings, damage and malice."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacebio_bench.cohort._findings import Findings
from spacebio_bench.osdr import isa
from spacebio_bench.osdr.isa import read_archive
from spacebio_bench.osdr.isa_table import IsaTable, plain, read_isa_table

from .isa_made import MICROARRAY, RNA_SEQ, write_isa_zip

SAMPLES = pd.DataFrame({"sample": ["a_1", "b_2"], "condition": ["FLT", "GC"]})


def table(text: str, encoding: str = "utf-8") -> IsaTable:
    findings = Findings()
    read = read_isa_table(text.encode(encoding), "s_x.txt", findings)
    findings.raise_if_any()
    assert read is not None
    return read


def problems(content: bytes, tmp_path: Path) -> list[str]:
    path = tmp_path / "study_ISA.zip"
    path.write_bytes(content)
    findings = Findings()
    archive = read_archive(path, findings)
    if archive is not None:
        for file in archive.files:
            archive.table(file, findings)
    assert (archive is None) <= bool(findings.problems)
    return [str(problem) for problem in findings.problems]


def zipped(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return raw.getvalue()


def test_a_unit_belongs_to_the_column_before_it() -> None:
    read = table(
        "Sample Name\tCharacteristics[Age]\tUnit\tTerm Source REF\tParameter Value[duration]\t"
        "Term Source REF\tUnit\tFactor Value[Sex]\n"
        "a\t16\tweek\tUO\t37\tUO\tday\tfemale\nb\t\tweek\t\t38\t\t\tmale\n"
    )
    assert read.values("characteristics[age]") == ["16 week", ""]
    assert read.values("Parameter Value[Duration]") == ["37 day", "38"]
    assert read.values("Factor Value[Sex]") == ["female", "male"]


def test_of_a_repeated_column_the_first_value() -> None:
    read = table("Sample Name\tProtocol REF\tProtocol REF\na\t\tsecond\nb\tfirst\tsecond\n")
    assert read.values("Protocol REF") == ["second", "first"]
    assert read.values("Unit") is None


def test_quotes_line_breaks_and_short_rows() -> None:
    read = table('"Sample Name"\t"Characteristics [ Strain ]"\t\n"a"\t"C57\nBL/6J"\n"b"\n')
    assert read.samples == ["a", "b"]
    assert read.values("Characteristics[Strain]") == ["C57 BL/6J", ""]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_encodings(encoding: str) -> None:
    read = table("Sample Name\tFactor Value[Gravity]\na\tµG\n", encoding)
    assert read.values("Factor Value[Gravity]") == ["µG"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no rows"),
        ("Sample Name\n", "has no rows"),
        ("Name\tSex\na\tf\n", "no column Sample Name"),
        ("Sample Name\tSex\n\tf\n", "row 2, column Sample Name: is empty"),
        ("Sample Name\na\tb\n", "row 2: 2 cells where the header has 1"),
    ],
)
def test_a_table_that_cannot_be_used(text: str, message: str) -> None:
    findings = Findings()
    assert read_isa_table(text.encode(), "s_x.txt", findings) is None
    assert message in str(findings.problems[0])


@pytest.mark.parametrize("folder", ["", "OSD-100-ISA/"])
def test_an_archive_as_genelab_gives_it(tmp_path: Path, folder: str) -> None:
    path = tmp_path / "a.zip"
    write_isa_zip(path, SAMPLES, assays=(RNA_SEQ, MICROARRAY))
    with zipfile.ZipFile(path) as archive:
        files = {f"{folder}{n}": archive.read(n) for n in archive.namelist()}
    path.write_bytes(zipped(files | {"__MACOSX/._i_Investigation.txt": b"\0"}))
    findings = Findings()
    read = read_archive(path, findings)
    assert read is not None
    assert not findings.problems
    assert [assay.technology for assay in read.assays] == [RNA_SEQ[1], MICROARRAY[1]]
    assert read.investigation["comment[project identifier]"] == ["RR-1"]
    study = read.studies(findings)[0]
    assert study.samples == ["a_1", "b_2"]
    assert study.values("Factor Value[Spaceflight]") == ["Space Flight", "Ground Control"]


def _link() -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        info = zipfile.ZipInfo("i_Investigation.txt")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return raw.getvalue()


DAMAGED: dict[str, tuple[Callable[[], bytes], str]] = {
    "not a zip": (lambda: b"<html>", "is no readable zip archive"),
    "empty": (lambda: b"", "is no readable zip archive"),
    "cut off": (lambda: zipped({"i_x.txt": b"STUDY\n" * 99})[:-30], "is no readable zip archive"),
    "no investigation": (lambda: zipped({"s_x.txt": b"x"}), "has no i_*.txt"),
    "two investigations": (lambda: zipped({"i_a.txt": b"", "i_b.txt": b""}), "i_a.txt, i_b.txt"),
    "the same table twice": (lambda: zipped({"a/s_x.txt": b"", "b/s_x.txt": b""}), "there twice"),
    "slip": (lambda: zipped({"../../i_x.txt": b""}), "leads out of the archive"),
    "slip, Windows": (lambda: zipped({"..\\i_x.txt": b""}), "leads out of the archive"),
    "absolute": (lambda: zipped({"/etc/i_x.txt": b""}), "leads out of the archive"),
    "drive": (lambda: zipped({"C:i_x.txt": b""}), "leads out of the archive"),
    "link": (_link, "is a link"),
    "many files": (lambda: zipped({f"{i}.txt": b"" for i in range(2001)}), "2,001 files"),
}


@pytest.mark.parametrize(("make", "message"), DAMAGED.values(), ids=DAMAGED.keys())
def test_damage_and_malice(tmp_path: Path, make: Callable[[], bytes], message: str) -> None:
    found = problems(make(), tmp_path)
    assert len(found) == 1
    assert message in found[0]


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isa, "MOST_BYTES", 1 << 20)
    honest = zipped({"i_x.txt": b" " * (2 << 20)})
    assert "MiB of text" in problems(honest, tmp_path)[0]
    size = (2 << 20).to_bytes(4, "little")
    lying = honest.replace(size, (100).to_bytes(4, "little"))
    assert lying != honest
    assert problems(lying, tmp_path)


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_arbitrary_bytes_are_a_problem_not_a_traceback(tmp_path: Path, content: bytes) -> None:
    assert problems(content, tmp_path)


@given(st.binary(max_size=400), st.binary(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
def test_arbitrary_tables_are_read_or_a_problem(tmp_path: Path, one: bytes, two: bytes) -> None:
    problems(zipped({"i_x.txt": one, "s_x.txt": two}), tmp_path)


@given(st.integers(0, 10_000), st.integers(1, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
def test_one_wrong_byte_is_no_traceback(tmp_path: Path, place: int, change: int) -> None:
    path = tmp_path / "made.zip"
    write_isa_zip(path, SAMPLES)
    content = bytearray(path.read_bytes())
    content[place % len(content)] ^= change
    problems(bytes(content), tmp_path)


_cells = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8
)


@given(st.lists(st.tuples(_cells, _cells), min_size=1, max_size=6))
def test_what_is_written_is_read(rows: list[tuple[str, str]]) -> None:
    quoted = [[f'"{c.replace(chr(34), chr(34) * 2)}"' for c in row] for row in rows]
    text = "\n".join("\t".join(row) for row in [["Sample Name", "Factor Value[X]"], *quoted])
    read = table(text)
    assert read.samples == [row[0] for row in rows]
    assert read.values("Factor Value[X]") == [row[1] for row in rows]


def test_column_names_compare_without_blanks_and_case() -> None:
    assert plain("Factor Value [ Altered  Gravity ]") == plain("factor value[Altered Gravity]")
