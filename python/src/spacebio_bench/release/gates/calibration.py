"""A spot check of the calibration table: p-values and intervals on cohorts whose truth is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spacebio_bench.calibration.claims import Result
from spacebio_bench.release.gates._gate import Context, Finding, green, halt, red

DESIGNS = ("4x6+6", "unbalanced")
COHORTS = 200
"""Of each design; a few seconds for a hundred."""
SEED = 42


def calibration_gate(context: Context) -> Iterator[Finding]:
    """Judge simulated cohorts of two designs by the claims of the table."""
    from spacebio_bench.calibration.designs import experiments  # noqa: PLC0415 - loads the grid
    from spacebio_bench.calibration.run import over_designs, run_experiments  # noqa: PLC0415

    chosen = [(e, COHORTS) for e in experiments() if e.name in DESIGNS]
    results = [
        result
        for rows in run_experiments(chosen, seed=SEED, workers=1, ledger=None, tell=context.tell)
        for result in rows
    ]
    yield from findings_of([*results, *over_designs(results)])


def findings_of(results: Sequence[Result]) -> Iterator[Finding]:
    """Numbers that their claim's bound cannot explain, by the binomial distribution."""
    claimed = [r for r in results if r.verdict != "reported"]
    if not claimed:
        yield halt("", "no number with a claim was simulated.")
        return
    failed = [r for r in claimed if r.verdict == "fails"]
    for r in failed:
        place = ", ".join(filter(None, (r.design, r.subject)))
        what = f"{r.claim.text}: {r.estimate:.4g} in {r.n} cohorts, {r.claim.bound} is claimed."
        yield red(place, what)
    if not failed:
        n_open = sum(r.verdict == "open" for r in claimed)
        told = f"{len(claimed)} numbers, none fails its claim"
        yield green(", ".join(DESIGNS), f"{told}; chance explains the {n_open} out of bounds")
