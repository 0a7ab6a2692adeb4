"""What came out of the gates: a table for people, JSON and JUnit for machines."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from spacebio_bench.errors import Problem
from spacebio_bench.release.gates._gate import Finding, Flag, Gate

FORMAT = "spacebio-bench release qa 1"
_NOT_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SHOWN = 20
"""Findings of one gate on a terminal; the JSON has all."""
_SYMBOL = {Flag.GREEN: "ok", Flag.YELLOW: "look", Flag.RED: "FAILED", Flag.HALT: "HALTED"}


@dataclass(frozen=True)
class GateResult:
    """A gate, what it found and the seconds it took."""

    gate: Gate
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def flag(self) -> Flag:
        """The worst of its findings."""
        return max(finding.flag for finding in self.findings)

    @property
    def passed(self) -> bool:
        """Is the gate open?"""
        return self.flag < Flag.RED


@dataclass(frozen=True)
class QaReport:
    """All gates that were run.

    Attributes
    ----------
    version
        Of the package that judged.
    date
        Day of the run, UTC, YYYY-MM-DD.
    commit
        What was judged; empty outside git.
    code_tree
        Git's id of `python/src` in that commit; empty outside git.
    uncommitted
        Files that differ from the commit; None outside git.
    """

    results: tuple[GateResult, ...]
    version: str
    date: str
    commit: str
    code_tree: str
    uncommitted: int | None
    profile: str | None = None

    @property
    def flag(self) -> Flag:
        """The worst of all gates."""
        return max(result.flag for result in self.results)

    @property
    def passed(self) -> bool:
        """Are all gates open?"""
        return all(result.passed for result in self.results)

    def to_dict(self) -> dict[str, Any]:
        """As `qa_report.schema.json` has it."""
        return {
            "format": FORMAT,
            "version": self.version,
            "date": self.date,
            "commit": self.commit,
            "code_tree": self.code_tree,
            "uncommitted": self.uncommitted,
            "profile": self.profile,
            "status": str(self.flag),
            "code": int(self.flag),
            "passed": self.passed,
            "gates": [_gate(result) for result in self.results],
        }


def _gate(result: GateResult) -> dict[str, Any]:
    return {
        "id": result.gate.name,
        "title": result.gate.title,
        "command": result.gate.command,
        "status": str(result.flag),
        "code": int(result.flag),
        "passed": result.passed,
        "seconds": round(result.seconds, 1),
        "findings": [
            {"flag": str(f.flag), "code": int(f.flag), "where": f.where, "what": f.what}
            for f in result.findings
        ],
    }


def table(report: QaReport) -> list[str]:
    """Lines for a terminal: what is not green first, then a row a gate."""
    lines: list[str] = []
    for result in report.results:
        lines += _told(result)
    width = max(len(result.gate.name) for result in report.results)
    lines += ["", f"{'gate':{width}}  flag    code  seconds  what has to hold"]
    lines += [
        f"{r.gate.name:{width}}  {r.flag!s:6}  {int(r.flag):4}  {r.seconds:7.1f}  {r.gate.title}"
        for r in report.results
    ]
    n = len(report.results)
    closed = [result.gate.name for result in report.results if not result.passed]
    told = f"{len(closed)} of {n} gates closed: {', '.join(closed)}." if closed else ""
    return [*lines, told or f"{n} of {n} gates are open."]


def _told(result: GateResult) -> Iterator[str]:
    found = sorted((f for f in result.findings if f.flag > Flag.GREEN), key=lambda f: -f.flag)
    for finding in found[:_SHOWN]:
        yield f"{_SYMBOL[finding.flag]:6}  {result.gate.name}: {finding}"
    if len(found) > _SHOWN:
        yield f"        {result.gate.name}: {len(found) - _SHOWN} more, all of them in --report"


def junit(report: QaReport) -> str:
    """A test suite whose cases are the gates."""
    failures = sum(result.flag == Flag.RED for result in report.results)
    errors = sum(result.flag == Flag.HALT for result in report.results)
    suite = ET.Element(
        "testsuite",
        name="release-qa",
        tests=str(len(report.results)),
        failures=str(failures),
        errors=str(errors),
    )
    for result in report.results:
        case = ET.SubElement(
            suite,
            "testcase",
            classname="release",
            name=result.gate.name,
            time=f"{result.seconds:.1f}",
        )
        text = _xml("\n".join(f"{f.flag}: {f}" for f in result.findings))
        if result.passed:
            ET.SubElement(case, "system-out").text = text
        else:
            kind = "failure" if result.flag == Flag.RED else "error"
            ET.SubElement(case, kind, message=_xml(result.gate.title)).text = text
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=False) + "\n"


def junit_of_problems(name: str, problems: Sequence[Problem]) -> str:
    """A test suite with a failed case for each problem; one good case where there is none."""
    n = len(problems)
    suite = ET.Element("testsuite", name=name, tests=str(n or 1), failures=str(n), errors="0")
    for problem in problems:
        case = ET.SubElement(suite, "testcase", classname=name, name=_xml(problem.where or name))
        ET.SubElement(case, "failure", message=_xml(problem.what)).text = _xml(str(problem))
    if not problems:
        ET.SubElement(suite, "testcase", classname=name, name="everything is as listed")
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=False) + "\n"


def _xml(text: str) -> str:
    """Without the characters that XML has no way to write."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
