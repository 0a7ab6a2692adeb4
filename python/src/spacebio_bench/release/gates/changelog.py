"""The change log: Keep a Changelog 1.1.0, with an entry for the version that is released."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from spacebio_bench.release.facts import read_facts
from spacebio_bench.release.gates._gate import Context, Finding, green, red
from spacebio_bench.release.sources import read_text

CHANGELOG = "CHANGELOG.md"
GROUPS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
_UNRELEASED = re.compile(r"\[Unreleased\]", re.IGNORECASE)
_VERSION = re.compile(r"\[(?P<version>[^\]\s]+)\] - (?P<date>\S+)(?P<yanked> \[YANKED\])?")


@dataclass
class Entry:
    """A version of the change log; `released` is empty for what is unreleased."""

    version: str
    released: str
    line: int
    changes: int = 0


def changelog_gate(context: Context) -> Iterator[Finding]:
    """Judge `CHANGELOG.md`."""
    version = str(read_facts(context.root).data["version"])
    yield from changelog_findings(read_text(context.root, CHANGELOG), version)


def changelog_findings(text: str, version: str) -> Iterator[Finding]:
    """Everything wrong with a change log, and whether it tells of `version`."""
    entries: list[Entry] = []
    wrong = list(_read(text, entries)) + list(_order(entries))
    yield from wrong
    wanted = "Unreleased" if ".dev" in version else version
    named = [entry for entry in entries if entry.version == wanted]
    if not named:
        add = "## [Unreleased]" if wanted == "Unreleased" else f"## [{version}] - YYYY-MM-DD"
        yield red(CHANGELOG, f"tells nothing of version {version}; add `{add}`.")
    elif not named[0].changes:
        where = f"{CHANGELOG}, line {named[0].line}"
        yield red(where, f"{wanted} has no entry; say what changed in version {version}.")
    elif not wrong:
        yield green(CHANGELOG, f"{len(entries)} entries; {wanted} tells {named[0].changes} changes")


def _read(text: str, entries: list[Entry]) -> Iterator[Finding]:
    """Fill `entries`, and give what is no heading of a change log."""
    lines = text.splitlines()
    if not lines or lines[0] != "# Changelog":
        yield red(f"{CHANGELOG}, line 1", "is not '# Changelog'.")
    fenced = False
    for number, line in enumerate(lines, start=1):
        fenced ^= line.startswith("```")
        heading = None if fenced else re.match(r"(#+)\s*(.*?)\s*$", line)
        if heading is not None and number > 1:
            where = f"{CHANGELOG}, line {number}"
            yield from _heading(len(heading[1]), heading[2], where, number, entries)
        elif entries and not fenced and re.match(r"[-*] \S", line):
            entries[-1].changes += 1


def _heading(
    depth: int, title: str, where: str, number: int, entries: list[Entry]
) -> Iterator[Finding]:
    if depth == 2:
        yield from _version(title, where, number, entries)
    elif depth != 3:
        yield red(where, f"'{title}' is a heading of depth {depth}; use ## and ###.")
    elif title not in GROUPS:
        yield red(where, f"'{title}' is not one of {', '.join(GROUPS)}.")
    elif not entries:
        yield red(where, f"'{title}' belongs to no version.")


def _version(title: str, where: str, number: int, entries: list[Entry]) -> Iterator[Finding]:
    if _UNRELEASED.fullmatch(title):
        entries.append(Entry("Unreleased", "", number))
        if len(entries) > 1:
            yield red(where, "[Unreleased] is not the first entry.")
        return
    found = _VERSION.fullmatch(title)
    if found is None:
        yield red(where, f"'{title}' is neither '[Unreleased]' nor '[version] - YYYY-MM-DD'.")
        entries.append(Entry(title, "", number))
        return
    entries.append(Entry(found["version"], found["date"], number))
    if not _is_date(found["date"]):
        yield red(where, f"'{found['date']}' is no date; write YYYY-MM-DD.")
        entries[-1].released = ""


def _order(entries: list[Entry]) -> Iterator[Finding]:
    seen: set[str] = set()
    for entry in entries:
        if entry.version in seen:
            yield red(f"{CHANGELOG}, line {entry.line}", f"{entry.version} is there twice.")
        seen.add(entry.version)
    dated = [entry for entry in entries if entry.released]
    for newer, older in pairwise(dated):
        if older.released > newer.released:
            what = (
                f"{older.version} of {older.released} is below {newer.version} of {newer.released}"
            )
            yield red(f"{CHANGELOG}, line {older.line}", f"{what}; put the newest first.")


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
