"""Feature sets: against plain formulas, and blind to the held-out mission."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import zscore
from sklearn.preprocessing import StandardScaler

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.features import default_features, feature_set, z_score
from spacebio_bench.protocol import Protocol, load_protocol

RNG = np.random.default_rng(3)
N, P = 24, 40
TRAIN, TEST = np.arange(0, 16), np.arange(16, 24)


@pytest.fixture
def cohort() -> Cohort:
    """Two missions; some genes unexpressed, one constant, one pathway missing in the second."""
    obs = pd.DataFrame(
        {"mission": ["A"] * 16 + ["B"] * 8, "condition": ["FLT", "GC"] * 12, "role": "benchmark"},
        index=pd.Index([f"s{i:02d}" for i in range(N)], name="sample"),
    )
    x = RNG.gamma(2, 2, (N, P)) * (RNG.random(P) > 0.3)
    x[:, 5] = 4.0
    hallmark = pd.DataFrame(RNG.normal(size=(N, 5)), index=obs.index, columns=list("edcba"))
    hallmark.loc[obs["mission"] == "B", "c"] = np.nan
    return Cohort(
        "eye",
        obs,
        tuple(f"g{i}" for i in range(P)),
        x.astype(np.float32),
        {"pathway_hallmark": hallmark, "embedding": hallmark.add(1)},
        {},
    )


def test_gene_filters_by_the_training_samples(cohort: Cohort) -> None:
    got = feature_set("gene").fold_matrix(cohort, TRAIN, TEST, load_protocol("calibrated"))
    frame = pd.DataFrame(cohort.x[TRAIN], columns=list(cohort.genes)).astype(float)
    counts = 2**frame - 1
    frame = frame.loc[:, (counts > 1).sum() >= 0.2 * len(TRAIN)]
    variance = frame.var()
    frame = frame.loc[:, variance >= variance.quantile(0.25)]
    assert list(got.names) == list(frame.columns)
    np.testing.assert_array_equal(got.train, frame.to_numpy())


def test_a_protocol_without_filters_takes_the_store_as_it_is(cohort: Cohort) -> None:
    got = feature_set("gene").fold_matrix(cohort, TRAIN, TEST, load_protocol("v4"))
    assert got.names == cohort.genes
    assert got.train.dtype == np.float32
    np.testing.assert_array_equal(got.test, cohort.x[TEST])


def test_pathways_are_those_common_to_the_missions_of_the_fold(cohort: Cohort) -> None:
    both = feature_set("pathway_hallmark").fold_matrix(cohort, TRAIN, TEST, load_protocol("v4"))
    assert both.names == ("e", "d", "b", "a")
    inside = feature_set("pathway_hallmark").fold_matrix(
        cohort, TRAIN[:8], TRAIN[8:], load_protocol("v1")
    )
    assert inside.names == ("a", "b", "c", "d", "e")


def test_v4_puts_genes_before_pathways(cohort: Cohort) -> None:
    got = feature_set("combined").fold_matrix(cohort, TRAIN, TEST, load_protocol("v4"))
    assert got.names == (*cohort.genes, "e", "d", "b", "a")
    assert not got.scaled


def test_combined_blocks_have_equal_total_variance(cohort: Cohort) -> None:
    got = feature_set("combined").fold_matrix(cohort, TRAIN, TEST, load_protocol("calibrated"))
    genes = [n.startswith("g") for n in got.names]
    variance = got.train.var(axis=0, ddof=1)
    assert got.scaled
    assert variance[genes].sum() == pytest.approx(variance[np.logical_not(genes)].sum())
    assert variance.sum() == pytest.approx(len(got.names))


@pytest.mark.parametrize("name", ["gene", "pathway_hallmark", "combined", "embedding"])
@pytest.mark.parametrize("protocol", ["calibrated", "v1", "v4"])
def test_nothing_fitted_sees_the_test_samples(cohort: Cohort, name: str, protocol: str) -> None:
    before = feature_set(name).fold_matrix(cohort, TRAIN, TEST, load_protocol(protocol))
    other = cohort.x.copy()
    other[TEST] = RNG.normal(50, 20, (len(TEST), P))
    matrices = {k: v.copy() for k, v in cohort.matrices.items()}
    for frame in matrices.values():
        frame.iloc[TEST] = frame.iloc[TEST] * -9 + 100
    changed = replace(cohort, x=other, matrices=matrices)
    after = feature_set(name).fold_matrix(changed, TRAIN, TEST, load_protocol(protocol))
    assert after.names == before.names
    np.testing.assert_array_equal(after.train, before.train)
    assert not np.array_equal(after.test, before.test)


def test_z_score_agrees_with_scipy_and_scikit_learn() -> None:
    train, test = RNG.normal(5, 3, (20, 7)), RNG.normal(5, 3, (6, 7))
    train[:, 2] = 0.1
    ours, ours_test = z_score(train, test, ddof=1)
    free = [0, 1, 3, 4, 5, 6]
    np.testing.assert_allclose(ours[:, free], zscore(train[:, free], ddof=1), rtol=1e-12)
    assert (ours[:, 2] == 0).all()
    np.testing.assert_allclose(ours_test[:, 2], test[:, 2] - 0.1)
    scaler = StandardScaler().fit(train)
    np.testing.assert_allclose(z_score(train, test, ddof=0)[1], scaler.transform(test), rtol=1e-12)


def test_a_set_that_lacks_samples_says_how_many(cohort: Cohort) -> None:
    frame = cohort.matrices["embedding"].copy()
    frame.iloc[:3] = np.nan
    partial = replace(cohort, matrices={"embedding": frame})
    rows = np.arange(N)
    assert (
        feature_set("embedding").lacks(partial, rows) == "embedding lacks 3 of 24 labelled samples"
    )
    assert feature_set("embedding").lacks(partial, np.arange(3, N)) == ""
    assert "no gene sets" in feature_set("combined").lacks(partial, rows)
    assert "no nothing" in feature_set("nothing").lacks(partial, rows)


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [
        ("calibrated", ("gene", "pathway_hallmark", "combined", "embedding")),
        ("v1", ("gene", "pathway_hallmark", "embedding")),
    ],
)
def test_default_features(cohort: Cohort, protocol: str, expected: tuple[str, ...]) -> None:
    loaded: Protocol = load_protocol(protocol)
    assert default_features(cohort, loaded) == expected
