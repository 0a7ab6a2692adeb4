"""Softmax regression of k classes: rotated once a fold, then all labelings by truncated Newton."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from spacebio_bench.models._line_search import take_steps
from spacebio_bench.models._registry import ModelCard, Scorer, register
from spacebio_bench.typing import FloatArray, IntArray, Labels, Matrix, Scores

_AT_ONCE = 100_000  # predictors of the labelings solved together: they fit the cache
_STEPS = 100
_DECREMENT = 1e-16  # squared Newton decrement before the last step; convergence is quadratic there
_CG_STEPS = 1_000


@dataclass
class _Converged:
    train: FloatArray  # (n_train, r) coordinates on the principal axes
    test: FloatArray  # (n_test, r)
    c: float
    largest_gap: float = 0.0

    def score(self, labels: Labels) -> Scores:
        scores = np.zeros((labels.shape[1], len(self.test), int(labels.max()) + 1))
        for columns, classes in _by_number_of_classes(labels):
            n_classes = classes.shape[1]
            if n_classes == 1:
                scores[columns, :, classes[:, 0]] = 1.0
                continue
            at_once = max(_AT_ONCE // (n_classes * len(self.train)), 1)
            for start in range(0, len(columns), at_once):
                part = slice(start, start + at_once)
                own = labels[:, columns[part]].T[:, None, :] == classes[part, :, None]
                problem = _Softmax.of(self.train, own, self.c)
                w, gap = problem.solve()
                probability = _probabilities(w[..., :-1] @ self.test.T + w[..., -1:])
                for row, there, p in zip(columns[part], classes[part], probability, strict=True):
                    scores[row][:, there] = p.T
                self.largest_gap = max(self.largest_gap, gap)
        return scores


def _by_number_of_classes(labels: Labels) -> Iterator[tuple[IntArray, IntArray]]:
    """Columns with equally many classes, and which these are, shape (columns, classes)."""
    there = (labels[None] == np.arange(labels.max() + 1)[:, None, None]).any(axis=1).T
    number = there.sum(axis=1)
    for n_classes in np.unique(number):
        columns = np.flatnonzero(number == n_classes)
        yield columns, np.nonzero(there[columns])[1].reshape(len(columns), n_classes)


def _probabilities(predictor: FloatArray) -> FloatArray:
    """Softmax over the classes, shape (L, k, n)."""
    p = np.exp(predictor - predictor.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    return np.asarray(p)


@dataclass(frozen=True)
class _Softmax:
    """Minimise sum_i cost_i (log sum_c exp f_ic - f_i,own) + |w|^2 / 2 for each labeling.

    f_ic is x_i w_c + b_c. The intercepts b are not penalised; a constant added to all of them
    changes nothing, and since the start has none, no step does.
    """

    design: FloatArray  # (n, r + 1): orthogonal centred columns, then 1
    squares: FloatArray  # (r + 1,) of the columns
    own: FloatArray  # (L, k, n) 1 at the class of a sample
    cost: FloatArray  # (L, n)

    @classmethod
    def of(cls, x: FloatArray, own: FloatArray, c: float) -> _Softmax:
        """The problem of class-balanced samples, with C as scikit-learn defines it.

        Two classes have one weight vector there, and its square is penalised: that of the
        difference of our two, which is twice the sum of their squares.
        """
        design = np.column_stack([x, np.ones(len(x))])
        member = np.ascontiguousarray(own, dtype=np.float64)
        n_classes, n = member.shape[1:]
        weight = n / (n_classes * member.sum(axis=2))
        cost = (c / 2 if n_classes == 2 else c) * np.einsum("lkn,lk->ln", member, weight)
        return cls(design, (design**2).sum(axis=0), member, cost)

    def solve(self) -> tuple[FloatArray, float]:
        """Coefficients, shape (L, k, r + 1), and the largest gap.

        The gap is half the squared Newton decrement before the last step, relative to the
        objective. The first step starts from predictors as they would be if the features could tell
        all samples apart equally well: from zero, a separable problem gains a margin of about 1 a
        step.
        """
        start = self._margin() * (self.own - 1 / self.own.shape[1])
        p = _probabilities(start)
        pull = self._curved(p, start) - self._slope(p)
        w, _ = self._newton(p, pull @ self.design)
        value = self.objective(w)
        active, gap = np.arange(len(w)), 0.0
        for _ in range(_STEPS):
            part = self._part(active)
            p = _probabilities(w[active] @ self.design.T)
            gradient = part._slope(p) @ self.design  # noqa: SLF001
            gradient[..., :-1] += w[active, :, :-1]
            step, decrement = part._newton(p, -gradient)  # noqa: SLF001
            w[active], value[active] = take_steps(
                w[active], step, value[active], decrement, part.objective_of
            )
            done = decrement <= _DECREMENT
            gap = max(gap, float((decrement / 2 / value[active])[done].max(initial=0.0)))
            active = active[~done]
            if active.size == 0:
                return w, gap
        msg = f"multinomial logistic regression did not converge in {_STEPS} steps"
        raise ArithmeticError(msg)

    def objective(self, w: FloatArray) -> FloatArray:
        """What is minimised, shape (L,)."""
        f = w @ self.design.T
        top = f.max(axis=1)
        loss = np.log(np.exp(f - top[:, None]).sum(axis=1)) + top - (f * self.own).sum(axis=1)
        return np.asarray((self.cost * loss).sum(axis=1) + (w[..., :-1] ** 2).sum(axis=(1, 2)) / 2)

    def _part(self, which: IntArray) -> _Softmax:
        if len(which) == len(self.own):
            return self
        return _Softmax(self.design, self.squares, self.own[which], self.cost[which])

    def _margin(self) -> FloatArray:
        """The m = kappa k / (exp(m) + k - 1), shape (L, 1, 1).

        kappa is the mean cost times the harmonic mean of the squared column norms.
        """
        norms = self.squares[:-1][self.squares[:-1] > 0]
        k = self.own.shape[1]
        kappa = self.cost.mean(axis=1) / np.mean(1 / norms) if norms.size else 0 * self.cost[:, 0]
        low, high = np.zeros_like(kappa), kappa.copy()
        for _ in range(60):
            middle = (low + high) / 2
            below = middle < kappa * k * np.exp(-np.logaddexp(middle, np.log(k - 1)))
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(low[:, None, None])

    def _slope(self, p: FloatArray) -> FloatArray:
        """Derivative of the loss by the predictors, shape (L, k, n)."""
        return np.asarray(self.cost[:, None] * (p - self.own))

    def _curved(self, p: FloatArray, direction: FloatArray) -> FloatArray:
        """Second derivative of the loss by the predictors times a direction, shape (L, k, n)."""
        turned = p * direction
        turned -= p * turned.sum(axis=1, keepdims=True)
        turned *= self.cost[:, None]
        return np.asarray(turned)

    def _newton(self, p: FloatArray, right: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Solve Hessian times step = right; also right times step, shape (L,).

        Conjugate gradients, the nearer the optimum the closer, but never into the rounding of the
        gradient, where they would stall. On principal axes the Hessian would be diagonal if all
        samples had the same curvature: that is the preconditioner.
        """
        curve = (self.cost[:, None] * p * (1 - p)).mean(axis=(1, 2))
        scale = np.maximum(curve, 1e-12)[:, None] * self.squares
        scale[:, :-1] += 1
        scale = scale[:, None]
        step = np.zeros_like(right)
        left = right.copy()
        left[..., -1] -= left[..., -1].mean(axis=1, keepdims=True)  # rounding along what is free
        along = left / scale
        size = (left * along).sum(axis=(1, 2))
        enough = np.maximum(size * np.clip(size, 1e-6, 1e-2), _DECREMENT * 1e-4)
        active = np.flatnonzero(size > enough)
        for _ in range(_CG_STEPS):
            if active.size == 0:
                break
            part = self._part(active)
            d = along[active]
            bent = part._curved(p[active], d @ self.design.T) @ self.design  # noqa: SLF001
            bent[..., :-1] += d[..., :-1]
            length = (size[active] / (d * bent).sum(axis=(1, 2)))[:, None, None]
            step[active] += length * d
            left[active] -= length * bent
            pulled = left[active] / scale[active]
            before, size[active] = size[active], (left[active] * pulled).sum(axis=(1, 2))
            along[active] = pulled + (size[active] / before)[:, None, None] * d
            active = active[size[active] > enough[active]]
        return step, (right * step).sum(axis=(1, 2))

    def objective_of(self, which: IntArray, w: FloatArray) -> FloatArray:
        """The objective of some of the labelings."""
        return self._part(which).objective(w)


