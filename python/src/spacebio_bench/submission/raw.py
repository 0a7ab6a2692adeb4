"""What a submission file holds before it is checked: the same for JSON and for tables."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LABEL_NAMES = frozenset(
    {
        "label",
        "labels",
        "y",
        "y_true",
        "y_test",
        "true_label",
        "true_labels",
        "truth",
        "ground_truth",
        "condition",
        "conditions",
        "target",
        "targets",
        "answer",
        "answers",
    }
)
"""Names under which people send labels, in lower case."""


ENTRIES = (
    "task_id",
    "model_name",
    "model_description",
    "tier",
    "submission_date",
    "saw_other_folds_labels",
)
"""What may stand beside the predictions."""
ALIASES = {"description": "model_description"}


@dataclass(frozen=True)
class NotNumber:
    """Something in the place of a score that is none: as it is written, and why."""

    text: str
    why: str


@dataclass(frozen=True)
class Raw:
    """A file as it is.

    Attributes
    ----------
    where
        Its name in messages.
    entries
        By name, all but the predictions.
    predictions
        Values by fold and sample, whatever they are; None when there are none.
    bounded
        Scores have to be probabilities.
    """

    where: str
    entries: Mapping[str, Any]
    predictions: Mapping[str, Mapping[str, Any]] | None
    bounded: bool


def are_labels(name: str) -> bool:
    """A name under which labels were sent."""
    return name.strip().lower().replace("-", "_").replace(" ", "_") in LABEL_NAMES


def score_of(value: Any, *, bounded: bool) -> float | NotNumber:
    """A finite float, a probability where `bounded`; else what is wrong with it.

    Parameters
    ----------
    value
        From JSON or a column.
    """
    if isinstance(value, NotNumber):
        return value
    if isinstance(value, bool):
        return NotNumber(str(value).lower(), "is a boolean")
    if value is None:
        return NotNumber("null", "is missing")
    if isinstance(value, str):
        return NotNumber(value, "is text")
    if not isinstance(value, int | float):
        return NotNumber("{...}" if isinstance(value, Mapping) else "[...]", "is no number")
    if bounded and not 0 <= value <= 1 and not math.isnan(value):
        why = "is outside 0 to 1" if math.isfinite(value) else "is not finite"
        return NotNumber(repr(value), why)
    number = float(value)
    return number if math.isfinite(number) else NotNumber(repr(number), "is not finite")
