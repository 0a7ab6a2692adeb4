"""Ridge-penalised logistic regression of many labelings at once, by Newton's method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from spacebio_bench.models._labelings import balanced_weights
from spacebio_bench.models._line_search import take_steps
from spacebio_bench.typing import FloatArray, IntArray, Labels

_CHUNK = 256  # labelings solved together: their Hessians fit the cache
_STEPS = 200
_DECREMENT = 1e-16  # squared Newton decrement before the last step; convergence is quadratic there


class RidgeFits(NamedTuple):
    """Weights, shape (L, k), and intercepts, shape (L,), of all labelings.

    `largest_gap`: half of the squared Newton decrement before the last step, relative to the
    objective; the worst of all labelings. Convergence is quadratic, so the step left less.
    """

    weights: FloatArray
    intercepts: FloatArray
    largest_gap: float


def ridge_logistic(x: FloatArray, labels: Labels, *, c: float) -> RidgeFits:
    """Minimise C sum_i s_i log(1 + exp(-y_i (x_i w + b))) + |w|^2 / 2 for each labeling.

    Parameters
    ----------
    x
        Features, shape (n, k); k small.
    labels
        Shape (n, L), 0 or 1, both classes in each column. The s_i balance the classes.
    c
        Weight C of the loss; the intercept b is not penalised.

    Raises
    ------
    ArithmeticError
        A labeling did not converge.

    Notes
    -----
    One matrix product makes all Hessians. The first step starts from margins that are all equal, at
    the value they would have if the features could tell all samples apart: from zero, each step of
    a separable problem gains a margin of about 1.
    """
    design = np.column_stack([x, np.ones(len(x))])
    upper = np.triu_indices(design.shape[1])
    products = design[:, upper[0]] * design[:, upper[1]]
    margin = _equal_margin(x, c)
    solutions, gaps = [], []
    for start in range(0, labels.shape[1], _CHUNK):
        block = labels[:, start : start + _CHUNK]
        sign = np.ascontiguousarray(2.0 * block.T - 1, dtype=np.float64)
        cost = np.ascontiguousarray(c * balanced_weights(block).T)
        solution, gap = _Block(design, products, upper, sign, cost).solve(margin)
        solutions.append(solution)
        gaps.append(gap)
    together = np.concatenate(solutions)
    return RidgeFits(together[:, :-1], together[:, -1], max(gaps))


def _equal_margin(x: FloatArray, c: float) -> float:
    """The m = kappa / (1 + exp(m)), kappa = C times the harmonic mean of squared column norms."""
    norms = (x * x).sum(axis=0)
    norms = norms[norms > 0]
    if norms.size == 0:
        return 0.0
    kappa = float(c / np.mean(1 / norms))
    low, high = 0.0, kappa
    for _ in range(60):
        middle = (low + high) / 2
        if middle < kappa * np.exp(-np.logaddexp(0, middle)):
            low = middle
        else:
            high = middle
    return low


@dataclass(frozen=True)
class _Block:
    """Labelings that are solved together."""

    design: FloatArray  # (n, k + 1), the last column is 1
    products: FloatArray  # (n, (k + 1)(k + 2) / 2) of all pairs of columns
    upper: tuple[IntArray, IntArray]  # which pairs
    sign: FloatArray  # (L, n)
    cost: FloatArray  # (L, n)

    def solve(self, margin: float) -> tuple[FloatArray, float]:
        """Coefficients, shape (L, k + 1), the intercept last, and the largest gap."""
        slope, curve = self.derivatives(self.sign * margin)
        w = self._newton(curve, (curve * self.sign * margin - slope) @ self.design)
        value = self.objective(w)
        active, gap = np.arange(len(w)), 0.0
        for _ in range(_STEPS):
            part = self._part(active)
            slope, curve = part.derivatives(w[active] @ self.design.T)
            gradient = slope @ self.design
            gradient[:, :-1] += w[active, :-1]
            step = self._newton(curve, -gradient)
            decrement = -(gradient * step).sum(axis=1)
            w[active], value[active] = take_steps(
                w[active], step, value[active], decrement, part.objective_of
            )
            done = decrement <= _DECREMENT
            gap = max(gap, float((decrement / 2 / value[active])[done].max(initial=0.0)))
            active = active[~done]
            if active.size == 0:
                return w, gap
        msg = f"logistic regression did not converge in {_STEPS} steps"
        raise ArithmeticError(msg)

    def _part(self, which: IntArray) -> _Block:
        if len(which) == len(self.sign):
            return self
        return _Block(self.design, self.products, self.upper, self.sign[which], self.cost[which])

    def derivatives(self, predictor: FloatArray) -> tuple[FloatArray, FloatArray]:
        """First and second derivative of each sample's loss by its predictor, shapes (L, n)."""
        wrong = np.exp(-np.logaddexp(0, self.sign * predictor))  # probability of the other class
        return -self.cost * self.sign * wrong, self.cost * wrong * (1 - wrong)

    def _newton(self, curve: FloatArray, right: FloatArray) -> FloatArray:
        """Solve (X' diag(curve) X + I) step = right, without the 1 for the intercept."""
        size = self.design.shape[1]
        packed = curve @ self.products
        hessian = np.empty((len(curve), size, size))
        hessian[:, self.upper[0], self.upper[1]] = packed
        hessian[:, self.upper[1], self.upper[0]] = packed
        penalised = np.arange(size - 1)
        hessian[:, penalised, penalised] += 1
        return np.asarray(np.linalg.solve(hessian, right[:, :, None])[:, :, 0])

    def objective(self, w: FloatArray) -> FloatArray:
        """What is minimised, shape (L,)."""
        loss = np.logaddexp(0, -self.sign * (w @ self.design.T))
        return np.asarray((self.cost * loss).sum(axis=1) + (w[:, :-1] ** 2).sum(axis=1) / 2)

    def objective_of(self, which: IntArray, w: FloatArray) -> FloatArray:
        """The objective of some of the labelings."""
        return self._part(which).objective(w)
