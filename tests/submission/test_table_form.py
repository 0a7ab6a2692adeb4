"""The long form and the labels file: the same answers as JSON, and faults with their rows."""

from __future__ import annotations

import codecs
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from spacebio_bench.errors import InputError
from spacebio_bench.submission.findings import Findings
from spacebio_bench.submission.labels import read_labels
from spacebio_bench.submission.read import read_submission

from ._made import document, labelled, predictions, write_json, write_labels

META = {"task_id": "A6", "model_name": "made_v1"}


def long_table(**columns: Any) -> pd.DataFrame:
    rows = [(f, s, v) for f, own in predictions().items() for s, v in own.items()]
    return pd.DataFrame(rows, columns=["fold", "sample", "score"]).assign(**columns)


def text_of(table: pd.DataFrame) -> str:
    return str(table.to_csv(index=False))


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
def test_the_forms_are_one_submission(ending: str, tmp_path: Path) -> None:
    labels, path = write_labels(tmp_path), tmp_path / f"scores.{ending}"
    table = long_table(**META, saw_other_folds_labels="true").sample(frac=1, random_state=1)
    if ending == "parquet":
        table.assign(saw_other_folds_labels=True).to_parquet(path, index=False)
    else:
        table.to_csv(path, index=False)
    submission, _ = read_submission(path, labels, task="A6")
    bare = document(model_description=..., tier=..., submission_date=...)
    wanted, _ = read_submission(write_json(tmp_path, bare), labels)
    assert submission.digest == wanted.digest
    assert submission.about.declared


def test_any_finite_score_and_options(tmp_path: Path) -> None:
    table = long_table()
    table["score"] = np.log(table["score"] + 1e-3) * 1e30
    path = tmp_path / "decision.csv"
    table.to_csv(path, index=False)
    options = {"model_name": "svm_v1", "tier": "1", "saw_other_folds_labels": False}
    submission, _ = read_submission(path, write_labels(tmp_path), task="A6", options=options)
    assert not submission.about.saw_other_folds_labels
    assert min(submission.scores["fold_SIM-1_test"]) < -1e29


@dataclass(frozen=True)
class Fault:
    text: str
    told: str


