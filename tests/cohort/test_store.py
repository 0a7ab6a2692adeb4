"""The store: what goes in comes out, plain anndata reads it, and damage is seen."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
import zarr
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from spacebio_bench.cohort.store import cohort_digests, read_cohort, write_cohort
from spacebio_bench.errors import InputError

SAMPLES = ["é1", "b2", "a3", "c4"]
GENES = ("ENSMUSG2", "ENSMUSG1", "ENSMUSG3")


def _obs() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "mission": ["M1", "M1", "M2", "M2"],
            "accession": ["A", "A", "B", "B"],
            "role": "benchmark",
            "condition": ["FLT", "GC", "FLT", "GC"],
            "strain": ["C57BL/6", "", "", "BALB/c"],
            "library_size": [1e6, np.nan, 3.5e6, 1 / 3],
        },
        index=pd.Index(SAMPLES, name="sample"),
    )


def _write(path: Path) -> dict[str, str]:
    random = np.random.default_rng(0)
    counts = random.integers(0, 50, size=(4, 3)).astype(np.int32)
    index = pd.Index(SAMPLES)
    return write_cohort(
        path,
        tissue="eye",
        obs=_obs(),
        genes=GENES,
        x=np.log2(counts + 1),
        counts=counts,
        symbols=["Two", "", "Three"],
        n_studies=[2, 1, 2],
        matrices={
            "pathway_kegg": pd.DataFrame({"P": [1, 2, np.nan, np.nan], "Q": 0.1}, index=index),
            "embedding": pd.DataFrame(random.normal(size=(4, 2)), index=index, columns=["a", "é"]),
        },
        provenance={"recipe": {"normalisation": "by hand"}},
    )


@pytest.fixture
def store(tmp_path: Path) -> Path:
    _write(tmp_path / "eye.zarr")
    return tmp_path / "eye.zarr"


def test_plain_anndata_reads_it_without_a_warning(store: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = anndata.read_zarr(store)
    assert json.loads((store / "zarr.json").read_text())["zarr_format"] == 3
    assert read.X.dtype == np.float32
    np.testing.assert_array_equal(read.X, np.log2(read.layers["counts"] + 1).astype(np.float32))
    pd.testing.assert_frame_equal(read.obs, _obs(), check_names=False)
    assert read.var["symbol"].tolist() == ["Two", "", "Three"]
    assert read.var["n_studies"].tolist() == [2, 1, 2]
    assert read.uns["features"]["embedding"].tolist() == ["a", "é"]
    assert read.uns["provenance"]["recipe"] == {"normalisation": "by hand"}
    assert np.isnan(read.obsm["pathway_kegg"][2:, 0]).all()


def test_reading_gives_what_was_written(tmp_path: Path) -> None:
    digests = _write(tmp_path / "eye.zarr")
    cohort = read_cohort(tmp_path / "eye.zarr")
    assert cohort.tissue == "eye"
    assert cohort.genes == GENES
    assert cohort.digests == digests
    assert set(digests) == {"obs", "gene", "pathway_kegg", "embedding"}
    assert list(cohort.matrices) == ["pathway_kegg", "embedding"], "the order that was given"
    pd.testing.assert_frame_equal(cohort.obs, _obs())
    pd.testing.assert_index_equal(cohort.matrices["embedding"].index, cohort.obs.index)


def test_feature_sets_alone_leave_no_genes(tmp_path: Path) -> None:
    matrix = pd.DataFrame({"x": [1.0, 2, 3, 4]}, index=pd.Index(SAMPLES))
    empty = pd.DataFrame(index=pd.Index(SAMPLES))
    write_cohort(tmp_path / "a.zarr", tissue="eye", obs=_obs(), matrices={"x": matrix, "no": empty})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert anndata.read_zarr(tmp_path / "a.zarr").shape == (4, 0)
        cohort = read_cohort(tmp_path / "a.zarr")
    assert cohort.x.shape == (4, 0)
    assert cohort.matrices["no"].shape == (4, 0)


def _content(folder: Path) -> dict[str, bytes]:
    files = (p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


def test_same_bytes_for_the_same_content(store: Path, tmp_path: Path) -> None:
    _write(tmp_path / "again.zarr")
    assert _content(store) == _content(tmp_path / "again.zarr")


def test_an_old_store_stays_until_the_new_one_is_whole(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _content(store)
    write = anndata.io.write_elem

    def fail_half_way(*args: object, **kwargs: object) -> None:
        write(*args, **kwargs)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(anndata.io, "write_elem", fail_half_way)
    with pytest.raises(OSError, match="No space left"):
        write_cohort(store, tissue="other", obs=_obs())
    assert _content(store) == before
    assert [p.name for p in store.parent.iterdir()] == ["eye.zarr"], "nothing half-made is left"


def test_a_new_store_replaces_the_old(store: Path) -> None:
    write_cohort(store, tissue="liver", obs=_obs().iloc[:2])
    assert read_cohort(store).tissue == "liver"
    assert len(read_cohort(store).obs) == 2


@dataclass(frozen=True)
class ExpectFail:
    spoil: Callable[[Path], object]
    message: str


def _chunk(store: Path, name: str) -> Path:
    return next(p for p in (store / name).rglob("*") if p.is_file() and p.name != "zarr.json")


def _foreign(store: Path) -> None:
    shutil.rmtree(store)
    zarr.open_group(store, mode="w").create_array("value", data=np.zeros(3))


def _no_missions(store: Path) -> None:
    shutil.rmtree(store)
    _plain_anndata().write_zarr(store)


def _renamed(store: Path) -> None:
    obs = zarr.open_group(store, mode="r+")["obs/mission"]
    obs[0] = "M2"


FAILURES = {
    "not there": ExpectFail(shutil.rmtree, "there is no cohort store."),
    "an empty folder": ExpectFail(
        lambda s: (shutil.rmtree(s), s.mkdir()), "cannot be read as a cohort store"
    ),
    "another Zarr store": ExpectFail(_foreign, "it has no X, obs, obsm, uns, var."),
    "AnnData without missions": ExpectFail(
        _no_missions, "obs has no column mission, accession, condition, role."
    ),
    "a lost chunk reads as zeros": ExpectFail(
        lambda s: _chunk(s, "X").unlink(), "gene: not what was written."
    ),
    "a cut chunk": ExpectFail(
        lambda s: _chunk(s, "X").write_bytes(_chunk(s, "X").read_bytes()[:-9]),
        "cannot be read as a cohort store",
    ),
    "an edited table": ExpectFail(_renamed, "obs: not what was written."),
    "metadata that is not JSON": ExpectFail(
        lambda s: (s / "zarr.json").write_text("{"), "cannot be read as a cohort store"
    ),
    "a lost part": ExpectFail(lambda s: shutil.rmtree(s / "obsm"), "it has no obsm."),
}


@pytest.mark.filterwarnings("ignore:Writing zarr v2")
@pytest.mark.parametrize("case", FAILURES.values(), ids=FAILURES.keys())
def test_a_store_that_is_not_right(case: ExpectFail, store: Path) -> None:
    case.spoil(store)
    with pytest.raises(InputError) as error:
        read_cohort(store)
    assert case.message in str(error.value)
    assert str(store) in str(error.value)


def _plain_anndata(**obs: list[str]) -> anndata.AnnData:
    table = pd.DataFrame(obs, index=["s1", "s2", "s3"])
    return anndata.AnnData(
        X=sparse.csr_matrix(np.eye(3, dtype=np.float32)),
        obs=table,
        var=pd.DataFrame(index=["g1", "g2", "g3"]),
    )


@pytest.mark.filterwarnings("ignore:Writing zarr v2")
def test_a_store_made_with_anndata_alone_is_read(tmp_path: Path) -> None:
    theirs = _plain_anndata(
        mission=["M", "M", "N"], accession=["A", "A", "B"], condition=["FLT"] * 3, role=["x"] * 3
    )
    theirs.obs["sex"] = pd.Categorical(["f", None, "f"])
    theirs.obsm["embedding"] = pd.DataFrame({"e": [1.0, 2, 3]}, index=theirs.obs_names)
    theirs.write_zarr(tmp_path / "liver.zarr")
    cohort = read_cohort(tmp_path / "liver.zarr")
    assert cohort.tissue == "liver"
    assert cohort.obs["sex"].tolist() == ["f", "", "f"]
    np.testing.assert_array_equal(cohort.x, np.eye(3))
    assert list(cohort.matrices["embedding"].columns) == ["e"]


@given(row=st.integers(0, 3), column=st.integers(0, 2), change=st.sampled_from([1e-6, 1, np.nan]))
def test_a_digest_tells_every_value_apart(row: int, column: int, change: float) -> None:
    x = np.arange(12, dtype=np.float32).reshape(4, 3) / 64
    changed = x.copy()
    changed[row, column] += np.float32(change)
    before, after = (cohort_digests(_obs(), GENES, m, {})["gene"] for m in (x, changed))
    assert before != after
    assert cohort_digests(_obs(), GENES, x.copy(order="F"), {})["gene"] == before


def test_a_digest_tells_samples_and_columns_apart() -> None:
    x = np.zeros((4, 3), dtype=np.float32)
    plain = cohort_digests(_obs(), GENES, x, {})
    renamed = cohort_digests(_obs().rename(index={"b2": "b3"}), GENES, x, {})
    other_genes = cohort_digests(_obs(), (*GENES[:2], "ENSMUSG4"), x, {})
    assert len({plain["gene"], renamed["gene"], other_genes["gene"]}) == 3
    assert plain["obs"] == other_genes["obs"] != renamed["obs"]
    flown = cohort_digests(_obs().assign(condition="FLT"), GENES, x, {})
    assert flown["gene"] == plain["gene"]
    assert flown["obs"] != plain["obs"]
