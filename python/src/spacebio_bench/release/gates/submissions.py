"""Submissions whose answers are known, and broken ones whose faults are known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.gates._gate import Context, Finding, green, halt, red
from spacebio_bench.release.sources import read_yaml, schema_problems
from spacebio_bench.submission.evaluate import evaluate_submission
from spacebio_bench.submission.read import read_submission

FOLDER = "release/fixtures/submissions"
CASES = "cases.yaml"
_CLOSE = 1e-9
_TEXT = {"type": "string", "minLength": 1}
_KNOWN = {"type": "object", "additionalProperties": {"type": ["number", "string", "null"]}}
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["labels", "accepted", "refused"],
    "properties": {
        "labels": _TEXT,
        "accepted": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["file", "values", "folds"],
                "properties": {
                    "file": _TEXT,
                    "task": _TEXT,
                    "options": {"type": "object"},
                    "values": _KNOWN,
                    "folds": {"type": "object", "additionalProperties": _KNOWN},
                },
            },
        },
        "refused": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["file", "task", "told"],
                "properties": {
                    "file": _TEXT,
                    "task": _TEXT,
                    "told": {"type": "array", "minItems": 1, "items": _TEXT},
                },
            },
        },
    },
}


def submissions_gate(context: Context) -> Iterator[Finding]:
    """Judge every case of the fixtures."""
    folder = context.root / FOLDER
    cases = read_yaml(folder, CASES)
    problems = schema_problems(cases, schema=_SCHEMA, name=f"{FOLDER}/{CASES}")
    if problems:
        raise InputError(problems)
    labels = folder / cases["labels"]
    for case in cases["accepted"]:
        yield from _accepted(folder / case["file"], labels, case)
    for case in cases["refused"]:
        yield from _refused(folder / case["file"], labels, case)
    named = {case["file"] for kind in ("accepted", "refused") for case in cases[kind]}
    named |= {CASES, cases["labels"]}
    for path in sorted(folder.iterdir()):
        if path.name not in named:
            yield red(f"{FOLDER}/{path.name}", f"belongs to no case of {CASES}.")
    if not cases["accepted"] or not cases["refused"]:
        yield halt(f"{FOLDER}/{CASES}", "has no case that is accepted, or none that is refused.")


def _accepted(path: Path, labels: Path, case: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        submission, truth = read_submission(
            path, labels, task=case.get("task"), options=case.get("options", {})
        )
    except InputError as error:
        for problem in error.problems:
            yield red(path.name, f"should be accepted: {_told(problem)}")
        return
    found = evaluate_submission(submission, truth).to_dict()
    folds = {fold["fold"]: fold for fold in found["folds"]}
    wrong = list(_differences(path.name, case["values"], found))
    for name, values in case["folds"].items():
        if name in folds:
            wrong += _differences(f"{path.name}, {name}", values, folds[name])
        else:
            wrong.append(red(path.name, f"has no fold {name}."))
    yield from wrong
    if not wrong:
        n = len(case["values"]) + sum(len(values) for values in case["folds"].values())
        yield green(path.name, f"{n} numbers and words come out as known")


def _differences(
    where: str, wanted: Mapping[str, Any], found: Mapping[str, Any]
) -> Iterator[Finding]:
    for name, value in wanted.items():
        got = found.get(name)
        if not _same(value, got):
            yield red(where, f"{name} is {got!r}; {value!r} is known.")


def _same(wanted: Any, got: Any) -> bool:
    numbers = (int, float)
    if isinstance(wanted, numbers) and isinstance(got, numbers):
        return math.isclose(wanted, got, rel_tol=_CLOSE, abs_tol=_CLOSE)
    return bool(wanted == got)


def _refused(path: Path, labels: Path, case: Mapping[str, Any]) -> Iterator[Finding]:
    if not path.is_file():
        yield red(path.name, "is not there.")
        return
    try:
        read_submission(path, labels, task=case["task"])
    except InputError as error:
        said = "\n".join(map(_told, error.problems))
        missing = [text for text in case["told"] if text not in said]
        for text in missing:
            yield red(path.name, f"nothing is said of {text!r}; said is: {said[:400]}")
        if not missing:
            yield green(path.name, f"refused; problems told at once: {len(error.problems)}")
    else:
        yield red(path.name, "is accepted; it is broken.")


def _told(problem: Problem) -> str:
    """A problem without the folders of the machine that judges."""
    place = problem.where.rsplit("/", 1)[-1]
    return f"{place}: {problem.what}"
