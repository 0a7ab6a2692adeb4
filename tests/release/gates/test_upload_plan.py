"""The gate of the upload plan closes for what is missing, and for a connection."""

from __future__ import annotations

import shutil
import socket
import urllib.request
from pathlib import Path

import pytest

from spacebio_bench.release.gates import upload_plan as gate_module
from spacebio_bench.release.gates._gate import Context, Flag, Gate
from spacebio_bench.release.gates.package import package_of
from spacebio_bench.release.gates.runner import judge
from spacebio_bench.release.gates.upload_plan import no_network, upload_plan_gate
from spacebio_bench.release.hub_plan import build_plan

from ._findings import of, worst

GATE = Gate("upload_plan", "", upload_plan_gate)


@pytest.fixture(scope="module")
def made(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package_of(Context(project, tmp_path_factory.mktemp("made")))


@pytest.fixture
def context(checkout: Path, made: Path, tmp_path: Path) -> Context:
    (checkout / "docs").mkdir()
    (checkout / "docs" / "hf_dataset_card.md").write_text("---\nlicense: mit\n---\n# Card\n")
    (tmp_path / "w").mkdir()
    copy = shutil.copytree(made, tmp_path / "copy")
    return Context(checkout, tmp_path / "w", folds=Path(copy))


def test_a_whole_package_opens(context: Context) -> None:
    found = judge(GATE, context)
    assert worst(found) == Flag.GREEN, found
    assert "planned twice with the same bytes" in of(found, Flag.GREEN)[0]


def test_a_missing_file_and_a_missing_card_close(context: Context) -> None:
    assert context.folds is not None
    (context.folds / "A1_liver_lomo" / "fold_SIM-2_test" / "test_y.csv").unlink()
    (context.root / "docs" / "hf_dataset_card.md").unlink()
    told = " ".join(of(judge(GATE, context)))
    assert "A1_liver_lomo/fold_SIM-2_test/test_y.csv" in told
    assert "hf_dataset_card.md" in told


def test_plans_that_differ_close(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = iter(["all", "A1"])
    monkeypatch.setattr(
        gate_module,
        "build_plan",
        lambda folds, _task, **given: build_plan(folds, next(tasks), **given),
    )
    assert "differ" in of(judge(GATE, context))[0]


def test_a_connection_halts(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def calls_home(*_: object, **__: object) -> None:
        urllib.request.urlopen("http://127.0.0.1:9/")

    monkeypatch.setattr(gate_module, "build_plan", calls_home)
    (told,) = of(judge(GATE, context), Flag.HALT)
    assert "a connection was opened where none is needed" in told


def test_the_network_is_there_again_afterwards() -> None:
    before = socket.socket
    with no_network(), pytest.raises(Exception, match="a connection was opened"):
        socket.create_connection(("127.0.0.1", 9))
    assert socket.socket is before
