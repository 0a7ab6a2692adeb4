"""Ours against plain scikit-learn, on the same simulated matrices, in one run on one core.

`make bench` runs it and writes `docs/benchmarks.md`. `python tests/benchmarks --quick` does the
same on small matrices: both sides then still have to give the same numbers, but no floor counts.

Exit code 1: the two sides differ. 4: a floor is missed.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before numpy is there

import argparse  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

import cost  # noqa: E402
import grid  # noqa: E402
import kernels  # noqa: E402
import memory  # noqa: E402
import orchestration  # noqa: E402
import pairs  # noqa: E402
import refits  # noqa: E402
import tissue  # noqa: E402
from table import can_update, document, exit_code, line, updated  # noqa: E402

PARTS = {
    "kernels": kernels.results,
    "refits": refits.results,
    "tissue": tissue.results,
    "grid": grid.results,
    "pairs": pairs.results,
    "memory": memory.results,
    "cost": cost.results,
    "orchestration": orchestration.results,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small matrices, no floors")
    parser.add_argument("--only", choices=PARTS, action="append", help="parts that are run")
    parser.add_argument("--output", type=Path, help="Markdown file to write")
    chosen = parser.parse_args()
    began, results = time.process_time(), []
    for part in chosen.only or PARTS:
        for result in PARTS[part](quick=chosen.quick):
            print(line(result), file=sys.stderr, flush=True)
            results.append(result)
    text = document(results, cpu_seconds=time.process_time() - began, quick=chosen.quick)
    print(text)
    if chosen.output and not chosen.quick:
        if not chosen.only:
            chosen.output.write_text(text, encoding="utf-8")
        elif can_update(results):  # the tables of the parts that were run
            page = chosen.output.read_text(encoding="utf-8")
            chosen.output.write_text(updated(page, results), encoding="utf-8")
    return exit_code(results, quick=chosen.quick)


if __name__ == "__main__":
    sys.exit(main())
