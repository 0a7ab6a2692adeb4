"""The table as Markdown and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from spacebio_bench.calibration.claims import Result
from spacebio_bench.calibration.experiment import Experiment
from spacebio_bench.calibration.statements import CLAIMS

MARK = "<!-- what follows is written by spacebio-bench calibrate -->"
ORDER = {key: i for i, key in enumerate(CLAIMS)}


def lines(results: Sequence[Result]) -> list[str]:
    """One line a row: verdict, number and error, bound, claim, design, model."""
    ordered = sorted(results, key=lambda r: ORDER[r.key])
    return [
        f"{r.verdict:8}  {number(r):16}  {r.claim.bound:14}  {r.claim.text}; "
        + ", ".join(filter(None, (r.design, r.subject)))
        for r in ordered
    ]


def number(r: Result) -> str:
    """A number with its Monte Carlo standard error."""
    return f"{r.estimate:.4f} ± {r.error:.4f}"


def below_mark(before: str, table: str) -> str:
    """The text of a page with its table replaced; what stands above the mark is kept."""
    head, mark, _ = before.partition(MARK)
    return f"{head}{MARK}\n\n{table}" if mark else table


def markdown(results: Sequence[Result], experiments: Sequence[Experiment]) -> str:
    """A table a claim, designs as rows and models or methods as columns; then the designs."""
    parts = []
    for key, claim in CLAIMS.items():
        if claim.beside:
            continue
        own = [r for r in results if key in (r.key, r.claim.beside)]
        if own:
            bound = f": {claim.bound}" if claim.bound else " (reported, nothing is claimed)"
            parts += [f"### {claim.text}{bound}", "", *_table(own), ""]
    parts += ["### Designs", "", "| design | what it is |", "|---|---|"]
    parts += [f"| {e.name} | {e.what} |" for e in experiments]
    return "\n".join(parts) + "\n"


def _table(results: Sequence[Result]) -> list[str]:
    columns = list(dict.fromkeys((r.key, r.subject) for r in results))
    columns.sort(key=lambda c: ORDER[c[0]])
    heads = [_head(key, subject) for key, subject in columns]
    rows = [
        f"| design | cohorts | {' | '.join(heads)} |",
        f"|---|---|{'---|' * len(heads)}",
    ]
    for design in dict.fromkeys(r.design for r in results):
        found = {(r.key, r.subject): r for r in results if r.design == design}
        n = max(r.n for r in found.values())
        entries = [_entry(found.get(column)) for column in columns]
        rows.append(f"| {design} | {n:,} | {' | '.join(entries)} |")
    return rows


def _head(key: str, subject: str) -> str:
    claim = CLAIMS[key]
    if not claim.beside:
        return subject or "all"
    return f"{claim.text}: {subject}"


def _entry(r: Result | None) -> str:
    if r is None:
        return ""
    said = {"holds": " holds", "reported": "", "open": " *open*", "fails": " **fails**"}
    return number(r) + said[r.verdict]
