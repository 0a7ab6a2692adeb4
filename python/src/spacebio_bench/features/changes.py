"""What a task does to features before, or after, a fold's filters: controls, batches, fewer genes.

`layer`: another version of the expression, corrected for batches; `within_mission`: every column
z-scored within missions, without labels. `gaussian`: noise of the same shape.
`planted`: noise, of whose columns a tenth is higher in flight; `value` is `<SDs>#<draw>`.
`housekeeping`: genes that keep all cells alive alone. `top_nes`: the `value` pathways of largest
mean |NES| over the missions of the training tissue. `top_genes`: the `value` features of largest
training variance. `de`, `de_both`: the `value` genes that differ most between the labels, on the
training samples or, as published, on train and test.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.features._registry import FoldMatrix
from spacebio_bench.features.housekeeping import HOUSEKEEPING
from spacebio_bench.protocol import Protocol
from spacebio_bench.typing import BoolArray, Change, FloatArray, Labels, Matrix

PLANTED_SHARE = 0.1
EXPRESSED = 8.0
"""Added to noise in place of log2 expression, so that every gene passes the protocol's filter."""


def unchangeable(cohort: Cohort, feature: str, changes: Sequence[Change]) -> str:
    """Why the changes cannot be made to a feature set of a cohort; an empty text when they can."""
    for change in changes:
        of_genes = change.kind in ("layer", "housekeeping", "de", "de_both")
        if of_genes and feature != "gene":
            return f"{change.kind} is done to genes, not to {feature}"
        if change.kind == "layer" and change.value not in cohort.layers:
            return f"the store has no expression corrected by {change.value}"
        if change.kind == "top_nes" and not _best_pathways(cohort, feature, 1):
            return f"the store has no enrichment scores (NES) of {feature}"
        if change.kind == "housekeeping" and not _housekeeping(cohort).any():
            return "none of the housekeeping genes is in the store, by symbol"
    return ""


def changed_sources(sources: Sequence[str], changes: Sequence[Change]) -> tuple[str, ...]:
    """Names in `cohort.digests` of what is read after the changes."""
    layers = [f"layer:{change.value}" for change in changes if change.kind == "layer"]
    scores = ["enrichment" for change in changes if change.kind == "top_nes"]
    return (*(s for s in sources if not (layers and s == "gene")), *layers, *scores)


def change_cohort(cohort: Cohort, changes: Sequence[Change], protocol: Protocol) -> Cohort:
    """The cohort as its features are after those changes that no fold has a part in."""
    for change in changes:
        if change.kind in _OF_COHORT:
            cohort = _OF_COHORT[change.kind](cohort, change.value, protocol)
    return cohort


def change_matrix(
    matrix: FoldMatrix,
    changes: Sequence[Change],
    labels_train: Labels,
    labels_test: Labels,
) -> FoldMatrix:
    """A fold's features after the changes that are fitted on it.

    Parameters
    ----------
    labels_train, labels_test
        True labels, 0 or 1, shapes (n_train,) and (n_test,); only `de` looks at the first, only
        `de_both` at both.
    """
    for change in changes:
        if change.kind == "top_genes":
            order = np.argsort(-matrix.train.var(axis=0, ddof=1, dtype=np.float64), kind="stable")
        elif change.kind == "de":
            order = np.argsort(-_distinctness(matrix.train, labels_train), kind="stable")
        elif change.kind == "de_both":
            both = [
                _distinctness(x, y)
                for x, y in ((matrix.train, labels_train), (matrix.test, labels_test))
            ]
            order = np.argsort(-np.minimum(*both), kind="stable")
        else:
            continue
        kept = np.sort(order[: int(change.value)])
        matrix = FoldMatrix(
            matrix.train[:, kept],
            matrix.test[:, kept],
            tuple(matrix.names[i] for i in kept),
            matrix.scaled,
        )
    return matrix


def _layer(cohort: Cohort, value: Any, _: Protocol) -> Cohort:
    x = cohort.layers[str(value)]
    corrected = ~np.isnan(x).all(axis=1)  # hold-outs took no part
    there: BoolArray = ~np.asarray(np.isnan(x[corrected]).any(axis=0))
    return _with_genes(replace(cohort, x=x), there)


