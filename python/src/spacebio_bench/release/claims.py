"""Public claims: what they say, the cells behind them, and wording that goes too far."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.marks import traced
from spacebio_bench.release.queries import Answer, Query, ask
from spacebio_bench.release.sources import read_text, read_valid

CLAIMS = "release/claims.yaml"
SCHEMA = "release/claims.schema.json"
_NAMED = 3
_CODE = re.compile(r"```.*?```|`[^`\n]*`", flags=re.DOTALL)


@dataclass(frozen=True)
class Claim:
    """A public claim.

    Attributes
    ----------
    lane
        The lane of the facts that it belongs to.
    statement
        Allowed wording; `{value}` stands for the number.
    disallowed
        Regular expressions, in any case, that no public text may match.
    query, expect, tolerance, format
        Where the value comes from, what it has to be, and how it is written.
    """

    id: str
    lane: str
    statement: str
    disallowed: tuple[str, ...]
    caution: str
    query: Query
    expect: float | str
    tolerance: float
    format: str

    def shown(self, value: float | str) -> str:
        """The value as it stands in a text."""
        return value if isinstance(value, str) else format(value, self.format)


def read_claims(root: Path) -> dict[str, Claim]:
    """The claims by id, in the order of the file.

    Raises
    ------
    InputError
        Everything in which the file breaks its schema, or an id that is there twice.
    """
    data = read_valid(root, CLAIMS, schema_name=SCHEMA)
    claims: dict[str, Claim] = {}
    problems: list[Problem] = []
    for entry in data["claims"]:
        if entry["id"] in claims:
            problems.append(Problem(CLAIMS, f"the claim {entry['id']} is there twice."))
        claims[entry["id"]] = _claim(entry)
    if problems:
        raise InputError(problems)
    return claims


def _claim(entry: Mapping[str, Any]) -> Claim:
    return Claim(
        id=entry["id"],
        lane=entry["lane"],
        statement=" ".join(entry["statement"].split()),
        disallowed=tuple(entry.get("disallowed", ())),
        caution=" ".join(entry.get("caution", "").split()),
        query=Query(**entry["query"]),
        expect=entry["expect"],
        tolerance=float(entry.get("tolerance", 0.0)),
        format=entry.get("format", ""),
    )


def origin_of(claim: Claim, answer: Answer) -> str:
    """The claim and its cells, as an error names them."""
    cells = list(answer.origins[:_NAMED])
    if len(answer.origins) > _NAMED:
        cells.append(f"and {len(answer.origins) - _NAMED} more")
    return f"claim {claim.id} (cells: {'; '.join(cells) or 'no row'})"


def claim_value(root: Path, claim: Claim) -> str:
    """The value as the result files have it now, traced to its claim and cells."""
    answer = ask(root, claim.query)
    return traced(origin_of(claim, answer), claim.shown(answer.value))


def claim_statement(root: Path, claim: Claim) -> str:
    """The allowed wording with its value, traced."""
    answer = ask(root, claim.query)
    text = claim.statement.replace("{value}", claim.shown(answer.value))
    return traced(origin_of(claim, answer), text)


def claim_problems(
    root: Path, claims: Mapping[str, Claim], *, quoted: Mapping[str, Sequence[str]]
) -> list[Problem]:
    """Claims whose cells say something else.

    Parameters
    ----------
    quoted
        Where each claim stands in documents (`README.md, line 12`), by its id.
    """
    problems = []
    for claim in claims.values():
        try:
            answer = ask(root, claim.query)
        except InputError as error:
            told = " ".join(str(problem) for problem in error.problems)
            problems.append(Problem(f"claim {claim.id}", f"cannot be answered: {told}"))
            continue
        if not _agrees(answer.value, claim):
            where = ", ".join(quoted.get(claim.id, ())) or "no document"
            wanted = claim.expect if isinstance(claim.expect, str) else repr(claim.expect)
            within = f" within {claim.tolerance!r}" if claim.tolerance else ""
            what = (
                f"{CLAIMS} expects {wanted}{within}, the result files say {answer.value}. "
                f"It is quoted in: {where}. Correct what is wrong: the cell, or the claim and then"
                " `spacebio-bench release cards`."
            )
            problems.append(Problem(origin_of(claim, answer), what))
    return problems


def _agrees(value: float | str, claim: Claim) -> bool:
    if isinstance(value, str) or isinstance(claim.expect, str):
        return value == claim.expect
    return abs(value - claim.expect) <= claim.tolerance + 1e-12


def wording_problems(
    root: Path, claims: Mapping[str, Claim], files: Sequence[str]
) -> list[Problem]:
    """Lines of public texts that say what a claim must not be stretched to."""
    problems = []
    for name in files:
        text = _CODE.sub(lambda found: re.sub(r"\S", " ", found[0]), read_text(root, name))
        for claim in claims.values():
            for pattern in claim.disallowed:
                spread = pattern.replace(" ", r"\s+")  # a phrase may go over a line's end
                for found in re.finditer(spread, text, flags=re.IGNORECASE):
                    line = text.count("\n", 0, found.start()) + 1
                    what = (
                        f"says {' '.join(found[0].split())!r}, which claim {claim.id} does not"
                        f" allow. Say: {claim.statement}"
                    )
                    problems.append(Problem(f"{name}, line {line}", what))
    return problems


def public_texts(root: Path) -> list[str]:
    """Files whose wording the claims bind: README and everything in `docs/`."""
    pages = sorted(path.relative_to(root).as_posix() for path in (root / "docs").rglob("*.md"))
    return [name for name in ["README.md", *pages] if (root / name).is_file()]
