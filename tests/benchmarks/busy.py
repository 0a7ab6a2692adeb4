"""`spacebio-bench` with models that keep a core busy for as long as they are told.

`python busy.py plan ...` is the command line with these models. Dask's worker processes import the
main module again, so they know them too.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from spacebio_bench.models import ModelCard, model_names
from spacebio_bench.models._registry import register
from spacebio_bench.typing import Labels, Matrix, Scores

MANY = 25
USUAL_BLOCK = 200
"""Labelings of a block, which costs the same whatever it holds: they are solved together."""


@dataclass(frozen=True)
class _Direction:
    x_train: Matrix
    x_test: Matrix
    seconds: float

    def score(self, labels: Labels) -> Scores:
        began = time.thread_time()
        direction = self.x_train.T @ (labels - labels.mean(axis=0))
        scores: Scores = (self.x_test @ direction).T
        while time.thread_time() - began < self.seconds:
            pass
        return scores


@dataclass(frozen=True)
class Busy:
    """Projects on the difference of the class means, and takes so many CPU milliseconds a unit."""

    spin_ms: float = 10.0

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        return self.spin_ms / 1e3 / USUAL_BLOCK

    def prepare(self, x_train: Matrix, x_test: Matrix, *, seed: int) -> _Direction:
        return _Direction(x_train, x_test, self.spin_ms / 1e3)


def busy_names(n: int) -> tuple[str, ...]:
    """Names of `n` of the models."""
    return tuple(f"busy{i:02d}" for i in range(n))


for name in busy_names(MANY):
    if name not in model_names():
        register(
            ModelCard(name, "classical", scaled=True, refit="batched", reference="a benchmark's")
        )(Busy)

if __name__ == "__main__":
    from spacebio_bench.cli import main

    main()
