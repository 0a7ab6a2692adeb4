"""Docstrings and help texts as this project writes them, told to Sphinx."""

from __future__ import annotations

import re
from typing import Any

_STAR = re.compile(r"(?<!\*)\*(?!\*)")
_SEVERAL = re.compile(r"(\s*)(\w+(?:, \w+)+)")


def for_napoleon(*sphinx: Any) -> None:
    """Write sections as napoleon reads them.

    It would take the first words of Returns for a type, and of several attributes that share a
    text only the last for a name.
    """
    lines: list[str] = sphinx[-1]
    sections = [
        i
        for i in range(len(lines) - 1)
        if set(lines[i + 1].strip()) == {"-"} and len(lines[i + 1].strip()) > 3
    ]
    for i in reversed(sections):
        indent, title = lines[i][: -len(lines[i].lstrip())], lines[i].strip()
        if title in ("Returns", "Yields"):
            lines[i : i + 2] = [f"{indent}Result", f"{indent}------"]
        elif title == "Attributes":
            end = next((j for j in sections if j > i), len(lines))
            lines[i + 2 : end] = _each_by_itself(lines[i + 2 : end])


def _each_by_itself(lines: list[str]) -> list[str]:
    """The same, with the text of names that share one under each of them."""
    found: list[str] = []
    for i, line in enumerate(lines):
        several = _SEVERAL.fullmatch(line)
        if several is None:
            found.append(line)
            continue
        indent, names = several[1], several[2].split(", ")
        text = []
        for below in lines[i + 1 :]:
            if below.strip() and len(below) - len(below.lstrip()) <= len(indent):
                break
            text.append(below)
        for name in names[:-1]:
            found += [f"{indent}{name}", *text]
        found.append(f"{indent}{names[-1]}")
    return found


def help_as_text(*sphinx: Any) -> None:
    """Help texts are plain: a star in them is a star."""
    lines: list[str] = sphinx[-1]
    lines[:] = [_STAR.sub(r"\\*", line) for line in lines]
