"""Elastic-net logistic regression to the optimum: Newton on the dual, over a working set.

The problem, with s_i that balance the classes, y_i = +-1 and r the l1_ratio, is scikit-learn's:

    minimise  C sum_i s_i log(1 + exp(-y_i (x_i w + b))) + r |w|_1 + (1 - r) |w|^2 / 2.

Its dual has one variable a sample, v_i = y_i a_i with 0 < a_i < c_i = C s_i and sum_i v_i = 0:

    minimise  sum_i [a_i log(a_i / c_i) + (c_i - a_i) log(1 - a_i / c_i)]
            + sum_j (|u_j| - r)_+^2 / (2 (1 - r)),  u = X'v.

Then w_j = sign(u_j) (|u_j| - r)_+ / (1 - r), and b is the multiplier of the constraint. So 60
samples of 20,000 genes are 60 unknowns, and only the hundred or so genes with |u_j| > r take part
in a step.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

from spacebio_bench.models._labelings import balanced_weights
from spacebio_bench.typing import FloatArray, IntArray, Labels

LARGEST_GAP = 1e-9
"""Relative duality gap above which a fit is an error; it is usually below 1e-13."""

_CHUNK = 16  # labelings that share a pass over all features
_ROUNDS = 100
_STEPS = 200
_LOOSE, _TIGHT = 1e-3, 1e-13  # squared Newton decrement, relative to 1 + |objective|


@dataclass(frozen=True)
class Fit:
    """Features with a weight, the weights, the intercept, and the gap relative to the objective."""

    features: IntArray
    weights: FloatArray
    intercept: float
    gap: float


@dataclass(frozen=True)
class ElasticNet:
    """The problem of one training matrix.

    Parameters
    ----------
    columns
        The training matrix by feature, shape (p, n), contiguous.
    c
        Weight of the loss.
    l1_ratio
        r above, more than 0 and less than 1.
    """

    columns: FloatArray
    c: float
    l1_ratio: float

    def __post_init__(self) -> None:
        if not 0 < self.l1_ratio < 1:
            msg = f"l1_ratio has to lie between 0 and 1, not at {self.l1_ratio}"
            raise ValueError(msg)

    def fit(self, labels: Labels) -> Iterator[Fit]:
        """Fit all labelings, shape (n, L), each with both classes and each from the same start.

        Raises
        ------
        ArithmeticError
            A duality gap stayed above `LARGEST_GAP`.
        """
        for start in range(0, labels.shape[1], _CHUNK):
            yield from self._fit_chunk(labels[:, start : start + _CHUNK])

    def _fit_chunk(self, labels: Labels) -> list[Fit]:
        sign = np.ascontiguousarray(2.0 * labels.T - 1)
        cost = self.c * np.ascontiguousarray(balanced_weights(labels).T)
        dual = sign * cost
        along = self._along(dual)
        largest = np.abs(along).max(axis=1)
        scale = np.minimum(0.5, self.l1_ratio / np.maximum(largest, self.l1_ratio))
        dual *= scale[:, None]  # just before the first feature gets a weight
        along *= scale[:, None]
        first = 4 * len(labels)
        solvers = [
            _Dual(self.columns, s, c, self.l1_ratio, v, _largest(np.abs(u), first))
            for s, c, v, u in zip(sign, cost, dual, along, strict=True)
        ]
        waiting = list(range(len(solvers)))
        fits: dict[int, Fit] = {}
        for number in range(_ROUNDS):
            for i in waiting:
                solvers[i].solve(_LOOSE if number == 0 else _TIGHT)
            along = self._along(np.stack([solvers[i].dual for i in waiting]))
            for i, u in zip(tuple(waiting), along, strict=True):
                if not solvers[i].widen(u, at_most=first) and number > 0:
                    fits[i] = solvers[i].result(u)
                    waiting.remove(i)
            if not waiting:
                break
        worst = max([fit.gap for fit in fits.values()], default=0.0)
        if waiting or not worst <= LARGEST_GAP:
            msg = f"the elastic net stopped at a duality gap of {worst:.1e}"
            raise ArithmeticError(msg)
        return [fits[i] for i in range(len(solvers))]

    def _along(self, dual: FloatArray) -> FloatArray:
        """Products u of every labeling with all features, shape (L, p)."""
        return np.asarray(dual @ self.columns.T)


class _Dual:
    """The dual of one labeling, restricted to a working set of features."""

    def __init__(
        self,
        columns: FloatArray,
        sign: FloatArray,
        cost: FloatArray,
        ratio: float,
        dual: FloatArray,
        features: IntArray,
    ) -> None:
        self.columns, self.sign, self.cost, self.ratio = columns, sign, cost, ratio
        self.dual, self.features, self.intercept = dual, features, 0.0

    def solve(self, tolerance: float) -> None:
        """Damped Newton steps on the features of the working set."""
        x = self.columns[self.features]
        value, along = self._value(x, self.dual)
        for _ in range(_STEPS):
            step, gradient = self._newton(x, along)
            decrement = -float(gradient @ step)
            length = min(1.0, 0.99 * self._room(step))
            dual = self.dual + length * step
            moved, along = self._value(x, dual)
            while moved > value - 1e-4 * length * decrement + 1e-13 * (1 + abs(value)):
                length /= 2
                dual = self.dual + length * step
                moved, along = self._value(x, dual)
            self.dual, value = dual, moved
            if decrement <= tolerance * (1 + abs(value)):
                break

    def widen(self, along: FloatArray, *, at_most: int) -> bool:
        """Take in features outside the working set with |u_j| > r; False when there are none."""
        size = np.abs(along)
        inside = self.features[size[self.features] > 0.7 * self.ratio]
        size[self.features] = 0.0
        broken = np.flatnonzero(size > self.ratio)
        if broken.size == 0:
            return False
        worst = broken[_largest(size[broken], at_most)]
        self.features = np.sort(np.concatenate([inside, worst]))
        return True

    def result(self, along: FloatArray) -> Fit:
        """The primal solution that belongs to the dual one, and the gap between the two."""
        features = np.flatnonzero(np.abs(along) > self.ratio)
        weights = self._weights(along[features])
        margin = self.sign * (weights @ self.columns[features] + self.intercept)
        primal = (
            self.cost @ np.logaddexp(0, -margin)
            + self.ratio * np.abs(weights).sum()
            + (1 - self.ratio) / 2 * (weights @ weights)
        )
        gap = primal + self._value(self.columns[features], self.dual)[0]
        return Fit(features, weights, self.intercept, float(abs(gap) / primal))

    def _value(self, x: FloatArray, dual: FloatArray) -> tuple[float, FloatArray]:
        a = dual * self.sign
        along = x @ dual
        over = np.maximum(np.abs(along) - self.ratio, 0)
        entropy = a @ np.log(a / self.cost) + (self.cost - a) @ np.log1p(-a / self.cost)
        return float(entropy + over @ over / (2 * (1 - self.ratio))), along

    def _weights(self, along: FloatArray) -> FloatArray:
        return (along - self.ratio * np.sign(along)) / (1 - self.ratio)

    def _newton(self, x: FloatArray, along: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The step within sum v = 0, and the gradient; sets the intercept."""
        on = np.abs(along) > self.ratio
        x_on = x[on]
        a = self.dual * self.sign
        gradient = self.sign * np.log(a / (self.cost - a)) + self._weights(along[on]) @ x_on
        hessian = x_on.T @ x_on / (1 - self.ratio)
        hessian[np.diag_indices_from(hessian)] += self.cost / (a * (self.cost - a))
        right = np.column_stack([gradient, np.ones_like(a)])
        _, solved, info = lapack.dposv(hessian, right, lower=1)
        if info != 0:
            msg = "the dual of the elastic net lost its curvature"
            raise ArithmeticError(msg)
        self.intercept = -float(solved[:, 0].sum() / solved[:, 1].sum())
        return -(solved[:, 0] + self.intercept * solved[:, 1]), gradient

    def _room(self, step: FloatArray) -> float:
        """How far the step may go before some a_i leaves (0, c_i)."""
        a, change = self.dual * self.sign, step * self.sign
        room = np.full_like(a, np.inf)
        np.divide(np.where(change < 0, -a, self.cost - a), change, out=room, where=change != 0)
        return float(room.min())


def _largest(size: FloatArray, count: int) -> IntArray:
    """Places of the `count` largest entries, in order of place."""
    if count >= len(size):
        return np.arange(len(size))
    return np.sort(np.argpartition(-size, count)[:count])
