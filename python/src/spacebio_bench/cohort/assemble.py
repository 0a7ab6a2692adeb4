"""Studies of one tissue side by side: which genes, which columns, what a missing one becomes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spacebio_bench.cohort.expression import QC_COLUMNS, Corrected, Expression, positions
from spacebio_bench.cohort.studies import Frames, Study
from spacebio_bench.protocol import GeneRule
from spacebio_bench.typing import FloatArray, IntArray

RESERVED = ("mission", "accession", "role", "tissue", "size_factor", *QC_COLUMNS, "_index")


@dataclass(frozen=True)
class GeneMatrix:
    """Expression of a tissue.

    Attributes
    ----------
    genes
        Gene ids.
    n_studies
        Studies with counts that have the gene, shape (n_genes,).
    x
        log2(normalised count + 1), float32, shape (n_samples, n_genes); 0 where a study lacks the
        gene, a row of NaN for a sample without counts.
    counts
        Rounded counts, same shape; integers where every sample has counts.
    """

    genes: tuple[str, ...]
    n_studies: IntArray
    x: NDArray[np.float32]
    counts: NDArray[np.int32] | NDArray[np.int64] | FloatArray


def sample_table(studies: Sequence[Study], expressions: Mapping[str, Expression]) -> pd.DataFrame:
    """All samples in sheet order: every column of the samples tables, QC where there are counts.

    A column of a samples table whose name means something else here becomes `given_<name>`. A
    column that one study lacks is "" there; a missing QC value is NaN.
    """
    tables = []
    for study in studies:
        further = study.samples.set_axis(_free_names(study.samples.columns), axis=1).astype(object)
        head = pd.DataFrame(
            {"mission": study.mission, "accession": study.accession, "role": study.role},
            index=further.index,
            dtype=object,
        )
        tables.append(pd.concat([head, further], axis=1))
    table = pd.concat(tables).fillna("")
    if expressions:
        qc = pd.concat(
            [one.qc.assign(size_factor=one.size_factors) for one in expressions.values()]
        )
        table = table.join(qc[["size_factor", *QC_COLUMNS]].astype(np.float64))
    table.index = pd.Index(table.index, dtype=object, name="sample")
    return table


def _free_names(given: Iterable[str]) -> list[str]:
    names: list[str] = []
    for name in given:
        free = name.replace("/", "_")  # a store takes it for a path
        while free in RESERVED or free in names:
            free = f"given_{free}"
        names.append(free)
    return names


def gene_matrix(
    samples: Sequence[str], expressions: Sequence[Expression], rule: GeneRule
) -> GeneMatrix:
    """Expression of all studies on the protocol's genes.

    `union`: genes in order of first appearance over the studies; `common`: those of all studies,
    sorted. With `filter_on` tissue, a gene stays when it is expressed in enough of the samples that
    have counts, all studies together.
    """
    if not expressions:
        none = np.zeros((len(samples), 0))
        return GeneMatrix((), np.zeros(0, np.intp), none.astype(np.float32), none.astype(np.int32))
    everywhere = list(dict.fromkeys(gene for one in expressions for gene in one.genes))
    n_studies, n_expressed = np.zeros((2, len(everywhere)), dtype=np.intp)
    at = [positions(everywhere, one.genes) for one in expressions]
    for one, columns in zip(expressions, at, strict=True):
        n_studies[columns] += 1
        n_expressed[columns] += one.expressed(rule.expressed_above).sum(axis=0)
    keep = np.ones(len(everywhere), dtype=bool)
    if rule.universe == "common":
        keep &= n_studies == len(expressions)
    if rule.filter_on == "tissue":
        keep &= n_expressed / sum(len(one.samples) for one in expressions) >= rule.in_fraction
    chosen = np.flatnonzero(keep)
    if rule.universe == "common":
        chosen = np.array(sorted(chosen, key=lambda i: everywhere[i]), dtype=np.intp)

    genes = tuple(everywhere[i] for i in chosen)
    row_of = {sample: i for i, sample in enumerate(samples)}
    x = np.full((len(samples), len(genes)), np.nan, dtype=np.float32)
    counts = np.full(x.shape, np.nan)
    for one in expressions:
        rows = np.array([row_of[sample] for sample in one.samples], dtype=np.intp)
        column_of = {gene: i for i, gene in enumerate(one.genes)}
        here = np.array([i for i, gene in enumerate(genes) if gene in column_of], dtype=np.intp)
        there = np.array([column_of[genes[i]] for i in here], dtype=np.intp)
        x[rows] = 0
        counts[rows] = 0
        x[np.ix_(rows, here)] = one.log_expression[:, there]
        counts[np.ix_(rows, here)] = one.counts[:, there]
    return GeneMatrix(genes, n_studies[chosen], x, _as_integers(counts))


def corrected_layers(
    samples: Sequence[str], genes: Sequence[str], corrected: Corrected
) -> dict[str, NDArray[np.float32]]:
    """Corrected expression by method on the store's rows and genes, NaN where there is none."""
    row_of = {sample: i for i, sample in enumerate(samples)}
    rows = np.array([row_of[sample] for sample in corrected.samples], dtype=np.intp)
    known = set(corrected.genes)
    here = np.array([i for i, gene in enumerate(genes) if gene in known], dtype=np.intp)
    there = positions(corrected.genes, [genes[i] for i in here])
    layers = {}
    for name, values in corrected.methods.items():
        layers[name] = np.full((len(samples), len(genes)), np.nan, dtype=np.float32)
        layers[name][np.ix_(rows, here)] = values[:, there]
    return layers


def _as_integers(counts: FloatArray) -> NDArray[np.int32] | NDArray[np.int64] | FloatArray:
    if np.isnan(counts).any():
        return counts
    small = counts.max(initial=0) <= np.iinfo(np.int32).max
    return counts.astype(np.int32) if small else counts.astype(np.int64)


def feature_matrices(samples: Sequence[str], parts: Sequence[Frames]) -> dict[str, pd.DataFrame]:
    """Feature sets over all samples: union of columns as they first appear, NaN where one lacks."""
    names = dict.fromkeys(name for part in parts for name in part)
    matrices = {}
    for name in names:
        frames = [part[name] for part in parts if name in part]
        columns = list(dict.fromkeys(column for frame in frames for column in frame.columns))
        together = pd.concat([frame.reindex(columns=columns) for frame in frames])
        matrices[name] = together.reindex(index=list(samples)).astype(np.float64)
    return matrices
