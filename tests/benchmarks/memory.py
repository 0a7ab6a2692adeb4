"""Most memory of one unit, from the store to the scores, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import tissue
from folds import simulated_labels
from timing import Result, Timed

from spacebio_bench.cohort.store import write_cohort
from spacebio_bench.grid.planner import Selection, make_plan
from spacebio_bench.grid.stores import open_stores
from spacebio_bench.protocol import load_protocol

LIMIT_MB = 2_000
GENES = 30_000
"""In the store; the protocol keeps three quarters of those that are expressed, 22,500."""

WORKER = r"""
import re, sys
from pathlib import Path
from spacebio_bench.grid.execute import run_bundle
from spacebio_bench.grid.plan import Plan
from spacebio_bench.grid.stores import open_stores
from spacebio_bench.grid.units import Settings, bundles
folder, model = Path(sys.argv[1]), sys.argv[2]
plan, stores = Plan.load(folder), open_stores(folder)
settings = Settings(stores=stores.paths, unit_timeout=3600.0)
mine = [b for b in bundles(plan, stores.cohorts, settings) if b.model == model]
largest = max(mine, key=lambda b: len(b.train))
last = largest.units[-1]
(result,) = run_bundle(largest.with_units((last,)))
# ru_maxrss would count the parent too, as it was when it started this process
peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(result.status, result.reason, last.stop - last.start, result.n_features, peak, sep="|")
"""


def results(*, quick: bool) -> Iterator[Result]:
    missions = {m: n // 3 for m, n in tissue.MISSIONS.items()} if quick else tissue.MISSIONS
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        models = _plan(folder, missions, 300 if quick else GENES)
        for model in models[-1:] if quick else models:
            yield _unit(folder, model, sum(missions.values()))


def _plan(folder: Path, missions: dict[str, int], n_genes: int) -> tuple[str, ...]:
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(
        [
            {"mission": m, "accession": m, "condition": "FLT" if y else "GC", "role": "benchmark"}
            for m, n in missions.items()
            for y in simulated_labels(n, 0.34)
        ]
    )
    obs.index = pd.Index([f"s{i:03d}" for i in range(len(obs))], name="sample")
    x = rng.normal(6, 1, (len(obs), n_genes)).astype(np.float32)
    scores = pd.DataFrame(rng.normal(size=(len(obs), 50)), obs.index, [f"P{i}" for i in range(50)])
    write_cohort(
        folder / "liver.zarr",
        tissue="liver",
        obs=obs,
        genes=[f"G{i:05d}" for i in range(n_genes)],
        x=x,
        matrices={"pathway_hallmark": scores},
    )
    protocol = load_protocol("calibrated")
    models = tuple(name for name in protocol.models_of("lomo") if name != "tabnet")
    chosen = Selection(tasks=("lomo",), features=("combined",), models=models)
    make_plan(open_stores(folder).cohorts, protocol, chosen, seed=1).save(folder)
    return models


def _unit(folder: Path, model: str, n_samples: int) -> Result:
    command = [sys.executable, "-c", WORKER, folder, model]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    status, reason, n_labelings, n_features, peak = done.stdout.strip().split("|")
    if status != "ok":
        raise RuntimeError(json.dumps([model, status, reason]))
    return Result(
        model,
        f"{n_samples} samples, {int(n_features):,} features of genes and pathways",
        Timed(float(peak)),
        floor=LIMIT_MB,
        remark=f"{n_labelings} labelings; store, libraries and all",
        unit="MB",
    )
