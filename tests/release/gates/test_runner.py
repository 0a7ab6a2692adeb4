"""Every gate is run to the end, and what came out is told alike everywhere."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker

from spacebio_bench.cli.release_qa import command
from spacebio_bench.errors import InputError, NotApplicableError, Problem, RunError
from spacebio_bench.release.gates import registry
from spacebio_bench.release.gates._gate import Context, Finding, Flag, Gate, green, red, yellow
from spacebio_bench.release.gates.report import junit, table
from spacebio_bench.release.gates.runner import choose, judge, run_gates

Give = Callable[[Path], Context]


def _raises(error: Exception) -> Callable[[Context], Iterable[Finding]]:
    def run(_: Context) -> Iterator[Finding]:
        yield green("a", "b")
        raise error

    return run


@dataclass(frozen=True)
class Case:
    run: Callable[[Context], Iterable[Finding]]
    flag: Flag
    told: str


CASES = {
    "good": Case(lambda _: [green("x", "fine")], Flag.GREEN, "x: fine"),
    "to be looked at": Case(lambda _: [yellow("x", "odd"), green("", "")], Flag.YELLOW, "x: odd"),
    "wrong": Case(lambda _: [yellow("x", "odd"), red("y", "bad")], Flag.RED, "y: bad"),
    "cannot be asked here": Case(_raises(NotApplicableError("no R")), Flag.YELLOW, "no R"),
    "input": Case(_raises(InputError([Problem("f", "gone")])), Flag.RED, "f: gone"),
    "machine": Case(_raises(RunError("disk full")), Flag.HALT, "disk full"),
    "breaks": Case(_raises(KeyError("k")), Flag.HALT, "the gate itself broke: KeyError: 'k'"),
    "breaks before it starts": Case(lambda _: 1 / 0, Flag.HALT, "ZeroDivisionError"),  # type: ignore[arg-type,return-value]
    "looks at nothing": Case(lambda _: [], Flag.HALT, "looked at nothing"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_a_gate_does_becomes_a_flag(case: Case, tmp_path: Path, give: Give) -> None:
    found = judge(Gate("g", "t", case.run), give(tmp_path))
    worst = max(found, key=lambda f: f.flag)
    assert worst.flag == case.flag
    assert case.told in str(worst)


def test_all_gates_are_run_whatever_one_finds(checkout: Path, give: Give) -> None:
    gates = [Gate(name.replace(" ", "_"), name, case.run) for name, case in CASES.items()]
    report = run_gates(gates, give(checkout))
    assert [result.flag for result in report.results] == [c.flag for c in CASES.values()]
    assert report.flag == Flag.HALT
    assert not report.passed
    schema = json.loads(
        (files("spacebio_bench.release.gates") / "qa_report.schema.json").read_text("utf-8")
    )
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(report.to_dict())
    suite = ET.fromstring(junit(report))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("9", "2", "4")
    assert table(report)[-1].startswith("6 of 9 gates closed: wrong, input, machine")


def test_codes_are_those_of_genelab() -> None:
    assert {str(flag): int(flag) for flag in Flag} == {
        "green": 20,
        "yellow": 30,
        "red": 50,
        "halt": 80,
    }


def test_control_characters_do_not_break_the_reports(checkout: Path, give: Give) -> None:
    report = run_gates(
        [Gate("g", "t", lambda _: [red("\x00", "\x1b[31m<&>\ud800")])], give(checkout)
    )
    assert ET.fromstring(junit(report)).get("failures") == "1"


def test_what_one_gate_makes_is_made_once_even_when_it_fails(tmp_path: Path, give: Give) -> None:
    calls = []

    def make() -> None:
        calls.append(1)
        msg = "no"
        raise RunError(msg)

    context = give(tmp_path)
    for _ in range(2):
        with pytest.raises(RunError, match="no"):
            context.once("x", make)
    assert calls == [1]


def test_choice_of_gates_tells_everything_at_once() -> None:
    gates = [Gate("a", "", lambda _: []), Gate("b", "", lambda _: [], heavy=True)]
    assert [g.name for g in choose(gates, heavy=True)] == ["a", "b"]
    assert [g.name for g in choose(gates, heavy=False)] == ["a"]
    assert [g.name for g in choose(gates, only=("b",), heavy=True)] == ["b"]
    with pytest.raises(InputError) as error:
        choose(gates, only=("b", "c"), skip=("d",), heavy=False)
    assert len(error.value.problems) == 3
    with pytest.raises(InputError, match="no gate to run"):
        choose(gates, skip=("a",), heavy=False)


@pytest.mark.parametrize(("flag", "code"), [(Flag.GREEN, 0), (Flag.YELLOW, 0), (Flag.RED, 4)])
def test_exit_code_and_reports(
    flag: Flag, code: int, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate("one", "t", lambda _: [Finding(flag, "w", "h")])
    monkeypatch.setattr(registry, "GATES", (gate,))
    report, xml = tmp_path / "new" / "r.json", tmp_path / "j.xml"
    words = ["--root", str(checkout), "--report", str(report), "--junit", str(xml), "--json"]
    done = CliRunner().invoke(command, words)
    assert done.exit_code == code, done.output
    data = json.loads(report.read_text(encoding="utf-8"))
    assert data == json.loads(done.stdout)
    assert data["status"] == str(flag)
    assert data["uncommitted"] == 9
    assert ET.parse(xml).getroot().tag == "testsuite"
    assert [p.name for p in report.parent.iterdir()] == ["r.json"]


def test_a_folder_that_is_no_checkout_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["--root", str(tmp_path)])
    assert isinstance(done.exception, InputError)
    assert "no checkout" in str(done.exception)


def test_gates_are_listed_with_those_of_big_machines() -> None:
    done = CliRunner().invoke(command, ["--list", "--json"])
    rows = {row["id"]: row["hpc"] for row in json.loads(done.stdout)}
    assert [name for name, hpc in rows.items() if hpc] == [
        "rerun",
        "canaries",
        "calibration",
        "images",
    ]
    assert len(rows) == 15


def test_a_report_that_cannot_be_written_is_told_before_anything_is_run(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = []
    monkeypatch.setattr(registry, "GATES", (Gate("one", "t", ran.append),))  # type: ignore[arg-type]
    words = ["--root", str(checkout), "--report", str(checkout / "main.nf" / "r.json")]
    done = CliRunner().invoke(command, words)
    assert isinstance(done.exception, InputError)
    assert "cannot be written" in str(done.exception)
    assert not ran
