"""Everything wrong with a submission at once: every kind of fault is told, none fills the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from spacebio_bench.errors import InputError, Problem

MOST_SHOWN = 20
"""Names of a list, and problems of a kind, that are spelled out."""
_LONGEST = 60


def shown(value: object) -> str:
    """What somebody sent, quoted, cut, and without characters that a terminal would obey."""
    text = value if isinstance(value, str) else repr(value)
    cut = text[:_LONGEST] + ("..." if len(text) > _LONGEST else "")
    plain = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cut)
    return f"'{plain}'" if isinstance(value, str) else plain


def listed(names: Sequence[str]) -> str:
    """Names after one another; the first twenty of a longer list, and how many more."""
    text = ", ".join(shown(name) for name in names[:MOST_SHOWN])
    more = len(names) - MOST_SHOWN
    return f"{text} and {more} more" if more > 0 else text


class Findings:
    """Problems by kind, in the order in which the kinds were first met."""

    def __init__(self) -> None:
        self._kinds: dict[str, list[Problem]] = {}
        self._more: dict[str, int] = {}

    def add(self, kind: str, where: str, what: str) -> None:
        """Keep a problem; beyond twenty of a kind only their number."""
        found = self._kinds.setdefault(kind, [])
        if len(found) < MOST_SHOWN:
            found.append(Problem(where, what))
        else:
            self._more[kind] = self._more.get(kind, 0) + 1

    def __bool__(self) -> bool:
        return bool(self._kinds)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that was kept, each kind followed by how many more of it there are."""
        found: list[Problem] = []
        for kind, own in self._kinds.items():
            found += own
            if kind in self._more:
                found.append(Problem("", f"{self._more[kind]} more problems: {kind}."))
        return tuple(found)

    def raise_any(self) -> None:
        """Raise :class:`InputError` with all of them, if there are any."""
        if self:
            raise InputError(self.problems)


def repeated(names: Iterable[str]) -> list[str]:
    """Names that come more than once, each once, in order."""
    seen: set[str] = set()
    again: dict[str, None] = {}
    for name in names:
        if name in seen:
            again[name] = None
        seen.add(name)
    return list(again)
