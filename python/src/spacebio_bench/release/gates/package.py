"""A fold package is whole, by its own lists and by the validators of three formats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.simulate import simulate_cohort
from spacebio_bench.cohort.store import read_cohort, write_cohort
from spacebio_bench.errors import NotApplicableError, Problem
from spacebio_bench.protocol import load_protocol
from spacebio_bench.release.folds.about import About, known_images
from spacebio_bench.release.folds.listing import TASK_INFO, expected_files, task_folders
from spacebio_bench.release.folds.load import load_fold
from spacebio_bench.release.folds.validators import (
    validate_croissant,
    validate_frictionless,
    validate_ro_crate,
)
from spacebio_bench.release.folds.verify import verify_package
from spacebio_bench.release.folds.write import write_package
from spacebio_bench.release.gates._gate import Context, Finding, green, red, reds, yellow

PROTOCOL = "calibrated"
SIMULATED = {"liver": ((6, 6),) * 3, "thymus": ((5, 5), (4, 4))}
"""Tissues of the simulated package: (flight, ground) samples of each mission."""
_GENES = 200
_VALIDATORS: Mapping[str, Callable[[Path], list[Problem]]] = {
    "Croissant (mlcroissant)": validate_croissant,
    "Frictionless": validate_frictionless,
    "RO-Crate 1.3 (rocrate-validator)": validate_ro_crate,
}


def package_gate(context: Context) -> Iterator[Finding]:
    """Judge the package that is given, or one of a simulated cohort."""
    root = package_of(context)
    problems = verify_package(root)
    yield from reds(problems)
    if not problems:
        files = expected_files(root)
        what = f"{len(files)} files of {len(task_folders(files))} tasks verified one by one"
        yield green(root.name if context.folds else "simulated", what)
        yield from _loaded(root)
    for name, validate in _VALIDATORS.items():
        context.tell(f"{name} looks at it")
        try:
            found = validate(root)
        except NotApplicableError as error:
            yield yellow(name, f"not asked: {error}")
            continue
        yield from (red(f"{name}: {problem.where}", problem.what) for problem in found)
        if not found:
            yield green(name, "accepts it")


def package_of(context: Context) -> Path:
    """The package that is given, or that of a simulated cohort, made once in a run."""
    if context.folds is not None:
        return context.folds
    return context.once("package", lambda: _simulated(context))


def _simulated(context: Context) -> Path:
    """Stores are written and read again, as with real data."""
    cohorts = {}
    for seed, (tissue, sizes) in enumerate(SIMULATED.items(), start=1):
        path = context.workdir / "cohorts" / f"{tissue}.zarr"
        _write_store(path, tissue, sizes, seed)
        cohorts[tissue] = read_cohort(path)
    root = context.workdir / "package"
    _write(cohorts, root, context.root)
    return root


def _write(cohorts: Mapping[str, Cohort], root: Path, project: Path) -> None:
    try:
        images = known_images(project)
    except OSError:
        images = {}  # a checkout that lacks lock files; another gate's question
    about = About(name="SpaceBio-Bench folds, simulated", images=images)
    write_package(cohorts, root, protocol=load_protocol(PROTOCOL), about=about)


def _write_store(path: Path, tissue: str, sizes: tuple[tuple[int, int], ...], seed: int) -> None:
    drawn = simulate_cohort(group_sizes=sizes, n_genes=_GENES, effect=1.0, seed=seed)
    samples = [f"{tissue}-{i:02d}" for i in range(len(drawn.x))]
    obs = pd.DataFrame(
        {
            "mission": drawn.missions.astype(object),
            "accession": [f"SIM-{tissue}-{m}" for m in drawn.missions],
            "condition": np.where(drawn.labels == 1, "FLT", "GC").astype(object),
            "role": "benchmark",
        },
        index=pd.Index(samples, name="sample", dtype=object),
    )
    genes = [f"SIMG{i:07d}" for i in range(_GENES)]
    x = np.maximum(drawn.x, 0).astype(np.float32)
    write_cohort(path, tissue=tissue, obs=obs, genes=genes, x=x)


def _loaded(root: Path) -> Iterator[Finding]:
    """The first fold of each task through the loader that users have."""
    for folder in task_folders(expected_files(root)):
        names = sorted(p.name for p in (root / folder).iterdir() if p.is_dir())
        if not names:
            yield red(f"{folder}/{TASK_INFO}", "the task has no fold.")
            continue
        fold = load_fold(folder, names[0], root=root)
        train, test = fold.train_X.shape, fold.test_X.shape
        told = f"loads: {train[0]} and {test[0]} samples, {train[1]} genes"
        yield green(f"{folder}/{names[0]}", told)
