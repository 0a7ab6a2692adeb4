"""The same sample in two studies: by its id, by its profile, by its correlation.

A copy does not keep its numbers. Size factors are made per study, so log2(count / factor + 1) of
the same counts differs between studies; expression is therefore brought back to one total a sample
before it is compared. Studies are compared two at a time, on the columns that both measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.quality import measured
from spacebio_bench.typing import BoolArray, FloatArray, IntArray, Matrix

LIMIT = 0.9999
FEWEST_COLUMNS = 20
"""On fewer columns a high correlation, or rounded numbers that agree, are no evidence."""
_MILLION = 1e6
_BLOCK = 256  # samples of a study at a time


@dataclass(frozen=True, order=True)
class DuplicatePair:
    """Two samples of different studies that seem to be one.

    Attributes
    ----------
    how
        Which of `id` (same sample id), `profile` (same values), `correlation` (above `LIMIT`) hold,
        joined by `;`. The same id alone, in two tissues, may be two samples of one animal.
    correlation
        Of the standardised profiles; NaN where they have no `FEWEST_COLUMNS` varying columns in
        common.
    """

    tissue_a: str
    mission_a: str
    accession_a: str
    sample_a: str
    tissue_b: str
    mission_b: str
    accession_b: str
    sample_b: str
    how: str
    correlation: float


def duplicate_pairs(cohorts: Mapping[str, Cohort]) -> list[DuplicatePair]:
    """Every pair of samples of different studies, of one tissue or of two, that seem to be one.

    Two studies differ when their tissue, mission or accession does.

    Parameters
    ----------
    cohorts
        By tissue.

    Returns
    -------
    Sorted; the study of `a` comes before that of `b`.

    Notes
    -----
    Columns are centred on the median of the tissue (of two tissues, between their medians) and
    brought to unit scale, then the profiles of two samples are correlated (Pearson). What all
    samples have in common, one column larger than the others, or one sample unlike all others so
    make no two samples alike.
    """
    parts = [_parts(cohorts[tissue]) for tissue in sorted(cohorts)]
    found = [
        pair
        for one, other in combinations_with_replacement(parts, 2)
        for pair in _between(one, other)
    ]
    return sorted(found)


def shared_with(cohort: Cohort, role: str = "holdout") -> list[DuplicatePair]:
    """Samples of the studies of a role that are in studies of another role of the tissue too.

    Returns
    -------
    Sorted; `a` is the sample of `role`, `b` the one of the other.
    """
    role_of = cohort.obs["role"].astype(str)
    own = set(role_of.index[role_of == role])
    if not own or len(own) == len(role_of):
        return []
    return sorted(
        pair if pair.sample_a in own else _turned(pair)
        for pair in duplicate_pairs({cohort.tissue: cohort})
        if (pair.sample_a in own) != (pair.sample_b in own)
    )


def _turned(p: DuplicatePair) -> DuplicatePair:
    a = (p.tissue_a, p.mission_a, p.accession_a, p.sample_a)
    b = (p.tissue_b, p.mission_b, p.accession_b, p.sample_b)
    return DuplicatePair(*b, *a, p.how, p.correlation)


@dataclass(frozen=True)
class _Study:
    key: tuple[str, str, str]  # tissue, mission, accession
    samples: tuple[str, ...]
    x: Matrix  # (n, p) as in the cohort
    has: BoolArray  # (p,) columns that the study measured


@dataclass(frozen=True)
class _Parts:
    """A cohort by study, with the centre and spread of its columns over all samples."""

    columns: tuple[str, ...]
    genes: bool
    studies: tuple[_Study, ...]
    number: FloatArray  # (p,) samples with a value
    median: FloatArray  # (p,)
    squares: FloatArray  # (p,) sum of squared deviations from it
    largest: FloatArray  # (p,)


def _parts(cohort: Cohort) -> _Parts:
    columns, x = measured(cohort)
    genes = bool(cohort.genes)
    table = cohort.obs[["mission", "accession"]].astype(str)
    studies = []
    keys = list(zip(table["mission"], table["accession"], strict=True))
    for mission, accession in sorted(set(keys)):
        rows = np.flatnonzero([key == (mission, accession) for key in keys])
        own = x[rows]
        there = ~np.isnan(own).all(axis=1)  # a sample that came without counts
        has = np.logical_not(np.isnan(own[there]).any(axis=0))
        if genes or not there.any():  # a gene that a study lacks is 0 in all its samples
            has &= np.asarray((own[there] != 0).any(axis=0))
        samples = tuple(str(s) for s in table.index[rows])
        studies.append(_Study((cohort.tissue, mission, accession), samples, own, has))
    known = [_known_values(study, genes=genes) for study in studies]
    values = np.concatenate([np.zeros((0, len(columns))), *known])
    number = (~np.isnan(values)).sum(axis=0).astype(np.float64)
    median = _median(values, number)
    return _Parts(
        columns=columns,
        genes=genes,
        studies=tuple(studies),
        number=number,
        median=median,
        squares=np.nansum((values - median) ** 2, axis=0),
        largest=np.nanmax(np.abs(values), axis=0, initial=0.0),
    )


def _known_values(study: _Study, *, genes: bool) -> FloatArray:
    """Samples that have values, on a scale of their own total; NaN in columns the study lacks."""
    x = study.x[~np.isnan(study.x).all(axis=1)]
    values = _one_total(x) if genes else x.astype(np.float64)
    values[:, ~study.has] = np.nan
    return values


def _median(values: FloatArray, number: FloatArray) -> FloatArray:
    """Of the known values of each column; 0 where there are none."""
    if len(values) == 0:
        return np.zeros(values.shape[1])
    ordered = np.sort(values, axis=0)  # NaN last
    last = np.maximum(number.astype(np.intp) - 1, 0)
    middle = [np.take_along_axis(ordered, k[None], axis=0)[0] for k in (last // 2, (last + 1) // 2)]
    return np.where(number > 0, (middle[0] + middle[1]) / 2, 0.0)


def _between(one: _Parts, other: _Parts) -> Iterator[DuplicatePair]:
    place = {name: i for i, name in enumerate(other.columns)}
    at_one = np.array([i for i, c in enumerate(one.columns) if c in place], dtype=np.intp)
    at_other = np.array([place[one.columns[i]] for i in at_one], dtype=np.intp)
    if one.genes != other.genes:
        at_one = at_other = at_one[:0]
    same = one is other
    centre, scale = _scales(one, other, at_one, at_other)
    for i, a in enumerate(one.studies):
        for b in other.studies[i + 1 :] if same else other.studies:
            shared = a.has[at_one] & b.has[at_other]
            view = _View(centre[shared], scale[shared], one.genes)
            yield from _compare(a, b, at_one[shared], at_other[shared], view)


def _scales(
    one: _Parts, other: _Parts, at_one: IntArray, at_other: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Centre and scale of the shared columns; a scale of 0 where they vary by rounding alone."""
    pieces = [(one, at_one)] if one is other else [(one, at_one), (other, at_other)]
    number = np.maximum(np.sum([p.number[at] for p, at in pieces], axis=0), 1)
    centre = np.sum([p.number[at] * p.median[at] for p, at in pieces], axis=0) / number
    squares = np.sum([p.squares[at] for p, at in pieces], axis=0)
    scale = np.sqrt(squares / number)
    largest = np.max([p.largest[at] for p, at in pieces], axis=0)
    # a store is float32: what varies by less of its size than this is constant
    return centre, np.where(scale > 1e-5 * largest, scale, 0.0)


