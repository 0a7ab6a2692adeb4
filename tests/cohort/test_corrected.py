"""correct_batches.R against least squares in NumPy and a simulated shift; its way into a store."""

from __future__ import annotations

import json
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from spacebio_bench.cli import main
from spacebio_bench.cohort.expression import read_corrected
from spacebio_bench.cohort.store import read_cohort, write_cohort
from spacebio_bench.errors import InputError

from ._stage import run_stage, succeed, write_expression

N_GENES = 120
GENES = [f"g{i:03d}" for i in range(N_GENES)]
MISSIONS = {"M1": 6, "M2": 5, "M3": 4}


def _shifted(random: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Counts of three missions; in M2 every gene is up or down fourfold, in M3 depth is triple."""
    mean = random.lognormal(5, 0.7, size=N_GENES)
    change = {"M1": 1.0, "M2": np.where(np.arange(N_GENES) % 2, 4.0, 0.25), "M3": 3.0}
    studies = {}
    for mission, n in MISSIONS.items():
        rate = random.gamma(20, mean * change[mission] / 20, size=(n, N_GENES))
        names = [f"{mission}_{i}" for i in range(n)]
        studies[mission] = pd.DataFrame(random.poisson(rate), names, GENES)
    studies["M1"]["g000"] = 0  # a whole mission lacks it
    studies["M3"] = studies["M3"].drop(columns="g119")[GENES[-2::-1]]
    return studies


@pytest.fixture(scope="module")
def studies() -> dict[str, pd.DataFrame]:
    return _shifted(np.random.default_rng(8))


@pytest.fixture(scope="module")
def corrected(studies: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corrected")
    files = [write_expression(folder / f"{m}.h5", counts) for m, counts in studies.items()]
    succeed(
        "correct_batches.R",
        expression=",".join(map(str, files)),
        missions=",".join(studies),
        output=folder / "eye.corrected.h5",
    )
    return folder / "eye.corrected.h5"


def _together(studies: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, np.ndarray]:
    together = pd.concat([counts[GENES[:-1]] for counts in studies.values()])
    return np.log2(together + 1), np.repeat(list(studies), [len(c) for c in studies.values()])


def test_limma_takes_out_the_batch_terms_of_least_squares(
    studies: dict[str, pd.DataFrame], corrected: Path
) -> None:
    found = read_corrected(corrected)
    x, mission = _together(studies)
    assert found.samples == tuple(x.index)
    assert found.genes == tuple(x.columns)  # common to all, in the order of the first
    # deviation coding: the intercept is the mean of the missions' means
    codes = np.vstack([np.eye(2), [-1, -1]])[[list(studies).index(m) for m in mission]]
    design = np.column_stack([np.ones(len(x)), codes])
    effects = np.linalg.lstsq(design, x.to_numpy(), rcond=None)[0]
    expected = x.to_numpy() - codes @ effects[1:]
    np.testing.assert_allclose(found.methods["limma"], expected, rtol=0, atol=1e-10)


def test_combat_seq_removes_a_shift_and_keeps_what_is_within_a_mission(
    studies: dict[str, pd.DataFrame], corrected: Path
) -> None:
    values = read_corrected(corrected).methods["combat_seq"]
    assert np.isnan(values[:, 0]).all(), "M1 lacks the gene; ComBat-seq does not touch it"
    values = values[:, 1:]
    assert (values >= 0).all()
    x, mission = _together(studies)
    before = x.to_numpy()[:, 1:]

    def apart(table: np.ndarray) -> float:
        means = np.array([table[mission == m].mean(axis=0) for m in studies])
        return float(np.abs(means - means.mean(axis=0)).mean())

    assert apart(before) > 0.8
    assert apart(values) < 0.1
    for m in studies:  # ranks of the samples of a mission, gene by gene
        own = mission == m
        inner = [
            np.corrcoef(a, b)[0, 1]
            for a, b in zip(before[own].T, values[own].T, strict=True)
            if a.std() > 0
        ]
        assert np.median(inner) > 0.8


def test_same_bytes_again(corrected: Path, tmp_path: Path) -> None:
    files = [corrected.parent / f"{m}.h5" for m in MISSIONS]
    succeed(
        "correct_batches.R",
        expression=",".join(map(str, files)),
        missions=",".join(MISSIONS),
        output=tmp_path / "again.h5",
    )
    assert (tmp_path / "again.h5").read_bytes() == corrected.read_bytes()


def test_what_cannot_be_corrected_is_a_note(corrected: Path, tmp_path: Path) -> None:
    single = write_expression(
        tmp_path / "one.h5", pd.DataFrame([[3, 4], [5, 9]], ["a", "b"], GENES[:2])
    )
    said = succeed(
        "correct_batches.R", expression=single, missions="M1", output=tmp_path / "none.h5"
    )
    assert said.count("one mission: there is no batch to correct for") == 2
    assert read_corrected(tmp_path / "none.h5").methods == {}
    lone = write_expression(tmp_path / "lone.h5", pd.DataFrame([[3] * N_GENES], ["z"], GENES))
    said = succeed(
        "correct_batches.R",
        expression=f"{corrected.parent / 'M1.h5'},{lone}",
        missions="M1,M2",
        output=tmp_path / "lone.corrected.h5",
    )
    assert "NOTE: combat_seq: ComBat-seq needs two samples of every mission." in said
    assert list(read_corrected(tmp_path / "lone.corrected.h5").methods) == ["limma"]


def test_wrong_options_are_said(corrected: Path, tmp_path: Path) -> None:
    one = corrected.parent / "M1.h5"
    done = run_stage(
        "correct_batches.R", expression=one, missions="M1,M2", output=tmp_path / "x.h5"
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--missions: one for each file" in done.stderr
    done = run_stage(
        "correct_batches.R",
        expression=one,
        missions="M1",
        methods="magic",
        output=tmp_path / "x.h5",
    )
    assert "'magic' is not one of limma, combat_seq." in done.stderr


def _obs(n: int) -> pd.DataFrame:
    names = pd.Index([f"s{i}" for i in range(n)], dtype=object)
    return pd.DataFrame(
        {"mission": "M1", "accession": "A", "condition": "FLT", "role": "benchmark"},
        index=names,
        dtype=object,
    )


def test_layers_and_symbols_round_trip(tmp_path: Path) -> None:
    x = np.arange(6.0).reshape(3, 2)
    layers = {"limma": x - 1, "combat_seq": np.column_stack([x[:, 0], [np.nan] * 3])}
    digests = write_cohort(
        tmp_path / "eye.zarr",
        tissue="eye",
        obs=_obs(3),
        genes=("a", "b"),
        x=x,
        counts=x.astype(int),
        symbols=["A", ""],
        layers=layers,
    )
    cohort = read_cohort(tmp_path / "eye.zarr")
    assert cohort.symbols == ("A", "")
    assert list(cohort.layers) == ["combat_seq", "limma"]
    for name, values in layers.items():
        np.testing.assert_array_equal(cohort.layers[name], values)
        assert cohort.digests[f"layer:{name}"] == digests[f"layer:{name}"]
    assert cohort.digests["layer:limma"] != cohort.digests["gene"]
    plain = anndata.read_zarr(tmp_path / "eye.zarr")
    assert set(plain.layers) == {"counts", "batch_limma", "batch_combat_seq"}


def test_a_store_without_layers_or_symbols_has_none(tmp_path: Path) -> None:
    write_cohort(tmp_path / "eye.zarr", tissue="eye", obs=_obs(2), genes=("a",), x=np.ones((2, 1)))
    cohort = read_cohort(tmp_path / "eye.zarr")
    assert (cohort.layers, cohort.symbols) == ({}, ())


def test_an_edited_layer_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "eye.zarr"
    x = np.ones((2, 1))
    write_cohort(path, tissue="eye", obs=_obs(2), genes=("a",), x=x, layers={"limma": x})
    store = anndata.read_zarr(path)
    store.layers["batch_limma"] = store.layers["batch_limma"] + 1
    store.write_zarr(path)
    with pytest.raises(InputError, match="layer:limma: not what was written"):
        read_cohort(path)


@pytest.fixture
def checked(tmp_path: Path) -> Path:
    """A checked folder of two missions with counts and one without, and their expression."""
    folder = tmp_path / "checked"
    (folder / "studies").mkdir(parents=True)
    rows = ["id,tissue,mission,accession,role,counts,samples"]
    for mission, samples in {"M1": "ab", "M2": "cd", "M3": "e"}.items():
        table = folder / f"studies/{mission}.csv"
        table.write_text("sample,condition,note\n" + "".join(f"{s},FLT,\n" for s in samples))
        counts = "" if mission == "M3" else "counts.csv"
        rows.append(f"eye.{mission}.A,eye,{mission},A,,{counts},studies/{mission}.csv")
        if counts:
            values = np.full((2, 3), ord(samples[0]))
            frame = pd.DataFrame(values, list(samples), ["g1", "g2", "g3"])
            write_expression(tmp_path / f"eye.{mission}.A.h5", frame)
    (folder / "studies.csv").write_text("\n".join(rows) + "\n")
    (folder / "counts.csv").write_text("")
    (folder / "symbols.csv").write_text("gene_id,symbol\ng1,Abc\n")
    (folder / "check.json").write_text(json.dumps({"gene_sets": []}))
    return folder


def _write_corrected(path: Path, samples: str, genes: list[str], values: np.ndarray) -> None:
    with h5py.File(path, "w") as store:
        store["samples"] = np.array(list(samples), dtype="S")
        store["genes"] = np.array(genes, dtype="S")
        store["corrected/limma"] = values
        store.attrs["limma_recipe"] = "by hand"


def _build(checked: Path, output: Path) -> tuple[int, str]:
    arguments = ["build", "--checked", str(checked), "--tissue", "eye", "--output", str(output)]
    for mission in ("M1", "M2"):
        arguments += ["--expression", str(checked.parent / f"eye.{mission}.A.h5")]
    done = CliRunner().invoke(main, [*arguments, "--corrected", str(checked.parent)])
    return done.exit_code, done.output


def test_build_aligns_corrected_expression_by_name(checked: Path, tmp_path: Path) -> None:
    values = np.array([[10.0, 11], [20, 21], [30, 31], [40, 41]])
    _write_corrected(tmp_path / "eye.corrected.h5", "dcba", ["g3", "g1"], values)
    code, said = _build(checked, tmp_path / "eye.zarr")
    assert code == 0, said
    cohort = read_cohort(tmp_path / "eye.zarr")
    assert cohort.genes == ("g1", "g2", "g3")
    assert cohort.symbols == ("Abc", "", "")
    layer = pd.DataFrame(cohort.layers["limma"], cohort.obs.index, list(cohort.genes))
    assert layer.loc["a", ["g1", "g3"]].tolist() == [41, 40]
    assert layer.loc["d", ["g1", "g3"]].tolist() == [11, 10]
    assert layer["g2"].isna().all()
    assert layer.loc["e"].isna().all()
    recipe = anndata.read_zarr(tmp_path / "eye.zarr").uns["provenance"]["recipe"]
    assert recipe["correction_limma"] == "by hand"


def test_build_refuses_corrected_samples_of_others(checked: Path, tmp_path: Path) -> None:
    _write_corrected(tmp_path / "eye.corrected.h5", "abx", ["g1"], np.ones((3, 1)))
    code, said = _build(checked, tmp_path / "eye.zarr")
    assert code == 2
    assert "sample x is not one of eye with counts" in said