@dataclass(frozen=True)
class _Lbfgs:
    x_train: Matrix
    x_test: Matrix
    c: float
    max_iter: int

    def score(self, labels: Labels) -> Scores:
        scores = np.zeros((labels.shape[1], len(self.x_test), int(labels.max()) + 1))
        for row, y in zip(scores, labels.T, strict=True):
            classes = np.unique(y)
            row[:, classes] = 1.0 if len(classes) == 1 else self._one(np.ascontiguousarray(y))
        return scores

    def _one(self, labels: Labels) -> FloatArray:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=self.c, class_weight="balanced", max_iter=self.max_iter)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(self.x_train, labels)
        return np.asarray(model.predict_proba(self.x_test), dtype=np.float64)


@register(
    ModelCard(
        name="multinomial_lr",
        track="classical",
        scaled=True,
        refit="batched",
        reference="Bishop 2006, 4.3.4",
        classes="many",
    ),
    libraries=("sklearn.linear_model",),
)
@dataclass(frozen=True)
class MultinomialRegression:
    """Class-balanced ridge-penalised softmax regression of k classes; two classes are the binary.

    A class that a labeling lacks in training has probability 0.

    Parameters
    ----------
    c
        Weight of the loss against the penalty.
    max_iter
        Iterations of lbfgs.
    solver
        ``newton`` converges; ``lbfgs`` is scikit-learn's, which stops at its default tolerance.
    """

    c: float = 1.0
    max_iter: int = 2_000
    solver: Literal["newton", "lbfgs"] = "newton"

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        if self.solver == "lbfgs":
            return 3e-3 + 1.5e-7 * n_train * n_features
        return 5e-5 + 8e-7 * n_train * math.sqrt(min(n_train, n_features))

    def prepare(self, x_train: Matrix, x_test: Matrix, *, seed: int) -> Scorer:
        if self.solver == "lbfgs":
            return _Lbfgs(x_train, x_test, self.c, self.max_iter)
        return _Converged(
            *_rotated(np.asarray(x_train, np.float64), np.asarray(x_test, np.float64)), self.c
        )


def _rotated(x_train: FloatArray, x_test: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Coordinates on all principal axes of the training samples, at most n_train - 1 and p.

    The penalty keeps weights inside their span, so what is left out changes no score.
    """
    mean = x_train.mean(axis=0)
    left, size, axes = np.linalg.svd(x_train - mean, full_matrices=False)
    real = size > max(x_train.shape) * np.finfo(np.float64).eps * size.max(initial=0.0)
    return left[:, real] * size[real], (x_test - mean) @ axes[real].T
