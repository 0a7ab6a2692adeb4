"""Array types that every part of the package shares."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.intp]
BoolArray: TypeAlias = NDArray[np.bool_]

Matrix: TypeAlias = NDArray[np.floating[Any]]
"""Samples x features, float32 or float64."""

Labels: TypeAlias = NDArray[np.int8]
"""Training samples x labelings; column 0 is the truth where the truth takes part."""

Scores: TypeAlias = FloatArray
"""Labelings x test samples, larger means more positive; (L, n_test, k) for k classes."""


class Change(NamedTuple):
    """Something that a task does to the features; `features/changes.py` has the kinds."""

    kind: str
    value: str | int | float
