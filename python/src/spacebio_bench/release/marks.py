"""Where a piece of a generated text comes from, kept beside the text until it is written.

A traced piece is put between characters of Unicode's private use area, which no document of ours
holds: origin, then text. What is written is the text without them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_OPEN, _SPLIT, _CLOSE = "\ue000", "\ue001", "\ue002"
_TRACED = re.compile(f"{_OPEN}([^{_SPLIT}]*){_SPLIT}([^{_CLOSE}]*){_CLOSE}")


@dataclass(frozen=True)
class Traced:
    """A text, and the origins of each of its lines (in order, no origin twice)."""

    text: str
    origins: tuple[tuple[str, ...], ...]


def traced(origin: str, text: str) -> str:
    """`text`, marked as coming from `origin`; origins of pieces inside it are replaced."""
    return f"{_OPEN}{origin}{_SPLIT}{plain(text)}{_CLOSE}"


def plain(text: str) -> str:
    """The text alone."""
    return _TRACED.sub(r"\2", text)


def without_traced(text: str) -> str:
    """What is left when every traced piece is taken out, line by line as before."""
    return _TRACED.sub(lambda found: "\n" * found[2].count("\n"), text)


def read_marks(text: str) -> Traced:
    """Split a marked text into what is written and where its lines come from."""
    origins: list[list[str]] = [[] for _ in range(plain(text).count("\n") + 1)]
    line, place = 0, 0
    for found in _TRACED.finditer(text):
        line += text.count("\n", place, found.start())
        place = found.end()
        last = line + found[2].count("\n")
        for n in range(line, last + 1):
            if found[1] not in origins[n]:
                origins[n].append(found[1])
        line = last
    return Traced(plain(text), tuple(tuple(found) for found in origins))
