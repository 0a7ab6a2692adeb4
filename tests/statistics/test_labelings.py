"""Label matrices: class counts, distinctness, prefixes."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spacebio_bench.statistics.labelings import labelings


@st.composite
def tasks(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n = draw(st.integers(1, 14))
    truth = np.array(draw(st.lists(st.integers(0, 1), min_size=n, max_size=n)), dtype=np.int8)
    strata = np.array(draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=n, max_size=n)))
    return truth, strata


@given(tasks(), st.integers(0, 60), st.integers(0, 2**32 - 1))
@settings(deadline=None)
def test_every_column_has_the_counts_of_the_truth(
    task: tuple[np.ndarray, np.ndarray], n_permutations: int, seed: int
) -> None:
    truth, strata = task
    made = labelings(truth, strata, n_permutations=n_permutations, seed=seed)
    assert made.labels.dtype == np.int8
    assert np.array_equal(made.labels[:, 0], truth)
    for stratum in set(strata):
        counts = made.labels[strata == stratum].sum(axis=0)
        assert (counts == truth[strata == stratum].sum()).all()
    possible = math.prod(
        math.comb(int((strata == s).sum()), int(truth[strata == s].sum())) for s in set(strata)
    )
    assert made.n_possible == possible
    assert made.enumerated == (possible <= n_permutations + 1)
    if made.enumerated:
        assert len({column.tobytes() for column in made.labels.T}) == possible
        assert made.labels.shape[1] == possible
    else:
        assert made.labels.shape[1] == 1 + n_permutations


def test_a_larger_budget_extends_a_smaller_one() -> None:
    truth = np.array([1, 0] * 12)
    strata = ["a"] * 10 + ["b"] * 14
    small = labelings(truth, strata, n_permutations=99, seed=3).labels
    large = labelings(truth, strata, n_permutations=999, seed=3).labels
    assert np.array_equal(small, large[:, :100])
    other = labelings(truth, strata, n_permutations=99, seed=4).labels
    assert not np.array_equal(small, other)


@dataclass(frozen=True)
class Uniform:
    """How often each of the 120 labelings of (6 over 3) x (4 over 2) is seen in short prefixes."""

    n_permutations: int
    columns: slice
    seeds: int
    n_seen: int


UNIFORM = {
    "sampled": Uniform(n_permutations=40, columns=slice(1, 11), seeds=1200, n_seen=120),
    "prefix of all": Uniform(n_permutations=4000, columns=slice(1, 11), seeds=300, n_seen=119),
}


@pytest.mark.parametrize("case", UNIFORM.values(), ids=UNIFORM.keys())
def test_all_labelings_are_equally_likely(case: Uniform) -> None:
    truth = np.array([1, 1, 1, 0, 0, 0, 1, 1, 0, 0])
    strata = ["a"] * 6 + ["b"] * 4
    seen: Counter[bytes] = Counter()
    for seed in range(case.seeds):
        made = labelings(truth, strata, n_permutations=case.n_permutations, seed=seed).labels
        seen.update(column.tobytes() for column in made[:, case.columns].T)
    assert len(seen) == case.n_seen
    assert stats.chisquare(list(seen.values())).pvalue > 1e-4
