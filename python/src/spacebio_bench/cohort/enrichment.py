"""Gene-set enrichment of missions: from ranked differential expression to signed scores.

The sign is that of the ranking: positive = the pathway's genes are up in flight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.typing import FloatArray

DIFFERENTIAL = ".differential.h5"
ENRICHMENT = ".enrichment.parquet"
COLUMNS = ("tissue", "mission", "collection", "pathway", "nes", "p", "fdr", "n_genes")


@dataclass(frozen=True)
class Differential:
    """Flight against ground in one mission of a tissue; the arrays have shape (n_genes,).

    Attributes
    ----------
    statistic
        Moderated t or Wald statistic, positive = up in flight.
    """

    tissue: str
    mission: str
    genes: tuple[str, ...]
    log2_fold_change: FloatArray
    statistic: FloatArray
    p: FloatArray
    p_adjusted: FloatArray


def read_differential(path: Path) -> Differential:
    """Read a file of `differential_expression.R`; no genes where the mission has too few samples.

    Raises
    ------
    InputError
        The file is missing or not one of these.
    """
    names = ("log2_fold_change", "statistic", "p", "p_adjusted")
    try:
        with h5py.File(path, "r") as store:
            genes = tuple(np.asarray(store["genes"][()]).astype(str).tolist())
            values = [np.asarray(store[name][()], dtype=np.float64) for name in names]
            tissue, mission = (_text(store.attrs[name]) for name in ("tissue", "mission"))
    except (OSError, KeyError, ValueError) as error:
        what = f"is not a file of differential_expression.R: {error}"
        raise InputError([Problem(str(path), what)]) from error
    return Differential(tissue, mission, genes, *values)


def ranking(found: Differential, symbols: Mapping[str, str]) -> pd.Series[float]:
    """Statistic by upper-case symbol, largest first; first row of a repeated symbol.

    Gene ids stand for themselves where there are no symbols at all. Genes without a statistic are
    left out; equal ones are in the order of their names.
    """
    names = [symbols.get(gene, "") if symbols else gene.upper() for gene in found.genes]
    series = pd.Series(found.statistic, index=pd.Index(names, dtype=object), dtype=np.float64)
    series = series[(series.index != "") & ~series.index.duplicated() & np.isfinite(series)]
    order = np.lexsort((series.index.to_numpy(dtype=str), -series.to_numpy()))
    return series.iloc[order]


def enrichment(
    ranked: pd.Series[float],
    sets: Mapping[str, Sequence[str]],
    *,
    min_size: int,
    max_size: int,
    n_permutations: int,
    seed: int,
) -> pd.DataFrame:
    """Pre-ranked GSEA of the sets that have a fitting number of ranked genes.

    Returns
    -------
    Indexed by pathway in the order of the sets: nes (positive = among the largest), p, fdr (over
    these sets), n_genes.

    Notes
    -----
    Subramanian et al. (2005), doi:10.1073/pnas.0506580102, weight 1; genes are permuted.
    """
    present = set(ranked.index)
    inside = {name: sum(gene in present for gene in genes) for name, genes in sets.items()}
    fitting = {name: list(sets[name]) for name, n in inside.items() if min_size <= n <= max_size}
    columns = ["nes", "p", "fdr"]
    if not fitting:
        return pd.DataFrame(columns=[*columns, "n_genes"], dtype=np.float64)
    import gseapy  # noqa: PLC0415  it brings matplotlib along

    # gseapy sorts again and lets the machine decide between equal genes: none are equal any more
    apart = 1e-12 * np.abs(ranked).max() * np.arange(len(ranked))
    result = gseapy.prerank(
        rnk=ranked - apart,
        gene_sets=fitting,
        outdir=None,
        min_size=min_size,
        max_size=max_size,
        permutation_num=n_permutations,
        weight=1.0,
        ascending=False,
        threads=1,
        seed=seed,
        no_plot=True,
    ).res2d
    found = pd.DataFrame(result).set_index("Term").reindex(list(fitting))
    values = found[["NES", "NOM p-val", "FDR q-val"]].astype(np.float64)
    table = values.set_axis(columns, axis=1).replace([np.inf, -np.inf], np.nan)
    return table.assign(n_genes=[inside[name] for name in fitting]).rename_axis("pathway")


def read_enrichment(given: Sequence[Path]) -> pd.DataFrame:
    """Rows of files or folders of `score_enrichment.py`; none is an empty table.

    Raises
    ------
    InputError
        A file that cannot be read, or a mission that is in two of them.
    """
    paths = [p for g in given for p in (sorted(g.glob(f"*{ENRICHMENT}")) if g.is_dir() else [g])]
    frames = []
    for path in paths:
        try:
            frames.append(pd.read_parquet(path, columns=list(COLUMNS)))
        except (OSError, ValueError) as error:
            what = f"is not a table of score_enrichment.py: {error}"
            raise InputError([Problem(str(path), what)]) from error
    frames = [frame for frame in frames if len(frame)]
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
    twice = table[table.duplicated(["tissue", "mission", "collection", "pathway"])]
    if len(twice):
        row = twice.iloc[0]
        what = f"{row['tissue']}, {row['mission']}, {row['pathway']} is there more than once."
        raise InputError([Problem("--enrichment", what)])
    return table


def as_arrays(table: pd.DataFrame) -> dict[str, NDArray[Any]]:
    """The columns of a table as a store keeps them; it is of one tissue, which the store names."""
    numbers = {"nes", "p", "fdr", "n_genes"}
    return {
        name: table[name].to_numpy(np.float64 if name in numbers else object)
        for name in COLUMNS
        if name != "tissue"
    }


def as_table(arrays: Mapping[str, Any]) -> pd.DataFrame:
    """What :func:`as_arrays` was given, without the tissue."""
    return pd.DataFrame({name: arrays[name] for name in COLUMNS if name != "tissue"})


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
