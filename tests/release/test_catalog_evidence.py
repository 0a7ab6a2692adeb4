"""Evidence: counted again from samples tables and counts by plain means."""

from __future__ import annotations

import csv
import gzip
import hashlib
import math
import statistics
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from spacebio_bench.cli._main import main
from spacebio_bench.osdr.catalog import Wanted
from spacebio_bench.protocol import load_protocol
from spacebio_bench.release.catalog.evidence import Sheet, collect

from ._copy import copy_release

EVIDENCE = "release/catalog/evidence"
SHEETS = ("reference/gsva/studies.csv", "studies.csv", "studies_single_mission.csv")
# What the first part of a GeneLab sample id says after the species.
CODES = {
    "BAL-TAL": "BALB/cAnNTac",
    "C57-6J": "C57BL/6J",
    "C57-6T": "C57BL/6NTac",
    "C57-6CR": "C57BL/6CR",
}


def plain_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def samples_tables(data: Path) -> dict[tuple[str, str, str], Path]:
    """The last sheet that has a study has its samples table."""
    found = {}
    for name in SHEETS:
        for row in plain_rows(data / name):
            key = (row["accession"], row["tissue"], row["mission"])
            found[key] = (data / name).parent / row["samples"]
    return found


def seen(project: Path) -> pd.DataFrame:
    rows = pd.read_csv(project / EVIDENCE / "studies.csv").fillna("")
    return rows.set_index(["accession", "tissue", "mission"])


@pytest.mark.data
def test_samples_by_condition(project: Path, development_data: Path) -> None:
    tables = samples_tables(development_data)
    rows = seen(project)
    assert len(rows) == 16
    for key, row in rows.iterrows():
        given = plain_rows(tables[key])
        kept = [r for r in given if not r.get("exclude")]
        counts = Counter(r["condition"] for r in kept)
        assert row["n_samples"] == len(kept)
        assert row["n_excluded"] == len(given) - len(kept)
        conditions = ("FLT", "GC", "VC", "BC", "AG")
        assert [row[f"n_{c}"] for c in conditions] == [counts[c] for c in conditions]
        assert row["samples_sha256"] == hashlib.sha256(tables[key].read_bytes()).hexdigest()


@pytest.mark.data
def test_counts_have_their_digest_and_rows(project: Path, development_data: Path) -> None:
    rows = seen(project)
    with_counts = rows[rows["counts_sha256"] != ""]
    files = {
        (r["accession"], r["tissue"], r["mission"]): (development_data / name).parent / r["counts"]
        for name in SHEETS
        for r in plain_rows(development_data / name)
        if r["counts"]
    }
    assert set(with_counts.index) == set(files) & set(rows.index)
    for key, row in with_counts.iterrows():
        data = files[key].read_bytes()
        assert row["counts_sha256"] == hashlib.sha256(data).hexdigest()
        assert row["n_genes"] == len(gzip.decompress(data).splitlines()) - 1


@pytest.mark.data
def test_strains_by_ids(project: Path, development_data: Path) -> None:
    tables = samples_tables(development_data)
    rows = pd.read_csv(project / EVIDENCE / "strains.csv", dtype=str, keep_default_na=False)
    for key, own in rows.groupby(["accession", "tissue", "mission"]):
        wanted: Counter[tuple[str, str]] = Counter()
        for sample in plain_rows(tables[key]):
            if not sample.get("exclude"):
                parts = sample["sample"].split("_")
                code = parts[1] if len(parts) > 1 else ""
                wanted[sample["condition"], CODES.get(code, "")] += 1
        got = {(r["condition"], r["by_ids"]): int(r["n_samples"]) for r in own.to_dict("records")}
        assert got == dict(wanted)
    assert (rows["recorded"] == "").all()  # these tables record none


@pytest.mark.data
def test_the_clock_gene_of_gastrocnemius(project: Path, development_data: Path) -> None:
    folder = development_data / "osdr/OSD-101"
    counts = pd.read_csv(next(folder.glob("*.csv.gz")), index_col=0).round()
    logs = counts[(counts > 0).all(axis=1)].map(math.log)
    ratios = logs.sub(logs.mean(axis=1), axis=0)
    factors = {s: math.exp(statistics.median(ratios[s])) for s in counts}
    dbp = {s: math.log2(counts.loc["ENSMUSG00000059824", s] / factors[s] + 1) for s in counts}
    groups: dict[str, list[float]] = {"FLT": [], "GC": []}
    for row in plain_rows(folder / "samples.csv"):
        groups[row["condition"]].append(dbp[row["sample"]])
    change = statistics.mean(groups["FLT"]) - statistics.mean(groups["GC"])
    rows = pd.read_csv(project / EVIDENCE / "clock.csv").set_index("accession")
    assert rows.loc["OSD-101", "log2_fold_change"] == pytest.approx(change, abs=6e-5)


@pytest.mark.data
def test_counting_again_gives_the_same(project: Path, development_data: Path) -> None:
    origins = seen(project)["origin"]
    pathways = origins["OSD-48", "liver", "RR-1"]
    eye, thymus = origins["OSD-100", "eye", "RR-1"], origins["OSD-289", "thymus", "MHU-2"]
    arguments = ["release", "catalog", "--root", str(project), "--check", "--strain-from-ids"]
    for name, origin in zip(SHEETS, (pathways, eye, thymus), strict=True):
        arguments += ["--studies", str(development_data / name), "--origin", origin]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output


