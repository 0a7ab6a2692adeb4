"""Run one bundle: the same function on every backend."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from threadpoolctl import ThreadpoolController

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.joined import join
from spacebio_bench.cohort.store import read_cohort
from spacebio_bench.errors import NotApplicableError
from spacebio_bench.features import (
    FoldMatrix,
    change_cohort,
    change_matrix,
    feature_set,
    scale_fold,
)
from spacebio_bench.grid.units import Bundle, Unit, UnitResult
from spacebio_bench.models import Scorer, build_model, load_libraries, model_card
from spacebio_bench.protocol import Protocol
from spacebio_bench.statistics.auroc import auroc
from spacebio_bench.statistics.classification import confusion, macro_f1, predicted_class
from spacebio_bench.typing import Change, Scores


def run_bundle(bundle: Bundle) -> list[UnitResult]:
    """Fit and score every unit of a bundle; what goes wrong is a status, never an exception."""
    import anndata.io  # noqa: F401, PLC0415 - cut short by a time limit, it would stay half there
    import zarr  # noqa: F401, PLC0415

    load_libraries(bundle.model)

    with _thread_pools(len(sys.modules)).limit(limits=1):
        return list(run_units(bundle))


@lru_cache(maxsize=1)
def _thread_pools(n_modules: int) -> ThreadpoolController:  # noqa: ARG001
    """Those of the libraries that are loaded; looked for again only when a module was imported."""
    return ThreadpoolController()


class _Prepared:
    """Models prepared for one fold, by seed, each with the CPU time it took until it is booked."""

    def __init__(self, bundle: Bundle, cohort: Cohort | None) -> None:
        self._bundle = bundle
        self._cohort = cohort
        self._scorers: dict[int, Scorer] = {}
        self._matrix: FoldMatrix | None = None
        self.n_features = 0

    def scorer(self, seed: int) -> Scorer:
        if seed not in self._scorers:
            matrix = self._features()
            model = build_model(self._bundle.model, **self._bundle.settings)
            self._scorers = {seed: model.prepare(matrix.train, matrix.test, seed=seed)}
        return self._scorers[seed]

    def _features(self) -> FoldMatrix:
        if self._matrix is None:
            b = self._bundle
            if self._cohort is None:
                _check_store(b)
                source = _Source(b.store, b.second_store, b.changes, b.protocol)
                matrix = _cached_matrix(source, b.feature, b.train, b.test)
            else:
                cohort = change_cohort(self._cohort, b.changes, b.protocol)
                matrix = _matrix_of(cohort, b.feature, b.train, b.test, b.protocol)
            matrix = change_matrix(matrix, b.changes, b.labels_train[:, 0], b.labels_test[:, 0])
            if model_card(b.model).scaled and not matrix.scaled:
                matrix = scale_fold(matrix, b.feature, b.protocol)
            self._matrix = matrix
            self.n_features = len(self._matrix.names)
        if self.n_features == 0:
            msg = f"no feature of {self._bundle.feature} passes the protocol's filters"
            raise NotApplicableError(msg)
        return self._matrix


def run_units(bundle: Bundle, cohort: Cohort | None = None) -> Iterator[UnitResult]:
    """The results of a bundle's units, on as many threads as the libraries are set to.

    `cohort` is used instead of the store at the bundle's path.
    """
    prepared = _Prepared(bundle, cohort)
    worker = f"{socket.gethostname()}:{os.getpid()}"
    for n, unit in enumerate(bundle.units):
        before = time.process_time()
        try:
            with _time_limit(bundle.unit_timeout):
                scorer = prepared.scorer(unit.seed)
                ready = time.process_time()
                values, scores, counts = _score(scorer, bundle, unit)
            result = UnitResult(
                key=unit.key,
                status="ok",
                per_labeling=values,
                scores=scores if unit.keep_scores else (),
                counts=counts,
                n_features=prepared.n_features,
                largest_gap=float(getattr(scorer, "largest_gap", 0.0)),
                prepare_cpu_s=ready - before,
                score_cpu_s=time.process_time() - ready,
                # it only grows, and asking takes longer than ranking a block
                peak_rss_mb=_peak_rss_mb() if unit is bundle.units[-1] else 0.0,
                worker=worker,
            )
        except NotApplicableError as error:
            result = UnitResult(unit.key, "not_applicable", str(error), worker=worker)
        except _TimeLimitError:
            limit = f"over the limit of {bundle.unit_timeout:g} s for one unit"
            for late in bundle.units[n:]:  # the rest of the fold decides nothing now
                yield UnitResult(late.key, "timed_out", limit, worker=worker)
            return
        except Exception as error:  # noqa: BLE001 - whatever a model throws is a status of its cell
            reason = f"{type(error).__name__}: {error}".strip().replace("\n", " ")[:500]
            result = UnitResult(unit.key, "failed", reason, worker=worker)
        yield result


def _peak_rss_mb() -> float:
    """Most memory that this process had; `ru_maxrss` of a new process counts its parent's too."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    peak = next((x for x in status.splitlines() if x.startswith("VmHWM:")), "VmHWM: 0 kB")
    return int(peak.split()[1]) / 1024


