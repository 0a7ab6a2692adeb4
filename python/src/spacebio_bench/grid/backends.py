"""Where bundles run: here, in processes of joblib, on a Dask cluster of this machine, on SLURM."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from spacebio_bench.grid.execute import run_bundle
from spacebio_bench.grid.machine import Machine
from spacebio_bench.grid.units import Bundle, UnitResult


class Source(Protocol):
    """Bundles to run; more may join whenever a result was handed over."""

    def __bool__(self) -> bool: ...

    def pop(self) -> Bundle: ...

    def give_back(self, bundle: Bundle) -> None: ...

    def expected_seconds(self, bundle: Bundle) -> float: ...


Results = Iterator[tuple[Bundle, list[UnitResult]]]
Backend = Callable[[Source, Machine], Results]


def serial(source: Source, machine: Machine) -> Results:  # noqa: ARG001
    """One after the other, in this process."""
    while source:
        bundle = source.pop()
        yield bundle, run_bundle(bundle)


def joblib(source: Source, machine: Machine) -> Results:
    """Processes of joblib's own pool, in rounds: what joins meanwhile is the next round."""
    from joblib import Parallel, delayed  # noqa: PLC0415 - imported by those who use it

    pool = Parallel(
        n_jobs=machine.n_workers,
        return_as="generator_unordered",
        batch_size=1,
        pre_dispatch="2*n_jobs",
    )
    while source:
        bundles = []
        while source:
            bundles.append(source.pop())
        yield from pool(delayed(_with_bundle)(bundle) for bundle in bundles)


def _with_bundle(bundle: Bundle) -> tuple[Bundle, list[UnitResult]]:
    return bundle, run_bundle(bundle)


def local(source: Source, machine: Machine) -> Results:
    """A Dask cluster of worker processes on this machine."""
    from spacebio_bench.grid.dask_local import local_rounds  # noqa: PLC0415 - a second to import

    return local_rounds(source, machine)


def slurm(source: Source, machine: Machine) -> Results:
    """A Dask cluster whose workers are SLURM jobs."""
    from spacebio_bench.grid.slurm import slurm_rounds  # noqa: PLC0415 - a second to import

    return slurm_rounds(source, machine)


BACKENDS: dict[str, Backend] = {"serial": serial, "joblib": joblib, "local": local, "slurm": slurm}
