"""Step-down max-T: by hand, by a loop, by what it must obey, and by how often it errs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from spacebio_bench.statistics.multiplicity import step_down_max_t
from spacebio_bench.statistics.permutation import permutation_p_value


def in_a_loop(observed: np.ndarray, null: np.ndarray) -> np.ndarray:
    """Westfall & Young (1993), algorithm 4.1, one labeling and one cell at a time."""
    n, m = null.shape
    z = [(observed[i] - np.mean(null[i])) / np.std(null[i], ddof=1) for i in range(n)]
    order = sorted(range(n), key=lambda i: -z[i])
    p, before = [0.0] * n, 0.0
    for place, cell in enumerate(order):
        count = 0
        for column in range(m):
            largest = max(
                (null[i, column] - np.mean(null[i])) / np.std(null[i], ddof=1)
                for i in order[place:]
            )
            count += largest >= z[cell] - 1e-9
        before = p[cell] = max(before, (count + 1) / (m + 1))
    return np.array(p)


def test_three_cells_by_hand() -> None:
    """Rows of null have mean 0 and one SD; read the maxima off the columns."""
    null = np.array(
        [
            [-3.0, -1.0, 1.0, 3.0],
            [3.0, 1.0, -1.0, -3.0],
            [-1.0, 3.0, -3.0, 1.0],
        ]
    )
    # maxima of all three: 3, 3, 1, 3; of cells 1 and 2: 3, 3, -1, 1; of cell 2 alone: -1, 3, -3, 1
    assert step_down_max_t([3.5, 2.0, 0.0], null).tolist() == [1 / 5, 3 / 5, 3 / 5]
    # cell 2 first: 4/5; then maxima of cells 0 and 1 are 3, 1, 1, 3: 3/5, but no less than before
    assert step_down_max_t([2.0, 1.5, 3.0], null).tolist() == [4 / 5, 4 / 5, 4 / 5]


def test_as_a_loop_does_it() -> None:
    rng = np.random.default_rng(5)
    for n, m in ((1, 19), (2, 19), (7, 99), (32, 40)):
        shared = rng.normal(size=m + 1)
        t = np.round(rng.normal(0.5, 0.1, size=(n, m + 1)) + 0.1 * shared, 2)
        t[: n // 2, 0] += 0.2
        assert step_down_max_t(t[:, 0], t[:, 1:]) == pytest.approx(in_a_loop(t[:, 0], t[:, 1:]))


def test_scale_and_place_of_a_cell_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    t = rng.normal(size=(6, 60))
    t[:2, 0] += 2
    wide = t * np.array([1, 8, 0.5, 4, 1, 2])[:, None] + np.arange(6)[:, None]
    assert step_down_max_t(wide[:, 0], wide[:, 1:]).tolist() == (
        step_down_max_t(t[:, 0], t[:, 1:]).tolist()
    )


def test_a_rounding_apart_is_a_tie() -> None:
    null = np.array([[(0.1 + 0.2) / 3, 0.05, 0.02]])
    assert step_down_max_t([0.3 / 3 + 1e-16], null).tolist() == [2 / 4]


def test_null_values_that_do_not_vary_have_p_one_and_harm_no_other() -> None:
    rng = np.random.default_rng(2)
    t = rng.normal(size=(3, 40))
    t[0, 0] = 5.0
    with_constant = np.vstack([t, np.full(40, 0.5)])
    with_constant[3, 0] = 0.9
    found = step_down_max_t(with_constant[:, 0], with_constant[:, 1:])
    assert found[:3].tolist() == step_down_max_t(t[:, 0], t[:, 1:]).tolist()
    assert (found[0], found[3]) == (1 / 40, 1.0)


def test_one_permuted_labeling_says_nothing() -> None:
    assert step_down_max_t([0.9, 0.8], [[0.5], [0.4]]).tolist() == [1.0, 1.0]


families = st.integers(2, 12).flatmap(
    lambda m: arrays(
        np.float64,
        st.tuples(st.integers(1, 6), st.just(m + 1)),
        elements=st.integers(0, 16).map(lambda i: i / 16),
    )
)


@settings(max_examples=150, deadline=None)
@given(t=families, seed=st.integers(0, 99))
def test_what_every_family_obeys(t: np.ndarray, seed: int) -> None:
    observed, null = t[:, 0], t[:, 1:]
    p = step_down_max_t(observed, null)
    alone = np.array([permutation_p_value(n, o) for o, n in zip(observed, null, strict=True)])
    varies = null.std(axis=1) > 0
    assert (p >= np.where(varies, alone, 1.0) - 1e-15).all()
    z = (observed - null.mean(axis=1))[varies] / null.std(axis=1, ddof=1)[varies]
    assert (np.diff(p[varies][np.argsort(-z, kind="stable")]) >= 0).all()
    order = np.random.default_rng(seed).permutation(len(t))
    assert step_down_max_t(observed[order], null[order]).tolist() == p[order].tolist()


def rejections(effect: np.ndarray, *, n: int, m: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Adjusted and single p below 0.05 of correlated cells, shape (n, n_cells)."""
    rng = np.random.default_rng(seed)
    adjusted, single = [], []
    for _ in range(n):
        t = np.sqrt(0.5) * (rng.normal(size=m + 1) + rng.normal(size=(len(effect), m + 1)))
        t[:, 0] += effect
        adjusted.append(step_down_max_t(t[:, 0], t[:, 1:]) <= 0.05)
        single.append((t[:, 1:] >= t[:, :1]).sum(axis=1) + 1 <= 0.05 * (m + 1))
    return np.array(adjusted), np.array(single)


def test_any_false_discovery_is_as_rare_as_said() -> None:
    adjusted, single = rejections(np.zeros(8), n=2000, m=199, seed=11)
    low, high = stats.binom.interval(0.999, 2000, 0.05)
    assert low <= adjusted.any(axis=1).sum() <= high
    assert single.any(axis=1).mean() > 0.15


def test_true_effects_are_found_and_the_others_stay_protected() -> None:
    effect = np.array([4.0, 4.0, 4.0, 4.0, 0.0, 0.0, 0.0, 0.0])
    adjusted, _ = rejections(effect, n=1000, m=199, seed=12)
    assert adjusted[:, :4].mean() > 0.85
    assert adjusted[:, 4:].any(axis=1).sum() <= stats.binom.ppf(0.999, 1000, 0.05)


def test_steps_find_more_than_one_step() -> None:
    rng = np.random.default_rng(13)
    t = rng.normal(size=(10, 200))
    t[:5, 0] = [6.0, 5.0, 4.0, 3.5, 2.9]
    z = (t - t[:, 1:].mean(axis=1, keepdims=True)) / t[:, 1:].std(axis=1, ddof=1, keepdims=True)
    one_step = ((z[:, 1:].max(axis=0) >= z[:, :1]).sum(axis=1) + 1) / 200
    p = step_down_max_t(t[:, 0], t[:, 1:])
    assert (p <= one_step).all()
    assert (p[:5] < one_step[:5]).any()
