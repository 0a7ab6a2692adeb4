"""The JSON form: every fault is found, all at once, and nothing that is sent breaks the reader."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import spacebio_bench.submission
from spacebio_bench.errors import InputError
from spacebio_bench.submission.read import read_submission

from ._made import document, labelled, predictions, write_json, write_labels

SCHEMA = json.loads(
    (Path(spacebio_bench.submission.__file__).parent / "schema.json").read_text(encoding="utf-8")
)
FOLD = "fold_SIM-1_test"


def problems_of(tmp_path: Path, content: Any, **more: Any) -> str:
    path = write_json(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read_submission(path, write_labels(tmp_path), **more)
    return str(caught.value)


def changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    whole = copy.deepcopy(document())
    change(whole)
    return whole


def with_score(text: str) -> str:
    """The document as JSON, with `text` as it is in the place of a score."""
    whole = document()
    whole["predictions"][FOLD]["sim-1_s00"] = "PLACE"
    return json.dumps(whole).replace('"PLACE"', text)


def test_a_good_one_is_read(tmp_path: Path) -> None:
    submission, labels = read_submission(
        write_json(tmp_path, document()), write_labels(tmp_path), task="A6_eye_lomo"
    )
    assert submission.predictions == predictions()
    assert submission.about.saw_other_folds_labels
    assert not submission.about.declared
    assert submission.about.tier == "1"
    assert labels.mission_names == ("SIM-1", "SIM-2", "SIM-3")


def test_order_and_bom_change_nothing(tmp_path: Path) -> None:
    plain, _ = read_submission(write_json(tmp_path, document()), write_labels(tmp_path))
    turned = document(
        predictions={f: dict(reversed(s.items())) for f, s in reversed(predictions().items())}
    )
    other, _ = read_submission(
        write_json(tmp_path, "\ufeff" + json.dumps(turned)), write_labels(tmp_path)
    )
    assert other.digest == plain.digest


@dataclass(frozen=True)
class Fault:
    content: Any
    told: tuple[str, ...]


FAULTS = {
    "no object": Fault([1], ("has to be an object",)),
    "cut off": Fault('{"task_id": "A6"', ("line 1, column 17", "is not JSON")),
    "empty": Fault("  \n", ("is empty",)),
    "unknown entry": Fault(document(colour="red"), ("'colour' is not known",)),
    "labels": Fault(document(y_true=[1, 0]), ("'y_true'", "held by the benchmark")),
    "labels as a fold": Fault(
        document(predictions=predictions() | {"labels": {"a": 1}}), ("held by the benchmark",)
    ),
    "labels beside scores": Fault(
        changed(lambda d: d["predictions"][FOLD].update({"sim-1_s00": {"score": 1, "label": 1}})),
        ("comes with a label",),
    ),
    "other task": Fault(document(task_id="A5"), ("is A5, but A6 is asked for",)),
    "no task": Fault(document(task_id="C1"), ("'C1' is no task",)),
    "task missing": Fault(document(task_id=...), ("task_id: is missing",)),
    "name missing": Fault(document(model_name=...), ("model_name: is missing",)),
    "name with a path": Fault(document(model_name="../x"), ("'../x' is no model name",)),
    "long name": Fault(document(model_name="x" * 51), ("is no model name",)),
    "predictions missing": Fault(document(predictions=...), ("predictions: is missing",)),
    "predictions a list": Fault(document(predictions=[]), ("one key a fold",)),
    "fold a list": Fault(
        document(predictions=predictions() | {FOLD: [0.1]}), ("{sample: probability}",)
    ),
    "no day": Fault(document(submission_date="2026-02-30"), ("is no date",)),
    "week": Fault(document(submission_date="2026-W09-1"), ("is no date",)),
    "tier": Fault(document(tier=4), ("4 is not 1, 2 or 3",)),
    "tier true": Fault(document(tier=True), ("True is not 1, 2 or 3",)),
    "declaration": Fault(document(saw_other_folds_labels="no"), ("'no' is not true or false",)),
    "two descriptions": Fault(document(description="other"), ("differs from model_description",)),
    "long description": Fault(document(model_description="x" * 2001), ("2000 is the limit",)),
    "escape": Fault(document(model_description="\x1b[2J"), ("control characters",)),
    "surrogate": Fault(document(model_description="\ud800"), ("control characters",)),
    "unknown fold": Fault(
        document(predictions=predictions() | {"fold_SIM-9_test": {"a": 0.5}}),
        ("1 fold is not of this task: 'fold_SIM-9_test'",),
    ),
    "missing fold": Fault(
        changed(lambda d: d["predictions"].pop(FOLD)), (f"1 fold is missing: '{FOLD}'",)
    ),
    "missing sample": Fault(
        changed(lambda d: d["predictions"][FOLD].pop("sim-1_s00")),
        ("1 sample is missing: 'sim-1_s00'",),
    ),
    "extra sample": Fault(
        changed(lambda d: d["predictions"][FOLD].update({"stranger": 0.5})),
        ("1 sample is not of this fold: 'stranger'",),
    ),
    "sample of another fold": Fault(
        changed(lambda d: d["predictions"][FOLD].update({"sim-2_s00": 0.5})),
        ("1 sample is not of this fold: 'sim-2_s00'",),
    ),
    "constant": Fault(
        document(predictions=predictions() | {FOLD: dict.fromkeys(predictions()[FOLD], 0.25)}),
        ("all scores are 0.25",),
    ),
    "repeated entry": Fault(
        '{"task_id": "A6", ' + json.dumps(document())[1:], ("'task_id' comes more than once",)
    ),
    "repeated fold": Fault(
        json.dumps(document()).replace("fold_SIM-2_test", FOLD), (f"'{FOLD}' comes more",)
    ),
    "repeated sample": Fault(
        json.dumps(document()).replace("sim-1_s01", "sim-1_s00"),
        (f"'predictions', '{FOLD}': 'sim-1_s00' comes more",),
    ),
    "true": Fault(with_score("true"), ("is a boolean",)),
    "text": Fault(with_score('"0.5"'), ("is text, first '0.5'",)),
    "null": Fault(with_score("null"), ("is missing, first 'null'",)),
    "NaN": Fault(with_score("NaN"), ("is not finite, first 'NaN'",)),
    "infinite": Fault(with_score("-Infinity"), ("is not finite, first '-Infinity'",)),
    "1e400": Fault(with_score("1e400"), ("is too large for a number, first '1e400'",)),
    "long integer": Fault(with_score("9" * 5000), ("is too large for a number",)),
    "300 digits": Fault(with_score("9" * 300), ("is outside 0 to 1",)),
    "above 1": Fault(with_score("1.0000001"), ("is outside 0 to 1",)),
    "below 0": Fault(with_score("-0.1"), ("is outside 0 to 1",)),
    "list": Fault(with_score("[0.5]"), ("is no number",)),
    "bomb": Fault("[" * 100_000, ("line 1", "inside one another")),
    "bomb in a score": Fault(with_score("[" * 9 + "]" * 9), ("inside one another",)),
    "objects": Fault('{"a":' * 100_000, ("inside one another",)),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told(fault: Fault, tmp_path: Path) -> None:
    message = problems_of(tmp_path, fault.content, task="A6")
    for text in fault.told:
        assert text in message
    assert message.endswith("; nothing was run.")


def test_faults_of_both_files_come_at_once(tmp_path: Path) -> None:
    given = document(model_name="a b", tier=9, submission_date="1.3.2026", colour=1)
    given["predictions"].pop("fold_SIM-2_test")
    given["predictions"][FOLD] |= {"sim-1_s00": True, "sim-1_s01": float("nan"), "x": 7}
    text = json.dumps(given).replace('"fold_SIM-3_test": {', '"fold_SIM-3_test": {"sim-3_s00": 0, ')
    path = write_json(tmp_path, text)
    rows = labelled()
    labels = write_labels(tmp_path, [*rows, rows[0]])
    with pytest.raises(InputError) as caught:
        read_submission(path, labels, task="A6")
    said = str(caught.value)
    for part in (
        "'a b' is no model name",
        "9 is not 1, 2 or 3",
        "'1.3.2026' is no date",
        "'colour' is not known",
        "missing: 'fold_SIM-2_test'",
        "is a boolean",
        "is not finite",
        "outside 0 to 1",
        "not of this fold: 'x'",
        "'sim-3_s00' comes more than once",
        "'sim-1_s00' is there more than once",
    ):
        assert part in said


def test_no_kind_fills_the_page(tmp_path: Path) -> None:
    given = document()
    given["predictions"] |= {f"fold_{i}_test": {"a": True} for i in range(400)}
    given["predictions"][FOLD] |= {f"extra_{i}": 0.5 for i in range(400)}
    said = problems_of(tmp_path, given, task="A6")
    assert "'extra_19' and 380 more" in said
    assert "380 more problems: scores that are unusable (is a boolean)." in said
    assert "400 folds are not of this task" in said
    assert len(said) < 10_000


def test_brackets_in_strings_are_no_nesting(tmp_path: Path) -> None:
    text = json.dumps(document(model_description='[{"' * 100 + "\\"))
    submission, _ = read_submission(write_json(tmp_path, text), write_labels(tmp_path))
    assert submission.about.model_description.startswith('[{"[{"')


def test_a_string_without_end_is_read_once(tmp_path: Path) -> None:
    assert "is not JSON" in problems_of(tmp_path, '{"a": "' + '\\"' * 500_000)
    assert "is not JSON" in problems_of(tmp_path, '{"a": "' + "\\" * 500_001)


@pytest.mark.parametrize("size", [20_000_001])
def test_size_is_limited(size: int, tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(size)
    with pytest.raises(InputError, match="larger than 20 MB"):
        read_submission(path, write_labels(tmp_path))


def test_files_that_are_none(tmp_path: Path) -> None:
    labels = write_labels(tmp_path)
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "latin.json").write_bytes(b'{"task_id":\n "\xe9"}')
    for name, told in {
        "folder.json": "is a folder",
        "absent.json": "does not exist",
        "latin.json": "line 2: the byte b'\\\\xe9' is not UTF-8",
        "x.txt": "its name has to end in",
        f"{'x' * 300}.json": "cannot be read: File name too long",
    }.items():
        with pytest.raises(InputError, match=told):
            read_submission(tmp_path / name, labels)


def test_options_fill_and_may_not_contradict(tmp_path: Path) -> None:
    path = write_json(tmp_path, document(model_name=..., tier=...))
    labels = write_labels(tmp_path)
    submission, _ = read_submission(
        path, labels, options={"model_name": "from-option", "tier": None}
    )
    assert submission.about.model_name == "from-option"
    with pytest.raises(InputError, match="leave one out"):
        read_submission(path, labels, options={"model_name": "m", "submission_date": "2026-01-01"})


def test_historical_fold_takes_the_place(tmp_path: Path) -> None:
    given = document()
    given["predictions"]["fold_SIM-1_holdout"] = given["predictions"].pop(FOLD)
    submission, _ = read_submission(write_json(tmp_path, given), write_labels(tmp_path))
    assert next(f.fold for f in submission.folds) == "fold_SIM-1_holdout"
    given["predictions"][FOLD] = given["predictions"]["fold_SIM-1_holdout"]
    assert "not of this task: 'fold_SIM-1_holdout'" in problems_of(tmp_path, given)


VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(["", "A6", "B2", "A6_eye_lomo", "a6", "1", "2026-03-01", "x y", "m.1-b_c"]),
    st.integers(-2, 5),
    st.floats(0, 1),
    st.just({}),
    st.just([]),
)


@given(
    key=st.sampled_from([*SCHEMA["properties"], "labels", "other"]),
    value=VALUES,
    place=st.sampled_from(["top", "fold", "sample"]),
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_schema_and_reader_agree(key: str, value: Any, place: str, tmp_path: Path) -> None:
    whole = document(model_description=...)
    if place == "top":
        whole[key] = value
    elif place == "fold":
        whole["predictions"][FOLD] = value
    else:
        whole["predictions"][FOLD]["sim-1_s00"] = value
    validator = jsonschema.Draft202012Validator(SCHEMA)
    path = write_json(tmp_path, whole)
    try:
        read_submission(path, write_labels(tmp_path))
    except InputError:
        return  # the reader may know better: folds of the task, a task that does not exist
    assert validator.is_valid(whole)


def test_schema_is_one_and_takes_what_is_good() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert validator.is_valid(document(tier=2, saw_other_folds_labels=False))
    for fault in (
        "unknown entry",
        "labels",
        "name with a path",
        "tier",
        "long name",
        "fold a list",
    ):
        assert not validator.is_valid(FAULTS[fault].content)


@given(data=st.binary(max_size=300))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_break_the_reader(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any.json"
    path.write_bytes(data)
    with pytest.raises(InputError):
        read_submission(path, write_labels(tmp_path))


@given(value=st.recursive(VALUES, lambda s: st.lists(s) | st.dictionaries(st.text(), s)))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_document_breaks_the_reader(value: Any, tmp_path: Path) -> None:
    path = write_json(tmp_path, json.dumps(document(predictions=value, tier=value)))
    with pytest.raises(InputError):
        read_submission(path, write_labels(tmp_path))
