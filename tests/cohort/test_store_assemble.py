"""Studies side by side, against a plain pandas join."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.cohort.assemble import feature_matrices, gene_matrix, sample_table
from spacebio_bench.cohort.expression import QC_COLUMNS, Expression, join_mission
from spacebio_bench.cohort.studies import Study
from spacebio_bench.protocol import GeneRule

UNION = GeneRule("union", "tissue", expressed_above=1.0, in_fraction=0.2, variance_quantile=None)
COMMON = dataclasses.replace(UNION, universe="common", filter_on="train")


def _expression(counts: pd.DataFrame, factors: list[float] | None = None) -> Expression:
    size_factors = np.array(factors or [1.0] * len(counts))
    values = counts.to_numpy(float)
    return Expression(
        samples=tuple(counts.index),
        genes=tuple(counts.columns),
        counts=values,
        size_factors=size_factors,
        log_expression=np.log2(values / size_factors[:, None] + 1),
        qc=pd.DataFrame(1.0, index=counts.index, columns=list(QC_COLUMNS)),
        versions={},
    )


@st.composite
def _studies(draw: st.DrawFn) -> list[pd.DataFrame]:
    frames = []
    for k in range(draw(st.integers(1, 4))):
        genes = draw(st.lists(st.sampled_from("zyxwvabcdef"), min_size=1, unique=True))
        rows = [f"{k}{i}" for i in range(draw(st.integers(1, 4)))]
        cells = st.lists(st.sampled_from([0, 1, 2, 9]), min_size=len(genes), max_size=len(genes))
        values = [draw(cells) for _ in rows]
        frames.append(pd.DataFrame(values, index=rows, columns=genes))
    return frames


@given(_studies())
def test_union_is_an_outer_join_filtered_over_all_samples(frames: list[pd.DataFrame]) -> None:
    joined = pd.concat(frames, join="outer").fillna(0)
    expected = joined.loc[:, (joined > 1).mean() >= 0.2]
    matrix = gene_matrix(list(joined.index), [_expression(f) for f in frames], UNION)
    assert list(matrix.genes) == list(expected.columns)
    np.testing.assert_array_equal(matrix.counts, expected)
    np.testing.assert_array_equal(matrix.x, np.log2(expected.to_numpy() + 1).astype(np.float32))
    assert list(matrix.n_studies) == [sum(g in f for f in frames) for g in expected]
    assert matrix.counts.dtype == np.int32


@given(_studies())
def test_common_is_an_inner_join_in_sorted_order(frames: list[pd.DataFrame]) -> None:
    joined = pd.concat(frames, join="inner")
    expected = joined[sorted(joined.columns)]
    matrix = gene_matrix(list(joined.index), [_expression(f) for f in frames], COMMON)
    assert list(matrix.genes) == list(expected.columns)
    np.testing.assert_array_equal(matrix.counts, expected)


def test_the_filter_looks_at_normalised_counts() -> None:
    counts = pd.DataFrame({"g": [2, 2], "h": [3, 3]}, index=["a", "b"])
    matrix = gene_matrix(["a", "b"], [_expression(counts, [2.0, 2.0])], UNION)
    assert matrix.genes == ("h",), "2 counts at size factor 2 are 1, which is not above 1"


def test_a_sample_without_counts_is_missing_not_zero() -> None:
    counts = pd.DataFrame({"g": [5]}, index=["a"])
    matrix = gene_matrix(["a", "b"], [_expression(counts)], UNION)
    assert matrix.genes == ("g",), "the filter counts samples with counts only"
    assert np.isnan(matrix.x[1]).all()
    assert np.isnan(matrix.counts[1]).all()


def test_large_counts_are_kept_whole() -> None:
    counts = pd.DataFrame({"g": [2**40 + 1]}, index=["a"])
    assert gene_matrix(["a"], [_expression(counts)], UNION).counts[0, 0] == 2**40 + 1


def _study(identity: str, samples: pd.DataFrame) -> Study:
    return Study(identity, "eye", f"M{identity}", identity, "benchmark", True, samples, {}, ())


def test_columns_of_all_samples_tables_are_kept() -> None:
    first = pd.DataFrame({"condition": ["FLT"], "note": [""], "age": ["12"]}, index=["s1"])
    second = pd.DataFrame(
        {
            "condition": ["GC"],
            "note": ["n"],
            "mission": ["X"],
            "_index": ["7"],
            "a/b": ["1"],
            "a_b": ["2"],
        },
        index=["s2"],
    )
    expression = _expression(pd.DataFrame({"g": [1]}, index=["s1"]), [0.5])
    table = sample_table([_study("A", first), _study("B", second)], {"A": expression})
    assert table.index.tolist() == ["s1", "s2"]
    assert table["mission"].tolist() == ["MA", "MB"]
    assert table["given_mission"].tolist() == ["", "X"]
    assert table["given__index"].tolist() == ["", "7"]
    assert table["a_b"].tolist() == ["", "1"]
    assert table["given_a_b"].tolist() == ["", "2"]
    assert table["age"].tolist() == ["12", ""]
    assert table["size_factor"].iloc[0] == 0.5
    assert table.loc["s2", ["size_factor", *QC_COLUMNS]].isna().all()


def test_a_column_that_a_mission_lacks_is_missing_there() -> None:
    parts = [
        {"h": pd.DataFrame({"b": [1.0], "a": [2.0]}, index=["s1"])},
        {"h": pd.DataFrame({"a": [3.0], "C": [4.0]}, index=["s2"])},
        {"k": pd.DataFrame({"z": [5.0]}, index=["s2"])},
    ]
    matrices = feature_matrices(["s2", "s1", "s3"], parts)
    nan = np.nan
    expected = pd.DataFrame(
        [[nan, 3, 4.0], [1, 2, nan], [nan] * 3], index=["s2", "s1", "s3"], columns=["b", "a", "C"]
    )
    pd.testing.assert_frame_equal(matrices["h"], expected)
    assert matrices["k"]["z"].isna().tolist() == [False, True, True]


def test_studies_of_a_mission_meet_on_their_common_genes() -> None:
    first = pd.DataFrame([[1, 2, 3]], index=["s1"], columns=["c", "a", "b"])
    second = pd.DataFrame([[4, 5, 6]], index=["s2"], columns=["b", "c", "d"])
    joined = join_mission([_expression(first, [1.0]), _expression(second, [2.0])])
    assert joined.genes == ("c", "b")
    np.testing.assert_array_equal(joined.counts, [[1, 3], [5, 4]])
    np.testing.assert_allclose(joined.log_expression, np.log2([[2, 4], [3.5, 3]]))
    assert joined.samples == ("s1", "s2")


@pytest.mark.parametrize("rule", [UNION, COMMON], ids=["union", "common"])
def test_no_counts_leave_no_genes(rule: GeneRule) -> None:
    matrix = gene_matrix(["a", "b"], [], rule)
    assert matrix.x.shape == (2, 0)
    assert matrix.genes == ()
