"""Models that are slow or faulty on purpose; `dask_setup` enters them in a Dask worker.

How long a fit takes is no setting of theirs but the variable SBB_PACE, so that a quick run and a
slow one are of the same units. Under SBB_TRACE each worker notes its fits in a file of its own.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from spacebio_bench.grid import execute
from spacebio_bench.models import ModelCard
from spacebio_bench.models._registry import _REGISTRY, register

MIB = 2**20


@dataclass(frozen=True)
class Means:
    """Scores by the difference of the class means: quick, and the same everywhere."""

    x_train: Any
    x_test: Any

    def score(self, labels: Any) -> Any:
        note()
        signs = 2.0 * labels.astype(np.float64) - 1.0
        return (self.x_test @ (self.x_train.T @ signs)).T


@dataclass(frozen=True)
class Slow:
    """Sleeps at each fit."""

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        return 0.1  # ten labelings in two fits: a second at a pace of 0.5

    def prepare(self, x_train: Any, x_test: Any, *, seed: int) -> Any:
        return _Sleeping(x_train, x_test)


@dataclass(frozen=True)
class _Sleeping(Means):
    def score(self, labels: Any) -> Any:
        scores = super().score(labels)
        time.sleep(float(os.environ.get("SBB_PACE", "0")))
        return scores


@dataclass(frozen=True)
class Greedy:
    """Takes `mib` MiB, a piece at a time or all at once, before it fits."""

    mib: int = 0
    piece: int = 20

    def prepare(self, x_train: Any, x_test: Any, *, seed: int) -> Any:
        note()
        taken = []
        for _ in range(0, self.mib, self.piece):
            taken.append(np.ones(self.piece * MIB, dtype=np.uint8))
            time.sleep(0.02)
        return Means(x_train, x_test)


@dataclass(frozen=True)
class Endless:
    """Does not end: in Python, or in compiled code that keeps Python's lock."""

    how: str = "python"

    def prepare(self, x_train: Any, x_test: Any, *, seed: int) -> Any:
        note()
        while True:
            if self.how == "python":
                time.sleep(0.01)
            else:
                ctypes.PyDLL(None).pause()


MODELS = {"slow": Slow, "greedy": Greedy, "glutton": Greedy, "endless": Endless, "stuck": Endless}


def note() -> None:
    """Leave word of a fit: when, in the file of this worker, `<node>.<job>.<pid>`."""
    folder = os.environ.get("SBB_TRACE")
    if folder:
        name = f"{os.uname().nodename}.{os.environ.get('SLURM_JOB_ID', '0')}.{os.getpid()}"
        with Path(folder, name).open("a") as file:
            file.write(f"{time.time()}\n")


def enter() -> None:
    """Register the models."""
    for name, model in MODELS.items():
        if name not in _REGISTRY:
            card = ModelCard(name, "classical", scaled=True, refit="batched", reference="none")
            register(card)(model)


@contextlib.contextmanager
def entered() -> Iterator[None]:
    """The models are registered for a while."""
    enter()
    try:
        yield
    finally:
        for name in MODELS:
            del _REGISTRY[name]


def dask_setup(worker: Any) -> None:
    """Enter the models, and book sleep as if it were work: by it the grid sizes its parcels."""
    import anndata.io  # noqa: F401 - no part of the time of a first unit
    import zarr  # noqa: F401

    enter()
    execute.time = SimpleNamespace(process_time=time.monotonic)  # type: ignore[assignment]
