"""Issue forms are what the host takes, and ask what the submission format wants."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ._form_schema import CHOOSER, FORM
from ._read import GITHUB, ROOT, read

FOLDER = GITHUB / "ISSUE_TEMPLATE"
FORMS = sorted(path for path in FOLDER.glob("*.yml") if path.name != "config.yml")


def _faults(form: Any) -> list[str]:
    """What the host would refuse."""
    told = [error.message for error in Draft202012Validator(FORM).iter_errors(form)]
    body = form.get("body") or []
    for key in ("id", "label"):
        names = [e.get("id") if key == "id" else e["attributes"].get("label") for e in body]
        told += [f"{key} {n!r} twice" for n in {n for n in names if n and names.count(n) > 1}]
    return told


def _asked(form: Any) -> dict[str, Any]:
    return {element["id"]: element for element in form["body"] if "id" in element}


def test_there_are_three_forms() -> None:
    assert [f.stem for f in FORMS] == ["data_or_docs", "reproducibility", "submission"]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_forms_are_valid(path: Path) -> None:
    assert _faults(read(path)) == []


def test_chooser_is_valid() -> None:
    Draft202012Validator(CHOOSER).validate(read(FOLDER / "config.yml"))


BROKEN: dict[str, Callable[[Any], Any]] = {
    "no description": lambda form: form.pop("description"),
    "an unknown key": lambda form: form.update(about="x"),
    "an unknown type": lambda form: form["body"][1].update(type="radio"),
    "an id with a blank": lambda form: form["body"][1].update(id="a task"),
    "an id twice": lambda form: form["body"][2].update(id=form["body"][1]["id"]),
    "no options": lambda form: form["body"][1]["attributes"].pop("options"),
    "an option twice": lambda form: form["body"][1]["attributes"]["options"].append("A1"),
    "an option that is no text": lambda form: form["body"][1]["attributes"]["options"].append(1),
    "nothing to fill in": lambda form: form.update(body=form["body"][:1]),
    "an attribute of another type": lambda form: form["body"][2]["attributes"].update(
        options=["x"]
    ),
    "validations of Markdown": lambda form: form["body"][0].update(validations={"required": True}),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_broken_forms_are_refused(broken: Callable[[Any], Any]) -> None:
    form = read(FOLDER / "submission.yml")
    broken(form)
    assert _faults(form)


def test_submission_form_asks_what_the_format_wants() -> None:
    schema = ROOT / "python/src/spacebio_bench/submission/schema.json"
    form = json.loads(schema.read_text(encoding="utf-8"))
    wanted = set(form["properties"]) - {"description"}  # another name of model_description
    asked = _asked(read(FOLDER / "submission.yml"))
    assert wanted <= set(asked)
    needed = {name for name, x in asked.items() if x.get("validations", {}).get("required")}
    assert needed == {*form["required"], "saw_other_folds_labels"}
    tiers = {str(tier) for tier in form["properties"]["tier"]["enum"]}
    assert {option[0] for option in asked["tier"]["attributes"]["options"]} == tiers


def test_submission_form_has_the_tasks_of_the_format() -> None:
    tasks = _asked(read(FOLDER / "submission.yml"))["task_id"]["attributes"]["options"]
    assert tasks == [f"{family}{n}" for family in "AB" for n in range(1, 7)]
    page = (ROOT / "docs/submission_format.md").read_text(encoding="utf-8")
    assert "`A1` to `A6`, `B1` to `B6`" in page


def test_reproducibility_form_has_the_profiles_and_protocols() -> None:
    asked = _asked(read(FOLDER / "reproducibility.yml"))
    profiles = {option.split(" ")[0] for option in asked["profile"]["attributes"]["options"]}
    assert all((ROOT / f"conf/{p}.config").is_file() for p in profiles - {"none"})
    assert {"local", "docker", "apptainer", "slurm", "none"} == profiles
    protocols = {path.stem for path in (ROOT / "conf/protocols").glob("*.yaml")}
    assert protocols | {"my own"} == set(asked["protocol"]["attributes"]["options"])
