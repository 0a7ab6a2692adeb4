"""Importance over folds and models, against plain loops and SciPy's ranks."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import rankdata

from spacebio_bench.statistics.importance import consensus_rank, stability

VALUES = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, np.nan])
TABLES = hnp.arrays(float, st.tuples(st.integers(1, 5), st.integers(1, 9)), elements=VALUES)


@given(table=TABLES, top=st.integers(1, 4), signed=st.booleans())
def test_summary_is_that_of_plain_loops(table: np.ndarray, top: int, signed: bool) -> None:
    found = stability(table, top=top, signed=signed)
    known = [[0.0 if np.isnan(v) else float(v) for v in row] for row in table]
    size = [[abs(v) if signed else max(v, 0.0) for v in row] for row in known]
    for j in range(table.shape[1]):
        column = [row[j] for row in known]
        mean = sum(column) / len(column)
        assert np.isclose(found.mean[j], mean)
        agree = sum(v * mean > 0 for v in column) / len(column)
        assert np.isclose(found.sign_consistency[j], agree)
        better = [sum(other > row[j] for other in row) for row in size]
        in_top = sum(b < top and row[j] > 0 for b, row in zip(better, size, strict=True))
        assert found.n_folds_in_top[j] == in_top
        tied = [sum(other == row[j] for other in row) for row in size]
        ranks = [b + (t + 1) / 2 for b, t in zip(better, tied, strict=True)]
        assert np.isclose(found.mean_rank[j], sum(ranks) / len(ranks))


def test_consensus_is_the_rank_of_the_mean_rank() -> None:
    ranks = [[1, 2, 3, 4.5, 4.5], [2, 1, 5, 3, 4]]
    expected = rankdata([1.5, 1.5, 4, 3.75, 4.25])
    np.testing.assert_array_equal(consensus_rank(ranks), expected)


def test_a_loss_below_zero_ranks_with_no_loss() -> None:
    found = stability([[0.3, -0.4, 0.0, np.nan]], top=2, signed=False)
    np.testing.assert_array_equal(found.mean_rank, [1, 3, 3, 3])
    np.testing.assert_array_equal(found.n_folds_in_top, [1, 0, 0, 0])
