"""Others' libraries accept the descriptions and reject broken ones, without a network."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from spacebio_bench.errors import NotApplicableError, Problem
from spacebio_bench.release.folds import _crate_offline
from spacebio_bench.release.folds.validators import (
    VALIDATORS,
    validate_croissant,
    validate_frictionless,
    validate_ro_crate,
    validator,
)

from ._package import FOLD, read_json

Validate = Callable[[Path], list[Problem]]


@pytest.fixture(scope="module", autouse=True)
def environment() -> Path:
    """Python of the validators."""
    try:
        return validator("python")
    except NotApplicableError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("validate", [validate_croissant, validate_frictionless, validate_ro_crate])
def test_ours_is_valid(validate: Validate, package: Path) -> None:
    assert validate(package) == []


def _edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edit(root: Path) -> None:
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new, 1))

    return edit


@dataclass(frozen=True)
class Fault:
    validate: Validate
    edit: Callable[[Path], None]
    message: str


FAULTS = {
    "croissant lacks a url": Fault(
        validate_croissant, _edit("croissant.json", '"contentUrl":', '"content":'), "contentUrl"
    ),
    "croissant has an unknown file": Fault(
        validate_croissant,
        _edit(
            "croissant.json",
            '"fileObject": {\n       "@id": "',
            '"fileObject": {\n       "@id": "x',
        ),
        "x",
    ),
    "croissant is no JSON": Fault(validate_croissant, _edit("croissant.json", "{", "["), "JSON"),
    "croissant is not there": Fault(
        validate_croissant, lambda root: (root / "croissant.json").unlink(), "is not there"
    ),
    "frictionless finds another digest": Fault(
        validate_frictionless, _edit(f"{FOLD}/train_X.csv", "1", "2"), "hash"
    ),
    "frictionless finds a wrong label": Fault(
        validate_frictionless, _edit(f"{FOLD}/test_y.csv", ",1\n", ",7\n"), "enum"
    ),
    "frictionless misses a file": Fault(
        validate_frictionless,
        lambda root: (root / FOLD / "test_X.parquet").unlink(),
        "No such file",
    ),
    "crate is no JSON": Fault(validate_ro_crate, _edit("ro-crate-metadata.json", "{", "["), "JSON"),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_broken(fault: Fault, copied: Path) -> None:
    fault.edit(copied)
    problems = fault.validate(copied)
    assert problems
    assert fault.message.lower() in "\n".join(map(str, problems)).lower()


def test_faults_of_the_crate_are_told_together(copied: Path) -> None:
    (copied / FOLD / "test_X.csv").unlink()
    _edit("ro-crate-metadata.json", "datePublished", "dateCreated")(copied)
    _edit("ro-crate-metadata.json", '"encodingFormat"', '"frmt"')(copied)
    text = "\n".join(map(str, validate_ro_crate(copied)))
    assert f"'{FOLD}/test_X.csv'" in text
    assert "datePublished" in text
    assert "frmt" in text


def test_croissant_finds_the_records(package: Path, environment: Path) -> None:
    """mlcroissant itself loads labels from the files that the description names."""
    record = f"{FOLD}/train_y/records"
    code = (
        "import json, sys, mlcroissant; data = mlcroissant.Dataset(jsonld=sys.argv[1]);"
        "rows = [{k.rsplit('/', 1)[-1]: v.decode() if isinstance(v, bytes) else int(v)"
        " for k, v in r.items()} for r in data.records(sys.argv[2])]; print(json.dumps(rows))"
    )
    command = [str(environment), "-c", code, str(package / "croissant.json"), record]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = json.loads(done.stdout.splitlines()[-1])
    lines = (package / FOLD / "train_y.csv").read_text().splitlines()[1:]
    assert [f"{row['sample']},{row['label']}" for row in rows] == lines


def test_the_crate_names_run_code_images_and_files(package: Path) -> None:
    graph = {e["@id"]: e for e in read_json(package / "ro-crate-metadata.json")["@graph"]}
    run = graph["#run"]
    assert run["@type"] == "CreateAction"
    assert run["instrument"] == {"@id": "#spacebio-bench"}
    assert {"@id": "#store-skin"} in run["object"]
    assert run["result"] == {"@id": "./"}
    assert graph["#spacebio-bench"]["softwareRequirements"] == [{"@id": "#image-r-preprocess"}]
    files = {p.relative_to(package).as_posix() for p in package.rglob("*") if p.is_file()}
    told = {key for key, entity in graph.items() if entity["@type"] == "File"}
    assert told == files - {"ro-crate-metadata.json"}


def test_terms_are_those_of_the_official_context(environment: Path) -> None:
    code = "from importlib import util; print(util.find_spec('rocrate').origin)"
    done = subprocess.run(
        [str(environment), "-c", code], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("the validators' environment has no rocrate library, which has the context")
    file = Path(done.stdout.strip()).parent / "data" / "ro-crate.jsonld"
    official = read_json(file)["@context"]
    differ = {k: v for k, v in _crate_offline.TERMS.items() if official.get(k) != v}
    assert differ == {}


def test_without_the_environment_the_command_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VALIDATORS, str(tmp_path))
    for validate in (validate_croissant, validate_frictionless, validate_ro_crate):
        with pytest.raises(NotApplicableError, match=r"bin/setup\.sh validators"):
            validate(tmp_path)


def test_the_helper_needs_nothing_of_ours() -> None:
    text = Path(_crate_offline.__file__).read_text()
    assert "spacebio_bench" not in text
    assert importlib.util.find_spec("spacebio_bench.release.folds._crate_offline") is not None
