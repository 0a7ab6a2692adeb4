"""What is written: the names of the published package, the numbers of the stores."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from spacebio_bench.cli import main
from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.store import write_cohort
from spacebio_bench.errors import InputError
from spacebio_bench.protocol import load_protocol
from spacebio_bench.release.facts import read_facts
from spacebio_bench.release.folds.about import About
from spacebio_bench.release.folds.plan import Choice
from spacebio_bench.release.folds.verify import verify_package
from spacebio_bench.release.folds.write import Written, write_package

from ._package import FOLD, cohorts, read_json
from .conftest import ABOUT, CHOICE


def test_folders_are_named_as_published(made: tuple[Path, Written]) -> None:
    root, written = made
    lomo = [f"fold_SIM-{i}_test" for i in (1, 2, 3)]
    assert written.folds["A5_skin_lomo"] == [*lomo, "fold_SIM-4_holdout"]
    assert written.folds["A6_eye_lomo"] == lomo[:2]
    assert written.folds["B5_skin_cross_mission"] == [
        f"pair_SIM-{a}_SIM-{b}" for a in (1, 2, 3) for b in (1, 2, 3) if a != b
    ]
    assert sorted(written.folds) == sorted(p.name for p in root.iterdir() if p.is_dir())
    assert not list(root.parent.glob(".*"))


def test_what_cannot_be_asked_is_told_with_its_reason(made: tuple[Path, Written]) -> None:
    told = {entry.task: (entry.task_id, entry.reason) for entry in made[1].without}
    assert told["soleus.lomo"][0] == "A7"
    assert "one mission only" in told["soleus.lomo"][1]
    assert told["tendon.lomo"][0] == "A8"
    assert "no genes to package (only pathway_toy)" in told["tendon.lomo"][1]
    assert "eye.lomo" not in told
    assert "eye.holdout" not in told


def test_a_degenerate_fold_is_listed_and_not_written(package: Path) -> None:
    info = read_json(package / "A6_eye_lomo/task_info.json")
    assert [fold["fold"] for fold in info["folds_left_out"]] == ["fold_SIM-3_test"]
    assert "0 negative test samples" in info["folds_left_out"][0]["reason"]
    assert not (package / "A6_eye_lomo/fold_SIM-3_test").exists()
    assert info["n_folds_generated"] == 2
    assert info["n_missions"] == 3


def test_pandas_reads_the_csv_as_published(package: Path) -> None:
    skin = cohorts()["skin"]
    for side in ("train", "test"):
        x, y, meta = (
            pd.read_csv(package / FOLD / f"{side}_{part}.csv", index_col=0)
            for part in ("X", "y", "meta")
        )
        assert x.index.equals(y.index)
        assert x.index.equals(meta.index)
        assert list(y.columns) == ["label"]
        assert list(meta.columns[:3]) == ["label", "mission", "tissue"]
        flight = skin.obs.loc[y.index, "condition"] == "FLT"
        assert y["label"].tolist() == flight.astype(int).tolist()
        assert meta["mission"].equals(skin.obs.loc[meta.index, "mission"])


def test_numbers_and_genes_by_hand(package: Path) -> None:
    skin = cohorts()["skin"]
    store = pd.DataFrame(skin.x, index=skin.obs.index, columns=skin.genes)
    kept = skin.obs[(skin.obs["role"] == "benchmark") & (skin.obs["condition"] != "AG")]
    train = store.loc[sorted(kept.index[kept["mission"] != "SIM-1"])]
    counted = train.loc[:, (2**train - 1 > 1).mean() >= 0.2].astype(np.float64)
    variance = counted.var(ddof=1)
    genes = counted.columns[variance >= np.quantile(variance, 0.25)]
    assert 0 < len(genes) < counted.shape[1] < store.shape[1]  # both filters do something
    x = pd.read_csv(package / FOLD / "train_X.csv", index_col=0, float_precision="round_trip")
    pd.testing.assert_frame_equal(x, counted[genes], check_names=False, check_exact=True)
    told = read_json(package / FOLD / "fold_info.json")
    assert told["n_genes_after_var_filter"] == len(genes)
    assert told["n_genes_before_var_filter"] == counted.shape[1]
    assert told["n_genes_in_store"] == 60
    assert (package / FOLD / "selected_genes.txt").read_text().split() == list(genes)


def test_samples_left_out_are_told(package: Path) -> None:
    told = read_json(package / FOLD / "fold_info.json")
    assert told["excluded_samples"] == [
        {
            "sample": "skin-05",
            "mission": "SIM-1",
            "condition": "AG",
            "reason": "condition AG has no label in protocol calibrated",
        }
    ]
    task = read_json(package / "A5_skin_lomo/task_info.json")
    counts = {fold["fold"]: fold["excluded_bc_ag_samples"] for fold in task["folds"]}
    assert counts == dict.fromkeys(counts, 1)
    pair = read_json(package / "B5_skin_cross_mission/pair_SIM-2_SIM-3/fold_info.json")
    assert pair["excluded_samples"] == []
    assert (task["task_id"], task["task"], task["split"]) == ("A5", "skin.lomo", "LOMO")
    assert task["protocol"]["digest"] == load_protocol("calibrated").digest


def test_the_holdout_is_new_to_its_fold(package: Path) -> None:
    info = read_json(package / "A5_skin_lomo/fold_SIM-4_holdout/fold_info.json")
    assert info["test_missions"] == ["SIM-4"]
    assert info["train_missions"] == ["SIM-1", "SIM-2", "SIM-3"]
    assert info["family"] == "holdout"
    assert info["task"] == "skin.holdout"


def test_two_runs_give_the_same_bytes(package: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    protocol = load_protocol("calibrated")
    write_package(cohorts(), again, protocol=protocol, choice=CHOICE, about=ABOUT)
    files = sorted(p.relative_to(package) for p in package.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file())
    assert [f for f in files if (package / f).read_bytes() != (again / f).read_bytes()] == []


def test_an_older_package_is_replaced_and_nothing_else_is(tmp_path: Path) -> None:
    out = tmp_path / "out"
    protocol = load_protocol("calibrated")
    eye = {"eye": cohorts()["eye"]}
    write_package(eye, out, protocol=protocol)
    write_package(eye, out, protocol=protocol, choice=Choice(families=("lomo",)))
    assert sorted(p.name for p in out.iterdir() if p.is_dir()) == ["A6_eye_lomo"]
    assert verify_package(out) == []
    (out / "checksums.json").unlink()
    before = sorted(out.iterdir())
    with pytest.raises(InputError, match="is no fold package"):
        write_package(eye, out, protocol=protocol)
    assert sorted(out.iterdir()) == before


@dataclass(frozen=True)
class Wrong:
    choice: Choice
    messages: tuple[str, ...]


WRONG = {
    "names": Wrong(
        Choice(families=("lomo", "kfold"), tissues=("moon",), features=("none_such",)),
        ("'kfold' is not one of lomo, pairs", "'moon' is not one of eye", "'none_such' is not"),
    ),
    "nothing to write": Wrong(
        Choice(tissues=("soleus", "tendon")), ("A7 (soleus.lomo): one mission", "A8 (tendon.lomo)")
    ),
    "stratum": Wrong(Choice(strata=("sex",)), ("no column sex",)),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG.keys())
def test_everything_wrong_is_told_and_nothing_written(case: Wrong, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_package(
            cohorts(), tmp_path / "out", protocol=load_protocol("calibrated"), choice=case.choice
        )
    for message in case.messages:
        assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_mission_that_cannot_be_a_folder(tmp_path: Path) -> None:
    eye = cohorts()["eye"]
    obs = eye.obs.replace({"mission": {"SIM-1": "../SIM-1"}})
    with pytest.raises(InputError, match="cannot be a folder"):
        write_package(
            {"eye": replace(eye, obs=obs)},
            tmp_path / "out",
            protocol=load_protocol("calibrated"),
        )


def test_the_verb(project: Path, tmp_path: Path) -> None:
    _store(cohorts()["eye"], tmp_path / "stores")
    out = tmp_path / "out"
    given = ["--cohorts", str(tmp_path / "stores"), "--outdir", str(out), "--tasks", "lomo"]
    dated = ["--project", str(project), "--license", "CC0-1.0", "--json"]
    done = CliRunner().invoke(main, ["release", "folds", *given, *dated])
    assert done.exit_code == 0, done.output
    assert '"A6_eye_lomo"' in done.output
    crate = read_json(out / "ro-crate-metadata.json")["@graph"]
    root = next(entity for entity in crate if entity["@id"] == "./")
    facts = read_facts(project).data
    assert root["datePublished"] == facts["date"]
    assert root["version"] == facts["version"]
    assert root["license"] == {"@id": "https://spdx.org/licenses/CC0-1.0"}
    assert verify_package(out) == []
    assert About().license_url == "https://osdr.nasa.gov", "data are not under the code's licence"
    wrong = CliRunner().invoke(main, ["release", "folds", *given, "--tissues", "moon"])
    assert wrong.exit_code == 2
    assert "moon" in wrong.output
    assert "Traceback" not in wrong.output


def _store(cohort: Cohort, folder: Path) -> None:
    write_cohort(
        folder / f"{cohort.tissue}.zarr",
        tissue=cohort.tissue,
        obs=cohort.obs,
        genes=cohort.genes,
        x=cohort.x,
        matrices=cohort.matrices,
    )
