"""ssGSEA of one mission by gseapy, as the published grid had it: rank-normalised, NES."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from spacebio_bench.cohort.expression import Expression, positions
from spacebio_bench.errors import InputError, Problem
from spacebio_bench.typing import FloatArray

RECIPE = "gseapy ssgsea per mission: rank normalised, upper-case symbols, NES over all samples"


def choose_genes(
    mission: Expression, *, expressed_above: float, in_fraction: float
) -> tuple[str, ...]:
    """Genes with a normalised count over `expressed_above` in enough of the mission's samples."""
    share = mission.expressed(expressed_above).mean(axis=0)
    return tuple(
        gene for gene, part in zip(mission.genes, share, strict=True) if part >= in_fraction
    )


def read_symbols(path: Path) -> dict[str, str]:
    """Gene id to symbol, upper case; the first row of a repeated id."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise InputError([Problem(str(path), f"cannot be read: {error}")]) from error
    pairs = table.iloc[:, :2].drop_duplicates(subset=table.columns[0])
    return {gene: symbol.upper() for gene, symbol in pairs.itertuples(index=False)}


def read_gene_sets(path: Path) -> dict[str, list[str]]:
    """Sets of a GMT file, genes in upper case without repeats."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Problem(str(path), f"cannot be read: {error}")]) from error
    rows = [line.split("\t") for line in lines if line.count("\t") >= 2]
    return {row[0]: list(dict.fromkeys(gene.upper() for gene in row[2:] if gene)) for row in rows}


def by_symbol(
    mission: Expression, genes: Sequence[str], symbols: Mapping[str, str]
) -> pd.DataFrame:
    """Log expression, symbols x samples: first row of a repeated symbol; ids without symbols."""
    frame = pd.DataFrame(
        mission.log_expression[:, positions(mission.genes, genes)].T,
        index=pd.Index([(symbols.get(g, "") if symbols else g.upper()) for g in genes]),
        columns=pd.Index(mission.samples),
    )
    return frame[(frame.index != "") & ~frame.index.duplicated()]


def ssgsea_scores(
    expression: pd.DataFrame, sets: Mapping[str, Sequence[str]], *, min_size: int, max_size: int
) -> pd.DataFrame:
    """NES, samples x pathways in the order of the sets; no columns when no set fits.

    Notes
    -----
    NES = ES / (largest - smallest ES over all sets and samples): a sample's score depends on the
    others.
    """
    present = set(expression.index)
    fitting = {
        name: list(genes)
        for name, genes in sets.items()
        if min_size <= sum(gene in present for gene in genes) <= max_size
    }
    if not fitting:
        return pd.DataFrame(index=expression.columns)
    import gseapy  # noqa: PLC0415  it brings matplotlib along

    result = gseapy.ssgsea(
        data=expression,
        gene_sets=fitting,
        outdir=None,
        sample_norm_method="rank",
        min_size=min_size,
        max_size=max_size,
        permutation_num=0,
        weight=0.25,
        threads=1,
        no_plot=True,
    ).res2d
    table = pd.DataFrame(result).set_index(["Name", "Term"])["NES"].astype(float)
    order = pd.MultiIndex.from_product([expression.columns, fitting])
    values = table.reindex(order).to_numpy().reshape(expression.shape[1], len(fitting))
    return pd.DataFrame(values, index=expression.columns, columns=list(fitting))


def write_scores(path: Path, samples: Sequence[str], scores: Mapping[str, pd.DataFrame]) -> None:
    """The scores of every collection, in the layout of `score_pathways.R`."""
    with h5py.File(path, "w", track_order=False) as store:
        store.create_dataset("samples", data=_bytes(samples), track_times=False)
        for name, frame in scores.items():
            values: FloatArray = frame.to_numpy(dtype=np.float64)
            store.create_dataset(
                f"{name}/pathways", data=_bytes(list(frame.columns)), track_times=False
            )
            store.create_dataset(f"{name}/scores", data=values, track_times=False)
        store.attrs.update(
            {"recipe": RECIPE, "scorer": "gseapy_ssgsea", "gseapy": version("gseapy")}
        )


def _bytes(names: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.bytes_]]:
    encoded = [str(name).encode("utf-8") for name in names]
    return np.array(encoded, dtype=f"S{max(map(len, encoded), default=1)}")
