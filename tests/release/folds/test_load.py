"""Loading is one call, and what was not downloaded whole is not loaded."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

import spacebio_bench
from spacebio_bench.errors import InputError

from ._package import FOLD

NAMES: dict[str, tuple[str, str | Sequence[str], str]] = {
    "mission": ("A5", "SIM-1", "fold_SIM-1_test"),
    "small letter": ("a5", "SIM-2", "fold_SIM-2_test"),
    "folders": ("A5_skin_lomo", "fold_SIM-1_test", "fold_SIM-1_test"),
    "hold-out": ("A5", "SIM-4", "fold_SIM-4_holdout"),
    "pair": ("B5", ("SIM-3", "SIM-1"), "pair_SIM-3_SIM-1"),
    "name of a pair": ("B5", "pair_SIM-3_SIM-1", "pair_SIM-3_SIM-1"),
}


@pytest.mark.parametrize("case", NAMES.values(), ids=NAMES.keys())
def test_names(package: Path, case: tuple[str, str | Sequence[str], str]) -> None:
    assert spacebio_bench.load_fold(case[0], case[1], root=package).info["fold"] == case[2]


def test_frames_are_the_csv(package: Path) -> None:
    fold = spacebio_bench.load_fold("A5", "SIM-1", root=package)
    for name in ("train_X", "test_X", "train_meta", "test_meta"):
        read = pd.read_csv(
            package / FOLD / f"{name}.csv", index_col=0, float_precision="round_trip"
        )
        read = read.fillna({"note": ""}) if "note" in read else read
        pd.testing.assert_frame_equal(getattr(fold, name), read, check_exact=True)
    y = pd.read_csv(package / FOLD / "test_y.csv", index_col=0)["label"]
    pd.testing.assert_series_equal(fold.test_y, y)
    assert fold.train_features["pathway_toy"].shape == (len(fold.train_X), 4)


def test_anndata(package: Path) -> None:
    got = spacebio_bench.load_fold("A5", "SIM-1", root=package, as_="anndata")
    fold = spacebio_bench.load_fold("A5", "SIM-1", root=package)
    assert isinstance(got, anndata.AnnData)
    train = got[got.obs["split"] == "train"]
    np.testing.assert_array_equal(train.X, fold.train_X.to_numpy())
    assert list(train.obs["y"]) == list(fold.train_y)
    assert list(got.obs_names[len(fold.train_X) :]) == list(fold.test_X.index)
    assert json.loads(got.uns["fold_info"])["fold"] == "fold_SIM-1_test"


def test_one_fold_alone_is_enough(package: Path, tmp_path: Path) -> None:
    shutil.copytree(package / FOLD, tmp_path / FOLD)
    assert spacebio_bench.load_fold("A5", "SIM-1", root=tmp_path).info["fold"] == "fold_SIM-1_test"


def test_all_damaged_files_are_told(copied: Path) -> None:
    (copied / FOLD / "train_X.parquet").unlink()
    broken = copied / FOLD / "test_y.parquet"
    data = bytearray(broken.read_bytes())
    data[40] ^= 1
    broken.write_bytes(data)
    with pytest.raises(InputError) as caught:
        spacebio_bench.load_fold("A5", "SIM-1", root=copied)
    assert "train_X.parquet: is not there" in str(caught.value)
    assert "test_y.parquet: is not what was listed" in str(caught.value)


def test_an_edited_fold_info_is_told(copied: Path) -> None:
    path = copied / FOLD / "fold_info.json"
    path.write_text(path.read_text().replace('"n_train": 14', '"n_train": 15'))
    with pytest.raises(InputError, match=r"fold_info\.json: is not what was listed"):
        spacebio_bench.load_fold("A5", "SIM-1", root=copied)


@pytest.mark.parametrize(
    ("task", "fold", "message"),
    [
        ("A9", "SIM-1", "has no task 'A9'; it has A5_skin_lomo"),
        ("A5", "SIM-9", "has no fold 'SIM-9'; it has fold_SIM-1_test"),
        ("B5", ("SIM-1", "SIM-9"), "has no fold 'pair_SIM-1_SIM-9'"),
    ],
)
def test_unknown_names(package: Path, task: str, fold: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        spacebio_bench.load_fold(task, fold, root=package)
    assert message in str(caught.value)


def test_importing_the_package_imports_no_pandas() -> None:
    code = "import sys, spacebio_bench; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    with pytest.raises(AttributeError, match="no attribute 'load_folds'"):
        spacebio_bench.load_folds  # noqa: B018