@dataclass(frozen=True)
class _View:
    """How the profiles of two studies are made comparable."""

    centre: FloatArray
    scale: FloatArray  # 0 for a column that does not vary
    genes: bool

    def profiles(self, x: Matrix) -> FloatArray:
        """Standardised rows of mean 0 and length 1; NaN where a row has no such.

        They have the columns that vary, and are all NaN where these are too few.
        """
        varies = self.scale > 0
        if varies.sum() < FEWEST_COLUMNS:
            return np.full((len(x), 1), np.nan)
        z = _one_total(x) if self.genes else x.astype(np.float64)
        z = (z[:, varies] - self.centre[varies]) / self.scale[varies]
        z -= z.mean(axis=1, keepdims=True)
        length = np.sqrt((z**2).sum(axis=1, keepdims=True))
        unit: FloatArray = np.divide(z, length, out=np.full_like(z, np.nan), where=length > 0)
        return unit


def _one_total(x: Matrix) -> FloatArray:
    """log2(share of the sample's total * a million + 1): without the size factor it came with."""
    linear = np.expm1(np.log(2) * x.astype(np.float64))
    total = linear.sum(axis=1, keepdims=True)
    share = np.divide(linear, total, out=np.zeros_like(linear), where=total > 0)
    return np.asarray(np.log1p(_MILLION * share) / np.log(2))


def _compare(
    a: _Study, b: _Study, at_a: IntArray, at_b: IntArray, view: _View
) -> Iterator[DuplicatePair]:
    how: dict[tuple[int, int], list[str]] = {}
    place = {sample: j for j, sample in enumerate(b.samples)}
    for i, sample in enumerate(a.samples):
        if sample in place:
            how.setdefault((i, place[sample]), []).append("id")
    correlation: dict[tuple[int, int], float] = {}
    if len(at_a) >= FEWEST_COLUMNS:
        for start in range(0, len(a.samples), _BLOCK):
            rows_a = a.x[start : start + _BLOCK][:, at_a]
            profiles_a = view.profiles(rows_a)
            for first in range(0, len(b.samples), _BLOCK):
                rows_b = b.x[first : first + _BLOCK][:, at_b]
                r = np.minimum(profiles_a @ view.profiles(rows_b).T, 1.0)
                for i, j in _equal(rows_a, rows_b):
                    how.setdefault((start + i, first + j), []).append("profile")
                for i, j in np.argwhere(r > LIMIT).tolist():
                    how.setdefault((start + i, first + j), []).append("correlation")
                correlation |= _values_at(r, start, first, how)
    for (i, j), words in how.items():
        value = correlation.get((i, j), np.nan)
        yield DuplicatePair(*a.key, a.samples[i], *b.key, b.samples[j], ";".join(words), value)


def _values_at(
    r: FloatArray, start: int, first: int, pairs: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], float]:
    """Values of the pairs that lie in a block."""
    inside = [
        (i, j)
        for i, j in pairs
        if start <= i < start + r.shape[0] and first <= j < first + r.shape[1]
    ]
    return {(i, j): float(r[i - start, j - first]) for i, j in inside}


def _equal(a: Matrix, b: Matrix) -> Iterator[tuple[int, int]]:
    """Rows with the same values; a row of one value, or with a missing one, is like no other."""
    same: dict[bytes, list[int]] = {}
    for j, row in enumerate(b):
        if row.max() > row.min():
            same.setdefault((row + 0.0).tobytes(), []).append(j)
    for i, row in enumerate(a):
        yield from ((i, j) for j in same.get((row + 0.0).tobytes(), ()))
