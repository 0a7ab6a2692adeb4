"""What running a grid costs beside its units: planning, Dask, the ledger, the tables, a resume."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import evaluate
import numpy as np
import pandas as pd
from busy import busy_names
from timing import Result, Timed

from spacebio_bench.cohort.store import write_cohort
from spacebio_bench.protocol import load_protocol, protocol_from_dict, write_protocol

FOLDER = Path(__file__).parent
WORKERS = 2
MISSIONS, PER_MISSION, COLUMNS = 5, 12, 20
LIMIT_S, LIMIT_PLAN_S, LIMIT_PLAN_MB, LIMIT_RESUME_S, LIMIT_OVERHEAD = 75.0, 20.0, 1_000, 30.0, 5.0

PLANNER = r"""
import re, sys
from pathlib import Path
import busy
from spacebio_bench.grid.agenda import Agenda
from spacebio_bench.grid.plan import Plan
from spacebio_bench.grid.planner import Selection, make_plan
from spacebio_bench.grid.stores import open_stores
from spacebio_bench.grid.units import Settings, bundles
from spacebio_bench.protocol import load_protocol
folder = Path(sys.argv[1])
stores = open_stores(folder / "cohorts")
chosen = Selection(tasks=("lomo",))
make_plan(stores.cohorts, load_protocol(folder / "busy.yaml"), chosen, seed=1).save(folder / "plan")
plan = Plan.load(folder / "plan")
found = list(bundles(plan, stores.cohorts, Settings(stores.paths, unit_timeout=3600.0)))
Agenda(plan, found, {})
peak = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(sum(len(bundle.units) for bundle in found), len(plan.cells), peak, sep="|")
"""


@dataclass(frozen=True)
class Shape:
    """Cells of a benchmark: tissues x feature sets x models, five folds each."""

    tissues: int
    sets: int
    models: int
    spin_ms: float
    n_labelings: int = 999

    def __str__(self) -> str:
        return f"{self.tissues} tissues x {self.sets} feature sets x {self.models} models"


@dataclass(frozen=True)
class Spent:
    """Wall and CPU seconds of a command and everything it started."""

    wall: float
    cpu: float


def results(*, quick: bool) -> Iterator[Result]:
    """A quick run takes units of 1 ms and few of them: the commands work, the numbers say nothing.

    A unit's CPU time has the ranking of its labelings in it, about a millisecond: 9 ms of model
    make a unit of 10 ms.
    """
    many = Shape(1, 2, 2, 0.5) if quick else Shape(8, 10, 5, 9.0)
    long = Shape(1, 2, 2, 0.5, 199) if quick else Shape(1, 4, 5, 499.0, 199)
    huge = Shape(1, 2, 4, 9.0) if quick else Shape(8, 20, 25, 9.0)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        yield from _many_units(_written(Path(name) / "many", many), many)
        yield from _overhead(_written(Path(name) / "long", long), long)
        yield from _planned(_written(Path(name) / "huge", huge), huge)
    yield from evaluate.results(quick=quick)


def _many_units(folder: Path, shape: Shape) -> Iterator[Result]:
    verbs = ("plan", "run", "summarize")
    spent = {verb: _verb(verb, folder) for verb in verbs}
    outcome, own = _outcome(folder), _own_cpu(folder)
    n = outcome["units_computed"]
    told = ", ".join(f"{verb} {s.wall:.1f} s" for verb, s in spent.items())
    yield Result(
        f"plan, run and summarize {n:,} units of {1e3 * own / n:.1f} ms",
        str(shape),
        Timed(sum(s.wall for s in spent.values())),
        floor=LIMIT_S,
        remark=f"{told}; the units alone take {own / WORKERS:.1f} s on {WORKERS} workers",
        running=True,
    )
    again = {verb: _verb(verb, folder) for verb in verbs}
    computed = _outcome(folder)["units_computed"]
    told = ", ".join(f"{verb} {s.wall:.1f} s" for verb, s in again.items())
    yield Result(
        "the same again, everything in the ledger",
        str(shape),
        Timed(sum(s.wall for s in again.values())),
        floor=LIMIT_RESUME_S,
        difference=float(computed),  # a unit that was computed again is an error
        remark=f"{told}; {computed} units computed",
        running=True,
    )


def _overhead(folder: Path, shape: Shape) -> Iterator[Result]:
    """From a run of one cell and one of all: their difference has no start-up in it."""
    spent, own, n = [], [], []
    for name, only in (("one", ("--features", "set00", "--models", "busy00")), ("all", ())):
        _verb("plan", folder, *only, name=name)
        spent.append(_verb("run", folder, name=name))
        own.append(_own_cpu(folder, name))
        n.append(_outcome(folder, name)["units_computed"])
    units = own[1] - own[0]
    more = spent[1].cpu - spent[0].cpu
    spun = (n[1] - n[0]) * shape.spin_ms / 1e3
    yield Result(
        f"CPU beside the units, of {1e3 * own[1] / n[1]:.0f} ms each",
        f"{n[1]} units, {WORKERS} workers",
        Timed(100 * (more / units - 1)),
        floor=LIMIT_OVERHEAD,
        remark=f"start-up left out; {100 * (more / spun - 1):.1f} % of what the models alone take",
        unit="%",
        running=True,
    )
    yield Result(
        "CPU of a run's start and end",
        f"{WORKERS} workers",
        Timed(spent[0].cpu - own[0]),
        remark=f"{n[0]} units, their own time left out; {spent[0].wall:.1f} s of wall time with it",
        running=True,
    )


def _planned(folder: Path, shape: Shape) -> Iterator[Result]:
    command = [sys.executable, "-c", PLANNER, folder]
    spent, printed = _spent(command)
    n_units, n_cells, peak = printed.strip().split("|")
    how = "stores read, plan written and read, bundles made, all queued"
    size = f"{shape}, {int(n_cells):,} cells"
    what = f"plan {int(n_units):,} units"
    yield Result(
        what, size, Timed(spent.wall), floor=LIMIT_PLAN_S, remark=how, unit="s", running=True
    )
    yield Result(
        f"{what}, most memory",
        size,
        Timed(float(peak)),
        floor=LIMIT_PLAN_MB,
        remark="libraries and all",
        unit="MB",
        running=True,
    )


def _written(folder: Path, shape: Shape) -> Path:
    """Cohort stores in which every set separates the classes, and a protocol of busy models.

    Cells that are far from their null run all their labelings.
    """
    rng = np.random.default_rng(0)
    for t in range(shape.tissues):
        rows = [
            {"mission": m, "accession": m, "condition": c, "role": "benchmark"}
            for m in (f"M-{i}" for i in range(MISSIONS))
            for c in ["FLT", "GC"] * (PER_MISSION // 2)
        ]
        index = pd.Index([f"t{t}s{i:03d}" for i in range(len(rows))], name="sample")
        obs = pd.DataFrame(rows, index=index)
        y = (obs["condition"] == "FLT").to_numpy()[:, None]
        names = [f"c{i:02d}" for i in range(COLUMNS)]
        matrices = {
            f"set{i:02d}": pd.DataFrame(rng.normal(size=(len(obs), COLUMNS)) + y, index, names)
            for i in range(shape.sets)
        }
        path = folder / "cohorts" / f"tissue{t}.zarr"
        write_cohort(path, tissue=f"tissue{t}", obs=obs, matrices=matrices)
    data = load_protocol("calibrated").to_dict()
    data["name"] = "busy"
    data["models"] = {name: {"spin_ms": shape.spin_ms} for name in busy_names(shape.models)}
    data["inference"]["labelings"] = {"default": shape.n_labelings}
    write_protocol(protocol_from_dict(data), folder / "busy.yaml")
    return folder


def _verb(verb: str, folder: Path, *more: str, name: str = "all") -> Spent:
    """A verb of the command line, with its results in folders of this name."""
    plan, grid, cohorts = folder / f"plan-{name}", folder / f"grid-{name}", folder / "cohorts"
    arguments: dict[str, list[object]] = {
        "plan": ["--protocol", folder / "busy.yaml", "--tasks", "lomo"],
        "run": ["--plan", plan, "--backend", "local", "--workers", WORKERS],
        "summarize": ["--plan", plan, "--grid", grid],
    }
    outdir = {"plan": plan, "run": grid, "summarize": folder / f"tables-{name}"}[verb]
    given = [*arguments[verb], *more, "--outdir", outdir, "--quiet"]
    if verb != "summarize":
        given += ["--cohorts", cohorts]
    return _spent([sys.executable, FOLDER / "busy.py", verb, *given])[0]


def _spent(command: list[object]) -> tuple[Spent, str]:
    """What a command takes, and what it prints."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    text = [str(part) for part in command]
    done = subprocess.run(text, stdout=subprocess.PIPE, text=True, cwd=FOLDER, check=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, cpu), done.stdout


def _outcome(folder: Path, name: str = "all") -> dict[str, int]:
    found: dict[str, int] = json.loads((folder / f"grid-{name}" / "outcome.json").read_text())
    return found


def _own_cpu(folder: Path, name: str = "all") -> float:
    """CPU seconds of all units of a run, as they booked them."""
    costs = pd.read_csv(folder / f"grid-{name}" / "costs.csv")
    return float(costs[["fit_cpu_s", "score_cpu_s"]].to_numpy().sum())
