"""When the refits of a cell end: by the values alone, in the order of the labelings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.grid.stages import labelings_needed, stage_ends
from spacebio_bench.statistics.permutation import refit_p

AUROCS = st.lists(st.integers(0, 20).map(lambda v: v / 20), min_size=2, max_size=120)


def first_by_hand(values: list[float], exceedances: int) -> int | None:
    reached = 0
    for number, value in enumerate(values[1:], start=1):
        reached += value >= values[0]
        if reached == exceedances:
            return number
    return None


@pytest.mark.parametrize(
    ("n", "family", "stop_at", "ends"),
    [
        (999, 199, 10, (199, 399, 799, 999)),
        (199, 199, 10, (199,)),
        (99, 199, 10, (99,)),
        (999, 199, 0, (999,)),
        (999, 0, 10, (199, 399, 799, 999)),
        (0, 199, 10, (0,)),
        (9, 9, 0, (9,)),
    ],
)
def test_the_first_stage_is_the_family_then_they_double(n, family, stop_at, ends) -> None:
    assert stage_ends(n, family=family, stop_at=stop_at) == ends


@given(values=AUROCS, stop_at=st.integers(1, 12), family=st.integers(0, 30), data=st.data())
def test_where_a_cell_stops_does_not_depend_on_how_far_it_ran(values, stop_at, family, data):
    number = first_by_hand(values, stop_at)
    expected = None if number is None else max(family, number)
    assert labelings_needed([values], family=family, stop_at=stop_at) == expected
    if number is None:
        return
    longer = data.draw(st.integers(number + 1, len(values)))
    p = refit_p(
        np.array([values[:longer]]),
        enumerated=False,
        n_possible=1e9,
        stop_at=stop_at,
        planned=len(values) - 1,
    )
    assert p.method == "refit_sequential"
    assert (p.p, p.n_permutations) == (stop_at / number, number)
    assert p.attainable == 1 / len(values)


@given(values=AUROCS, stop_at=st.integers(1, 12))
def test_a_cell_that_never_stops_has_the_usual_p(values, stop_at) -> None:
    if first_by_hand(values, stop_at) is not None:
        return
    p = refit_p(np.array([values]), enumerated=False, n_possible=1e9, stop_at=stop_at)
    m = len(values) - 1
    reached = sum(v >= values[0] for v in values[1:])
    assert (p.method, p.p, p.n_permutations) == ("refit", (reached + 1) / (m + 1), m)


def test_the_mean_over_folds_decides_not_a_fold() -> None:
    folds = np.array([[0.5, 0.9, 0.1, 0.9], [0.5, 0.0, 0.9, 0.2]])
    assert labelings_needed(folds, family=0, stop_at=1) == 2
    assert labelings_needed(folds, family=0, stop_at=2) == 3
    assert labelings_needed(folds, family=0, stop_at=3) is None


def test_without_a_stopping_rule_no_value_decides() -> None:
    assert labelings_needed([[0.1, 0.9, 0.9]], family=0, stop_at=0) is None
