"""Java, Nextflow and R, there or not, new enough or not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.preflight.machine import (
    java,
    java_version,
    nextflow,
    nextflow_version,
    rscript,
)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('Picked up JAVA_TOOL_OPTIONS: -Xmx1g\njava version "1.8.0_392"', 8),
        ('openjdk version "25" 2025-09-16', 25),
        ("Error: could not find libjava.so", None),
    ],
)
def test_versions_of_java(text: str, version: int | None) -> None:
    assert java_version(text) == version


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    java_version(text)
    nextflow_version(text)


@given(*[st.integers(0, 9999)] * 3)
def test_versions_of_nextflow(year: int, month: int, patch: int) -> None:
    text = f"nextflow version {year}.{month:02}.{patch}.5950"
    assert nextflow_version(text) == (year, month, patch)


@pytest.mark.parametrize(
    ("script", "status", "found"),
    [
        ("echo 'openjdk version \"17.0.9\"' >&2", "ok", "17, at "),
        ("echo 'openjdk version \"11.0.2\"' >&2", "failed", "11, at "),
        ("echo 'openjdk version \"25\"' >&2", "failed", "25, at "),
        ("echo 'no libjava' >&2; exit 1", "failed", "none: no libjava"),
        (None, "failed", "none: java is not on PATH"),
    ],
)
def test_java(commands, meant, script: str | None, status: str, found: str) -> None:
    if script:
        commands.add("java", script)
    (check,) = java(meant())
    assert (check.status, check.found[: len(found)]) == (status, found)
    assert ("Install Java 17 to 24" in check.remedy) == (status == "failed")


def test_java_is_the_one_that_nextflow_takes(commands, meant, monkeypatch, tmp_path) -> None:
    """What the set-up wrote into the entry goes before PATH, and NXF_JAVA_HOME before that."""
    for name, version in (("set-up", 21), ("own", 22)):
        binary = tmp_path / name / "bin" / "java"
        binary.parent.mkdir(parents=True)
        binary.write_text(f"#!/bin/bash\necho 'openjdk version \"{version}\"' >&2\n")
        binary.chmod(0o755)
    commands.add("java", "echo 'openjdk version \"8\"' >&2")
    commands.add("nextflow", f'export NXF_JAVA_HOME="${{NXF_JAVA_HOME:-{tmp_path}/set-up}}"')
    assert next(java(meant())).found.startswith("21,")
    monkeypatch.setenv("NXF_JAVA_HOME", f"{tmp_path}/own")
    assert next(java(meant())).found.startswith("22,")


@pytest.mark.parametrize(
    ("script", "status", "found"),
    [
        ("echo nextflow version 25.04.4.5950", "ok", "25.04.4, at "),
        ("echo nextflow version 26.10.0.6000", "ok", "26.10.0, at "),
        ("echo nextflow version 24.10.6.5937", "failed", "24.10.6, at "),
        ("echo hello", "failed", "it tells no version: 'hello'"),
        ("echo 'Cannot find Java' >&2; exit 1", "failed", "none that starts: Cannot find Java"),
        (None, "failed", "none that starts: nextflow is not on PATH"),
    ],
)
def test_nextflow(commands, meant, script: str | None, status: str, found: str) -> None:
    if script:
        commands.add("nextflow", script)
    (check,) = nextflow(meant())
    assert (check.status, check.found[: len(found)]) == (status, found)
    assert ("make setup" in check.remedy) == (status == "failed")


def test_a_nextflow_that_calls_is_not_started_again(commands, meant, monkeypatch) -> None:
    commands.add("nextflow", "exit 1")
    setup = meant()
    told = replace(setup, nextflow_version="25.10.1")
    assert next(nextflow(told)).found == "25.10.1, which runs this"
    assert next(nextflow(replace(told, nextflow_version="24.04.2"))).status == "failed"
    monkeypatch.setenv("NXF_TASK_WORKDIR", "ab/cdef")
    assert next(nextflow(setup)).found.startswith("it runs this")


def test_r_is_needed_for_a_study_sheet(commands, meant) -> None:
    (check,) = rscript(meant())
    assert (check.status, check.found) == ("failed", "Rscript is not on PATH")
    assert "--cohorts" in check.remedy
    assert next(rscript(meant(cohorts="stores"))).status == "ok"
    commands.add("Rscript")
    assert next(rscript(meant())).status == "ok"
