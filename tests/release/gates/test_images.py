"""The gate of images closes for old ones and for those that do not work; programs are stand-ins."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from spacebio_bench.images import IMAGES, expected_labels
from spacebio_bench.release.gates import images as gate_module
from spacebio_bench.release.gates._gate import Context, Flag, Gate
from spacebio_bench.release.gates.images import VERSION, images_gate
from spacebio_bench.release.gates.runner import judge

from ._findings import of, worst

GATE = Gate("images", "", images_gate)
Give = Callable[[Path], Context]


@pytest.fixture
def source(checkout: Path, project: Path) -> Path:
    """A checkout with what images are made from."""
    for name in ("containers", "python/src/spacebio_bench"):
        shutil.copytree(
            project / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for path in (project / "python").glob("*.*"):
        if path.is_file():
            shutil.copy(path, checkout / "python")
    (checkout / "images").mkdir()
    return checkout


def _program(root: Path, name: str, script: str) -> None:
    path = root / ".venv" / "bin" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def _apptainer(root: Path, *, labels: dict[str, str] | None = None, smoke: str = "ok") -> None:
    """Stand-in for Apptainer, and files in the place of images."""
    for image in IMAGES:
        (root / "images" / f"{image}.sif").write_bytes(b"x")
        own = expected_labels(root, image) if labels is None else labels
        shown = json.dumps({"data": {"attributes": {"labels": own}}})
        (root / "images" / f"{image}.json").write_text(shown)
    _program(
        root,
        "apptainer",
        f'if [ "$1" = inspect ]; then cat "${{3%.sif}}.json"; else echo "smoke: {smoke}"; fi',
    )


@pytest.fixture
def no_docker(source: Path) -> Path:
    _program(source, "docker", "exit 1")
    return source


def test_images_of_this_checkout_that_work_open(no_docker: Path, give: Give) -> None:
    _apptainer(no_docker)
    found = judge(GATE, give(no_docker))
    assert worst(found) == Flag.GREEN, found
    assert len(found) == len(IMAGES)


def test_an_image_of_other_sources_closes(no_docker: Path, give: Give) -> None:
    _apptainer(no_docker)
    (no_docker / "containers" / "r-preprocess" / "packages.lock").write_text("other\n")
    (told,) = of(judge(GATE, give(no_docker)))
    assert told.startswith("images/r-preprocess.sif: is made from another checkout")
    assert "org.spacebio-bench.lock" in told
    assert "`make images`" in told


def test_an_image_that_fails_its_smoke_test_closes(no_docker: Path, give: Give) -> None:
    _apptainer(no_docker, smoke="no module named numpy")
    told = of(judge(GATE, give(no_docker)))
    assert len(told) == len(IMAGES)
    assert "its smoke test fails (0): smoke: no module named numpy" in told[0]


def test_docker_tags_are_judged_too(
    source: Path, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(source, "apptainer", "exit 1")
    labels = expected_labels(source, "python-models")
    tag = f"spacebio-bench/python-models:{labels[VERSION]}"
    (source / "labels.json").write_text(json.dumps(labels))
    _program(
        source,
        "docker",
        f"""case "$1 $*" in
  "version "*) ;;
  *inspect*"{tag}"*) cat '{source}/labels.json' ;;
  *inspect*) exit 1 ;;
  *) echo "smoke: ok" ;;
esac""",
    )
    found = judge(GATE, give(source))
    assert of(found, Flag.GREEN) == [f"{tag}: made from this checkout, and does its work"]
    (source / "labels.json").write_text("{}")
    assert of(judge(GATE, give(source)))[0].startswith(f"{tag}: is made from another checkout")


def test_without_images_the_gate_is_yellow_and_has_the_command(
    no_docker: Path, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_module.shutil, "which", lambda _: None)
    found = judge(GATE, give(no_docker))
    assert worst(found) == Flag.YELLOW
    assert all("`make images` builds them" in told for told in of(found, Flag.YELLOW))
