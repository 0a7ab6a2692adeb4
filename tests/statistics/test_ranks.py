"""Rank intervals: a loop, limits, and how often all true ranks are inside at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from spacebio_bench.statistics.bootstrap import bootstrap_auroc, stratified_draws
from spacebio_bench.statistics.ranks import rank_intervals, significantly_better, tie_groups

B = 400


def variance(t: float, m: int, n: int) -> float:
    """Hanley & McNeil's exponential variance with (m + n) / 2 - 1 for both m - 1 and n - 1."""
    q1, q2, half = t / (2 - t), 2 * t**2 / (1 + t), (m + n) / 2 - 1
    return (t * (1 - t) + half * (q1 - t**2) + half * (q2 - t**2)) / (m * n)


def in_a_loop(
    values: np.ndarray, draws: np.ndarray, sizes: list[tuple[int, int]]
) -> list[list[bool]]:
    n, pairs = len(values), {}
    largest = [0.0] * draws.shape[1]
    for i in range(n):
        for j in range(i):
            d = draws[i] - draws[j]
            sd = np.std(d, ddof=1) if np.ptp(d) > 1e-9 else 0.0
            wide = np.ptp(draws[i]) > 1e-9 and np.ptp(draws[j]) > 1e-9
            r = np.corrcoef(draws[i], draws[j])[0, 1] if wide else 0.0
            t = (values[i] + values[j]) / 2
            least = 2 * sum(variance(t, *s) for s in sizes) / len(sizes) ** 2 * (1 - r)
            pairs[i, j] = max(sd, np.sqrt(max(least, 0)))
            if sd:
                largest = [max(a, abs(b - d.mean()) / sd) for a, b in zip(largest, d, strict=True)]
    df = sum(m + n - 2 for m, n in sizes)
    z = max(np.quantile(largest, 0.95), stats.norm.ppf(0.975))
    c = stats.t.isf(stats.norm.sf(z), df)
    return [
        [i != j and values[i] - values[j] > c * pairs[max(i, j), min(i, j)] for j in range(n)]
        for i in range(n)
    ]


@dataclass(frozen=True)
class Design:
    shifts: tuple[float, ...]
    missions: int
    positive: int
    negative: int
    shared: float = 0.5

    @property
    def sizes(self) -> tuple[list[int], list[int]]:
        return [self.positive] * self.missions, [self.negative] * self.missions


