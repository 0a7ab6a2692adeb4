"""What a grid of the published size with 9,999 labelings needs: arithmetic on stated costs.

`python tests/benchmarks/full_grid.py RATIO` prints the tables of docs/hpc.md; RATIO is measured by
stated cost of a refit, of a run on the machine at hand.
"""

from __future__ import annotations

import sys
from collections import Counter

from grid import TISSUES, folds

from spacebio_bench.grid.agenda import BUNDLE_SECONDS
from spacebio_bench.grid.units import BATCH, LOOP_SECONDS
from spacebio_bench.models import model_card, seconds_per_fit
from spacebio_bench.protocol import load_protocol

LABELINGS = 9_999
WORKERS = (10, 100, 1_000)
CLIENT_SECONDS_PER_MESSAGE = 0.004
"""CPU time of client and scheduler for one parcel there and back, on the safe side."""

START_SECONDS = 60.0
"""Until the workers are there, on a cluster that has room."""


def main() -> None:
    """Print both tables."""
    ratio = float(sys.argv[1])
    protocol = load_protocol("calibrated")
    models = {name: protocol.models[name] for name in protocol.models_of("lomo")}
    cpu: Counter[str] = Counter()
    units: Counter[str] = Counter()
    longest: Counter[str] = Counter()
    for size in folds():
        for name, settings in models.items():
            if name == "tabnet":  # not refitted
                continue
            a_fit = ratio * seconds_per_fit(name, settings, size.n_train, size.n_features)
            loop = model_card(name).refit != "batched"
            block = max(1, round(LOOP_SECONDS / a_fit)) if loop else BATCH
            cpu[name] += a_fit * (LABELINGS + 1)
            units[name] += 1 + -(-LABELINGS // block)
            longest[name] = max(longest[name], block * a_fit)
    print(f"{sum(1 for _ in folds())} folds and feature sets of {len(TISSUES)} tissues")
    print("\n| model | CPU hours | units | longest unit |\n|---|---|---|---|")
    for name, seconds in cpu.most_common():
        print(f"| {name} | {seconds / 3600:,.1f} | {units[name]:,} | {longest[name]:.1f} s |")
    print("\n| models | 10 workers | 100 workers | 1,000 workers | what limits 1,000 |")
    print("|---|---|---|---|---|")
    batched = [name for name in cpu if model_card(name).refit == "batched"]
    for told, names in (("all seven", list(cpu)), ("the batched ones", batched)):
        total = sum(cpu[name] for name in names)
        end = max(longest[name] for name in names) + BUNDLE_SECONDS
        messages = min(sum(units[name] for name in names), total / BUNDLE_SECONDS * 2)
        client = messages * CLIENT_SECONDS_PER_MESSAGE
        row = [START_SECONDS + max(total / n, client) + end for n in WORKERS]
        limit = (
            "the client"
            if client > total / WORKERS[-1]
            else "start and end"
            if START_SECONDS + end > total / WORKERS[-1]
            else "CPU time"
        )
        print(f"| {told} | {' | '.join(_time(seconds) for seconds in row)} | {limit} |")


def _time(seconds: float) -> str:
    return (
        f"{seconds / 86400:.1f} days"
        if seconds > 172_800
        else f"{seconds / 3600:.1f} h"
        if seconds > 5400
        else f"{seconds / 60:.0f} min"
    )


main()
