"""`fetch` against a server that answers as OSDR does: what comes, and what is said of it."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from pathlib import Path

import pandas as pd
import pytest

from spacebio_bench.osdr.catalog import CATALOG

from ._verb import Fetch, call, provenance
from .isa_made import INSTRUMENT, MICROARRAY
from .replay import Replay, catalog_studies, made_samples, made_study

COUNTS = "GLDS-100_rna_seq_RSEM_Unnormalized_Counts_GLbulkRNAseq.csv"


def rows_of(sheet: Path) -> list[dict[str, str]]:
    with sheet.open(newline="") as file:
        return list(csv.DictReader(file))


def test_two_studies_as_a_run_reads_them(server: Replay, fetch: Fetch, tmp_path: Path) -> None:
    code, told = fetch("OSD-100", "osd-194")
    assert code == 0, told
    data = tmp_path / "data"
    assert [(r["tissue"], r["mission"], r["accession"]) for r in rows_of(data / "studies.csv")] == [
        ("eye", "RR-1", "OSD-100"),
        ("eye", "RR-3", "OSD-194"),
    ]
    original = server.studies["OSD-100"].files[COUNTS]
    written = gzip.decompress((data / "OSD-100" / "eye.RR-1.counts.csv.gz").read_bytes())
    theirs = pd.read_csv(io.BytesIO(original), index_col=0)
    ours = pd.read_csv(io.BytesIO(written), index_col=0)
    pd.testing.assert_frame_equal(theirs, ours[theirs.columns], check_names=False)
    samples = pd.read_csv(data / "OSD-100" / "eye.RR-1.samples.csv")
    assert samples["condition"].value_counts().to_dict() == {"FLT": 3, "GC": 3}
    assert set(samples["platform"]) == {INSTRUMENT}
    code, told = call("check", "--input", str(data / "studies.csv"))
    assert code == 0, told


def test_provenance_names_address_time_digest_and_api(
    server: Replay, fetch: Fetch, tmp_path: Path
) -> None:
    assert fetch("OSD-100")[0] == 0
    told = provenance(tmp_path, "OSD-100")
    assert told["api"]["version"] == "v2"
    assert told["condition_rules"].startswith("1 ")
    files = {file["name"]: file for file in told["files"]}
    assert set(files) == {
        name for name in server.studies["OSD-100"].files if "_Normalized" not in name
    }
    for name, file in files.items():
        content = server.studies["OSD-100"].files[name]
        assert file["sha256"] == hashlib.sha256(content).hexdigest()
        assert file["bytes"] == len(content)
        assert file["url"].startswith(server.address)
        assert pd.Timestamp(file["fetched"]).tzinfo is not None
    assert files[COUNTS]["checked"] == "md5 table"
    for part in told["parts"]:
        for kind in ("counts", "samples"):
            path = tmp_path / "data" / "OSD-100" / part[kind]["path"]
            assert part[kind]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_second_run_downloads_nothing(server: Replay, fetch: Fetch, tmp_path: Path) -> None:
    assert fetch("OSD-100")[0] == 0
    first = {p: p.read_bytes() for p in (tmp_path / "data").rglob("*") if p.is_file()}
    before = len(server.asked("/download"))
    code, told = fetch("OSD-100")
    assert code == 0
    assert "from the cache" in told
    assert len(server.asked("/download")) == before == 3
    assert first == {p: p.read_bytes() for p in first}


def test_offline_uses_the_cache_alone(server: Replay, fetch: Fetch, tmp_path: Path) -> None:
    assert fetch("OSD-100")[0] == 0
    before = len(server.requests)
    (tmp_path / "data" / "studies.csv").unlink()
    assert fetch("--offline", "OSD-100")[0] == 0
    assert rows_of(tmp_path / "data" / "studies.csv")[0]["accession"] == "OSD-100"
    code, told = fetch("--offline", "OSD-194")
    assert code == 1
    assert "OSD-194: nothing is known of it without a network" in told
    assert len(server.requests) == before


def test_no_network_is_one_line(fetch: Fetch, tmp_path: Path) -> None:
    code, told = fetch("OSD-100", "OSD-194", api="http://127.0.0.1:9")
    assert code == 1
    assert told.count("\n") == 1
    assert "No network: 127.0.0.1:9 cannot be reached (Connection refused)." in told
    assert "Would be fetched: OSD-100" in told
    assert "OSD-194" in told
    assert not (tmp_path / "data").exists()


def test_list_writes_nothing(server: Replay, fetch: Fetch, tmp_path: Path) -> None:
    code, told = fetch("--list", "OSD-100", "OSD-194")
    assert code == 0
    size = len(server.studies["OSD-100"].files[COUNTS])
    assert f"OSD-100: {COUNTS}, {size / 1e3:.0f} kB" in told
    assert server.asked("/download") == []
    assert not (tmp_path / "data").exists()
    fetch("OSD-100")
    rows = {
        r["accession"]: r
        for r in json.loads(fetch("--list", "--json", "OSD-100", "OSD-194")[1])["studies"]
    }
    assert rows["OSD-100"]["in_cache"] is True
    assert rows["OSD-194"]["in_cache"] is False
    assert rows["OSD-100"]["bytes"] == size


def test_json(fetch: Fetch, tmp_path: Path) -> None:
    code, told = fetch("--json", "OSD-100")
    assert code == 0
    (study,) = json.loads(told)["studies"]
    (part,) = study["parts"]
    assert (study["accession"], part["tissue"], part["mission"]) == ("OSD-100", "eye", "RR-1")
    assert Path(part["counts"]).is_file()


def test_all_problems_at_once_and_the_rest_is_there(
    server: Replay, fetch: Fetch, tmp_path: Path
) -> None:
    only_array = made_study("OSD-25", made_samples("OSD-25", "liver", 3), assays=[MICROARRAY])
    only_array.files = {n: b for n, b in only_array.files.items() if "rna_seq" not in n}
    server.studies["OSD-25"] = only_array
    code, told = fetch("OSD-100", "OSD-25", "OSD-9999")
    assert code == 2
    assert "OSD-25: has no unnormalised RNA-seq counts" in told
    assert "OSD-9999: is not a study of OSDR" in told
    assert "2 of 3 studies could not be fetched; 1 are on disk." in told
    assert [r["accession"] for r in rows_of(tmp_path / "data" / "studies.csv")] == ["OSD-100"]
    assert not (tmp_path / "data" / "OSD-25").exists()


def test_what_is_asked_wrongly(fetch: Fetch, server: Replay) -> None:
    code, told = fetch("GLDS-100", "100", "OSD-194")
    assert code == 2
    assert "GLDS-100: is no accession such as OSD-100. Is it OSD-100?" in told
    assert "100: is no accession" in told
    assert fetch()[0] == 2
    assert fetch("OSD-100", "--catalog")[0] == 2
    assert "names a file of one accession" in fetch("OSD-100", "OSD-194", "--counts", "x.csv")[1]
    assert "is not an address" in fetch("OSD-100", api="osdr.nasa.gov")[1]
    assert server.requests == []


def test_rules_are_read_before_anything_is_asked(
    server: Replay, fetch: Fetch, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text('version: "mine"\nconditions: [{condition: GC, spaceflight: "(ground"}]\n')
    code, told = fetch("OSD-100", "OSD-194", "--conditions", str(rules))
    assert code == 2
    assert told.count("(ground") == 1
    assert server.requests == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"file_name": None, "name": "x"}, "no entry has `file_name` and `remote_url`"),
        ({"remote_url": None}, "no entry has `file_name` and `remote_url`"),
    ],
)
def test_a_listing_of_another_form(
    server: Replay, fetch: Fetch, change: dict[str, object], said: str
) -> None:
    study = server.studies["OSD-100"]
    study.listing = dict.fromkeys(study.files, change)
    code, told = fetch("OSD-100")
    assert code == 2
    assert said in told


def test_a_listing_with_further_columns_and_no_sizes(
    server: Replay, fetch: Fetch, tmp_path: Path
) -> None:
    study = server.studies["OSD-100"]
    study.listing = {n: {"file_size": None, "checksum_kind": "new"} for n in study.files}
    assert fetch("OSD-100")[0] == 0
    # without a size the table of checksums is not known to be small, and is not taken
    assert {f["checked"] for f in provenance(tmp_path, "OSD-100")["files"]} == {"nothing"}


def test_changed_columns_of_the_sample_table(server: Replay, fetch: Fetch, tmp_path: Path) -> None:
    samples = made_samples("OSD-100", "eye", 3).assign(spaceflight="Flown")
    server.studies["OSD-100"] = made_study("OSD-100", samples, project="RR-1")
    code, told = fetch("OSD-100")
    assert code == 2
    assert "Flown" in told
    assert not (tmp_path / "data" / "studies.csv").exists()


def test_two_tissues_and_two_missions_in_one_study(
    server: Replay, fetch: Fetch, tmp_path: Path
) -> None:
    parts = [("eye", "RR-1", "a"), ("eye", "RR-3", "b"), ("thymus", "RR-3", "c")]
    samples = pd.concat(
        made_samples("OSD-7", tissue, 3, mark=mark).assign(mission=mission, material=tissue)
        for tissue, mission, mark in parts
    )
    server.studies["OSD-7"] = made_study("OSD-7", samples, project="RR-1, RR-3", vehicle="")
    code, told = fetch("OSD-7")
    assert code == 0, told
    rows = rows_of(tmp_path / "data" / "studies.csv")
    assert [(r["tissue"], r["mission"]) for r in rows] == [p[:2] for p in parts]
    for row, (_, _, mark) in zip(rows, parts, strict=True):
        table = pd.read_csv(tmp_path / "data" / row["samples"])
        counts = pd.read_csv(tmp_path / "data" / row["counts"], index_col=0, nrows=1)
        assert sorted(table["sample"]) == sorted(counts.columns)
        assert all(f"_7{mark}" in name for name in table["sample"])
        assert len(table) == 6


def test_the_sheet_grows_and_rows_are_replaced(fetch: Fetch, tmp_path: Path) -> None:
    assert fetch("OSD-194")[0] == 0
    sheet = tmp_path / "data" / "studies.csv"
    sheet.write_text(
        sheet.read_text().replace("samples\n", "samples,role\n").replace(".csv\n", ".csv,holdout\n")
    )
    assert fetch("OSD-100")[0] == 0
    assert fetch("OSD-194")[0] == 0
    rows = rows_of(sheet)
    assert [(r["accession"], r["role"]) for r in rows] == [("OSD-100", ""), ("OSD-194", "holdout")]


def test_a_foreign_file_in_the_way_is_left_alone(fetch: Fetch, tmp_path: Path) -> None:
    sheet = tmp_path / "data" / "studies.csv"
    sheet.parent.mkdir()
    sheet.write_text("my,notes\n1,2\n")
    code, told = fetch("OSD-100")
    assert code == 2
    assert "is no study sheet; choose another --outdir" in told
    assert sheet.read_text() == "my,notes\n1,2\n"


def test_no_metadata_of_the_api_is_a_note(server: Replay, fetch: Fetch) -> None:
    server.faults.status["/biodata/"] = [(404, {})]
    code, told = fetch("OSD-100")
    assert code == 0
    assert "the biological data API says nothing; the ISA archive does" in told


def test_the_catalog_goes_where_its_sheet_says(project: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "release" / "catalog").mkdir(parents=True)
    for name in ("studies.csv", "excluded.csv", "files.csv"):
        (root / "release" / "catalog" / name).write_bytes(
            (project / "release" / "catalog" / name).read_bytes()
        )
    with Replay(catalog_studies(project / CATALOG, 3)) as replay:
        words = ["--root", str(root), "--api", replay.address, "--cache", str(tmp_path / "cache")]
        code, told = call("fetch", "--tissue", "thymus", *words)
        assert code == 0, told
        asked = {
            path.split("studies/")[1][:7] for path, _ in replay.requests if "/download" in path
        }
        assert asked == {"OSD-244", "OSD-289", "OSD-421", "OSD-515"}
        code, told = call("fetch", "--tissue", "brain,thymus", *words)
        assert code == 2
        assert "has no tissue 'brain'" in told
        code, told = call("fetch", "--catalog", *words)
        assert code == 0, told
        assert replay.most_at_once <= 4
    code, told = call("check", "--input", str(root / CATALOG))
    assert code == 0, told
    sheet = (root / CATALOG).read_bytes()
    assert sheet == (project / CATALOG).read_bytes()
