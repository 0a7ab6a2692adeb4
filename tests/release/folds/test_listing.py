"""The list of a package's files, which other parts of a release read."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.errors import InputError
from spacebio_bench.release.folds.listing import (
    FORMAT,
    ExpectedFile,
    expected_files,
    is_fold_package,
    package_files,
)

from ._package import FOLD


def test_every_file_but_itself_is_listed_with_its_digest(package: Path) -> None:
    listed = {f.path: (f.bytes, f.sha256) for f in expected_files(package)}
    there = {
        p.relative_to(package).as_posix(): (
            len(p.read_bytes()),
            hashlib.sha256(p.read_bytes()).hexdigest(),
        )
        for p in package.rglob("*")
        if p.is_file() and p.name != "checksums.json"
    }
    assert listed == there
    assert is_fold_package(package)


def test_files_of_a_task(package: Path) -> None:
    paths = {f.path for f in expected_files(package, "a5")}
    assert paths == {f.path for f in expected_files(package, "A5_skin_lomo")}
    assert paths == {f.path for f in expected_files(package) if f.path.startswith("A5_skin_lomo/")}
    with pytest.raises(InputError, match=r"no task 'A1'; there are A5_skin_lomo, A6_eye_lomo"):
        expected_files(package, "A1")


def test_present_and_missing(copied: Path) -> None:
    (copied / FOLD / "train_X.csv").unlink()
    size = (copied / FOLD / "train_y.csv").stat().st_size
    (copied / FOLD / "train_y.csv").write_text("")
    found = package_files(copied, "A5")
    assert {file.path: reason for file, reason in found.missing} == {
        f"{FOLD}/train_X.csv": "is not there",
        f"{FOLD}/train_y.csv": f"has 0 bytes, {size} are listed",
    }
    assert len(found.present) == len(expected_files(copied, "A5")) - 2


BAD = {
    "leads out": [{"path": "../x", "bytes": 1, "sha256": "0"}],
    "absolute": [{"path": "/etc/passwd", "bytes": 1, "sha256": "0"}],
    "no digest": [{"path": "x", "bytes": 1}],
    "no list": {},
    "negative": [{"path": "x", "bytes": -1, "sha256": "0"}],
}


@pytest.mark.parametrize("files", BAD.values(), ids=BAD.keys())
def test_a_list_that_cannot_be_trusted(files: object, tmp_path: Path) -> None:
    (tmp_path / "checksums.json").write_text(json.dumps({"format": FORMAT, "files": files}))
    with pytest.raises(InputError, match=r"checksums\.json"):
        expected_files(tmp_path)


@given(
    content=st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["format", "files"]), inner)
        ),
    ).map(lambda data: json.dumps(data).encode())
)
def test_whatever_stands_there_is_an_answer(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("list")
    (folder / "checksums.json").write_bytes(content)
    try:
        files = expected_files(folder)
    except InputError:
        return
    assert all(isinstance(file, ExpectedFile) for file in files)
