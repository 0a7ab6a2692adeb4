"""Each way a package can be wrong is found, and told by the place where it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spacebio_bench.release.folds.listing import measure, present_paths, write_checksums
from spacebio_bench.release.folds.verify import verify_package

from ._package import FOLD, read_json

Break = Callable[[Path], None]


def test_a_whole_package_has_no_problem(package: Path) -> None:
    assert verify_package(package) == []


def edit_json(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    data = read_json(path)
    change(data)
    path.write_text(json.dumps(data))


def both_formats(folder: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    """Change a table in both formats, so that only what it says is wrong."""
    frame = change(pq.read_table(folder / f"{name}.parquet").to_pandas())
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / f"{name}.parquet")
    frame.to_csv(folder / f"{name}.csv", index=False)


def sealed(change: Break) -> Break:
    """Whoever edits a package and makes new digests too."""

    def edit(root: Path) -> None:
        change(root)
        for path in root.glob("*/*/fold_info.json"):
            data = read_json(path)
            for name in data["files"]:
                file = measure(path.parent, name)
                data["files"][name] = {"bytes": file.bytes, "sha256": file.sha256}
            path.write_text(json.dumps(data))
        write_checksums(root, [p for p in present_paths(root) if p != "checksums.json"])

    return edit


def _table(name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Break:
    return sealed(lambda root: both_formats(root / FOLD, name, change))


def _fold(change: Callable[[dict[str, Any]], object]) -> Break:
    return sealed(lambda root: edit_json(root / FOLD / "fold_info.json", change))


def _task(change: Callable[[dict[str, Any]], object]) -> Break:
    return sealed(lambda root: edit_json(root / "A5_skin_lomo/task_info.json", change))


def _add(root: Path, name: str) -> None:
    (root / name).write_text("x")


def _csv_cell(root: Path) -> None:
    path = root / FOLD / "train_y.csv"
    text = path.read_text()
    path.write_text(text.replace(",1\n", ",0\n", 1))


def _meta(column: str, value: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.assign(**{column: [value, *frame[column][1:]]})


@dataclass(frozen=True)
class Fault:
    edit: Break
    where: str
    what: str


FAULTS = {
    "missing": Fault(
        lambda root: (root / FOLD / "test_X.csv").unlink(), f"{FOLD}/test_X.csv", "is not there"
    ),
    "other bytes": Fault(_csv_cell, f"{FOLD}/train_y.csv", "is not what was listed"),
    "one byte more": Fault(
        lambda root: _add(root, f"{FOLD}/selected_genes.txt"), f"{FOLD}/selected_genes.txt", "bytes"
    ),
    "not listed": Fault(lambda root: _add(root, "x.txt"), "x.txt", "is not listed"),
    "csv is not parquet": Fault(sealed(_csv_cell), FOLD, "train_y.csv and its Parquet differ in"),
    "order": Fault(_table("train_y", lambda f: f[::-1]), FOLD, "train_y has not the samples"),
    "meta of others": Fault(
        _table("test_meta", _meta("sample", "x")), FOLD, "test_meta has not the samples of test_X"
    ),
    "gene renamed": Fault(
        _table("test_X", lambda f: f.rename(columns={f.columns[3]: "other"})),
        FOLD,
        "columns of test_X are not those of selected_genes.txt",
    ),
    "in both": Fault(
        _table("test_X", _meta("sample", "skin-08")), FOLD, "in train and in test: skin-08"
    ),
    "twice": Fault(
        _table("train_X", lambda f: pd.concat([f, f[:1]])), FOLD, "train_X has a sample twice"
    ),
    "label": Fault(_table("test_y", lambda f: f.assign(label=2)), FOLD, "neither 0 nor 1"),
    "labels swapped": Fault(
        _table("test_y", lambda f: f.assign(label=f["label"][::-1].to_numpy())),
        FOLD,
        "has both labels",
    ),
    "mission in train": Fault(
        _table("train_meta", _meta("mission", "SIM-1")), FOLD, "SIM-1 is in train and in test"
    ),
    "tissue": Fault(_table("train_meta", _meta("tissue", "eye")), FOLD, "another tissue than skin"),
    "size": Fault(_fold(lambda d: d.update(n_test=99)), FOLD, "n_test is 99"),
    "distribution": Fault(
        _fold(lambda d: d["train_label_distribution"].update(Flight=1)),
        FOLD,
        "train_label_distribution is not",
    ),
    "number of genes": Fault(
        _fold(lambda d: d.update(n_genes_after_var_filter=3)), FOLD, "n_genes_after_var_filter is 3"
    ),
    "excluded and used": Fault(
        _fold(lambda d: d["excluded_samples"].append({"sample": "skin-08"})),
        FOLD,
        "skin-08 is excluded, yet in the fold",
    ),
    "nothing told": Fault(_fold(lambda d: d.pop("n_train")), FOLD, "lacks what is needed"),
    "task count": Fault(
        _task(lambda d: d["folds"][0].update(n_train=1)),
        "A5_skin_lomo/task_info.json",
        "fold_SIM-1_test: n_train differ",
    ),
    "fold not told": Fault(
        _task(lambda d: d["folds"].pop(0)),
        "A5_skin_lomo/task_info.json",
        "fold_SIM-1_test has a folder and is not listed",
    ),
    "folds generated": Fault(
        _task(lambda d: d.update(n_folds_generated=9)), "A5_skin_lomo/task_info.json", "is 9, 4"
    ),
    "another protocol": Fault(
        _task(lambda d: d.update(protocol={})), "A5_skin_lomo/task_info.json", "protocol is not"
    ),
    "mission not told": Fault(
        _task(lambda d: d["missions"].remove("SIM-3")),
        "A5_skin_lomo/task_info.json",
        "missions SIM-3 are not listed",
    ),
    "no JSON": Fault(
        sealed(lambda root: (root / "A5_skin_lomo/task_info.json").write_text("[")),
        "A5_skin_lomo/task_info.json",
        "cannot be read",
    ),
    "no Parquet": Fault(
        sealed(lambda root: (root / FOLD / "train_X.parquet").write_text("PAR1")),
        FOLD,
        "train_X cannot be read",
    ),
    "no checksums": Fault(
        lambda root: (root / "checksums.json").unlink(), "checksums.json", "is not there"
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_fault(copied: Path, fault: Fault) -> None:
    fault.edit(copied)
    problems = verify_package(copied)
    assert any(p.where.endswith(fault.where) and fault.what in p.what for p in problems), problems


def test_all_at_once(copied: Path) -> None:
    for name in ("missing", "not listed", "other bytes"):
        FAULTS[name].edit(copied)
    text = "\n".join(map(str, verify_package(copied)))
    assert "test_X.csv: is not there" in text
    assert "x.txt: is not listed" in text
    assert "train_y.csv: is not what was listed" in text


def test_only_the_tasks_that_are_asked_for(copied: Path) -> None:
    FAULTS["missing"].edit(copied)
    FAULTS["not listed"].edit(copied)
    assert verify_package(copied, tasks=["A6", "B5"]) == []
    assert {p.where for p in verify_package(copied, tasks=["A5"])} == {
        FOLD,
        f"{FOLD}/test_X.csv",
    }
    assert "no task 'A9'" in str(verify_package(copied, tasks=["A9"])[0])
