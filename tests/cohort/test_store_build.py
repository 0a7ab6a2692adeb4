"""From a checked folder to a store by the CLI: what belongs together, and what users get wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from spacebio_bench.cli import main
from spacebio_bench.cohort.check import check_studies
from spacebio_bench.cohort.ssgsea import write_scores
from spacebio_bench.cohort.store import read_cohort
from spacebio_bench.protocol import load_protocol

from ._stage import write_expression

GENES = [f"ENSMUSG{i:011d}" for i in range(12)]
SHEET = """tissue,mission,accession,counts,samples,role,feature.emb
eye,M1,A1,a1.csv,a1.samples.csv,,
eye,M1,A2,a2.csv,a2.samples.csv,,a2.emb.csv
eye,M2,A3,,a3.samples.csv,holdout,a3.emb.csv
liver,M1,A1,l1.csv,l1.samples.csv,,
"""
SAMPLES = {"a1": ["x1", "x2", "x3"], "a2": ["y1", "y2"], "a3": ["z1", "z2"], "l1": ["l1", "l2"]}


@dataclass(frozen=True)
class Ready:
    """Everything a build takes; kegg was named before hallmark."""

    checked: Path
    expression: Path
    pathways: Path
    output: Path

    def build(self, *further: str, tissue: str = "eye", protocol: str = "v1") -> Result:
        arguments = ["build", "--checked", str(self.checked), "--protocol", protocol]
        arguments += ["--tissue", tissue, "--output", str(self.output)]
        arguments += ["--expression", str(self.expression), "--pathways", str(self.pathways)]
        return CliRunner().invoke(main, [*arguments, *further])


@pytest.fixture
def ready(tmp_path: Path) -> Ready:
    random = np.random.default_rng(3)
    given = tmp_path / "given"
    given.mkdir()
    (given / "studies.csv").write_text(SHEET)
    expression = tmp_path / "expression"
    expression.mkdir()
    names = {"a1": "eye.M1.A1", "a2": "eye.M1.A2", "l1": "liver.M1.A1"}
    for study, samples in SAMPLES.items():
        conditions = ["FLT", "GC", "AG"][: len(samples)]
        table = pd.DataFrame({"sample": samples, "condition": conditions, "exclude": ""})
        if study == "a1":
            table = table.assign(sex=["f", "m", "f"])
        table.to_csv(given / f"{study}.samples.csv", index=False)
        embedding = pd.DataFrame(random.normal(size=(len(samples), 2)), samples, ["e1", "e2"])
        embedding.to_csv(given / f"{study}.emb.csv", index_label="sample")
        genes = GENES[2:] if study == "a2" else GENES
        counts = pd.DataFrame(
            random.integers(1, 900, size=(len(samples), len(genes))), samples, genes
        )
        counts.T.to_csv(given / f"{study}.csv", index_label="gene_id")
        if study in names:
            write_expression(expression / f"{names[study]}.h5", counts)
    pathways = tmp_path / "pathways"
    pathways.mkdir()
    scores = pd.DataFrame({"P": [0.1, 0.2, 0.3, 0.4, 0.5]}, [*SAMPLES["a1"], *SAMPLES["a2"]])
    sets = {"hallmark": scores, "kegg": scores.rename(columns={"P": "K"})}
    write_scores(pathways / "eye.M1.pathways.h5", list(scores.index), sets)
    liver = pd.DataFrame({"P": [1.0, 2.0]}, SAMPLES["l1"])
    write_scores(pathways / "liver.M1.pathways.h5", SAMPLES["l1"], {"hallmark": liver})
    for name in ("kegg", "hallmark"):
        (given / f"{name}.gmt").write_text("SET\t\t" + "\t".join(GENES) + "\n")
    (given / "symbols.csv").write_text("id,symbol\n" + "".join(f"{g},{g}\n" for g in GENES[:-1]))
    check_studies(
        given / "studies.csv",
        gene_sets={name: given / f"{name}.gmt" for name in ("kegg", "hallmark")},
        symbols=given / "symbols.csv",
        parameters={},
        outdir=tmp_path / "checked",
    )
    return Ready(tmp_path / "checked", expression, pathways, tmp_path / "cohorts" / "eye.zarr")


def test_all_studies_of_the_tissue_in_sheet_order(ready: Ready) -> None:
    done = ready.build("--json")
    assert done.exit_code == 0, done.output
    cohort = read_cohort(ready.output)
    assert list(cohort.obs.index) == ["x1", "x2", "x3", "y1", "y2", "z1", "z2"]
    assert cohort.obs["mission"].tolist() == ["M1"] * 5 + ["M2"] * 2
    assert cohort.obs["accession"].tolist() == ["A1"] * 3 + ["A2"] * 2 + ["A3"] * 2
    assert cohort.obs["role"].tolist() == ["benchmark"] * 5 + ["holdout"] * 2
    assert cohort.obs["sex"].tolist() == ["f", "m", "f", "", "", "", ""]
    assert cohort.genes == tuple(GENES)
    assert np.isnan(cohort.x[5:]).all(), "no counts of A3"
    assert (cohort.x[3:5, :2] == 0).all(), "A2 lacks two genes"
    assert list(cohort.matrices) == ["pathway_kegg", "pathway_hallmark", "emb"]
    assert cohort.matrices["pathway_kegg"]["K"].tolist()[:5] == [0.1, 0.2, 0.3, 0.4, 0.5]
    assert cohort.matrices["pathway_kegg"]["K"].isna().tolist() == [False] * 5 + [True] * 2
    assert cohort.matrices["emb"]["e1"].isna().tolist() == [True] * 3 + [False] * 4

    said = json.loads(done.output)
    assert (said["n_samples"], said["n_genes"], said["missions"]) == (7, 12, ["M1", "M2"])
    assert said["features"] == {"emb": 2, "pathway_hallmark": 1, "pathway_kegg": 1}
    assert said["digests"] == dict(cohort.digests)
    assert "no counts of eye.M2.A3: gene expression is missing there." in said["notes"]


def test_the_store_says_where_it_came_from(ready: Ready) -> None:
    assert ready.build("--quiet").output == ""
    read = anndata.read_zarr(ready.output)
    provenance = read.uns["provenance"]
    assert provenance["protocol"]["sha256"] == load_protocol("v1").digest
    inputs = list(provenance["inputs"].index)
    assert "studies/eye.M1.A1/counts.csv.gz" in inputs
    assert "gene_sets/kegg.gmt" in inputs
    assert not [name for name in inputs if "liver" in name]
    assert provenance["recipe"]["normalisation"] == "by hand"
    assert "gseapy" in provenance["recipe"]["pathways"]
    assert {"anndata", "zarr", "pathways_gseapy"} <= set(provenance["versions"])
    assert read.var["symbol"].tolist() == [*GENES[:-1], ""]
    assert read.var["n_studies"].tolist() == [1, 1, *[2] * 10]


def test_the_calibrated_universe_is_common(ready: Ready) -> None:
    assert ready.build(protocol="calibrated").exit_code == 0
    assert read_cohort(ready.output).genes == tuple(GENES[2:])


def test_files_may_be_named_one_by_one(ready: Ready) -> None:
    whole = ready.build("--json").output
    expression = [str(p) for p in sorted(ready.expression.iterdir())]
    named = [f for path in expression for f in ("--expression", path)]
    arguments = ["build", "--checked", str(ready.checked), "--protocol", "v1", "--tissue", "eye"]
    arguments += ["--pathways", str(ready.pathways / "eye.M1.pathways.h5"), *named]
    done = CliRunner().invoke(main, [*arguments, "--output", str(ready.output), "--json"])
    assert done.output == whole


@dataclass(frozen=True)
class ExpectFail:
    spoil: Callable[[Ready], object]
    messages: tuple[str, ...]
    tissue: str = "eye"


def _other_samples(ready: Ready) -> None:
    shutil.copy(ready.expression / "liver.M1.A1.h5", ready.expression / "eye.M1.A1.h5")


def _clash(ready: Ready) -> None:
    sheet = (ready.checked / "studies.csv").read_text()
    (ready.checked / "studies.csv").write_text(sheet.replace("feature.emb", "feature.gene", 1))


def _twice(ready: Ready) -> None:
    samples = ready.checked / "studies" / "eye.M2.A3" / "samples.csv"
    samples.write_text(samples.read_text().replace("z1", "x1"))


FAILURES = {
    "unknown tissue": ExpectFail(
        lambda r: None, ("'brain' is not a tissue of", "it has eye, liver."), tissue="brain"
    ),
    "missing expression, everything at once": ExpectFail(
        lambda r: [p.unlink() for p in r.expression.glob("eye*")],
        ("eye.M1.A1.h5 is missing.", "eye.M1.A2.h5 is missing.", "2 problems"),
    ),
    "a file of something else": ExpectFail(
        lambda r: (r.expression / "eye.M1.A1.h5").write_text("no"),
        ("eye.M1.A1.h5: is not a file of the normalisation stage",),
    ),
    "part of a file": ExpectFail(
        lambda r: write_expression(
            r.expression / "eye.M1.A1.h5",
            pd.DataFrame(1, SAMPLES["a1"], GENES),
            leave_out=["size_factors"],
        ),
        ("is not a file of the normalisation stage",),
    ),
    "expression of other samples": ExpectFail(
        _other_samples, ("does not hold the samples of eye.M1.A1, in their order.",)
    ),
    "no scores of a mission": ExpectFail(
        lambda r: (r.pathways / "eye.M1.pathways.h5").unlink(),
        ("0 files hold the samples of mission M1; one is needed.",),
    ),
    "scores of something else": ExpectFail(
        lambda r: (r.pathways / "eye.M1.pathways.h5").write_text("no"),
        ("is not a file of the pathway stage",),
    ),
    "a feature set named gene": ExpectFail(
        _clash, ("feature.gene: a feature set of that name exists already.",)
    ),
    "a sample of two studies": ExpectFail(_twice, ("sample x1 is also in eye.M1.A1.",)),
    "not a checked folder": ExpectFail(
        lambda r: (r.checked / "studies.csv").unlink(),
        ("--checked needs a folder of `spacebio-bench check`.",),
    ),
}


@pytest.mark.parametrize("case", FAILURES.values(), ids=FAILURES.keys())
def test_a_mistake_ends_with_2_and_its_reason(case: ExpectFail, ready: Ready) -> None:
    case.spoil(ready)
    done = ready.build(tissue=case.tissue)
    assert done.exit_code == 2, done.output
    for message in case.messages:
        assert message in done.output
    assert "Traceback" not in done.output
    assert not ready.output.exists()
