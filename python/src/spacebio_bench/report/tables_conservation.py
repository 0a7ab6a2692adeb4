"""Rows of `conservation.csv`: is a mission's pathway response that of another, and does it matter?

`kind` says what a row is:

`pair`
    Two missions of a tissue: Spearman correlation of their NES over the `n_pathways` of a
    collection that both have. Pathways share genes, so its p (scipy's) describes and does not test.
`transfer`
    A tissue: over its `n_pairs` pairs of missions, Spearman correlation of that rho with the mean
    AUROC of both directions of the pair, for a feature set and model. Pairs share missions, so the
    p permutes missions (`mantel_exact`, `mantel`).
`transfer_tissues`
    All tissues: over `n_tissues`, Spearman correlation of the mean rho with the mean AUROC of the
    pairs; the p permutes tissues.

`p_attainable` is the smallest p that so many missions or tissues can give; `reason` says why a row
has no value. NES come from differential expression: studies of precomputed scores alone have none.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import permutation_test, rankdata, spearmanr

from spacebio_bench.grid.plan import Plan
from spacebio_bench.identity import identity_seed
from spacebio_bench.report.tables_io import Row
from spacebio_bench.statistics.mantel import FEWEST, mantel
from spacebio_bench.typing import FloatArray

CONSERVATION_COLUMNS = (
    "kind",
    "tissue",
    "collection",
    "mission_a",
    "mission_b",
    "feature",
    "model",
    "n_pathways",
    "n_pairs",
    "n_tissues",
    "rho",
    "p_value",
    "p_attainable",
    "method",
    "reason",
)
KEY = ("kind", "tissue", "collection", "mission_a", "mission_b", "feature", "model")
N_PERMUTATIONS = 9999
Pairs = dict[tuple[str, str], float]
"""A value by two missions in the order of their names."""


def planned_missions(plan: Plan) -> dict[str, tuple[str, ...]]:
    """Missions with labelled samples of each tissue that is tested by itself."""
    own = [task for task in plan.tasks if task.family in ("lomo", "pairs")]
    return {task.tissue: tuple(sorted(set(task.missions), key=str.encode)) for task in own}


def conservation_rows(
    missions: Mapping[str, Sequence[str]],
    enrichment: pd.DataFrame,
    cells: Sequence[Row],
    folds: Sequence[Row],
    *,
    seed: int,
) -> list[Row]:
    """All rows, sorted by key.

    Parameters
    ----------
    missions
        Planned missions by tissue; each pair of them is a row for each collection.
    enrichment
        tissue, mission, collection, pathway, nes: the tables of `score_enrichment.py`.
    cells, folds
        Rows of `cells.csv` and `folds.csv`; family `pairs` is what is looked at.
    """
    pairs = [row for tissue in missions for row in _pair_rows(tissue, missions[tissue], enrichment)]
    rho: dict[tuple[str, str], Pairs] = {}
    for row in pairs:
        if not row["reason"]:
            own = rho.setdefault((row["tissue"], row["collection"]), {})
            own[row["mission_a"], row["mission_b"]] = row["rho"]
    transfer = _transfer(cells, folds)
    rows = [*pairs, *_within(rho, transfer, seed), *_over_tissues(rho, transfer, seed)]
    return sorted(rows, key=lambda row: tuple(str(row.get(name, "")).encode() for name in KEY))


def _pair_rows(tissue: str, missions: Sequence[str], enrichment: pd.DataFrame) -> Iterator[Row]:
    own = enrichment[enrichment["tissue"] == tissue]
    if own.empty:
        reason = (
            "no NES in the store: it takes counts, two samples of each class in a mission, and "
            "conservation or cross_tissue among the tasks that the store was built for"
        )
        yield {"kind": "pair", "tissue": tissue, "reason": reason}
        return
    for collection, rows in own.groupby("collection"):
        nes = rows.pivot_table("nes", index="pathway", columns="mission", aggfunc="first")
        for a, b in itertools.combinations(sorted(missions, key=str.encode), 2):
            names = {"tissue": tissue, "collection": str(collection), "mission_a": a}
            yield {"kind": "pair", **names, "mission_b": b, **_agreement(nes, a, b)}


def _agreement(nes: pd.DataFrame, a: str, b: str) -> Row:
    without = [mission for mission in (a, b) if mission not in nes]
    if without:
        reason = f"no NES of {', '.join(without)}: no counts, or fewer than two samples of a class"
        return {"reason": reason}
    both = nes[[a, b]].dropna()
    if len(both) < FEWEST:
        return {"n_pathways": len(both), "reason": f"fewer than {FEWEST} pathways in common"}
    if (np.ptp(both.to_numpy(), axis=0) == 0).any():
        return {"n_pathways": len(both), "reason": "all pathways have one NES"}
    found = spearmanr(both[a], both[b])
    return {
        "n_pathways": len(both),
        "rho": float(found.statistic),
        "p_value": float(found.pvalue),
        "method": "spearman",
        "reason": "",
    }


def _transfer(
    cells: Sequence[Row], folds: Sequence[Row]
) -> dict[tuple[str, str], dict[str, Pairs]]:
    """Mean AUROC of both directions of a pair, by feature set and model, then tissue.

    A pair of which one direction is not ok has no value.
    """
    own = {c["cell"]: c for c in cells if c["family"] == "pairs" and not c.get("variant")}
    values: dict[tuple[str, str, str], dict[tuple[str, str], list[float]]] = {}
    for fold in folds:
        if fold["cell"] in own and fold["status"] == "ok":
            cell = own[fold["cell"]]
            a, b = sorted((fold["train_missions"], fold["test_missions"]), key=str.encode)
            key = cell["feature"], cell["model"], cell["tissue"]
            values.setdefault(key, {}).setdefault((a, b), []).append(fold["value"])
    means: dict[tuple[str, str], dict[str, Pairs]] = {}
    for (feature, model, tissue), found in values.items():
        both = {pair: float(np.mean(v)) for pair, v in found.items() if len(v) == len(pair)}
        means.setdefault((feature, model), {})[tissue] = both
    return means


def _concerned(feature: str, collection: str) -> bool:
    return feature in ("gene", f"pathway_{collection}")


def _within(
    rho: Mapping[tuple[str, str], Pairs],
    transfer: Mapping[tuple[str, str], Mapping[str, Pairs]],
    seed: int,
) -> Iterator[Row]:
    for (tissue, collection), conserved in rho.items():
        for (feature, model), tissues in transfer.items():
            if tissue not in tissues or not _concerned(feature, collection):
                continue
            row = {"tissue": tissue, "collection": collection, "feature": feature, "model": model}
            both = {pair: (v, tissues[tissue].get(pair)) for pair, v in conserved.items()}
            known = {pair: (v, t) for pair, (v, t) in both.items() if t is not None}
            drawn = identity_seed(seed, "conservation", *row.values())
            yield {"kind": "transfer", **row, "n_pairs": len(known)} | _related(known, drawn)


def _related(values: Mapping[tuple[str, str], tuple[float, float]], seed: int) -> Row:
    missions = sorted({mission for pair in values for mission in pair}, key=str.encode)
    if len(missions) < FEWEST:
        return {"reason": f"fewer than {FEWEST} missions with both values"}
    if len(values) < math.comb(len(missions), 2):
        return {"reason": "some pairs of these missions lack a value"}
    tables = np.zeros((2, len(missions), len(missions)))
    for (a, b), value in values.items():
        i, j = missions.index(a), missions.index(b)
        tables[:, i, j] = tables[:, j, i] = value
    found = mantel(*tables, n_permutations=N_PERMUTATIONS, seed=seed)
    if math.isnan(found.rho):
        return {"reason": "all pairs have one value"}
    return {
        "rho": found.rho,
        "p_value": found.p,
        "p_attainable": found.attainable,
        "method": "mantel_exact" if found.exact else "mantel",
        "reason": "",
    }


def _over_tissues(
    rho: Mapping[tuple[str, str], Pairs],
    transfer: Mapping[tuple[str, str], Mapping[str, Pairs]],
    seed: int,
) -> Iterator[Row]:
    for collection in {collection for _, collection in rho}:
        for (feature, model), tissues in transfer.items():
            if not _concerned(feature, collection):
                continue
            points = [
                (np.mean([pairs[p] for p in known]), np.mean([tissues[tissue][p] for p in known]))
                for (tissue, name), pairs in sorted(rho.items())
                if name == collection and (known := sorted(pairs.keys() & tissues.get(tissue, {})))
            ]
            row = {"tissue": "", "collection": collection, "feature": feature, "model": model}
            drawn = identity_seed(seed, "conservation", *row.values())
            found = _over(np.array(points).reshape(-1, 2), drawn)
            yield {"kind": "transfer_tissues", **row, "n_tissues": len(points)} | found


def _over(points: FloatArray, seed: int) -> Row:
    if len(points) < FEWEST:
        return {"reason": f"fewer than {FEWEST} tissues with both values"}
    first, second = rankdata(points, axis=0).T
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return {"reason": "all tissues have one value"}
    possible = math.factorial(len(points))
    found = permutation_test(
        (first,),
        lambda x: np.corrcoef(x, second)[0, 1],
        permutation_type="pairings",
        n_resamples=N_PERMUTATIONS,
        rng=seed,
    )
    return {
        "rho": float(found.statistic),
        "p_value": float(found.pvalue),
        "p_attainable": min(1.0, 2 / min(possible, N_PERMUTATIONS + 1)),
        "method": "permutation_exact" if possible <= N_PERMUTATIONS else "permutation",
        "reason": "",
    }
