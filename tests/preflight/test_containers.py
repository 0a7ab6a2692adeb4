"""Engines that answer or not, and images of this checkout or of another one."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.preflight import containers
from spacebio_bench.preflight.containers import (
    apptainer,
    apptainer_image,
    apptainer_labels,
    docker,
    docker_image,
    docker_labels,
    engine_version,
    judge_labels,
    judge_version,
    starts,
)


def inspected(labels: object) -> str:
    return json.dumps({"data": {"attributes": {"labels": labels}}, "type": "container"})


@pytest.mark.parametrize(
    ("script", "status", "found", "remedy"),
    [
        ("echo 28.2.2", "ok", "engine 28.2.2, at ", ""),
        (
            "echo 'Is the daemon running?' >&2; exit 1",
            "failed",
            "no engine: Is the",
            "group docker",
        ),
        ("echo", "failed", "no engine: exit code 0", "Start the engine"),
        (None, "failed", "no engine: docker is not on PATH", "Install Docker"),
    ],
)
def test_docker(commands, script: str | None, status: str, found: str, remedy: str) -> None:
    if script:
        commands.add("docker", script)
    (check,) = docker()
    assert (check.status, check.found[: len(found)]) == (status, found)
    assert remedy in check.remedy


def test_images_of_docker(commands, meant, labels) -> None:
    commands.add(
        "docker", f"[[ ${{@: -1}} == spacebio-bench/rx:* ]] && echo '{json.dumps(labels)}'"
    )
    setup = meant("docker")
    (check,) = docker_image(setup, "rx")
    assert (check.status, check.found) == ("ok", "spacebio-bench/rx:0.1.0")
    commands.add("docker", "echo null")
    (check,) = docker_image(setup, "rx")
    assert check.status == "failed"
    assert "lock is not stated, here 1111111111111111..." in check.found
    commands.add("docker", "echo 'Error: No such image: x' >&2; exit 1")
    (check,) = docker_image(setup, "rx")
    assert check.found == "spacebio-bench/rx:0.1.0 is not there"
    assert "make images" in check.remedy
    commands.add("docker", "echo 'permission denied' >&2; exit 1")
    (check,) = docker_image(setup, "rx")
    assert check.found == "spacebio-bench/rx:0.1.0 cannot be seen: permission denied"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("apptainer version 1.4.5", "ok"),
        ("apptainer version 1.2.0-rc.1", "ok"),
        ("apptainer version 1.1.9", "failed"),
        ("singularity-ce version 4.1.2", "ok"),
        ("singularity version 3.8.7", "failed"),
        ("something else", "warning"),
    ],
)
def test_versions_of_apptainer(text: str, status: str) -> None:
    check = judge_version(text + "\n")
    assert check.status == status
    assert text in check.found


def test_apptainer_that_is_missing(commands, meant) -> None:
    setup = meant("apptainer")
    (check,) = apptainer(setup)
    assert (check.status, check.found) == ("failed", "apptainer is not on PATH")
    commands.add("singularity")
    (check,) = apptainer(setup)
    assert "put a link to it named apptainer on PATH" in check.remedy


def test_on_a_submit_host_apptainer_may_be_missing(commands, meant) -> None:
    setup = meant("slurm")
    (check,) = apptainer(setup)
    assert check.status == "warning"
    setup.images.mkdir()
    setup.sif("python-models").touch()
    (check,) = apptainer_image(setup, "python-models")
    assert check.status == "warning"
    assert check.found.endswith("its labels were not read")


def test_a_container_is_started_to_see_that_it_may(commands, meant) -> None:
    commands.add("apptainer", "[[ $1 == --version ]] && echo apptainer version 1.4.5; exit 0")
    setup = meant("apptainer")
    version, start = apptainer(setup)
    assert version.status == "ok"
    assert "not tried, since the image is missing" in start.found
    setup.images.mkdir()
    setup.sif("python-models").touch()
    version, start = apptainer(setup)
    assert start.status == "ok"


@pytest.mark.parametrize(
    ("way", "script", "found"),
    [
        ("setuid", None, "by the setuid starter"),
        ("user namespaces", "exit 0", "by user namespaces"),
        ("none", "exit 1", "FATAL: no way"),
    ],
)
def test_the_way_in(commands, meant, monkeypatch, tmp_path, way, script, found) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    starter = tmp_path / "libexec" / "apptainer" / "bin" / "starter-suid"
    starter.parent.mkdir(parents=True)
    starter.touch()
    if way == "setuid":
        starter.chmod(0o4755)
        if starter.stat().st_uid != 0:
            pytest.skip("only root makes a setuid starter")
    says = f"[[ $1 == buildcfg ]] && echo LIBEXECDIR={tmp_path}/libexec && exit 0\n"
    fails = "echo 'FATAL: no way' >&2; exit 255" if way == "none" else "exit 0"
    commands.add("apptainer", says + fails)
    if script:
        commands.add("unshare", script)
    setup = meant("apptainer")
    setup.images.mkdir()
    setup.sif("python-models").touch()
    check = starts(setup)
    assert check.found == found
    assert ("user namespaces" in check.remedy) == (way == "none")
    assert (check.status == "failed") == (way == "none")


@pytest.mark.parametrize(
    ("answer", "status", "found"),
    [
        ("the labels", "ok", "python-models.sif"),
        (
            "another lock",
            "failed",
            "is of another checkout: lock is 9999999999999999..., here 1111",
        ),
        ("another title", "ok", "python-models.sif"),
        ("[]", "failed", "cannot be read"),
        ("exit", "failed", "cannot be read: FATAL: not a SIF"),
    ],
)
def test_image_files(commands, meant, labels, answer: str, status: str, found: str) -> None:
    told = {
        "the labels": inspected(labels | {"org.label-schema.build-arch": "amd64"}),
        "another lock": inspected(labels | {"org.spacebio-bench.lock": "9" * 64}),
        "another title": inspected(labels | {"org.opencontainers.image.title": "x"}),
    }.get(answer, answer)
    script = "echo 'FATAL: not a SIF' >&2; exit 255" if answer == "exit" else f"echo '{told}'"
    commands.add("apptainer", script)
    setup = meant("apptainer")
    setup.images.mkdir()
    setup.sif("python-models").touch()
    (check,) = apptainer_image(setup, "python-models")
    assert check.status == status
    assert found in check.found
    assert ("make images" in check.remedy) == (status == "failed")


def test_an_image_file_that_is_missing(meant) -> None:
    (check,) = apptainer_image(meant("apptainer"), "r-preprocess")
    assert check.found.endswith("images/r-preprocess.sif is not there")
    assert "make images" in check.remedy
    assert "--images" in check.remedy


def test_labels_that_are_not_there(labels) -> None:
    assert judge_labels("x", "x.sif", None, labels).status == "failed"
    assert judge_labels("x", "x.sif", {}, labels).status == "failed"


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "attributes", "labels", "x"]), inner, max_size=3)
    ),
)


@given(_ANY.map(json.dumps) | st.text())
def test_any_answer_is_labels_or_none(text: str) -> None:
    for read in (apptainer_labels, docker_labels):
        found = read(text)
        assert found is None or all(isinstance(value, str) for value in found.values())
    engine_version(text)


def test_steps_of_a_profile(meant) -> None:
    setup = meant("docker")
    assert list(containers.docker_steps(setup)) == [
        "Docker",
        "image r-preprocess",
        "image python-models",
    ]
    assert next(iter(containers.apptainer_steps(setup))) == "Apptainer"
