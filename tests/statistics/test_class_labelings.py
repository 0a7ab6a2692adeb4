"""Label matrices of k classes: counts, distinctness, blocks, prefixes, and the two-class one."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from spacebio_bench.statistics.class_labelings import class_labelings
from spacebio_bench.statistics.labelings import labelings


@st.composite
def tasks(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n = draw(st.integers(1, 7))
    truth = draw(st.lists(st.integers(0, 3), min_size=n, max_size=n))
    strata = draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=n, max_size=n))
    return np.array(truth, dtype=np.int8), np.array(strata)


def every_labeling(truth: np.ndarray, strata: np.ndarray) -> set[tuple[int, ...]]:
    """By trying all orders of the samples."""
    return {
        tuple(truth[list(order)].tolist())
        for order in itertools.permutations(range(len(truth)))
        if (strata[list(order)] == strata).all()
    }


@given(tasks(), st.integers(0, 60), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=60)
def test_columns_are_labelings_within_strata(
    task: tuple[np.ndarray, np.ndarray], n_permutations: int, seed: int
) -> None:
    truth, strata = task
    made = class_labelings(truth, strata, n_permutations=n_permutations, seed=seed)
    possible = every_labeling(truth, strata)
    found = [tuple(column.tolist()) for column in made.labels.T]
    assert made.labels.dtype == np.int8
    assert found[0] == tuple(truth.tolist())
    assert set(found) <= possible
    assert made.n_possible == len(possible)
    assert made.enumerated == (len(possible) <= n_permutations + 1)
    assert len(found) == (len(possible) if made.enumerated else 1 + n_permutations)
    if made.enumerated:
        assert len(set(found)) == len(found)


@given(tasks(), st.integers(0, 60))
@settings(deadline=None, max_examples=40)
def test_two_classes_are_those_of_labelings(
    task: tuple[np.ndarray, np.ndarray], n_permutations: int
) -> None:
    truth, strata = task[0] % 2, task[1]
    many = class_labelings(truth, strata, n_permutations=n_permutations, seed=1)
    two = labelings(truth, strata, n_permutations=n_permutations, seed=1)
    assert many[1:] == two[1:]
    assert many.labels.shape == two.labels.shape
    if two.enumerated:
        assert {c.tobytes() for c in many.labels.T} == {c.tobytes() for c in two.labels.T}


@st.composite
def blocked(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Class, stratum and block of samples whose blocks are not side by side."""
    truth, strata = draw(tasks())
    sizes = draw(st.lists(st.integers(1, 3), min_size=len(truth), max_size=len(truth)))
    block = np.repeat(np.arange(len(truth)), sizes)
    block = block[np.argsort(np.random.default_rng(draw(st.integers(0, 99))).random(len(block)))]
    return truth[block], strata[block], block


@given(blocked(), st.integers(0, 60))
@settings(deadline=None, max_examples=60)
def test_blocks_stay_together(
    task: tuple[np.ndarray, np.ndarray, np.ndarray], n_permutations: int
) -> None:
    truth, strata, block = task
    names = np.array([f"mission {b}" for b in block])
    made = class_labelings(truth, strata, blocks=names, n_permutations=n_permutations, seed=5)
    _, first = np.unique(block, return_index=True)
    assert (made.labels == made.labels[first][np.searchsorted(block[first], block)]).all()
    possible = every_labeling(truth[first], strata[first])
    assert made.n_possible == len(possible)
    assert {tuple(c.tolist()) for c in made.labels[first].T} <= possible
    assert np.array_equal(made.labels[:, 0], truth)
    if made.enumerated:
        assert made.labels.shape[1] == len(possible) == len({c.tobytes() for c in made.labels.T})


def test_hardware_of_four_missions_has_six_labelings_whatever_their_sizes() -> None:
    missions = np.repeat(["RR-1", "RR-3", "MHU-1", "MHU-2"], [10, 12, 6, 3])
    hardware = np.char.startswith(missions, "MHU").astype(int)
    made = class_labelings(hardware, ["all"] * 31, blocks=missions, n_permutations=99, seed=0)
    assert made.enumerated
    assert made.n_possible == made.labels.shape[1] == 6
    assert len({column.sum() for column in made.labels.T}) > 2  # samples a class are not kept


@pytest.mark.parametrize(
    ("classes", "strata", "what"), [("01", "aa", "class"), ("00", "ab", "stratum")]
)
def test_a_block_of_several_is_refused(classes: str, strata: str, what: str) -> None:
    with pytest.raises(ValueError, match=f"block 'RR-1' holds samples of more than one {what}"):
        class_labelings(
            [int(c) for c in classes], list(strata), blocks=["RR-1"] * 2, n_permutations=9, seed=0
        )


def test_a_larger_budget_extends_a_smaller_one() -> None:
    truth, strata = np.arange(24) % 3, ["a"] * 10 + ["b"] * 14
    small = class_labelings(truth, strata, n_permutations=99, seed=3).labels
    large = class_labelings(truth, strata, n_permutations=999, seed=3).labels
    assert np.array_equal(small, large[:, :100])
    other = class_labelings(truth, strata, n_permutations=99, seed=4).labels
    assert not np.array_equal(small, other)


@pytest.mark.parametrize("n_permutations", [10, 89], ids=["sampled", "prefix of all"])
def test_all_labelings_are_equally_likely(n_permutations: int) -> None:
    """6! / (2! 2! 2!) = 90 labelings; an enumerated prefix leaves out the truth."""
    truth = [0, 0, 1, 1, 2, 2]
    seen: Counter[bytes] = Counter()
    for seed in range(1500):
        made = class_labelings(truth, ["a"] * 6, n_permutations=n_permutations, seed=seed)
        seen.update(column.tobytes() for column in made.labels[:, 1:11].T)
    assert len(seen) == (90 if n_permutations == 10 else 89)
    assert stats.chisquare(list(seen.values())).pvalue > 1e-3


def test_numbers_beyond_floats_are_infinite() -> None:
    made = class_labelings(np.arange(400) % 8, ["a"] * 400, n_permutations=3, seed=0)
    assert made.n_possible == np.inf
    assert not made.enumerated
