"""The gate of fold packages makes one, and closes for one that is broken."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from spacebio_bench.errors import NotApplicableError, Problem
from spacebio_bench.release.gates import package as gate_module
from spacebio_bench.release.gates._gate import Context, Flag, Gate
from spacebio_bench.release.gates.package import package_gate, package_of
from spacebio_bench.release.gates.runner import judge

from ._findings import of, worst

GATE = Gate("package", "", package_gate)


@pytest.fixture(scope="module")
def made(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package_of(Context(project, tmp_path_factory.mktemp("made")))


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "copy"))


@pytest.fixture
def given(copied: Path, tmp_path: Path, project: Path) -> Context:
    return Context(project, tmp_path, folds=copied)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "_VALIDATORS", {"V": lambda _: []})


@pytest.mark.slow
@pytest.mark.usefixtures("validators")
def test_a_simulated_package_opens(project: Path, made: Path, tmp_path: Path) -> None:
    context = Context(project, tmp_path)
    context.made["package"] = made
    found = judge(GATE, context)
    assert worst(found) == Flag.GREEN, found
    told = of(found, Flag.GREEN)
    assert "files of 4 tasks verified one by one" in told[0]
    assert sum("accepts it" in line for line in told) == 3
    assert sum("loads:" in line for line in told) == 4


@pytest.mark.usefixtures("quick")
def test_one_changed_byte_closes(given: Context, copied: Path) -> None:
    assert worst(judge(GATE, given)) == Flag.GREEN
    file = copied / "A1_liver_lomo" / "fold_SIM-1_test" / "train_y.csv"
    file.write_bytes(file.read_bytes().replace(b"1", b"0", 1))
    told = of(judge(GATE, given))
    assert any("A1_liver_lomo/fold_SIM-1_test/train_y.csv" in t and "sha256" in t for t in told)


@pytest.mark.usefixtures("quick")
def test_a_missing_and_a_further_file_close(given: Context, copied: Path) -> None:
    (copied / "A1_liver_lomo" / "fold_SIM-1_test" / "test_X.csv").unlink()
    (copied / "notes.txt").write_text("x")
    told = " ".join(of(judge(GATE, given)))
    assert "test_X.csv: is not there" in told
    assert "notes.txt: is not listed" in told


@pytest.mark.usefixtures("quick")
def test_a_folder_that_is_no_package_closes(tmp_path: Path, project: Path) -> None:
    (told,) = of(judge(GATE, Context(project, tmp_path, folds=tmp_path)))
    assert "checksums.json" in told


@pytest.mark.slow
@pytest.mark.usefixtures("validators")
def test_what_a_validator_refuses_closes(given: Context, copied: Path) -> None:
    file = copied / "croissant.json"
    file.write_bytes(file.read_bytes().replace(b'"contentUrl":', b'"content":'))
    told = of(judge(GATE, given))
    assert any(line.startswith("Croissant (mlcroissant): croissant.json") for line in told)


def test_validators_that_are_not_there_are_told(
    given: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(_: Path) -> list[Problem]:
        msg = "run bin/setup.sh validators"
        raise NotApplicableError(msg)

    monkeypatch.setattr(gate_module, "_VALIDATORS", {"V": absent})
    found = judge(GATE, given)
    assert worst(found) == Flag.YELLOW
    assert of(found, Flag.YELLOW) == ["V: not asked: run bin/setup.sh validators"]


def test_the_package_is_made_once_and_alike(
    project: Path, made: Path, tmp_path: Path, give: Callable[[Path], Context]
) -> None:
    context = give(project)
    assert package_of(context) == package_of(context)
    name = "checksums.json"
    assert (package_of(context) / name).read_bytes() == (made / name).read_bytes()
