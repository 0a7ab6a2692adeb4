"""Comma-separated lists on the command line."""

from __future__ import annotations

from spacebio_bench.errors import InputError, Problem


def comma_list(text: str) -> tuple[str, ...]:
    """Names between commas, blanks around them dropped."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def parse_budgets(text: str) -> dict[str, int]:
    """Budgets such as `99,rf=9`: a bare number holds for all models (`default`), others by name.

    Raises
    ------
    InputError
        An entry that is neither a whole number of 0 or more nor `name=number`.
    """
    budgets: dict[str, int] = {}
    problems = []
    for entry in comma_list(text):
        name, _, number = entry.rpartition("=")
        if number.strip().isdecimal():
            budgets[name.strip() or "default"] = int(number)
        else:
            msg = f"'{entry}' is not a number of permutations; write 99, or 99,rf=9."
            problems.append(Problem("--n_permutations", msg))
    if problems:
        raise InputError(problems)
    return budgets
