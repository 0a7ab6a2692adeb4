"""The checked studies: what is written, the same bytes each time, whole or not at all."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from spacebio_bench.cli import main
from spacebio_bench.cohort.check import check_studies
from spacebio_bench.cohort.inputs import check_inputs
from spacebio_bench.errors import InputError

from ._input import VALID, check, replaced, write_input


def spacebio_bench(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def contents(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def rows(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return list(csv.reader(text.decode().splitlines()))


@pytest.fixture
def valid(tmp_path: Path) -> Path:
    write_input(tmp_path / "input", {})
    return tmp_path / "input"


def test_writes_every_file(valid: Path, tmp_path: Path) -> None:
    summary = check(valid, outdir=tmp_path / "checked")
    assert sorted(contents(tmp_path / "checked")) == [
        "check.json",
        "gene_sets/h.gmt",
        "parameters.json",
        "studies.csv",
        "studies/eye.M1.A1/counts.csv.gz",
        "studies/eye.M1.A1/excluded.csv",
        "studies/eye.M1.A1/feature.emb.parquet",
        "studies/eye.M1.A1/samples.csv",
        "studies/eye.M2.A2/counts.csv.gz",
        "studies/eye.M2.A2/excluded.csv",
        "studies/eye.M2.A2/feature.emb.parquet",
        "studies/eye.M2.A2/samples.csv",
        "symbols.csv",
        "universe/eye.txt",
    ]
    assert json.loads((tmp_path / "checked/check.json").read_text()) == summary
    assert summary["problems"] == 0
    assert summary["tissues"] == ["eye"]
    assert summary["gene_sets"] == ["h"]
    assert summary["studies"][0] == {
        "id": "eye.M1.A1",
        "tissue": "eye",
        "mission": "M1",
        "accession": "A1",
        "role": "benchmark",
        "n_samples": 4,
        "counts": True,
        "features": ["emb"],
        "genes": 8,
        "symbols_matched": 1.0,
    }


def test_samples_in_order_and_excluded_apart(valid: Path, tmp_path: Path) -> None:
    check(valid, outdir=tmp_path / "checked")
    study = tmp_path / "checked/studies/eye.M1.A1"
    assert rows(study / "samples.csv") == [
        ["sample", "condition", "note", "strain"],
        ["a1", "FLT", "", "X"],
        ["a2", "FLT", "first", "X"],
        ["a3", "GC", "", "X"],
        ["a4", "GC", "", "Y"],
    ]
    assert rows(study / "excluded.csv") == [
        ["sample", "condition", "reason"],
        ["a5", "GC", "low quality"],
    ]
    header, first, *_ = rows(study / "counts.csv.gz")
    assert header == ["gene_id", "a1", "a2", "a3", "a4"]
    assert first == ["ENSMUSG00000000001", "87", "100", "74", "113"]  # the file has a3 first
    features = pd.read_parquet(study / "feature.emb.parquet")
    assert features.index.name == "sample"
    assert features.index.tolist() == ["a1", "a2", "a3", "a4"]
    assert features["e2"].tolist() == [-1.0, 1.0, 2.0, 1e-3]


def test_universe_holds_what_all_studies_have(valid: Path, tmp_path: Path) -> None:
    extra = "ERCC-00002,1,2,3,4,5\nZ1,1,2,3,4,5\n"
    write_input(valid, {"a/counts.csv": VALID["a/counts.csv"] + extra})
    check(valid, outdir=tmp_path / "checked")
    universe = (tmp_path / "checked/universe/eye.txt").read_text().split("\n")
    assert universe == [*(f"ENSMUSG0000000000{i}" for i in range(1, 9)), ""]
    genes = [row[0] for row in rows(tmp_path / "checked/studies/eye.M1.A1/counts.csv.gz")]
    assert genes[-2:] == ["ERCC-00002", "Z1"]


def test_numbers_are_kept_as_given(valid: Path, tmp_path: Path) -> None:
    given = ["0.1", "33.333333333333336", "123456789012345", "7.5e2", "2"]
    write_input(valid, replaced("a/counts.csv", ",74,87,100,113,126", "," + ",".join(given)))
    check(valid, outdir=tmp_path / "checked")
    _, first, *_ = rows(tmp_path / "checked/studies/eye.M1.A1/counts.csv.gz")
    assert [float(v) for v in first[1:]] == [float(given[i]) for i in (1, 2, 0, 3)]


def test_same_bytes_again(valid: Path, tmp_path: Path) -> None:
    check(valid, outdir=tmp_path / "one")
    time.sleep(1.1)  # a time stamp in a gzip header has a resolution of one second
    check(valid, outdir=tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_basal_and_centrifuged_animals_stay(valid: Path, tmp_path: Path) -> None:
    write_input(valid, replaced("a/samples.csv", "a3,GC", "a3,BC"))
    check(valid, outdir=tmp_path / "checked")
    assert ["a3", "BC", "", "X"] in rows(tmp_path / "checked/studies/eye.M1.A1/samples.csv")


def test_features_without_counts(valid: Path, tmp_path: Path) -> None:
    sheet = VALID["studies.csv"].replace("a/counts.csv", "").replace("b/counts.csv", "")
    write_input(valid, {"studies.csv": sheet})
    summary = check(valid, outdir=tmp_path / "checked")
    assert [s["counts"] for s in summary["studies"]] == [False, False]
    assert "--gene_sets: no study has counts, so the gene sets are not used." in summary["notes"]
    assert (tmp_path / "checked/universe/eye.txt").read_text() == ""
    table = rows(tmp_path / "checked/studies.csv")
    assert dict(zip(table[0], table[1], strict=True))["counts"] == ""


def test_limits_of_a_tissue_are_notes(valid: Path) -> None:
    sheet = VALID["studies.csv"].split("\n")
    write_input(valid, {"studies.csv": "\n".join([*sheet[:2], ""])})
    write_input(
        valid,
        {"studies.csv": "\n".join([*sheet[:2], ""])} | replaced("a/samples.csv", "FLT", "VC", 2),
    )
    notes = check(valid)["notes"]
    assert "eye: there is one mission only (M1): none can be left out." in notes
    assert "eye: no sample is FLT." in notes


def test_paths_begin_where_the_sheet_really_is(valid: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere/studies.csv"
    link.symlink_to(valid / "studies.csv")
    summary = check_studies(link, gene_sets={}, symbols=None, parameters={}, outdir=None)
    assert len(summary["studies"]) == 2


def test_takes_the_place_of_an_earlier_result(valid: Path, tmp_path: Path) -> None:
    target = tmp_path / "checked"
    check(valid, outdir=target)
    before = contents(target)
    write_input(valid, {"a/counts.csv": "gene_id\n"})
    with pytest.raises(InputError):
        check(valid, outdir=target)
    assert contents(target) == before
    write_input(valid, replaced("a/samples.csv", "first", "second"))
    check(valid, outdir=target)
    assert contents(target) != before
    assert [p.name for p in tmp_path.iterdir()] in (["input", "checked"], ["checked", "input"])


def test_never_replaces_other_files(valid: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter_1.tex").write_text("precious")
    with pytest.raises(InputError, match="holds other files"):
        check(valid, outdir=tmp_path / "thesis")
    assert (tmp_path / "thesis/chapter_1.tex").read_text() == "precious"


def test_exit_codes_and_output(valid: Path, tmp_path: Path) -> None:
    fine = spacebio_bench("check", "--input", valid / "studies.csv", "--json")
    assert fine.exit_code == 0
    assert json.loads(fine.stdout)["problems"] == 0
    quiet = spacebio_bench("check", "--input", valid / "studies.csv", "--quiet")
    assert (quiet.exit_code, quiet.output) == (0, "")
    (valid / "a/counts.csv").unlink()
    wrong = spacebio_bench("check", "--input", valid / "studies.csv", "--quiet")
    assert wrong.exit_code == 2
    assert wrong.stderr.endswith("1 problem; nothing was run.\n")
    none = spacebio_bench("check", "--root", tmp_path)
    assert none.exit_code == 2
    assert none.stderr.startswith("--input: a study sheet is needed")


def test_parameters_and_studies_are_judged_together(valid: Path, tmp_path: Path) -> None:
    (valid / "a/counts.csv").unlink()
    given = {
        "input": str(valid / "studies.csv"),
        "modles": "knn",
        "seed": "x",
        "protocol": "v9.yaml",
    }
    (tmp_path / "params.json").write_text(json.dumps(given))
    result = spacebio_bench("check", "--params", tmp_path / "params.json")
    assert result.exit_code == 2
    assert "--modles: is not a parameter. Did you mean --models?" in result.stderr
    assert '--seed: a whole number is needed, not "x".' in result.stderr
    assert "column counts: a/counts.csv does not exist." in result.stderr
    assert result.stderr.endswith("3 problems; nothing was run.\n")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"models": "knn,svm"}, "--models: 'svm' is not a model of calibrated: elasticnet_lr,"),
        ({"n_permutations": "9,forest=3"}, "--n_permutations: 'forest' is not a model"),
        ({"tissues": "eye,ear"}, "--tissues: 'ear' is not one of eye."),
        ({"features": "gene,pathway_kegg"}, "'pathway_kegg' is not one of gene, combined, emb."),
        ({"strata": "sex"}, "--strata: 'sex' is not one of condition, note, sample, strain."),
        ({"protocol": "v9.yaml"}, "v9.yaml: cannot be read as a protocol"),
        ({"gene_sets": "h=missing.gmt"}, "--gene_sets h: missing.gmt does not exist."),
        ({"gene_sets": "h=x.gmt,h=y.gmt"}, "--gene_sets: h is given twice."),
    ],
)
def test_choices_that_the_input_lacks(
    valid: Path, tmp_path: Path, given: dict[str, str], message: str
) -> None:
    file = tmp_path / "params.json"
    file.write_text(json.dumps({"input": str(valid / "studies.csv"), **given}))
    result = spacebio_bench("check", "--params", file)
    assert result.exit_code == 2
    assert message in result.stderr


def test_records_parameters_with_defaults(valid: Path, tmp_path: Path) -> None:
    file = tmp_path / "params.json"
    file.write_text(json.dumps({"input": "as/given.csv", "seed": "7"}))
    result = spacebio_bench(
        *("check", "--input", valid / "studies.csv", "--params", file),
        *("--outdir", tmp_path / "checked"),
    )
    assert result.exit_code == 0, result.stderr
    recorded = json.loads((tmp_path / "checked/parameters.json").read_text())
    assert (recorded["input"], recorded["seed"], recorded["protocol"]) == (
        "as/given.csv",
        7,
        "calibrated",
    )


def test_a_run_from_stores_needs_no_studies(tmp_path: Path) -> None:
    (tmp_path / "params.json").write_text(json.dumps({"cohorts": "cohorts"}))
    result = spacebio_bench(
        "check", "--params", tmp_path / "params.json", "--outdir", tmp_path / "checked"
    )
    assert result.exit_code == 0, result.stderr
    assert json.loads((tmp_path / "checked/check.json").read_text())["studies"] == []


@pytest.mark.data
@pytest.mark.parametrize("sheet", ["studies.csv", "studies_single_mission.csv"])
def test_real_counts_are_unchanged(development_data: Path, sheet: str, tmp_path: Path) -> None:
    sets = {
        "hallmark": "mouse_hallmark.gmt",
        "kegg": "mouse_kegg.gmt",
        "r": "mouse_reactome.gmt.gz",
    }
    start = time.process_time()
    summary = check_studies(
        development_data / sheet,
        gene_sets={n: development_data / "gene_sets" / f for n, f in sets.items()},
        symbols=development_data / "gene_sets/mouse_ensembl_symbol.csv.gz",
        parameters={},
        outdir=tmp_path / "checked",
    )
    assert time.process_time() - start < 10
    given = pd.read_csv(development_data / sheet)
    for study, source in zip(summary["studies"], given.itertuples(), strict=True):
        folder = tmp_path / "checked/studies" / study["id"]
        ours = pd.read_csv(folder / "counts.csv.gz", index_col=0)
        theirs = pd.read_csv(development_data / str(source.counts), index_col=0)
        samples = pd.read_csv(development_data / str(source.samples), keep_default_na=False)
        kept = samples.loc[samples["exclude"] == "", "sample"].tolist()
        assert ours.columns.tolist() == kept
        assert ours.index.tolist() == theirs.index.tolist()
        assert np.array_equal(ours.to_numpy(), theirs[kept].to_numpy())
        assert 0.4 < study["symbols_matched"] < 0.7
    if sheet == "studies.csv":  # numbers of the data's own description
        universe = tmp_path / "checked/universe"
        assert len((universe / "eye.txt").read_text().split()) == 51_929
        assert len((universe / "soleus.txt").read_text().split()) == 44_118


@pytest.mark.data
def test_published_scores_pass(development_data: Path) -> None:
    sheet = development_data / "reference/gsva/studies.csv"
    summary = check_studies(sheet, gene_sets={}, symbols=None, parameters={}, outdir=None)
    assert len(summary["studies"]) == 16
    dropped = [n for n in summary["notes"] if "9 rows were dropped" in n]
    assert len(dropped) == 1  # the MHU-1 animals in the file of thymus MHU-2, in all collections
    assert dropped[0].count("thymus/MHU-2.") == 4


def test_a_sheet_in_another_folder_of_files(valid: Path, tmp_path: Path) -> None:
    """Absolute paths are taken as they are."""
    moved = tmp_path / "moved"
    moved.mkdir()
    text = (valid / "studies.csv").read_text()
    for name in ("a/", "b/"):
        text = text.replace(f",{name}", f",{valid}/{name}")
    (moved / "studies.csv").write_text(text)
    shutil.copytree(valid, tmp_path / "copy")
    summary = check_studies(
        moved / "studies.csv", gene_sets={}, symbols=None, parameters={}, outdir=None
    )
    assert summary["studies"][0]["n_samples"] == 4


def test_names_are_not_compared_where_the_run_starts_from_stores(tmp_path: Path) -> None:
    chosen = {"cohorts": "stores", "tissues": "liver", "features": "gene", "strata": "strain"}
    found = check_inputs(chosen, parameter_file=None, outdir=None, progress=lambda _: None)
    assert found["studies"] == []
