"""The same sample in two studies: planted copies are found, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.cohort import duplicates
from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.duplicates import DuplicatePair, duplicate_pairs, shared_with

from ._small import cohort, expression

MISSIONS = ["A"] * 8 + ["B"] * 6 + ["C"] * 5


def made(seed: int = 1) -> np.ndarray:
    return expression(np.random.default_rng(seed), len(MISSIONS))


def found(*cohorts: Cohort) -> list[tuple[str, str, str]]:
    pairs = duplicate_pairs({c.tissue: c for c in cohorts})
    return [(p.sample_a, p.sample_b, p.how) for p in pairs]


def with_size_factor(x: np.ndarray, factor: float) -> np.ndarray:
    """The same counts in a study of another size factor."""
    return np.log2((2.0**x - 1) / factor + 1)


@pytest.mark.parametrize("factor", [0.3, 1.2, 4.0])
def test_a_copy_is_found_whatever_its_size_factor(factor: float) -> None:
    x = made()
    x[10] = with_size_factor(x[2], factor)
    assert found(cohort(x, MISSIONS)) == [("eye-2", "eye-10", "correlation")]


@pytest.mark.parametrize("matrix", [False, True])
def test_an_exact_copy_has_the_same_profile_too(matrix: bool) -> None:
    x = made()
    x[10] = x[2]
    one = cohort(x, MISSIONS, matrix=matrix)
    (pair,) = duplicate_pairs({"eye": one})
    place = ("eye", "A", "ACC-A", "eye-2", "eye", "B", "ACC-B", "eye-10")
    assert pair == DuplicatePair(*place, "profile;correlation", pytest.approx(1, abs=1e-9))
    assert 1 >= pair.correlation > 0.9999


def test_one_study_is_not_compared_with_itself_but_two_of_a_mission_are() -> None:
    x = made()
    x[4] = x[2]
    assert found(cohort(x, MISSIONS)) == []
    accessions = ["A1"] * 4 + ["A2"] * 4 + ["B1"] * 6 + ["C1"] * 5
    assert len(found(cohort(x, MISSIONS, accessions=accessions))) == 1


def test_a_copy_in_another_tissue_is_found_on_the_genes_both_have() -> None:
    x, y = made(), made(2)
    y[7] = with_size_factor(x[2], 0.8)
    eye = cohort(x, MISSIONS)
    other = cohort(y, MISSIONS, tissue="skin")
    keep = np.r_[299:20:-1]
    other = replace(other, genes=tuple(other.genes[i] for i in keep), x=other.x[:, keep])
    assert found(eye, other) == [("eye-2", "skin-7", "correlation")]


def test_the_same_id_in_two_tissues_is_said_with_its_correlation() -> None:
    names = [f"mouse-{i}" for i in range(19)]
    eye = cohort(made(), MISSIONS, samples=names)
    skin = cohort(made(2)[:3], ["Z"] * 3, samples=["x", "mouse-4", "y"], tissue="skin")
    (pair,) = duplicate_pairs({"skin": skin, "eye": eye})
    assert (pair.sample_a, pair.tissue_b, pair.how) == ("mouse-4", "skin", "id")
    assert abs(pair.correlation) < 0.9


def test_a_gene_that_one_study_lacks_hides_no_copy() -> None:
    x = made()
    x[10] = x[2]
    x[8:14, 100:140] = 0  # a store that keeps the union of genes writes 0
    assert found(cohort(x, MISSIONS)) == [("eye-2", "eye-10", "profile;correlation")]


def test_a_hold_out_that_shares_samples_is_named() -> None:
    x = made()
    x[16] = with_size_factor(x[9], 1.5)
    x[3] = x[12]  # two benchmark studies: none of the hold-out's business
    roles = ["benchmark"] * 14 + ["holdout"] * 5
    one = cohort(x, MISSIONS, roles=roles)
    (pair,) = shared_with(one)
    assert (pair.mission_a, pair.sample_a, pair.mission_b, pair.sample_b) == (
        "C", "eye-16", "B", "eye-9",
    )  # fmt: skip
    (back,) = shared_with(one, role="benchmark")
    assert (back.sample_a, back.sample_b) == ("eye-9", "eye-16")
    assert shared_with(cohort(x, MISSIONS)) == []


def rounded_up_in_two_samples() -> np.ndarray:
    """Constant columns, half of them one float32 larger in samples 2 and 10."""
    x = np.full((19, 20_000), 1e4, dtype=np.float32)
    up = np.flatnonzero(np.random.default_rng(0).random(x.shape[1]) < 0.5)
    x[np.ix_([2, 10], up)] = np.nextafter(np.float32(1e4), np.float32(2e4))
    return x


ALARMS = {
    "genes that never vary": lambda x: np.hstack([x, np.full((19, 300), 1e4) + np.arange(300)]),
    "columns that differ by rounding": lambda x: np.hstack(
        [x[:, -1:], rounded_up_in_two_samples()]
    ),
    "one column far larger": lambda x: np.hstack([x, np.r_[1e9, 0, np.full(17, -1e9)][:, None]]),
    "one sample unlike all others": lambda x: np.vstack([x[:18], x[18:] * 1e5]),
    "no expression at all": lambda x: x * np.repeat([1, 0], [7, 12])[:, None],
    "too few columns": lambda x: np.round(x[:, :3]),
    "all the same": lambda x: np.full(x.shape, 3.0),
}


@pytest.mark.parametrize("spoil", ALARMS.values(), ids=ALARMS.keys())
def test_no_false_alarm(spoil) -> None:
    assert found(cohort(spoil(made()).astype(np.float32), MISSIONS, matrix=True)) == []


@given(
    seed=st.integers(0, 9999),
    limit=st.sampled_from([0.1, 0.5, 0.9]),
    block=st.integers(1, 9),
    lacks=st.integers(0, 15),
)
def test_pairs_are_those_of_plain_loops(seed: int, limit: float, block: int, lacks: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(19, 40)) + rng.normal(size=(19, 2)) @ rng.normal(size=(2, 40))
    x[rng.integers(0, 8)] = x[rng.integers(8, 14)]
    x[8:14, :lacks] = np.nan
    one = cohort(x, MISSIONS, matrix=True)
    expected = {}
    centred = (x - np.nanmedian(x, axis=0)) / np.sqrt(
        np.nanmean((x - np.nanmedian(x, axis=0)) ** 2, axis=0)
    )
    for i in range(19):
        for j in range(i + 1, 19):
            if MISSIONS[i] != MISSIONS[j]:
                both = ~np.isnan(x[i]) & ~np.isnan(x[j])
                r = np.corrcoef(centred[i, both], centred[j, both])[0, 1]
                if r > limit:
                    expected[f"eye-{i}", f"eye-{j}"] = r
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duplicates, "LIMIT", limit)
        patch.setattr(duplicates, "_BLOCK", block)
        pairs = duplicate_pairs({"eye": one})
    assert {(p.sample_a, p.sample_b): p.correlation for p in pairs} == pytest.approx(expected)
    assert pairs == sorted(pairs)


def test_studies_without_values_are_passed_over() -> None:
    x = made()
    x[8:14] = np.nan
    x[16] = x[2]
    assert found(cohort(x, MISSIONS)) == [("eye-2", "eye-16", "profile;correlation")]
    nothing = cohort(np.zeros((2, 0)), ["A", "B"])
    assert found(nothing) == []
