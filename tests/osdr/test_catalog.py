"""The catalog of the published benchmark: its studies are those of the paper's design."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from spacebio_bench.osdr.catalog import CATALOG, EXCLUDED, FILES

from ._verb import Fetch, call
from .replay import Replay, made_samples, made_study

# the design as the published benchmark describes it
PUBLISHED = {
    ("liver", "benchmark"): (
        "RR-1 OSD-48, RR-3 OSD-137, RR-6 OSD-245, RR-8 OSD-379, RR-9 OSD-242, MHU-2 OSD-686"
    ),
    ("gastrocnemius", "benchmark"): "RR-1 OSD-101, RR-5 OSD-401, RR-9 OSD-326",
    ("kidney", "benchmark"): "RR-1 OSD-102, RR-3 OSD-163, RR-7 OSD-253",
    ("thymus", "benchmark"): "RR-6 OSD-244, MHU-1 OSD-289, MHU-2 OSD-289, RR-9 OSD-421",
    ("thymus", "holdout"): "RR-23 OSD-515",
    ("skin", "benchmark"): "MHU-2 OSD-238, MHU-2 OSD-239, RR-6 OSD-243, RR-7 OSD-254",
    ("eye", "benchmark"): "RR-1 OSD-100, RR-3 OSD-194, TBD OSD-397",
    ("lung", "benchmark"): "RR-6 OSD-248",
    ("colon", "benchmark"): "RR-6 OSD-247",
}


@pytest.fixture
def root(project: Path, tmp_path: Path) -> Path:
    """A checkout of the catalog alone."""
    for name in (CATALOG, EXCLUDED, FILES):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project / name, tmp_path / name)
    return tmp_path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_studies_are_the_published_ones(project: Path) -> None:
    ours: dict[tuple[str, str], list[str]] = {}
    for row in rows(project / CATALOG):
        ours.setdefault((row["tissue"], row["role"]), []).append(
            f"{row['mission']} {row['accession']}"
        )
    assert {key: sorted(found) for key, found in ours.items()} == {
        key: sorted(text.split(", ")) for key, text in PUBLISHED.items()
    }


def test_left_out_by_name_and_reason(project: Path) -> None:
    reasons = {row["accession"]: row["reason"] for row in rows(project / EXCLUDED)}
    assert set(reasons) == {"OSD-168", "OSD-25", "OSD-173"}
    assert "OSD-48" in reasons["OSD-168"]
    assert "OSD-137" in reasons["OSD-168"]
    assert "microarray" in reasons["OSD-25"]
    assert "two samples" in reasons["OSD-173"]


def test_an_excluded_study_in_a_sheet_is_named(
    project: Path, server: Replay, fetch: Fetch, tmp_path: Path
) -> None:
    samples = made_samples("OSD-168", "liver", 3)
    server.studies["OSD-168"] = made_study("OSD-168", samples, material="liver", project="RR-1")
    assert fetch("OSD-168")[0] == 0
    sheet = str(tmp_path / "data" / "studies.csv")
    code, told = call("check", "--input", sheet, "--root", str(project))
    assert code == 0
    assert "OSD-168" in told
    assert "re-processing" in told


def test_nothing_on_disk_lists_all_with_sizes_and_one_command(root: Path) -> None:
    code, told = call("check", "--files", "--root", str(root))
    assert code == 2
    lines = told.splitlines()
    assert len(lines) == 26 + 3
    assert sum("(about " in line or " MB)" in line for line in lines[:26]) == 24
    assert lines[-3].startswith("26 of 26 studies are not on disk: about ")
    assert lines[-2].startswith("Get them: spacebio-bench fetch --catalog --root ")
    assert lines[-1] == "Nothing was run."
    listed = {row["accession"]: row for row in rows(root / FILES)}
    total = 0.0
    for accession in {row["accession"] for row in rows(root / CATALOG)}:
        row = listed[accession]
        if row["bytes"]:
            total += int(row["bytes"])
        elif row["samples"]:
            total += 55_536 * (21 + 2.8 * int(row["samples"]))
    assert f"about {total / 1e6:,.0f} MB to download" in lines[-3]


def test_of_some_tissues(root: Path) -> None:
    code, told = call("check", "--files", "--tissues", "lung,eye", "--root", str(root))
    assert code == 2
    assert "4 of 4 studies are not on disk" in told
    assert "spacebio-bench fetch --tissue eye,lung" in told
    code, told = call("check", "--files", "--tissues", "brain", "--root", str(root))
    assert code == 2
    assert "has no tissue 'brain'" in told


def test_what_is_there_is_not_listed(root: Path) -> None:
    folder = root / "data" / "OSD-248"
    folder.mkdir(parents=True)
    (folder / "lung.RR-6.counts.csv.gz").write_bytes(b"")
    (folder / "lung.RR-6.samples.csv").write_bytes(b"")
    (root / "data" / "OSD-247").mkdir()
    (root / "data" / "OSD-247" / "colon.RR-6.samples.csv").write_bytes(b"")
    code, told = call("check", "--files", "--tissues", "lung,colon", "--root", str(root))
    assert code == 2
    assert "OSD-248" not in told
    assert "colon.RR-6.counts.csv.gz is not in data/OSD-247" in told
    code, told = call("check", "--files", "--tissues", "lung", "--root", str(root))
    assert (code, "the files of 1 studies are on disk" in told) == (0, True)


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        (CATALOG, ("tissue,mission", "organ,mission"), "tissue"),
        (FILES, ("3148789", "many"), "'many' is not a whole number"),
        (FILES, ("accession,file_name", "study,file_name"), "column accession is missing"),
    ],
)
def test_a_broken_catalog_is_told(
    root: Path, name: str, change: tuple[str, str], said: str
) -> None:
    path = root / name
    path.write_text(path.read_text().replace(*change))
    code, told = call("check", "--files", "--root", str(root))
    assert code == 2
    assert said in told


def test_no_catalog(tmp_path: Path) -> None:
    code, told = call("check", "--files", "--root", str(tmp_path))
    assert code == 2
    assert "a study sheet is needed" in told


def test_files_and_a_sheet(project: Path) -> None:
    code, told = call("check", "--files", "--input", str(project / CATALOG))
    assert code == 2
    assert "without --input" in told