def _within_mission(cohort: Cohort, _: Any, __: Protocol) -> Cohort:
    group = cohort.obs["mission"].astype(str).to_numpy()

    def standardised(values: Matrix) -> Matrix:
        out = np.array(values, copy=True)
        for mission in sorted(set(group)):
            rows = group == mission
            part = values[rows].astype(np.float64)
            sd = part.std(axis=0, ddof=1) if len(part) > 1 else np.zeros(part.shape[1])
            constant = np.ptp(part, axis=0) == 0
            sd[constant | (sd == 0)] = 1.0
            out[rows] = (part - part.mean(axis=0)) / sd
        return out

    matrices = {
        name: pd.DataFrame(standardised(frame.to_numpy(np.float64)), frame.index, frame.columns)
        for name, frame in cohort.matrices.items()
    }
    return replace(cohort, x=standardised(cohort.x), matrices=matrices)


def _gaussian(cohort: Cohort, _: Any, __: Protocol) -> Cohort:
    return _replaced(cohort, lambda name, shape: _noise(cohort, name, shape, 0))


def _planted(cohort: Cohort, value: Any, protocol: Protocol) -> Cohort:
    strength, _, draw = str(value).partition("#")
    flown = (cohort.obs["condition"].map(protocol.labels.label) == 1).to_numpy()

    def signal(name: str, shape: tuple[int, int]) -> FloatArray:
        # noise alone beneath it: how strong the signal is depends on nothing in the data
        values = _noise(cohort, name, shape, 1 + int(draw))
        chosen = np.arange(0, shape[1], round(1 / PLANTED_SHARE))
        values[np.ix_(flown, chosen)] += float(strength)
        return values

    return _replaced(cohort, signal)


def _noise(cohort: Cohort, name: str, shape: tuple[int, int], draw: int) -> FloatArray:
    """Standard normal numbers, the same whatever else is planned."""
    identity = zlib.crc32(f"{cohort.tissue}/{name}".encode())
    return np.random.default_rng([identity, draw]).normal(size=shape)


def _replaced(cohort: Cohort, made: Callable[[str, tuple[int, int]], FloatArray]) -> Cohort:
    """Other values in place of all features; those that are missing stay so."""
    x = (made("gene", (len(cohort.obs), len(cohort.genes))) + EXPRESSED).astype(cohort.x.dtype)
    matrices = {
        name: pd.DataFrame(made(name, frame.shape), frame.index, frame.columns).where(frame.notna())
        for name, frame in cohort.matrices.items()
    }
    return replace(cohort, x=x, matrices=matrices)


def _only_housekeeping(cohort: Cohort, _: Any, __: Protocol) -> Cohort:
    return _with_genes(cohort, _housekeeping(cohort))


def _housekeeping(cohort: Cohort) -> BoolArray:
    wanted = {symbol.upper() for symbol in HOUSEKEEPING}
    found: BoolArray = np.array([s.upper() in wanted for s in cohort.symbols], dtype=bool)
    return found


def _top_nes(cohort: Cohort, value: Any, _: Protocol) -> Cohort:
    matrices = {}
    for name, frame in cohort.matrices.items():
        best = _best_pathways(cohort, name, int(value))
        matrices[name] = frame[[c for c in frame.columns if c in best]] if best else frame
    return replace(cohort, matrices=matrices)


def _best_pathways(cohort: Cohort, feature: str, n: int) -> frozenset[str]:
    """Pathways of a collection with the largest mean |NES| over missions; none where none is."""
    scores = cohort.enrichment
    if scores is None:
        return frozenset()
    own = scores[scores["collection"] == feature.removeprefix("pathway_")]
    mean = own["nes"].abs().groupby(own["pathway"]).mean()
    ordered = mean.sort_index().sort_values(ascending=False, kind="stable")
    return frozenset(str(name) for name in ordered.index[:n])


def _with_genes(cohort: Cohort, kept: BoolArray) -> Cohort:
    at = np.flatnonzero(kept)
    symbols = tuple(cohort.symbols[i] for i in at) if cohort.symbols else ()
    genes = tuple(cohort.genes[i] for i in at)
    return replace(cohort, x=cohort.x[:, at], genes=genes, symbols=symbols, layers={})


def _distinctness(x: Matrix, labels: Labels) -> FloatArray:
    """|Welch's t| of each column between the classes; 0 for a column that does not vary."""
    one, other = (x[labels == c].astype(np.float64) for c in (1, 0))
    squared = one.var(axis=0, ddof=1) / len(one) + other.var(axis=0, ddof=1) / len(other)
    error = np.sqrt(squared)
    difference = np.abs(one.mean(axis=0) - other.mean(axis=0))
    t: FloatArray = np.divide(difference, error, out=np.zeros_like(error), where=error > 0)
    return t


_OF_COHORT: dict[str, Callable[[Cohort, Any, Protocol], Cohort]] = {
    "layer": _layer,
    "within_mission": _within_mission,
    "gaussian": _gaussian,
    "planted": _planted,
    "housekeeping": _only_housekeeping,
    "top_nes": _top_nes,
}
