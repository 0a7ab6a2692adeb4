"""The last part of a Newton step, for many problems at once: how far to go."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from spacebio_bench.typing import FloatArray, IntArray

MOST_HALVINGS = 40


def take_steps(
    w: FloatArray,
    step: FloatArray,
    value: FloatArray,
    decrement: FloatArray,
    objective: Callable[[IntArray, FloatArray], FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Take the steps; halve those that do not lower their objective enough.

    Parameters
    ----------
    w, step
        Shape (L, ...).
    value, decrement
        Objective at `w`, and how fast it falls along the step, shape (L,).
    objective
        Gives the objective of problems, by their numbers, at as many points.

    Returns
    -------
    Where the steps lead, and the objective there.
    """
    length = np.ones(len(w))
    moved = w + step
    moved_value = objective(np.arange(len(w)), moved)
    rounding = 1e-13 * (1 + np.abs(value))
    for _ in range(MOST_HALVINGS):
        short = np.flatnonzero(moved_value > value - 1e-4 * length * decrement + rounding)
        if short.size == 0:
            break
        length[short] /= 2
        part = length[short].reshape(-1, *[1] * (w.ndim - 1))
        moved[short] = w[short] + part * step[short]
        moved_value[short] = objective(short, moved[short])
    return moved, moved_value
