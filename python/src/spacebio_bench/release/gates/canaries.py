"""The controls of the rerun: nothing found where nothing is, what was planted found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from spacebio_bench.release.compare import read_rows
from spacebio_bench.release.gates._gate import Context, Finding, green, halt, red, yellow
from spacebio_bench.release.gates.rerun import rerun_of

CANARIES = "canaries.csv"
_GOOD = ("quiet", "found")
_BAD = {
    "fires": "a signal is seen where none is: value {value}, two-sided p {p_two_sided}, allowed"
    " down to {level}.",
    "missed": "the planted signal is not found: value {value}, {simulated_least} or more was to be"
    " expected.",
}


def canaries_gate(context: Context) -> Iterator[Finding]:
    """Judge the verdicts of the controls."""
    path = rerun_of(context).outdir / CANARIES
    rows = read_rows(path, ("cell", "verdict"))
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for (cell, verdict), row in sorted(rows.items()):
        counts[verdict] += 1
        where = f"{CANARIES}, {cell}"
        if verdict in _BAD:
            columns = ("value", "p_two_sided", "level", "simulated_least")
            yield red(where, _BAD[verdict].format(**{c: row.get(c) or "nothing" for c in columns}))
        elif verdict not in _GOOD:
            reasons[row.get("reason") or "no reason given"] += 1
    for reason, n in sorted(reasons.items()):
        yield yellow(CANARIES, f"{n} without a verdict: {reason}.")
    if not any(counts[verdict] for verdict in (*_GOOD, *_BAD)):
        yield halt(CANARIES, "has no control with a verdict; the rerun asks for --tasks control.")
    else:
        told = ", ".join(f"{n} {verdict}" for verdict, n in sorted(counts.items()))
        yield green(CANARIES, told)
