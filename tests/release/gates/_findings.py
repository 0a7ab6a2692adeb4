"""What tests ask of findings."""

from __future__ import annotations

from collections.abc import Iterable

from spacebio_bench.release.gates._gate import Finding, Flag


def worst(findings: Iterable[Finding]) -> Flag:
    """The flag of a gate."""
    return max(finding.flag for finding in findings)


def of(findings: Iterable[Finding], flag: Flag = Flag.RED) -> list[str]:
    """Texts of the findings of one flag."""
    return [str(finding) for finding in findings if finding.flag == flag]
