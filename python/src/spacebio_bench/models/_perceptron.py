"""Training of a two-layer perceptron in single precision, for wide matrices.

What scikit-learn's `MLPClassifier` does with Adam and early stopping, step by step and with the
same random numbers. Nearly all weights are those of the first layer. They are updated a block of
features at a time, each block while it is in the cache: gradient, moments, step and the product
with the samples. The first weights need no labels and are drawn once for all labelings.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from spacebio_bench.typing import FloatArray, IntArray, Labels, Matrix

Single: TypeAlias = NDArray[np.float32]

_BLOCK = 256  # features: their weights and moments, 256 KB each, fit the cache
_BETA_1, _BETA_2, _EPSILON = 0.9, 0.999, 1e-8
_LARGEST_BATCH = 200
_TOLERANCE = 1e-4  # of the validation accuracy


@dataclass(frozen=True)
class Schedule:
    """How long and how fast; names as in :class:`MultilayerPerceptron`."""

    alpha: float
    learning_rate: float
    max_epochs: int
    patience: int
    validation: float


class Perceptron:
    """First weights and features of one fold.

    Parameters
    ----------
    x_train, x_test
        Shapes (n_train, p) and (n_test, p).
    hidden
        Units of the two hidden layers.
    seed
        Of the first weights, the validation samples and the order of samples.
    """

    def __init__(
        self, x_train: Matrix, x_test: Matrix, hidden: tuple[int, int], *, seed: int
    ) -> None:
        self._x, self._x_test = (_blocks(x) for x in (x_train, x_test))
        rng = np.random.RandomState(seed)
        sizes = (x_train.shape[1], *hidden, 1)
        self._first = [
            _glorot(rng, fan_in, fan_out) for fan_in, fan_out in itertools.pairwise(sizes)
        ]
        self._state = rng.get_state()

    def fit_and_score(self, labels: Labels, schedule: Schedule) -> FloatArray:
        """Train on labels, shape (n_train,); probability of each test sample at the best epoch."""
        from sklearn.model_selection import train_test_split
        from sklearn.utils import gen_batches, shuffle

        rng = np.random.RandomState()
        rng.set_state(self._state)
        train, validation = train_test_split(
            np.arange(len(labels)),
            random_state=rng,
            test_size=schedule.validation,
            stratify=labels,
        )
        network = _Network(self._x, self._first, train, validation, schedule.alpha)
        truth = labels[:, None] == 1
        order, best, idle = np.arange(len(train)), -np.inf, 0
        scores = np.zeros(0)
        for _ in range(schedule.max_epochs):
            order = shuffle(order, random_state=rng)
            for batch in gen_batches(len(train), min(_LARGEST_BATCH, len(train))):
                network.step(order[batch], truth[train[order[batch]]], schedule.learning_rate)
            right = (network.probability_of_validation() > 0.5) == truth[validation]
            accuracy = float(right.mean())
            idle = idle + 1 if accuracy < best + _TOLERANCE else 0
            if accuracy > best:
                best, scores = accuracy, network.probability(self._x_test)
            if idle > schedule.patience:
                break
        return scores


class _Network:
    """Weights in training, their Adam moments, and what the first layer makes of the samples."""

    def __init__(
        self,
        x: list[Single],
        first: list[tuple[Single, Single]],
        train: IntArray,
        validation: IntArray,
        alpha: float,
    ) -> None:
        self._x = [block[train] for block in x]
        self._x_validation = [block[validation] for block in x]
        self._alpha = alpha
        self._weights = [w.copy() for w, _ in first]
        self._bias = [b.copy() for _, b in first]
        self._parameters = [*self._weights, *self._bias]
        self._moments = [(np.zeros_like(w), np.zeros_like(w)) for w in self._parameters]
        self._work = np.empty((_BLOCK, self._weights[0].shape[1]), np.float32)
        self._steps = 0
        self._product = self._first_product(self._x)
        self._product_validation: Single = self._product[:0]

    def step(self, batch: IntArray, truth: NDArray[np.bool_], learning_rate: float) -> None:
        """One step of Adam down the log-loss of some training samples."""
        self._steps += 1
        length = learning_rate * np.sqrt(1 - _BETA_2**self._steps) / (1 - _BETA_1**self._steps)
        first, second, out = self._layers(self._product[batch])
        deltas: list[Single] = [out - truth]
        for layer, active in ((2, second), (1, first)):
            back = deltas[0] @ self._weights[layer].T
            back[active == 0] = 0
            deltas.insert(0, back)
        n = np.float32(len(batch))
        for layer, below in ((1, first), (2, second)):
            slope = below.T @ deltas[layer]
            self._adam(layer, slope, n, length)
        for layer, delta in enumerate(deltas):
            self._adam(3 + layer, delta.sum(axis=0), n, length)
        self._first_layer(batch, deltas[0], n, length)

    def probability_of_validation(self) -> Single:
        return self._layers(self._product_validation)[2]

    def probability(self, x: list[Single]) -> FloatArray:
        """Of other samples, shape (n,)."""
        return self._layers(self._first_product(x))[2][:, 0].astype(np.float64)

    def _first_product(self, x: list[Single]) -> Single:
        product = np.zeros((len(x[0]), self._weights[0].shape[1]), np.float32)
        for block, place in zip(x, _places(x), strict=True):
            product += block @ self._weights[0][place]
        return product

    def _layers(self, product: Single) -> tuple[Single, Single, Single]:
        """Both hidden layers and the probability."""
        first: Single = np.maximum(product + self._bias[0], 0)
        second: Single = np.maximum(first @ self._weights[1] + self._bias[1], 0)
        out: Single = expit(second @ self._weights[2] + self._bias[2])
        return first, second, out

    def _first_layer(self, batch: IntArray, delta: Single, n: np.float32, length: float) -> None:
        """Step of the first layer, and its product with the samples for what follows."""
        whole = len(batch) == len(self._product)
        rows: Any = np.argsort(batch) if whole else slice(None)
        delta = np.ascontiguousarray(delta[rows])
        product = np.zeros_like(self._product)
        seen = np.zeros((len(self._x_validation[0]), product.shape[1]), np.float32)
        weights, (one, two) = self._weights[0], self._moments[0]
        blocks = zip(self._x, self._x_validation, _places(self._x), strict=True)
        for x, x_validation, place in blocks:
            w, work = weights[place], self._work[: place.stop - place.start]
            np.matmul((x if whole else x[batch]).T, delta, out=work)
            _adam_step(w, work, one[place], two[place], self._alpha, n, length)
            product += x @ w
            seen += x_validation @ w
        self._product, self._product_validation = product, seen

    def _adam(self, which: int, slope: Single, n: np.float32, length: float) -> None:
        alpha = self._alpha if which < 3 else 0.0
        _adam_step(self._parameters[which], slope, *self._moments[which], alpha, n, length)


def _adam_step(
    w: Single,
    slope: Single,
    one: Single,
    two: Single,
    alpha: float,
    n: np.float32,
    length: float,
) -> None:
    """Move `w` and both moments in place; `slope`, a sum over n samples, is used up."""
    if alpha:
        slope += np.float32(alpha) * w
    slope /= n
    one *= np.float32(_BETA_1)
    one += np.float32(1 - _BETA_1) * slope
    two *= np.float32(_BETA_2)
    slope *= slope
    slope *= np.float32(1 - _BETA_2)
    two += slope
    np.sqrt(two, out=slope)
    slope += np.float32(_EPSILON)
    np.divide(one, slope, out=slope)
    slope *= np.float32(length)
    w -= slope


def _blocks(x: Matrix) -> list[Single]:
    """Contiguous blocks of features."""
    starts = range(0, x.shape[1], _BLOCK)
    return [np.ascontiguousarray(x[:, i : i + _BLOCK], np.float32) for i in starts]


def _places(blocks: list[Single]) -> list[slice]:
    ends = np.cumsum([block.shape[1] for block in blocks]).tolist()
    return [slice(end - block.shape[1], end) for end, block in zip(ends, blocks, strict=True)]


def _glorot(rng: np.random.RandomState, fan_in: int, fan_out: int) -> tuple[Single, Single]:
    """Weights and biases, uniform within sqrt(6 / (fan_in + fan_out))."""
    bound = np.sqrt(6 / (fan_in + fan_out))
    weights = rng.uniform(-bound, bound, (fan_in, fan_out)).astype(np.float32)
    return weights, rng.uniform(-bound, bound, fan_out).astype(np.float32)
