"""The gate of licence and citation closes where files disagree."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from spacebio_bench.release.folds.validators import VALIDATORS
from spacebio_bench.release.gates._gate import Context, Flag, Gate
from spacebio_bench.release.gates.licence import licence_gate
from spacebio_bench.release.gates.runner import judge

from ._findings import of, worst

Give = Callable[[Path], Context]
GATE = Gate("licence", "", licence_gate)


@pytest.mark.usefixtures("validators")
def test_files_that_agree_open(checkout: Path, give: Give) -> None:
    found = judge(GATE, give(checkout))
    assert worst(found) == Flag.GREEN, found
    assert "CITATION.cff: valid, says cffconvert" in of(found, Flag.GREEN)


@dataclass(frozen=True)
class Case:
    file: str
    old: str
    new: str
    told: str


CASES = {
    "licence text": Case("LICENSE", "free of charge", "for a fee", "LICENSE: is not the text"),
    "holder": Case("LICENSE", "Copyright (c) 2026", "Copyright", "LICENSE: has no line 'Copyright"),
    "another licence": Case("release/facts.yaml", "MIT", "BSD-3-Clause", "knows no text of"),
    "licence of citation": Case("CITATION.cff", "MIT", "ISC", "says 'ISC' as licence"),
    "version": Case("python/pyproject.toml", "1.2.0", "1.1.0", "says '1.1.0' as version"),
    "title": Case(".zenodo.json", "A title", "Another", "says 'Another' as title"),
    "none": Case(".zenodo.json", '"license": "mit", ', "", ".zenodo.json: has no licence"),
    "no creators": Case(".zenodo.json", '[{"name": "Somebody"}]', "[]", "has no creators"),
    "nameless": Case(".zenodo.json", '{"name": "Somebody"}', "{}", "creators[0]: has no name"),
    "no JSON": Case(".zenodo.json", "{", "", ".zenodo.json: is no JSON"),
    "no TOML": Case("python/pyproject.toml", "]", "", "is no TOML"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_disagrees_closes(case: Case, checkout: Path, give: Give) -> None:
    path = checkout / case.file
    text = path.read_text(encoding="utf-8")
    assert case.old in text
    path.write_text(text.replace(case.old, case.new, 1), encoding="utf-8")
    found = judge(GATE, give(checkout))
    assert worst(found) == Flag.RED
    assert any(case.told in told for told in of(found)), of(found)


def test_missing_files_are_told_together(checkout: Path, give: Give) -> None:
    for name in (".zenodo.json", "CITATION.cff", "python/pyproject.toml"):
        (checkout / name).unlink()
    told = " ".join(of(judge(GATE, give(checkout))))
    assert all(name in told for name in (".zenodo.json", "CITATION.cff", "python/pyproject.toml"))


def test_codemeta_has_to_agree_where_there_is_one(checkout: Path, give: Give) -> None:
    data = {"name": "A title", "version": "1.2.0", "license": "https://spdx.org/licenses/MIT"}
    (checkout / "codemeta.json").write_text(json.dumps(data))
    assert not of(judge(GATE, give(checkout)))
    (checkout / "codemeta.json").write_text(json.dumps(data | {"version": "9"}))
    assert "says '9' as version" in of(judge(GATE, give(checkout)))[0]


@pytest.mark.usefixtures("validators")
def test_what_cffconvert_refuses_closes(checkout: Path, give: Give) -> None:
    path = checkout / "CITATION.cff"
    path.write_text(path.read_text().replace("message: Cite it.\n", ""))
    (told,) = of(judge(GATE, give(checkout)))
    assert told.startswith("CITATION.cff: cffconvert:")


def test_without_validators_the_gate_says_so(
    checkout: Path, give: Give, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VALIDATORS, str(tmp_path))
    (told,) = of(judge(GATE, give(checkout)), Flag.YELLOW)
    assert "not validated" in told
    assert "bin/setup.sh validators" in told