def simulated(design: Design, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean AUROC of cells with normal scores that share a part of their noise, and their draws."""
    rng = np.random.default_rng(seed)
    y = np.repeat([1, 0], [design.positive, design.negative])
    shifts = np.array(design.shifts)[:, None]
    folds, draws = [], []
    for k in range(design.missions):
        noise = rng.normal(size=len(y)), rng.normal(size=(len(shifts), len(y)))
        scores = design.shared**0.5 * noise[0] + (1 - design.shared) ** 0.5 * noise[1] + shifts * y
        drawn = stratified_draws(y, n_draws=B, seed=1000 * seed + k)
        draws.append([bootstrap_auroc(s, y, drawn) for s in scores])
        wins = scores[:, y == 1][:, :, None] > scores[:, y == 0][:, None]
        folds.append(wins.mean(axis=(1, 2)))
    return np.mean(folds, axis=0), np.mean(draws, axis=0)


@pytest.mark.parametrize("shared", [0.0, 0.95])
def test_as_a_loop_does_it(shared: float) -> None:
    design = Design((0.0, 0.2, 0.9, 1.5, 1.5, 3.0, 6.0), 3, 7, 9, shared)
    values, draws = simulated(design, 1)
    assert draws[-1].std() == 0  # AUROC 1
    better = significantly_better(values, draws, *design.sizes)
    assert better.tolist() == in_a_loop(values, draws, [(7, 9)] * 3)
    assert 3 < better.sum() < 21
    ranks = rank_intervals(values, draws, *design.sizes)
    for i in range(7):
        assert ranks.low[i] == 1 + sum(better[j, i] for j in range(7))
        assert ranks.high[i] == 7 - sum(better[i, j] for j in range(7))


def test_the_order_of_cells_does_not_matter() -> None:
    design = Design((0.0, 0.0, 0.5, 1.0, 2.0, 2.0), 4, 8, 8, 0.8)
    values, draws = simulated(design, 3)
    ranks = rank_intervals(values, draws, *design.sizes)
    order = np.array([3, 1, 5, 0, 2, 4])
    again = rank_intervals(values[order], draws[order], *design.sizes)
    for column, other in zip(ranks, again, strict=True):
        assert column[order].tolist() == other.tolist()


def test_identical_cells_tie() -> None:
    values, draws = simulated(Design((0.0, 1.0, 3.0), 4, 10, 10), 5)
    twice = np.array([0, 0, 1, 2, 2, 2])
    ranks = rank_intervals(values[twice] + 1e-16, draws[twice], [10] * 4, [10] * 4)
    assert ranks.low[3:].tolist() == [1] * 3
    assert ranks.high[3:].min() >= 3
    assert ranks.high[:2].tolist() == [6, 6]
    for column in ranks:
        assert column[0] == column[1]
        assert len(set(column[3:].tolist())) == 1


def test_certain_cells_are_told_from_constant_ones() -> None:
    """AUROC 1 and 0.5 of four folds of 6 + 6: none has a width in the bootstrap."""
    values = np.repeat([1.0, 0.5], [3, 2])
    draws = np.tile(values[:, None], (1, B))
    ranks = rank_intervals(values, draws, [6] * 4, [6] * 4)
    assert ranks.low.tolist() == [1, 1, 1, 4, 4]
    assert ranks.high.tolist() == [3, 3, 3, 5, 5]
    assert ranks.tie_group.tolist() == [1, 1, 1, 2, 2]


def test_two_folds_of_three_tell_nothing_apart() -> None:
    draws = np.tile(np.array([[1.0], [0.5]]), (1, B))
    assert rank_intervals([1.0, 0.5], draws, [2] * 2, [2] * 2).high.tolist() == [2, 2]


def test_one_cell_is_first() -> None:
    values, draws = simulated(Design((1.0,), 2, 5, 5), 6)
    ranks = rank_intervals(values, draws, [5, 5], [5, 5])
    assert [column.tolist() for column in ranks] == [[1], [1], [1]]


@dataclass(frozen=True)
class Groups:
    values: tuple[float, ...]
    better: tuple[tuple[int, int], ...]
    groups: tuple[int, ...]


GROUPS = {
    "all tie": Groups((0.9, 0.8, 0.7), (), (1, 1, 1)),
    "a ladder": Groups((0.9, 0.7, 0.5), ((0, 1), (0, 2), (1, 2)), (1, 2, 3)),
    "the middle ties with both": Groups((0.9, 0.7, 0.5), ((0, 2),), (1, 1, 2)),
    "the best is not the first": Groups((0.5, 0.9, 0.7), ((1, 0),), (2, 1, 1)),
    "two are best": Groups((0.9, 0.9, 0.7), ((1, 2),), (1, 1, 2)),
    "sure of a smaller one": Groups((0.9, 0.8, 0.7), ((0, 1),), (1, 2, 1)),
}


@pytest.mark.parametrize("case", GROUPS.values(), ids=GROUPS.keys())
def test_tie_groups(case: Groups) -> None:
    better = np.zeros((len(case.values),) * 2, dtype=bool)
    for i, j in case.better:
        better[i, j] = True
    assert tuple(tie_groups(case.values, better).tolist()) == case.groups


EQUAL, LADDER = (0.0,) * 6, (0.0, 0.4, 0.8, 1.2, 1.6, 2.0)
QUICK = {
    "equal, two of 3+3, independent": Design(EQUAL, 2, 3, 3, 0.0),
    "ladder, six of 10+10": Design(LADDER, 6, 10, 10),
}
SLOW = {
    "equal, four of 3+3": Design(EQUAL, 4, 3, 3),
    "equal, three of 6+6, independent": Design((0.8,) * 6, 3, 6, 6, 0.0),
    "equal, three of 4+12, alike": Design(EQUAL, 3, 4, 12, 0.9),
    "equal, near 1": Design((2.5,) * 8, 4, 3, 3, 0.3),
    "ladder, two of 3+3": Design(LADDER, 2, 3, 3),
    "ladder, three of 6+6, alike": Design(LADDER, 3, 6, 6, 0.9),
    "constant and certain": Design((0.0, 0.0, 0.0, 4.0, 4.0, 4.0), 3, 6, 6),
    "sixteen": Design((0.0,) * 16, 3, 6, 6),
}


def held_at_once(design: Design, n: int) -> tuple[float, float]:
    """Share of simulations with all true ranks inside, and of true differences that are found."""
    true = np.array(design.shifts)
    above = true[:, None] > true
    least, most = 1 + above.sum(axis=0), len(true) - above.sum(axis=1)
    held, found = 0, 0.0
    for i in range(n):
        values, draws = simulated(design, i)
        ranks = rank_intervals(values, draws, *design.sizes)
        held += bool((ranks.low <= least).all() and (ranks.high >= most).all())
        better = significantly_better(values, draws, *design.sizes)
        found += float((better & above).sum() / max(above.sum(), 1))
    return held / n, found / n


@pytest.mark.parametrize("design", QUICK.values(), ids=QUICK.keys())
def test_true_ranks_are_inside(design: Design) -> None:
    held, found = held_at_once(design, 200)
    assert held > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 200)
    assert found > (0.3 if design.missions == 6 else -1)


@pytest.mark.slow
@pytest.mark.parametrize("design", SLOW.values(), ids=SLOW.keys())
def test_true_ranks_are_inside_on_more_designs(design: Design) -> None:
    held, _ = held_at_once(design, 500)
    assert held > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 500)


def test_a_bootstrap_alone_would_not_do() -> None:
    """Why the SD has a floor and the quantile a t: on 3+3 folds max |t| alone errs too often."""
    design, wrong = QUICK["equal, two of 3+3, independent"], 0
    for i in range(100):
        values, draws = simulated(design, i)
        pairs = [(a, b) for a in range(6) for b in range(a) if np.ptp(draws[a] - draws[b]) > 1e-9]
        paired = np.array([draws[a] - draws[b] for a, b in pairs])
        sd = paired.std(axis=1, ddof=1)
        t = np.abs(paired - paired.mean(axis=1, keepdims=True)) / sd[:, None]
        seen = np.abs([values[a] - values[b] for a, b in pairs]) / sd
        wrong += bool(seen.max() > np.quantile(t.max(axis=0), 0.95))
    assert wrong > 20
