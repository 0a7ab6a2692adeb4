"""What models state that a refit costs, against what it takes: budgets of cells rest on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from folds import Size, simulated_fold
from timing import Result, Timed, cpu

from spacebio_bench.models import build_model, seconds_per_fit
from spacebio_bench.protocol import load_protocol

SIZES = (Size("small", 60, 20, 5_000, 0.5), Size("large", 200, 20, 20_000, 0.5))
LABELINGS = {"knn": 1_000, "pca_lr": 200, "svm_rbf": 100, "elasticnet_lr": 20}
WITHIN = 3.0


def results(*, quick: bool) -> Iterator[Result]:
    """None of the quick run: a small matrix says nothing, and a guess is no number to compare."""
    protocol = load_protocol("calibrated")
    for size in () if quick else SIZES:
        for name in protocol.models_of("lomo"):
            if name != "tabnet":
                yield _stated(name, protocol.models[name], size)


def _stated(name: str, settings: Any, size: Size) -> Result:
    n_labelings = LABELINGS.get(name, 1)
    fold = simulated_fold(size, n_labelings=1 + n_labelings)
    scorer = build_model(name, **settings).prepare(fold.x_train, fold.x_test, seed=1)
    took = cpu(lambda: scorer.score(fold.labels[:, 1:]), repeats=1, scale=1 / n_labelings)
    stated = seconds_per_fit(name, settings, size.n_train, size.n_features)
    return Result(
        name,
        str(size),
        took,
        Timed(stated, "stated, not timed"),
        within=WITHIN,
    )
