"""Ridge-penalised logistic regression of many labelings at once: Newton's method, one matrix product for all Hessians."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spacebio_bench.models._labelings import balanced_weights
from spacebio_bench.typing import FloatArray, Labels

_CHUNK = 256  # labelings solved together: their Hessians fit the cache
_MAX_STEPS = 200
_DECREMENT = 1e-16  # squared Newton decrement before the last step; convergence is quadratic there


@dataclass(frozen=True)
class Coefficients:
    """Weights, shape (k, L), and intercepts, shape (L,), of L labelings."""

    weights: FloatArray
    intercepts: FloatArray


def ridge_logistic(x: FloatArray, labels: Labels, *, c: float) -> Coefficients:
    """Minimise C sum_i s_i log(1 + exp(-y_i (x_i w + b))) + |w|^2 / 2 for each labeling.

    Parameters
    ----------
    x
        Features, shape (n, k); k small. Orthogonal columns make it quick, not right.
    labels
        Shape (n, L), 0 or 1, both classes in each column. The s_i balance the classes.
    c
        Weight C of the loss; the intercept b is not penalised.

    Notes
    -----
    The first step starts from margins that are all equal, at the value they would have if the features could tell all
    samples apart: from zero, each step of a separable problem gains a margin of about 1.
    """
    k, n_labelings = x.shape[1], labels.shape[1]
    design = np.column_stack([x, np.ones(len(x))])
    upper = np.triu_indices(k + 1)
    products = design[:, upper[0]] * design[:, upper[1]]
    solution = np.zeros((n_labelings, k + 1))
    for start in range(0, n_labelings, _CHUNK):
        block = labels[:, start : start + _CHUNK]
        problem = _Problem(design, products, upper, block, c * balanced_weights(block))
        solution[start : start + _CHUNK] = problem.solve(_equal_margin(x, c))
    return Coefficients(np.ascontiguousarray(solution[:, :k].T), solution[:, k])


def _equal_margin(x: FloatArray, c: float) -> float:
    """The m with m = kappa / (1 + exp(m)), kappa = C times the harmonic mean of the squared column norms."""
    norms = (x * x).sum(axis=0)
    norms = norms[norms > 0]
    if norms.size == 0:
        return 0.0
    kappa = c / np.mean(1 / norms)
    low, high = 0.0, float(kappa)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (
            (middle, high) if middle < kappa * np.exp(-np.logaddexp(0, middle)) else (low, middle)
        )
    return float(low)


@dataclass(frozen=True)
class _Problem:
    design: FloatArray  # (n, k + 1), the last column is 1
    products: FloatArray  # (n, (k + 1)(k + 2) / 2) of pairs of columns
    upper: tuple[np.ndarray, np.ndarray]
    labels: Labels  # (n, L)
    cost: FloatArray  # (n, L)

    def solve(self, margin: float) -> FloatArray:
        """Coefficients, shape (L, k + 1)."""
        sign = 2.0 * self.labels.T - 1
        cost = np.ascontiguousarray(self.cost.T)
        w = np.zeros((len(sign), self.design.shape[1]))
        # the step from predictors sign * margin lands on w without passing through coefficients
        start = _slopes(sign * margin, sign, cost)
        w = self._newton(start[1] * (sign * margin) - start[0], start[1], ridge_of=None)
        value = self._objective(w, sign, cost)
        active = np.arange(len(w))
        for _ in range(_MAX_STEPS):
            slope, curve = _slopes(w[active] @ self.design.T, sign[active], cost[active])
            step = self._newton(-slope, curve, ridge_of=w[active])
            gradient = slope @ self.design
            gradient[:, :-1] += w[active, :-1]
            decrement = -(gradient * step).sum(axis=1)
            moved, moved_value = self._search(
                w[active], step, decrement, value[active], sign[active], cost[active]
            )
            w[active], value[active] = moved, moved_value
            active = active[decrement > _DECREMENT]
            if active.size == 0:
                break
        return w

    def _newton(
        self, response: FloatArray, curve: FloatArray, *, ridge_of: FloatArray | None
    ) -> FloatArray:
        """Solve (X' diag(curve) X + I) step = X' response - ridge_of, the intercept without I."""
        size = self.design.shape[1]
        hessian = np.empty((len(curve), size, size))
        packed = curve @ self.products
        hessian[:, self.upper[0], self.upper[1]] = packed
        hessian[:, self.upper[1], self.upper[0]] = packed
        diagonal = np.arange(size - 1)
        hessian[:, diagonal, diagonal] += 1
        right = response @ self.design
        if ridge_of is not None:
            right[:, :-1] -= ridge_of[:, :-1]
        return np.asarray(np.linalg.solve(hessian, right[:, :, None])[:, :, 0])

    def _objective(self, w: FloatArray, sign: FloatArray, cost: FloatArray) -> FloatArray:
        loss = np.logaddexp(0, -sign * (w @ self.design.T))
        return np.asarray((cost * loss).sum(axis=1) + (w[:, :-1] ** 2).sum(axis=1) / 2)

    def _search(
        self,
        w: FloatArray,
        step: FloatArray,
        decrement: FloatArray,
        value: FloatArray,
        sign: FloatArray,
        cost: FloatArray,
    ) -> tuple[FloatArray, FloatArray]:
        """Halve the steps that do not lower their objective enough."""
        length = np.ones(len(w))
        moved = w + step
        moved_value = self._objective(moved, sign, cost)
        tolerance = 1e-13 * (1 + np.abs(value))
        for _ in range(40):
            short = moved_value > value - 1e-4 * length * decrement + tolerance
            if not short.any():
                break
            length[short] /= 2
            moved[short] = w[short] + length[short, None] * step[short]
            moved_value[short] = self._objective(moved[short], sign[short], cost[short])
        return moved, moved_value


def _slopes(
    predictor: FloatArray, sign: FloatArray, cost: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """First and second derivative of each sample's loss by its predictor, shapes (L, n)."""
    wrong = np.exp(-np.logaddexp(0, sign * predictor))  # the probability given to the other class
    return -cost * sign * wrong, cost * wrong * (1 - wrong)
