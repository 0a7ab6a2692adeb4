"""Normalised expression of a study, as the R stage leaves it, and of a mission of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.typing import BoolArray, FloatArray, IntArray

QC_COLUMNS = ("library_size", "detected_genes", "pca_distance", "replicate_correlation")


@dataclass(frozen=True)
class Expression:
    """Samples of one study or mission on one list of genes.

    Attributes
    ----------
    samples, genes
        Row and column names.
    counts
        Rounded counts, shape (n_samples, n_genes).
    size_factors
        Shape (n_samples,); counts / size factor is the normalised count.
    log_expression
        log2(normalised count + 1), shape (n_samples, n_genes).
    qc
        Indexed by sample: `QC_COLUMNS`.
    versions
        Recipe and versions of the tools that made it.
    """

    samples: tuple[str, ...]
    genes: tuple[str, ...]
    counts: FloatArray
    size_factors: FloatArray
    log_expression: FloatArray
    qc: pd.DataFrame
    versions: Mapping[str, str]

    def expressed(self, above: float) -> BoolArray:
        """Where the normalised count exceeds `above`, shape (n_samples, n_genes)."""
        return np.greater(self.counts / self.size_factors[:, None], above)


def read_expression(path: Path) -> Expression:
    """Read the HDF5 file of one study.

    Raises
    ------
    InputError
        The file is missing, not HDF5, or not of the normalisation stage.
    """
    try:
        with h5py.File(path, "r") as store:
            samples, genes = _texts(store, "samples"), _texts(store, "genes")
            shape = (len(samples), len(genes))
            expression = Expression(
                samples=samples,
                genes=genes,
                counts=_numbers(store, "counts", shape),
                size_factors=_numbers(store, "size_factors", shape[:1]),
                log_expression=_numbers(store, "expression", shape),
                qc=pd.DataFrame(
                    {name: _numbers(store, f"qc/{name}", shape[:1]) for name in QC_COLUMNS},
                    index=pd.Index(samples, dtype=object),
                ),
                versions={name: _text(value) for name, value in sorted(store.attrs.items())},
            )
    except (OSError, KeyError, ValueError) as error:
        what = f"is not a file of the normalisation stage: {error}"
        raise InputError([Problem(str(path), what)]) from error
    return expression


@dataclass(frozen=True)
class Corrected:
    """Expression of a tissue with the differences between its missions taken out.

    Attributes
    ----------
    samples, genes
        Row and column names.
    methods
        log2(x + 1) by method, shape (n_samples, n_genes); NaN where a method left a gene as it was.
    versions
        Recipe of each method and versions of the tools.
    """

    samples: tuple[str, ...]
    genes: tuple[str, ...]
    methods: Mapping[str, FloatArray]
    versions: Mapping[str, str]


def read_corrected(path: Path) -> Corrected:
    """Read a file of `correct_batches.R`.

    Raises
    ------
    InputError
        The file is missing, not HDF5, or not one of these.
    """
    try:
        with h5py.File(path, "r") as store:
            samples, genes = _texts(store, "samples"), _texts(store, "genes")
            shape = (len(samples), len(genes))
            return Corrected(
                samples=samples,
                genes=genes,
                methods={m: _numbers(store, f"corrected/{m}", shape) for m in store["corrected"]},
                versions={name: _text(value) for name, value in sorted(store.attrs.items())},
            )
    except (OSError, KeyError, ValueError) as error:
        what = f"is not a file of the batch correction: {error}"
        raise InputError([Problem(str(path), what)]) from error


def join_mission(studies: Sequence[Expression]) -> Expression:
    """Studies of one mission side by side, on the genes all have, in the order of the first."""
    shared = set(studies[0].genes).intersection(*(study.genes for study in studies[1:]))
    genes = tuple(gene for gene in studies[0].genes if gene in shared)
    columns = [positions(study.genes, genes) for study in studies]
    pairs = list(zip(studies, columns, strict=True))
    return Expression(
        samples=tuple(sample for study in studies for sample in study.samples),
        genes=genes,
        counts=np.concatenate([study.counts[:, at] for study, at in pairs]),
        size_factors=np.concatenate([study.size_factors for study in studies]),
        log_expression=np.concatenate([study.log_expression[:, at] for study, at in pairs]),
        qc=pd.concat([study.qc for study in studies]),
        versions=studies[0].versions,
    )


def positions(names: Sequence[str], wanted: Sequence[str]) -> IntArray:
    """Where each wanted name is among `names`; all must be there."""
    where = {name: i for i, name in enumerate(names)}
    return np.array([where[name] for name in wanted], dtype=np.intp)


def _texts(store: h5py.File, name: str) -> tuple[str, ...]:
    return tuple(_text(value) for value in np.asarray(store[name][()]).ravel())


def _text(value: object) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _numbers(store: h5py.File, name: str, shape: tuple[int, ...]) -> FloatArray:
    values = np.asarray(store[name][()], dtype=np.float64)
    if values.shape != shape:
        msg = f"'{name}' has shape {values.shape}, not {shape}"
        raise ValueError(msg)
    return values