def _wanted(*studies: tuple[str, str, str]) -> list[Wanted]:
    nowhere = Path("none")
    return [Wanted(a, t, m, nowhere, nowhere, "benchmark") for a, t, m in studies]


def _sheet(folder: Path, studies: dict[tuple[str, str, str], str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["tissue,mission,accession,counts,samples,feature.x"]
    for i, ((accession, tissue, mission), text) in enumerate(studies.items()):
        (folder / f"s{i}.csv").write_text(text, encoding="utf-8")
        (folder / "f.csv").write_text("sample,x\n", encoding="utf-8")
        lines.append(f"{tissue},{mission},{accession},,s{i}.csv,f.csv")
    path = folder / "studies.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


LABELS = load_protocol("calibrated").labels
EYE, LIVER = ("OSD-1", "eye", "RR-1"), ("OSD-2", "liver", "RR-1")


def test_the_record_of_a_fetched_table(tmp_path: Path) -> None:
    text = (
        "sample,condition,exclude,note,strain,strain_recorded\n"
        "Mmus_BAL-TAL_EYE_FLT_Rep1_F1,FLT,,strain by the sample id; C57BL/6J is recorded,"
        "BALB/cAnNTac,C57BL/6J\n"
        "Mmus_BAL-TAL_EYE_GC_Rep1_G1,GC,,strain by the sample id; none is recorded,"
        "BALB/cAnNTac,\n"
        "Mmus_C57-6J_EYE_GC_Rep2_G2,GC,,,C57BL/6J,\n"
        "plain,GC,,,DBA/2,\n"
        "gone,FLT,broken,,DBA/2,\n"
    )
    sheet = Sheet(_sheet(tmp_path, {EYE: text}), "made")
    found = collect([sheet], _wanted(EYE), LABELS).tables
    rows = {(r["condition"], r["recorded"], r["by_ids"]): r["n_samples"] for r in found["strains"]}
    assert rows == {
        ("FLT", "C57BL/6J", "BALB/cAnNTac"): 1,
        ("GC", None, "BALB/cAnNTac"): 1,
        ("GC", "C57BL/6J", "C57BL/6J"): 1,
        ("GC", "DBA/2", None): 1,
    }
    (study,) = found["studies"]
    assert (study["n_samples"], study["n_excluded"]) == (4, 1)


def test_animals_in_common(tmp_path: Path) -> None:
    eye = "sample,condition\na_FLT_M1,FLT\na_FLT_M2,FLT\na_GC_M3,GC\n"
    liver = "sample,condition\nb_FLT_M2,FLT\nb_GC_M1,GC\nb_GC_M3,GC\n"  # M1 is another animal here
    sheet = Sheet(_sheet(tmp_path, {EYE: eye, LIVER: liver}), "made")
    (row,) = collect([sheet], _wanted(EYE, LIVER), LABELS).tables["animals"]
    assert (row["n_a"], row["n_b"], row["n_shared"]) == (3, 3, 2)


def test_a_code_that_is_there_twice_names_no_animal(tmp_path: Path) -> None:
    eye = "sample,condition\na_LAR_F1,FLT\na_ISS-T_F1,FLT\n"
    liver = "sample,condition\nb_F1,FLT\n"
    sheet = Sheet(_sheet(tmp_path, {EYE: eye, LIVER: liver}), "made")
    assert collect([sheet], _wanted(EYE, LIVER), LABELS).tables["animals"] == []


def test_the_last_sheet_that_has_a_study_counts(tmp_path: Path) -> None:
    first = "sample,condition,hardware\na,FLT,RR\nb,GC,RR\n"
    last = "sample,condition\na,FLT\n"
    sheets = [
        Sheet(_sheet(tmp_path / "1", {EYE: first}), "one"),
        Sheet(_sheet(tmp_path / "2", {EYE: last}), "two"),
    ]
    (row,) = collect(sheets, _wanted(EYE), LABELS).tables["studies"]
    assert (row["n_samples"], row["origin"], row["hardware"]) == (1, "two", "RR")


def test_new_evidence_changes_the_catalog(project: Path, tmp_path: Path) -> None:
    release = copy_release(project, tmp_path / "release")
    key = ("OSD-102", "kidney", "RR-1")
    sheet = _sheet(tmp_path / "given", {key: "sample,condition\na,FLT\nb,GC\nc,VC\n"})
    arguments = ["release", "catalog", "--root", str(release)]
    done = CliRunner().invoke(
        main, [*arguments, "--studies", str(sheet), "--origin", "made"], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    sources = pd.read_csv(release / "release/catalog/v9/sources.csv").set_index("accession")
    assert sources["n_samples"].count() == 1
    assert sources.loc["OSD-102", ["n_FLT", "n_GC", "n_VC"]].tolist() == [1, 1, 1]
    assert sources.loc["OSD-102", "status"] == "samples seen"
    traps = pd.read_csv(release / "release/catalog/v9/traps.csv")
    assert len(traps) == 5
    assert traps["shown_by"].isna().all()  # their studies were not looked at
    assert CliRunner().invoke(main, [*arguments, "--check"]).exit_code == 0
