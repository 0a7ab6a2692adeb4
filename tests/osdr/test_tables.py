"""From archives and counts to samples tables: every way in which a study can be awkward."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacebio_bench.cohort._findings import Findings
from spacebio_bench.cohort.samples import read_samples
from spacebio_bench.errors import InputError
from spacebio_bench.osdr.tables import Part, Source, write_part

from ._source import FOUR, a_source, frame, message, only, parts_of
from .isa_made import MICROARRAY, RNA_SEQ, write_isa_zip


def written(part: Part, source: Source, folder: Path) -> tuple[list[list[str]], pd.DataFrame]:
    counts, samples = folder / "out" / "c.csv.gz", folder / "out" / "s.csv"
    write_part(part, source, counts_to=counts, samples_to=samples)
    with gzip.open(counts, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    return rows, pd.read_csv(samples, dtype=str, keep_default_na=False)


@dataclass(frozen=True)
class Study:
    folder: str
    material: str
    project: str
    tissue: str
    mission: str


# Material and project as OSDR gives them; tissue and mission as shared by the study sheets.
STUDIES = [
    Study("OSD-100", "Left eye", "RR-1", "eye", "RR-1"),
    Study("OSD-162", "eye", "Rodent Research-3", "eye", "RR-3"),
    Study("OSD-255", "Retina", "RR-9", "eye", "RR-9"),
    Study("OSD-758", "Retina", "", "eye", "MHU-8"),
    Study("OSD-104", "Left soleus muscle", "RR-1", "soleus", "RR-1"),
    Study("OSD-101", "Gastrocnemius", "RR-1", "gastrocnemius", "RR-1"),
    Study("OSD-47", "liver", "RR-1", "liver", "RR-1"),
    Study("OSD-289-MHU-2", "thymus", "", "thymus", "MHU-2"),
]


@pytest.mark.data
@pytest.mark.parametrize("study", STUDIES, ids=lambda s: s.folder)
def test_real_studies(development_data: Path, tmp_path: Path, study: Study) -> None:
    folder = development_data / "osdr" / study.folder
    truth = pd.read_csv(folder / "samples.csv", dtype=str, keep_default_na=False)
    counts = next(folder.glob("*.csv.gz"))
    isa = tmp_path / "ISA.zip"
    write_isa_zip(
        isa,
        truth.assign(strain="C57BL/6J"),
        accession=study.folder,
        material=study.material,
        project=study.project,
        vehicle="SpaceX-12",
        lanes=2,
    )
    source = Source(study.folder, isa, counts, counts.name, {})
    part = only(parts_of(source))
    assert (part.tissue, part.mission, part.columns) == (study.tissue, study.mission, ())
    found = dict(zip(part.samples["sample"], part.samples["condition"], strict=True))
    assert found == dict(zip(truth["sample"], truth["condition"], strict=True))
    is_balb = study.folder == "OSD-162"
    assert (set(part.samples["strain"]) == {"BALB/cAnNTac"}) == is_balb
    assert any("C57BL/6J is recorded" in note for note in part.notes) == (
        is_balb or study.folder == "OSD-47"
    )
    rows, _ = written(part, source, tmp_path)
    with gzip.open(counts, "rt", encoding="utf-8", newline="") as file:
        assert rows[1:] == list(csv.reader(file))[1:]


def test_what_is_recorded(tmp_path: Path) -> None:
    samples = FOUR.assign(
        strain="C57BL/6J",
        sex="Female",
        age="16",
        duration=["37", "37", "37", ""],
        hardware="Rodent Habitat",
        euthanasia=["", "", "CO2", "NA"],
        preservation="RNAlater",
        dissection=["Carcass", "Upon euthanasia"] * 2,
    )
    further = {"Factor Value[Mission]": [""] * 4, "Factor Value[Role]": ["a", "b"] * 2}
    table = only(parts_of(a_source(tmp_path, samples, further=further))).samples
    assert list(table.columns[:12]) == [
        *("sample", "condition", "exclude", "note", "strain", "sex", "age", "duration"),
        *("hardware", "batch", "euthanasia", "preservation"),
    ]
    assert list(table["age"]) == ["16 week"] * 4
    assert list(table["duration"]) == ["37 day"] * 3 + [""]
    assert list(table["euthanasia"]) == ["", "", "CO2", ""]
    assert list(table["batch"]) == [""] * 4
    assert list(table["dissection_condition"]) == ["Carcass", "Upon euthanasia"] * 2
    assert list(table["factor_role"]) == ["a", "b"] * 2
    assert list(table["animal"]) == ["M1", "M2", "M3", "M4"]
    assert not {"mission", "role", "tissue", "accession"} & set(table.columns)


def test_a_samples_table_passes_the_check(tmp_path: Path) -> None:
    source = a_source(tmp_path, FOUR.assign(strain="BALB/c"))
    written(only(parts_of(source)), source, tmp_path)
    findings = Findings()
    read = read_samples(tmp_path / "out" / "s.csv", "s.csv", findings)
    assert not findings.problems
    assert read is not None
    assert set(read.kept["strain"]) == {"C57BL/6J"}
    assert set(read.kept["strain_recorded"]) == {"BALB/c"}


def test_text_of_numbers_stays_and_bytes_repeat(tmp_path: Path) -> None:
    samples = pd.concat([FOUR, frame(["FLT", "GC"]).replace("EYE", "LVR", regex=True)])
    samples["material"] = ["eye"] * 4 + ["Left lobe of liver"] * 2
    source = a_source(tmp_path, samples)
    eye, liver = parts_of(source)
    assert (eye.tissue, liver.tissue) == ("eye", "liver")
    assert liver.columns == tuple(samples["sample"][4:])
    rows, table = written(liver, source, tmp_path)
    first = (tmp_path / "out" / "c.csv.gz").read_bytes()
    assert rows == [
        ["gene_id", *liver.columns],
        ["ENSMUSG00000000001", "14.50", "15.50"],
        ["ENSMUSG00000000002", "24.50", "25.50"],
    ]
    assert set(table["sample"]) == set(liver.columns)
    written(liver, source, tmp_path)
    assert (tmp_path / "out" / "c.csv.gz").read_bytes() == first


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.replace("-", "."),
        lambda s: s.replace("_", " "),
        lambda s: s.upper(),
        lambda s: f" {s} ",
    ],
)
def test_names_that_differ_harmlessly(tmp_path: Path, change: object) -> None:
    source = a_source(tmp_path, FOUR, names=[change(s) for s in FOUR["sample"]])
    part = only(parts_of(source))
    assert list(part.samples["condition"]) == ["FLT", "FLT", "GC", "GC"]
    changed = change("a-b_c").strip() != "a-b_c"
    assert any("matched" in note for note in part.notes) == changed
    rows, table = written(part, source, tmp_path)
    assert set(rows[0][1:]) == set(table["sample"])


def test_the_x_that_r_puts_in_front(tmp_path: Path) -> None:
    samples = FOUR.assign(sample=["1-a", "2-a", "3-a", "Xa"])
    part = only(parts_of(a_source(tmp_path, samples, names=["X1.a", "X2.a", "X3.a", "Xa"])))
    assert set(part.samples["sample"]) == {"X1.a", "X2.a", "X3.a", "Xa"}


def test_samples_without_counts_are_left_out_and_said(tmp_path: Path) -> None:
    source = a_source(tmp_path, FOUR, names=list(FOUR["sample"][:3]), lanes=3)
    part = only(parts_of(source))
    assert len(part.samples) == 3
    assert any("1 samples of the assay have no counts" in note for note in part.notes)
    assert any("4 samples have several rows" in note for note in part.notes)


def test_cohort_controls_are_ground_and_said(tmp_path: Path) -> None:
    samples = FOUR.assign(
        strain="C57BL/6J", spaceflight=["Space Flight"] * 2 + ["Cohort Control 1"] * 2
    )
    part = only(parts_of(a_source(tmp_path, samples)))
    assert list(part.samples["condition"]) == ["FLT", "FLT", "GC", "GC"]
    assert list(part.samples["note"][2:]) == ["cohort control, counted as ground"] * 2


def _twice(folder: Path) -> Source:
    return a_source(folder, FOUR, names=[*FOUR["sample"][:3], FOUR["sample"][0]])


FAULTS = {
    "no RNA-seq": (
        lambda f: a_source(f, FOUR, assays=(MICROARRAY,)),
        "no bulk RNA-seq assay; its assays: transcription profiling by DNA microarray",
    ),
    "single cells are not bulk": (
        lambda f: a_source(f, FOUR, assays=((RNA_SEQ[0], "single-cell RNA Sequencing"),)),
        "single-cell RNA Sequencing",
    ),
    "unknown condition": (
        lambda f: a_source(f, FOUR.assign(spaceflight=["Space Flight"] * 3 + ["Flight?"])),
        "'Flight?' of Mmus_C57-6J_EYE_GC_Rep4_M4 is no condition",
    ),
    "hindlimb unloading": (
        lambda f: a_source(
            f,
            FOUR.assign(spaceflight="Ground Control"),
            further={"Factor Value[Hindlimb Unloading]": ["Hindlimb Unloaded", "Control"] * 2},
        ),
        "Hindlimb Unloading 'Hindlimb Unloaded' of Mmus_C57-6J_EYE_FLT_Rep1_M1, Mmus_C57-6J",
    ),
    "a column that is no sample": (
        lambda f: a_source(f, FOUR, names=[*FOUR["sample"], "SYMBOL"]),
        "GLDS-1_Unnormalized_Counts.csv, row 1: column SYMBOL is not among the samples",
    ),
    "two columns of one sample": (
        lambda f: a_source(f, FOUR, names=[FOUR["sample"][0], FOUR["sample"][0].lower()]),
        "are both Mmus_C57-6J_EYE_FLT_Rep1_M1",
    ),
    "a column twice": (_twice, "is there 2 times"),
    "an ambiguous name": (
        lambda f: a_source(
            f, FOUR.assign(sample=["a-1", "a_1", "b", "c"]), names=["a.1", "b", "c"]
        ),
        "column a.1: may be a-1, a_1",
    ),
}


@pytest.mark.parametrize(("make", "text"), FAULTS.values(), ids=FAULTS.keys())
def test_faults(tmp_path: Path, make: object, text: str) -> None:
    assert text in message(make(tmp_path))


def test_a_sample_in_two_rows_that_agree_is_one(tmp_path: Path) -> None:
    source = a_source(tmp_path, FOUR.assign(sample=["a", "a", "b", "c"]), names=["a", "b", "c"])
    assert list(only(parts_of(source)).samples["sample"]) == ["a", "b", "c"]


def test_a_sample_with_two_conditions(tmp_path: Path) -> None:
    samples = FOUR.assign(sample=["a", "b", "b", "c"])
    text = message(a_source(tmp_path, samples, names=["a", "b", "c"]))
    assert "b has several rows with different Factor Value[Spaceflight]" in text


def test_everything_wrong_at_once(tmp_path: Path) -> None:
    source = a_source(tmp_path, FOUR.assign(spaceflight="x"), names=["a", *FOUR["sample"]])
    text = message(source)
    assert "column a is not among" in text
    assert "'x' of Mmus" in text
    source.isa.write_bytes(b"PK")
    source.counts.write_bytes(b"")
    text = message(source)
    assert "OSD-1_ISA.zip: is no readable zip" in text
    assert "is empty" in text


def test_both_files_or_none(tmp_path: Path) -> None:
    source = a_source(tmp_path, FOUR)
    part = only(parts_of(source))
    counts, samples = tmp_path / "out" / "c.csv.gz", tmp_path / "out" / "s.csv"
    samples.mkdir(parents=True)
    with pytest.raises(InputError, match="is a folder"):
        write_part(part, source, counts_to=counts, samples_to=samples)
    assert list(counts.parent.iterdir()) == [samples]
    samples.rmdir()
    ragged = source.counts.read_text(encoding="utf-8") + "ENSMUSG00000000009,1\n"
    source.counts.write_text(ragged, encoding="utf-8")
    with pytest.raises(InputError, match="row 4: 2 cells where there should be 5"):
        write_part(part, source, counts_to=counts, samples_to=samples)
    assert list(counts.parent.iterdir()) == []
    whole = ragged.rpartition("ENSM")[0]
    source.counts.write_text(whole, encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be made"):
        write_part(part, source, counts_to=tmp_path / "file" / "c.gz", samples_to=samples)


@given(st.binary(max_size=200), st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_arbitrary_files_are_a_problem(tmp_path: Path, isa: bytes, counts: bytes) -> None:
    source = a_source(tmp_path, FOUR)
    whole = source.isa.read_bytes()
    for first, second in ((isa, counts), (whole, counts), (whole, b"gene,a\n" + counts)):
        source.isa.write_bytes(first)
        source.counts.write_bytes(second)
        with pytest.raises(InputError):
            parts_of(source)
