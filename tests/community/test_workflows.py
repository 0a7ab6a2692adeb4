"""Workflows: valid, with least rights, pinned, and only the project's own commands in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ._read import GITHUB, ROOT, make_targets, read

WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
RIGHTS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        name: {"enum": ["read", "write", "none"]} for name in ("contents", "pages", "id-token")
    },
}
STEP = {
    "type": "object",
    "additionalProperties": False,
    "oneOf": [{"required": ["uses"]}, {"required": ["run"]}],
    "properties": {
        "name": {"type": "string"},
        "id": {"type": "string"},
        "if": {"type": "string"},
        "uses": {"type": "string", "pattern": "^[a-z-]+/[a-z-]+@[0-9a-f]{40}$"},
        "with": {"type": "object"},
        "run": {"type": "string"},
        "env": {"type": "object"},
    },
}
JOB = {
    "type": "object",
    "required": ["runs-on", "timeout-minutes", "steps"],
    "additionalProperties": False,
    "properties": {
        "if": {"type": "string"},
        "needs": {"type": "string"},
        "strategy": {"type": "object", "required": ["matrix"]},
        "runs-on": {"type": "string", "pattern": "^ubuntu-[0-9.]+$"},
        "container": {"type": ["string", "object"]},
        "environment": {"type": "object", "required": ["name"]},
        "permissions": RIGHTS,
        "timeout-minutes": {"type": "integer", "minimum": 1, "maximum": 360},
        "steps": {"type": "array", "minItems": 1, "items": STEP},
    },
}
WORKFLOW = {
    "type": "object",
    "required": ["name", "on", "permissions", "concurrency", "jobs"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "on": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                name: {"type": ["object", "array", "null"]}
                for name in ("push", "pull_request", "schedule", "workflow_dispatch")
            },
        },
        "permissions": {"const": {"contents": "read"}},
        "concurrency": {"type": "object", "required": ["group", "cancel-in-progress"]},
        "env": {"type": "object"},
        "jobs": {"type": "object", "minProperties": 1, "additionalProperties": JOB},
    },
}
"""What this project uses of GitHub Docs, "Workflow syntax for GitHub Actions"."""

PACKAGES = re.compile("apt-get update && apt-get install --yes --no-install-recommends [a-z0-9 -]+")


def _faults(workflow: Any) -> list[str]:
    told = [error.message for error in Draft202012Validator(WORKFLOW).iter_errors(workflow)]
    jobs = workflow.get("jobs", {})
    told += [f"no job {j['needs']}" for j in jobs.values() if j.get("needs", "") not in {"", *jobs}]
    return told


def _commands(workflow: Any) -> Iterator[str]:
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            if "run" in step:
                yield step["run"]


def _unknown(command: str) -> str:
    """Why the command is none of the project's; nothing when it is."""
    if re.fullmatch(
        r"apt-get update && apt-get install --yes --no-install-recommends [a-z0-9 -]+", command
    ):
        return ""
    words = shlex.split(command)
    if words[0] == "make":
        targets = [word for word in words[1:] if "=" not in word]
        return "" if targets and set(targets) <= make_targets() else f"no target: {command}"
    if words[:3] == ["gh", "release", "create"]:
        return ""
    return "" if (ROOT / words[0]).is_file() else f"no file of the project: {words[0]}"


def test_there_is_a_workflow_for_each_purpose() -> None:
    names = [path.stem for path in WORKFLOWS]
    assert names == ["checks", "dependencies", "docs", "images", "release"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_are_valid(path: Path) -> None:
    workflow = read(path)
    assert _faults(workflow) == []
    assert workflow["name"] == path.stem


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_call_the_projects_own_commands(path: Path) -> None:
    told = [_unknown(command) for command in _commands(read(path))]
    assert [line for line in told if line] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_words_from_outside_never_reach_a_shell(path: Path) -> None:
    """Names of branches and titles of pull requests are somebody else's text."""
    within = [
        found for run in _commands(read(path)) for found in re.findall(r"\$\{\{(.*?)\}\}", run)
    ]
    assert all(expression.strip().startswith("matrix.") for expression in within)


def test_only_publishing_may_write() -> None:
    written = {
        (path.stem, name): job["permissions"]
        for path in WORKFLOWS
        for name, job in read(path)["jobs"].items()
        if "permissions" in job
    }
    assert written == {
        ("docs", "publish"): {"pages": "write", "id-token": "write"},
        ("release", "publish"): {"contents": "write"},
    }
    for path in WORKFLOWS:
        for job in read(path)["jobs"].values():
            for step in job["steps"]:
                if "checkout" in step.get("uses", ""):
                    assert step["with"] == {"persist-credentials": False}


def test_an_action_has_one_version_everywhere_and_says_which() -> None:
    lines = [
        found
        for path in WORKFLOWS
        for found in re.findall(
            r"uses: (\S+)@(\S+) # (v\S+)$", path.read_text("utf-8"), re.MULTILINE
        )
    ]
    uses = sum(path.read_text("utf-8").count("uses: ") for path in WORKFLOWS)
    assert len(lines) == uses
    assert len({action for action, *_ in lines}) == len(set(lines))


def test_every_command_that_the_issue_names_is_called() -> None:
    called = " ; ".join(command for path in WORKFLOWS for command in _commands(read(path)))
    for command in (
        *(".ci/run", "make test", "make docs", "make images", "make docker-smoke"),
        *("make release-qa", "bin/setup/dependencies.sh"),
    ):
        assert command in called
    matrix = read(GITHUB / "workflows/dependencies.yml")["jobs"]["quick"]["strategy"]["matrix"]
    assert {entry["versions"] for entry in matrix["include"]} == {"lowest", "newest"}


def test_pinned_actions_are_moved() -> None:
    (update,) = read(GITHUB / "dependabot.yml")["updates"]
    assert update["package-ecosystem"] == "github-actions"


BROKEN: dict[str, Callable[[Any], Any]] = {
    "no permissions": lambda w: w.pop("permissions"),
    "all permissions": lambda w: w.update(permissions="write-all"),
    "no concurrency": lambda w: w.pop("concurrency"),
    "no trigger": lambda w: w.pop("on"),
    "a trigger that gives secrets away": lambda w: w["on"].update(pull_request_target=None),
    "no timeout": lambda w: w["jobs"]["build"].pop("timeout-minutes"),
    "no runner": lambda w: w["jobs"]["build"].pop("runs-on"),
    "no steps": lambda w: w["jobs"]["build"].update(steps=[]),
    "a tag": lambda w: w["jobs"]["build"]["steps"][1].update(uses="actions/checkout@v5"),
    "run and uses": lambda w: w["jobs"]["build"]["steps"][1].update(run="true"),
    "a job that is not there": lambda w: w["jobs"]["publish"].update(needs="tests"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_broken_workflows_are_refused(broken: Callable[[Any], Any]) -> None:
    workflow = read(GITHUB / "workflows/docs.yml")
    broken(workflow)
    assert _faults(workflow)


@pytest.mark.parametrize("command", ["make nothing", "make", "bin/setup/no.sh", "pytest tests"])
def test_other_commands_are_refused(command: str) -> None:
    assert _unknown(command)
