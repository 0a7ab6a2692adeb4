"""Samples of a tissue with their labels, and what makes a fold of them degenerate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.protocol import FoldRule, Protocol
from spacebio_bench.tasks._registry import Fold
from spacebio_bench.typing import BoolArray, IntArray, Labels


@dataclass(frozen=True)
class Samples:
    """Labelled samples in the protocol's order.

    Attributes
    ----------
    obs
        Their rows of the cohort's table.
    truth
        1 or 0, shape (n,).
    missions, strata
        Shape (n,), strings: labels are permuted within mission x the declared columns.
    """

    obs: pd.DataFrame
    truth: Labels
    missions: NDArray[Any]
    strata: NDArray[Any]

    def facts(self) -> dict[str, Any]:
        """Those fields of a task that say who its samples are."""
        return {
            "samples": tuple(self.obs.index),
            "missions": tuple(self.missions),
            "conditions": tuple(self.obs["condition"]),
            "truth": self.truth,
            "strata": self.strata,
        }


def in_order(obs: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """Rows of samples in the order that the protocol wants."""
    return obs.sort_index() if protocol.sample_order == "id" else obs


def labelled(
    cohort: Cohort,
    protocol: Protocol,
    strata: Sequence[str],
    *,
    roles: Sequence[str] = ("benchmark",),
) -> Samples:
    """The samples with a label, of studies with these roles.

    Raises
    ------
    InputError
        The tissue has no such stratum.
    """
    obs = cohort.obs[cohort.obs["role"].isin(roles)]
    label = obs["condition"].map(protocol.labels.label)
    obs = in_order(obs[label.notna()], protocol)
    return Samples(
        obs=obs,
        truth=label[obs.index].to_numpy(np.int8),
        missions=obs["mission"].astype(str).to_numpy(object),
        strata=within(obs, cohort.tissue, ["mission", *strata]),
    )


def within(obs: pd.DataFrame, tissue: str, columns: Sequence[str]) -> NDArray[Any]:
    """One text a sample of its values in these columns; InputError for a column that is absent."""
    absent = [name for name in columns if name not in obs.columns]
    if absent:
        msg = f"the samples tables of {tissue} have no column {', '.join(absent)}."
        raise InputError([Problem("--strata", msg)])
    joined = obs[list(columns)].fillna("").astype(str).agg("|".join, axis=1)
    values: NDArray[Any] = joined.to_numpy(object)
    return values


def positions(where: BoolArray) -> IntArray:
    """Positions of the samples that are meant."""
    found: IntArray = np.flatnonzero(where)
    return found


def make_fold(
    name: str, train: BoolArray, test: BoolArray, samples: Samples, rule: FoldRule
) -> Fold:
    """A fold of samples, degenerate or not.

    Parameters
    ----------
    train, test
        Which samples take part, shape (n,).
    """
    return Fold(
        name=name,
        train=positions(train),
        test=positions(test),
        train_missions=tuple(sorted(set(samples.missions[train]))),
        test_missions=tuple(sorted(set(samples.missions[test]))),
        reason=degenerate(samples.truth[train], samples.truth[test], rule),
    )


def degenerate(train: Labels, test: Labels, rule: FoldRule) -> str:
    """Why a fold of these labels cannot be scored, or an empty text."""
    n, positive = len(test), int(test.sum())
    if n < rule.min_test:
        return f"{n} test samples, {rule.min_test} needed"
    needed = max(rule.min_per_class, 1)
    if min(positive, n - positive) < needed:
        return (
            f"{positive} positive and {n - positive} negative test samples, {needed} of each needed"
        )
    if len(train) == 0 or train.min() == train.max():
        return "the training missions have one class only"
    return ""


def why_not(folds: Sequence[Fold], truth: Labels, *, fewest: int, alone: str) -> str:
    """Why a task of these folds cannot be asked, or an empty text.

    Parameters
    ----------
    fewest
        Folds that the question needs, degenerate or not.
    alone
        What to say where there are fewer.
    """
    if len(truth) == 0:
        return "no labelled sample"
    if len(folds) < fewest:
        return alone
    if all(fold.reason for fold in folds):
        return "no fold can be scored: " + "; ".join(f"{f.name}: {f.reason}" for f in folds)
    return ""
