"""What tasks do to features, by plain formulas and planted truths."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind, zscore

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.features import FoldMatrix, change_cohort, change_matrix, unchangeable
from spacebio_bench.features.changes import changed_sources
from spacebio_bench.protocol import load_protocol
from spacebio_bench.typing import Change

PROTOCOL = load_protocol("calibrated")
N, P = 24, 30


@pytest.fixture
def cohort() -> Cohort:
    """Two missions of twelve, thirty genes; the last gene is housekeeping."""
    rng = np.random.default_rng(4)
    obs = pd.DataFrame(
        {"mission": ["A"] * 12 + ["B"] * 12, "condition": ["FLT", "GC"] * 12, "role": "benchmark"},
        index=[f"s{i:02d}" for i in range(N)],
    )
    x = rng.normal(6, 1, (N, P)).astype(np.float32)
    x[12:] += 3
    layer = x - 1
    layer[:, 7] = np.nan
    hallmark = pd.DataFrame(rng.normal(size=(N, 4)), obs.index, ["p", "q", "r", "s"])
    hallmark.loc[obs["mission"] == "B", "s"] = np.nan
    enrichment = pd.DataFrame(
        {
            "mission": ["A", "B"] * 3,
            "collection": "hallmark",
            "pathway": ["p", "p", "q", "q", "r", "r"],
            "nes": [2.0, -2.0, 0.5, 0.5, -1.0, 0.4],
        }
    )
    return Cohort(
        tissue="eye",
        obs=obs,
        genes=tuple(f"g{i}" for i in range(P)),
        x=x,
        matrices={"pathway_hallmark": hallmark},
        digests={},
        symbols=(*("",) * (P - 1), "Gapdh"),
        layers={"limma": layer},
        enrichment=enrichment,
    )


def changed(cohort: Cohort, kind: str, value: str | int = 0) -> Cohort:
    return change_cohort(cohort, [Change(kind, value)], PROTOCOL)


def test_within_mission_is_the_z_score_of_each_mission(cohort: Cohort) -> None:
    found = changed(cohort, "within_mission")
    for rows in (slice(0, 12), slice(12, 24)):
        expected = zscore(cohort.x[rows].astype(float), ddof=1)
        assert found.x[rows] == pytest.approx(expected, abs=1e-5)
    own = found.matrices["pathway_hallmark"]
    whole = zscore(cohort.matrices["pathway_hallmark"]["p"].iloc[:12], ddof=1)
    assert own["p"].iloc[:12].to_numpy() == pytest.approx(whole)
    assert own["s"].iloc[12:].isna().all()


def test_a_layer_takes_the_place_of_the_genes_that_it_has(cohort: Cohort) -> None:
    found = changed(cohort, "layer", "limma")
    assert "g7" not in found.genes
    assert found.x == pytest.approx(np.delete(cohort.x, 7, axis=1) - 1)
    held_out = replace(cohort, layers={"limma": cohort.layers["limma"].copy()})
    held_out.layers["limma"][20:] = np.nan  # a hold-out takes no part
    assert changed(held_out, "layer", "limma").genes == found.genes


def test_housekeeping_genes_are_found_by_symbol(cohort: Cohort) -> None:
    assert changed(cohort, "housekeeping").genes == (f"g{P - 1}",)


def test_noise_is_noise_for_every_set_and_the_same_again(cohort: Cohort) -> None:
    one, again = changed(cohort, "gaussian"), changed(cohort, "gaussian")
    assert np.array_equal(one.x, again.x)
    assert abs(np.corrcoef(one.x.ravel(), cohort.x.ravel())[0, 1]) < 0.15
    assert (
        one.matrices["pathway_hallmark"].isna().equals(cohort.matrices["pathway_hallmark"].isna())
    )
    other = replace(cohort, matrices={"kegg": cohort.matrices["pathway_hallmark"]})
    assert not np.allclose(
        changed(other, "gaussian").matrices["kegg"]["p"],
        one.matrices["pathway_hallmark"]["p"],
    )


def test_a_planted_signal_is_in_a_tenth_of_the_columns(cohort: Cohort) -> None:
    flown = (cohort.obs["condition"] == "FLT").to_numpy()
    many = [changed(cohort, "planted", f"5#{draw}").x for draw in range(40)]
    shift = np.mean([x[flown].mean(axis=0) - x[~flown].mean(axis=0) for x in many], axis=0)
    assert np.flatnonzero(shift > 2.5).tolist() == [0, 10, 20]
    assert shift[[0, 10, 20]] == pytest.approx(5, abs=0.3)
    assert not np.allclose(many[0], many[1])


def test_the_best_pathways_are_those_of_largest_mean_absolute_nes(cohort: Cohort) -> None:
    assert list(changed(cohort, "top_nes", 1).matrices["pathway_hallmark"]) == ["p"]
    assert list(changed(cohort, "top_nes", 2).matrices["pathway_hallmark"]) == ["p", "r"]


def fold(seed: int = 0) -> tuple[FoldMatrix, np.ndarray, np.ndarray]:
    """Training samples in which columns 3 and 5 follow the label, test samples in which 5 and 8."""
    rng = np.random.default_rng(seed)
    labels = np.array([0, 1] * 10, dtype=np.int8)
    train, test = rng.normal(size=(2, 20, 12))
    train[:, [3, 5]] += 6 * labels[:, None]
    test[:, [5, 8]] += 6 * labels[:, None]
    return FoldMatrix(train, test, tuple("abcdefghijkl")), labels, labels


def test_de_looks_at_training_labels_alone_and_as_published_at_both() -> None:
    matrix, y, z = fold()
    found = change_matrix(matrix, [Change("de", 2)], y, z)
    assert found.names == ("d", "f")
    assert change_matrix(matrix, [Change("de", 2)], y, 1 - z).names == ("d", "f")
    assert change_matrix(matrix, [Change("de_both", 1)], y, z).names == ("f",)
    t = ttest_ind(matrix.train[y == 1], matrix.train[y == 0], equal_var=False).statistic
    five = change_matrix(matrix, [Change("de", 5)], y, z).names
    assert set(five) == {matrix.names[i] for i in np.argsort(-np.abs(t))[:5]}


def test_top_genes_vary_most_in_training() -> None:
    matrix, y, z = fold()
    wide = FoldMatrix(matrix.train * np.arange(1, 13), matrix.test, matrix.names)
    order = np.argsort(-wide.train.var(axis=0, ddof=1))[:4]
    found = change_matrix(wide, [Change("top_genes", 4)], y, z)
    assert set(found.names) == {matrix.names[i] for i in order}
    assert found.train.shape == (20, 4)


@pytest.mark.parametrize(
    ("change", "feature", "reason"),
    [
        (Change("layer", "limma"), "gene", ""),
        (Change("layer", "combat_seq"), "gene", "the store has no expression corrected by"),
        (Change("de", 5), "pathway_hallmark", "de is done to genes, not to pathway_hallmark"),
        (Change("top_nes", 5), "pathway_kegg", "the store has no enrichment scores (NES)"),
        (Change("housekeeping", 0), "gene", ""),
    ],
)
def test_what_cannot_be_changed_says_why(
    cohort: Cohort, change: Change, feature: str, reason: str
) -> None:
    found = unchangeable(cohort, feature, [change])
    assert found.startswith(reason)
    assert bool(found) == bool(reason)


def test_a_store_without_symbols_has_no_housekeeping_genes(cohort: Cohort) -> None:
    bare = replace(cohort, symbols=())
    assert "by symbol" in unchangeable(bare, "gene", [Change("housekeeping", 0)])


def test_units_depend_on_what_the_changes_read() -> None:
    assert changed_sources(("gene",), [Change("layer", "limma")]) == ("layer:limma",)
    assert changed_sources(("p",), [Change("top_nes", 20)]) == ("p", "enrichment")
    assert changed_sources(("gene",), [Change("gaussian", 0)]) == ("gene",)
