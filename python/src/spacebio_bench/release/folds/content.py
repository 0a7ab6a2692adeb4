"""What a fold holds: features, labels and samples as a run gives them to models, and facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.errors import NotApplicableError
from spacebio_bench.features import feature_set
from spacebio_bench.features.gene import expressed
from spacebio_bench.protocol import Protocol
from spacebio_bench.tasks import Fold, Task
from spacebio_bench.typing import IntArray, Matrix

SIDES = ("train", "test")
OWN_META = ("label", "mission", "tissue")


@dataclass(frozen=True)
class Side:
    """Train or test samples of a fold; every table has the same rows in the same order.

    Attributes
    ----------
    tables
        Feature tables by name (`X`, `pathway_hallmark`), samples x features, float64.
    y
        1 flight, 0 ground.
    meta
        `label` (the condition as recorded), `mission`, `tissue`, then the columns of the store.
    """

    tables: dict[str, pd.DataFrame]
    y: pd.Series[int]
    meta: pd.DataFrame


@dataclass(frozen=True)
class FoldContent:
    """A fold to write: its folder's name, both sides, and what is told of it."""

    name: str
    train: Side
    test: Side
    info: dict[str, Any]

    def sides(self) -> dict[str, Side]:
        """Both sides by their names."""
        return {"train": self.train, "test": self.test}


def fold_content(
    cohort: Cohort, task: Task, fold: Fold, protocol: Protocol, *, features: Sequence[str] = ()
) -> FoldContent:
    """Tables and facts of a fold.

    Parameters
    ----------
    features
        Feature sets of the store to add to the genes.

    Raises
    ------
    NotApplicableError
        No gene passes the protocol's filters, or a feature set cannot be had for these samples.
    """
    rows = {
        side: cohort.rows([task.samples[i] for i in chosen])
        for side, chosen in zip(SIDES, (fold.train, fold.test), strict=True)
    }
    both = np.r_[rows["train"], rows["test"]]
    tables: dict[str, dict[str, pd.DataFrame]] = {side: {} for side in SIDES}
    for name in ("gene", *features):
        lacks = feature_set(name).lacks(cohort, both)
        if lacks:
            raise NotApplicableError(lacks)
        matrix = feature_set(name).fold_matrix(cohort, rows["train"], rows["test"], protocol)
        if not matrix.names:
            msg = f"no feature of {name} passes the protocol's filters"
            raise NotApplicableError(msg)
        for side, values in zip(SIDES, (matrix.train, matrix.test), strict=True):
            title = "X" if name == "gene" else name
            tables[side][title] = _frame(values, cohort, rows[side], matrix.names)
    sides = {
        side: Side(tables[side], _labels(task, chosen), meta_table(cohort, rows[side]))
        for side, chosen in zip(SIDES, (fold.train, fold.test), strict=True)
    }
    info = {
        **fold_facts(task, fold),
        "var_percentile_cutoff": protocol.genes.variance_quantile,
        "n_genes_in_store": len(cohort.genes),
        "n_genes_before_var_filter": _expressed_genes(cohort, rows["train"], protocol),
        "n_genes_after_var_filter": tables["train"]["X"].shape[1],
        "n_features": {name: tables["train"][name].shape[1] for name in features},
        "excluded_samples": _excluded(cohort, task, fold, protocol),
    }
    return FoldContent(fold.name, sides["train"], sides["test"], info)


def fold_facts(task: Task, fold: Fold) -> dict[str, Any]:
    """What is told of a fold that was written, and of one that was not."""
    facts: dict[str, Any] = {
        "fold": fold.name,
        "family": task.family,
        "train_missions": list(fold.train_missions),
        "test_missions": list(fold.test_missions),
        "test_mission": ";".join(fold.test_missions),
        "n_train": len(fold.train),
        "n_test": len(fold.test),
    }
    for side, chosen in zip(SIDES, (fold.train, fold.test), strict=True):
        positive = int(task.truth[chosen].sum())
        counts = {"Flight": positive, "Ground": len(chosen) - positive}
        facts[f"{side}_label_distribution"] = counts
    return facts


def meta_table(cohort: Cohort, rows: IntArray) -> pd.DataFrame:
    """Facts of samples; a column of the store that has a name of ours becomes `store_<name>`."""
    obs = cohort.obs.iloc[rows]
    own = {"label": obs["condition"], "mission": obs["mission"], "tissue": cohort.tissue}
    further = {
        f"store_{name}" if name in OWN_META else str(name): obs[name]
        for name in obs.columns
        if name != "mission"
    }
    return pd.DataFrame({**own, **further}, index=obs.index.rename("sample"))


def _frame(values: Matrix, cohort: Cohort, rows: IntArray, columns: Sequence[str]) -> pd.DataFrame:
    index = pd.Index(cohort.obs.index[rows], name="sample")
    return pd.DataFrame(values.astype(np.float64), index=index, columns=pd.Index(columns))


def _labels(task: Task, chosen: IntArray) -> pd.Series[int]:
    index = pd.Index([task.samples[i] for i in chosen], name="sample")
    return pd.Series([int(label) for label in task.truth[chosen]], index=index, name="label")


def _expressed_genes(cohort: Cohort, train: IntArray, protocol: Protocol) -> int:
    if protocol.genes.filter_on == "train":
        return int(expressed(cohort.x[train], protocol.genes).sum())
    return len(cohort.genes)  # the store holds only genes expressed in the tissue


def _excluded(cohort: Cohort, task: Task, fold: Fold, protocol: Protocol) -> list[dict[str, str]]:
    """Samples of the fold's missions that are in the store and not in the fold."""
    used = {task.samples[i] for i in (*fold.train, *fold.test)}
    missions = {*fold.train_missions, *fold.test_missions}
    found = []
    for sample, row in cohort.obs.iterrows():
        if sample in used or row["mission"] not in missions:
            continue
        condition = str(row["condition"])
        dropped = protocol.labels.label(condition) is None
        reason = (
            f"condition {condition} has no label in protocol {protocol.name}"
            if dropped
            else f"its study has the role {row['role']}"
        )
        entry = {"sample": str(sample), "mission": str(row["mission"]), "condition": condition}
        found.append({**entry, "reason": reason})
    return sorted(found, key=lambda entry: entry["sample"])
