"""The gate of the change log opens for a good one, and names what is wrong with others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.release.gates._gate import Context, Flag
from spacebio_bench.release.gates.changelog import changelog_findings, changelog_gate

from ._findings import of, worst
from .conftest import CHANGES


def test_a_good_one_opens(checkout: Path, give: Callable[[Path], Context]) -> None:
    found = list(changelog_gate(give(checkout)))
    assert worst(found) == Flag.GREEN


def test_without_an_entry_for_the_version_the_gate_closes(
    checkout: Path, give: Callable[[Path], Context]
) -> None:
    facts = checkout / "release" / "facts.yaml"
    facts.write_text(facts.read_text().replace("1.2.0", "1.3.0"))
    (told,) = of(changelog_gate(give(checkout)))
    assert "tells nothing of version 1.3.0" in told


@dataclass(frozen=True)
class Case:
    text: str
    version: str
    told: str  # of the one red finding; empty: none


OLDER = "\n## [1.1.0] - 2026-01-01\n\n- B.\n"
CASES = {
    "two versions": Case(CHANGES + OLDER, "1.2.0", ""),
    "yanked": Case(CHANGES.replace("11-02", "11-02 [YANKED]"), "1.2.0", ""),
    "development": Case("# Changelog\n\n## [Unreleased]\n\n- C.\n", "1.3.0.dev1", ""),
    "nothing unreleased": Case(CHANGES, "1.3.0.dev1", "add `## [Unreleased]`"),
    "empty unreleased": Case("# Changelog\n## [Unreleased]\n", "2.dev0", "has no entry"),
    "empty entry": Case("# Changelog\n## [2] - 2026-01-01\n", "2", "line 2: 2 has no entry"),
    "no title": Case(CHANGES.replace("# Changelog", "# News"), "1.2.0", "line 1: is not '# Ch"),
    "no date": Case(CHANGES.replace("2026-11-02", "today"), "1.2.0", "'today' is no date"),
    "date that is none": Case(CHANGES.replace("11-02", "02-30"), "1.2.0", "is no date"),
    "short date": Case(CHANGES.replace("2026-11-02", "20261102"), "1.2.0", "is no date"),
    "group": Case(CHANGES.replace("Added", "News"), "1.2.0", "line 5: 'News' is not one of Added"),
    "heading": Case(CHANGES + "\n## 1.1.0\n", "1.2.0", "'1.1.0' is neither"),
    "depth": Case(CHANGES + "\n#### Deep\n", "1.2.0", "heading of depth 4"),
    "order": Case(CHANGES + OLDER.replace("2026-01", "2026-12"), "1.2.0", "put the newest first"),
    "twice": Case(CHANGES + OLDER.replace("1.1.0", "1.2.0"), "1.2.0", "1.2.0 is there twice"),
    "unreleased below": Case(CHANGES + "\n## [Unreleased]\n", "1.2.0", "not the first entry"),
    "homeless group": Case(
        CHANGES.replace("\n## [1.2.0]", "\n### Fixed\n\n## [1.2.0]"), "1.2.0", "belongs to no"
    ),
    "code": Case(CHANGES + "\n```\n#### x\n- y\n```\n", "1.2.0", ""),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_wrong_is_named(case: Case) -> None:
    found = list(changelog_findings(case.text, case.version))
    if not case.told:
        assert [str(f.flag) for f in found] == ["green"]
        return
    told = of(found)
    assert len(told) == 1, told
    assert case.told in told[0]
    assert worst(found) == Flag.RED


def test_everything_at_once() -> None:
    text = "# News\n## [2] - x\n### Odd\n## y\n"
    assert len(of(changelog_findings(text, "3"))) == 5


@given(text=st.text(), version=st.text(min_size=1))
def test_any_text_is_judged(text: str, version: str) -> None:
    assert list(changelog_findings(text, version))