def _score(
    scorer: Scorer, bundle: Bundle, unit: Unit
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[int, ...]]:
    """Values of the labelings, scores under the first one, and counts where classes are named."""
    columns = slice(unit.start, unit.stop)
    scores: Scores = scorer.score(bundle.labels_train[:, columns])
    expected: tuple[int, ...] = (unit.stop - unit.start, len(bundle.test))
    if bundle.metric == "macro_f1":
        scores = _of_all_classes(scores, bundle.n_classes)
        expected = (*expected, bundle.n_classes)
    if scores.shape != expected:
        msg = f"scores of shape {scores.shape} where {expected} is due"
        raise ValueError(msg)
    if not np.isfinite(scores).all():
        msg = "scores are not finite"
        raise ValueError(msg)
    truth = bundle.labels_test[:, columns]
    first = tuple(scores[0].ravel().tolist())
    if bundle.metric == "auroc":
        return tuple(auroc(scores, truth).tolist()), first, ()
    counts = confusion(predicted_class(scores), truth, n_classes=bundle.n_classes)
    values = macro_f1(counts, classes="present")
    return tuple(values.tolist()), first, tuple(counts.ravel().tolist())


def _of_all_classes(scores: Scores, n_classes: int) -> Scores:
    """Scores with 0 for the last classes where no training sample is of them."""
    lacking = n_classes - scores.shape[-1]
    return np.pad(scores, [(0, 0), (0, 0), (0, lacking)]) if lacking > 0 else scores


@dataclass(frozen=True)
class _Source:
    """Where the features of a fold come from; equal sources have equal features."""

    store: Path
    second: Path | None
    changes: tuple[Change, ...]
    protocol: Protocol = field(compare=False)
    digest: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", self.protocol.digest)


@lru_cache(maxsize=4)
def _cohort(store: Path) -> Cohort:
    return read_cohort(store)


@lru_cache(maxsize=2)
def _both(store: Path, second: Path) -> Cohort:
    return join(_cohort(store), _cohort(second))


def _stored(store: Path, second: Path | None) -> Cohort:
    return _cohort(store) if second is None else _both(store, second)


def _check_store(bundle: Bundle) -> None:
    """A store that was replaced since the run began would give results under a wrong name."""
    found = _stored(bundle.store, bundle.second_store).digests
    changed = [name for name, digest in bundle.digests if found.get(name) != digest]
    if changed:
        msg = f"{bundle.store} is no longer what it was when the run began ({', '.join(changed)})"
        raise ValueError(msg)


@lru_cache(maxsize=2)
def _changed(source: _Source) -> Cohort:
    return change_cohort(_stored(source.store, source.second), source.changes, source.protocol)


@lru_cache(maxsize=2)
def _cached_matrix(
    source: _Source, feature: str, train: tuple[str, ...], test: tuple[str, ...]
) -> FoldMatrix:
    cohort = _changed(source)
    return _matrix_of(cohort, feature, train, test, source.protocol)


def _matrix_of(
    cohort: Cohort, feature: str, train: tuple[str, ...], test: tuple[str, ...], protocol: Protocol
) -> FoldMatrix:
    return feature_set(feature).fold_matrix(cohort, cohort.rows(train), cohort.rows(test), protocol)


class _TimeLimitError(BaseException):
    """Raised in the thread of a unit over its time; no model's `except Exception` stops it."""


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupt the calling thread between two Python instructions once the time is up.

    A call into compiled code is interrupted only when it returns; the Dask backend ends a worker
    that stays in one. An infinite limit costs nothing.
    """
    if math.isinf(seconds):
        yield
        return
    thread = threading.get_ident()
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    lock, over = threading.Lock(), False

    def interrupt() -> None:
        with lock:
            if not over:
                raise_in(ctypes.c_ulong(thread), ctypes.py_object(_TimeLimitError))

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            over = True
        timer.cancel()
