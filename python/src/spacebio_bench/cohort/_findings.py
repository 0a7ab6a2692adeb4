"""What a check finds: problems that stop a run, and notes that only say what was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches

from spacebio_bench.errors import InputError, Problem


@dataclass
class Findings:
    """Problems and notes, in the order in which they were met."""

    problems: list[Problem] = field(default_factory=list)
    _notes: dict[str, list[str]] = field(default_factory=dict)

    def wrong(self, where: str, what: str) -> None:
        """Something the user has to mend."""
        self.problems.append(Problem(where, what))

    def note(self, where: str, what: str) -> None:
        """Something handled, which the user should know."""
        places = self._notes.setdefault(what, [])
        if where not in places:
            places.append(where)

    def extend(self, later: Findings) -> None:
        """Add what was found apart."""
        self.problems.extend(later.problems)
        for what, places in later._notes.items():
            for where in places:
                self.note(where, what)

    @property
    def notes(self) -> list[str]:
        """What was noted, the places of the same note together."""
        return [f"{listing(places, 3, 200)}: {what}" for what, places in self._notes.items()]

    def raise_if_any(self) -> None:
        """InputError with all problems, where there are any."""
        if self.problems:
            raise InputError(list(dict.fromkeys(self.problems)))


def at(file: str, row: int | None = None, column: str | None = None) -> str:
    """A place in a file; the row is the line an editor shows, the header being row 1."""
    parts = [file]
    if row is not None:
        parts.append(f"row {row}")
    if column is not None:
        parts.append(f"column {shown(column)}")
    return ", ".join(parts)


def shown(value: str, limit: int = 60) -> str:
    """A value for a message: unprintable characters escaped, cut at `limit`."""
    plain = "".join(c if c.isprintable() else repr(c)[1:-1] for c in value[: limit + 1])
    return plain if len(value) <= limit else f"{plain[:limit]}..."


def listing(values: list[str] | tuple[str, ...], limit: int = 5, width: int = 60) -> str:
    """The first `limit` values, and how many more there are."""
    head = ", ".join(shown(v, width) for v in values[:limit])
    more = len(values) - limit
    return f"{head} and {more:,} more" if more > 0 else head


def did_you_mean(name: str, known: list[str] | tuple[str, ...]) -> str:
    """` Did you mean x?`, or nothing when no known name is close."""
    close = get_close_matches(name.lower(), [k.lower() for k in known], n=1)
    match = next((k for k in known if close and k.lower() == close[0]), None)
    return f" Did you mean {match}?" if match else ""