GOOD = text_of(long_table())
FIRST = GOOD.splitlines()[1]
FAULTS = {
    "no column": Fault(GOOD.replace("score", "value", 1), "'score' is not among the columns"),
    "column twice": Fault(GOOD.replace("sample", "fold", 1), "'fold' is there twice"),
    "no row": Fault("fold,sample,score\n", "has no row"),
    "row twice": Fault(
        GOOD + "\n" + FIRST + "\n", "row 32: sample 'sim-1_s00' of fold 'fold_SIM-1_test' is there"
    ),
    "short row": Fault(GOOD + "fold_SIM-1_test,x\n", "row 31: has 2 fields, the header 3"),
    "empty name": Fault(GOOD + ",x,1\n", "row 31: fold and sample have to be text"),
    "NaN": Fault(GOOD.replace(FIRST, FIRST.rsplit(",", 1)[0] + ",nan"), "is not finite"),
    "inf": Fault(GOOD.replace(FIRST, FIRST.rsplit(",", 1)[0] + ",-inf"), "is not finite"),
    "1e999": Fault(GOOD.replace(FIRST, FIRST.rsplit(",", 1)[0] + ",1e999"), "is too large"),
    "no score": Fault(GOOD.replace(FIRST, FIRST.rsplit(",", 1)[0] + ","), "is missing, first ''"),
    "text": Fault(GOOD.replace(FIRST, FIRST.rsplit(",", 1)[0] + ",1_0"), "is text, first '1_0'"),
    "labels": Fault(text_of(long_table(Condition=1)), "'Condition': labels are held"),
    "unknown": Fault(text_of(long_table(colour=1)), "'colour' is not known"),
    "varies": Fault(
        text_of(long_table(model_name=[f"m{i % 2}" for i in range(29)])),
        "column model_name: holds 'm0', 'm1'; one value",
    ),
    "task": Fault(text_of(long_table(task_id="B6")), "is B6, but A6 is asked for"),
    "declaration": Fault(
        text_of(long_table(saw_other_folds_labels="maybe")), "'maybe' is not true or false"
    ),
    "quote": Fault('fold,sample,score\n"a', "is not CSV"),
    "NUL": Fault(GOOD + "\0,\0,1\n", "1 fold is not of this task"),
    "unnamed": Fault(GOOD, "model_name: is missing; --model-name"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told(fault: Fault, tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(fault.text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_submission(path, write_labels(tmp_path), task="A6")
    assert fault.told in str(caught.value)


def test_bad_parquet_and_bad_gzip(tmp_path: Path) -> None:
    labels = write_labels(tmp_path)
    for name, data, told in (
        ("a.parquet", b"PAR1 not at all", "is not Parquet"),
        ("a.csv.gz", b"not gzip", "cannot be read"),
        ("b.csv.gz", gzip.compress(GOOD.encode())[:-20], "cannot be read"),
        ("c.csv.gz", gzip.compress(b"0" * 50_000_001), "larger than 50 MB"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match=told):
            read_submission(tmp_path / name, labels, task="A6")


@pytest.mark.parametrize(
    ("score", "told"),
    [
        (pd.Series([True] * 29), "is a boolean"),
        (pd.Series(["0.5"] * 29), "is text"),
        (pd.Series([None] + [0.1] * 28, dtype=object), "is missing"),
        (pd.Series([np.inf] + [0.1] * 28), "is not finite"),
        (pd.Series([pd.Timestamp("2026-01-01")] * 29), "is no number"),
    ],
)
def test_scores_of_parquet(score: pd.Series, told: str, tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    long_table(score=score).to_parquet(path, index=False)
    with pytest.raises(InputError, match=told):
        read_submission(path, write_labels(tmp_path), task="A6")


def test_a_text_that_rows_share_stays_one(tmp_path: Path) -> None:
    """Spelled out for each row it would be 290 GB."""
    table = pd.concat([long_table()] * 10_000)
    path = tmp_path / "bomb.parquet"
    dictionary = pa.DictionaryArray.from_arrays(np.zeros(len(table), np.int32), ["x" * 1_000_000])
    columns = [pa.array(table[name]) for name in ("fold", "sample", "score")]
    names = ["fold", "sample", "score", "model_name"]
    pq.write_table(pa.table([*columns, dictionary], names=names), path)
    with pytest.raises(InputError, match="is no model name"):
        read_submission(path, write_labels(tmp_path), task="A6")


def test_lists_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / "scores.parquet"
    long_table(note=[["a"]] * 29).to_parquet(path, index=False)
    with pytest.raises(InputError, match="'note' holds lists"):
        read_submission(path, write_labels(tmp_path), task="A6")


LABELS = {
    "no column": ("sample,mission\na,b\n", "'label' is not"),
    "twice": ("sample,mission,label,label\n", "'label' is not"),
    "label": ("sample,mission,label\na,M,FLT\n", "row 2, column label: 'FLT' is not 0"),
    "empty": ("sample,mission,label\na,,1\n", "row 2: sample and mission have to be filled in"),
    "short": ("sample,mission,label\na,M\n", "row 2: has 2 fields"),
    "none": ("sample,mission,label\n", "has no labelled sample"),
    "again": ("sample,mission,label\na,M,1\na,N,0\n", "sample 'a' is there more than once"),
}


@pytest.mark.parametrize(("text", "told"), LABELS.values(), ids=LABELS.keys())
def test_labels_are_read_strictly(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_submission(write_json(tmp_path, document()), path)
    assert told in str(caught.value)


def test_one_mission_and_one_class(tmp_path: Path) -> None:
    path = write_json(tmp_path, document())
    with pytest.raises(InputError, match="holds one mission, 'M'; none is left to train on"):
        read_submission(path, write_labels(tmp_path, [("a", "M", 0), ("b", "M", 1)]))
    rows = [(s, m, 0) for s, m, _ in labelled()]
    with pytest.raises(InputError, match="no fold can be scored: SIM-1 has 0 flight and 12 ground"):
        read_submission(path, write_labels(tmp_path, rows))


def test_pairs_of_one_name(tmp_path: Path) -> None:
    missions = ("A", "B_C", "A_B", "C")
    rows = [(f"{m}{i}", m, i % 2) for m in missions for i in range(4)]
    with pytest.raises(InputError, match="two pairs of missions are both called 'pair_A_B_C'"):
        read_submission(write_json(tmp_path, document(task_id="B6")), write_labels(tmp_path, rows))


def test_float_labels_and_further_columns(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("mission,label,sample,sex\nM,1.0,a,F\nN,0,b,M\n", encoding="utf-8")
    labels = read_labels(path, Findings())
    assert labels is not None
    assert (labels.samples, labels.missions, labels.labels) == (("a", "b"), ("M", "N"), (1, 0))


@given(data=st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode()))
@example(data=codecs.BOM_UTF8)
@example(data=codecs.BOM_UTF8 + b"\n \n")
@example(data=b"\n")
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_break_the_readers(data: bytes, tmp_path: Path) -> None:
    for name in ("any.csv", "any.csv.gz", "any.parquet"):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError):
            read_submission(tmp_path / name, write_labels(tmp_path))
    with pytest.raises(InputError):
        read_submission(write_json(tmp_path, document()), tmp_path / "any.csv")
