"""What comes out of an evaluation: plain values, named as the columns of `cells.csv` are."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from spacebio_bench.submission.metadata import Metadata
from spacebio_bench.submission.rules import Go
from spacebio_bench.typing import FloatArray

HIGH_AUROC, LARGE_PAIR, LEVEL = 0.70, 10, 0.05


@dataclass(frozen=True)
class FoldScore:
    """A fold; the values are None where it cannot be scored, for `reason`."""

    fold: str
    train_missions: tuple[str, ...]
    test_mission: str
    n_test: int
    n_positive: int
    auroc: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    p_exact: float | None = None
    p_attainable: float | None = None
    pub_ci_low: float | None = None
    pub_ci_high: float | None = None
    pub_p: float | None = None
    status: Literal["ok", "not_applicable"] = "ok"
    reason: str = ""


@dataclass(frozen=True)
class PairCounts:
    """How many pairs of missions carry over, as the published tables count them.

    Attributes
    ----------
    high, pub_p_below, exact_below
        Pairs with an AUROC of at least 0.70, with a published p below 0.05, with an exact one.
    large, large_mean
        Pairs that test at least ten samples, and their mean AUROC.
    """

    n_pairs: int
    high: int
    pub_p_below: int
    exact_below: int
    large: int
    large_mean: float | None


@dataclass(frozen=True)
class Evaluation:
    """A submission and what it is worth.

    Attributes
    ----------
    p_value, p_method
        The one of the two p-values that the declaration selects; None and ``none`` for pairs, with
        `p_reason`.
    auroc_pooled
        Of all folds' scores together, which compares scores of different models.
    draws
        Mean AUROC over folds in each bootstrap draw, shared by all submissions with the same
        labels and seed: shape (n_draws,).
    units_positive, units_negative
        Test samples of what the mean averages: scored folds, or test missions of pairs.
    """

    about: Metadata
    submission_digest: str
    labels_digest: str
    seed: int
    folds: tuple[FoldScore, ...]
    n_folds: int
    n_samples: int
    n_positive: int
    value_mean: float
    value_sd: float | None
    ci_these_low: float
    ci_these_high: float
    ci_population_low: float | None
    ci_population_high: float | None
    pi_next_low: float | None
    pi_next_high: float | None
    p_fixed_exact: float | None
    p_fixed_deflated: float | None
    p_value: float | None
    p_method: str
    p_attainable: float | None
    p_reason: str
    pub_ci_low: float
    pub_ci_high: float
    pub_p: float
    auroc_pooled: float
    go: Go
    pairs: PairCounts | None
    units_positive: tuple[int, ...]
    units_negative: tuple[int, ...]
    draws: FloatArray = field(repr=False, compare=False, default_factory=lambda: np.zeros(0))

    def to_dict(self) -> dict[str, Any]:
        """Plain data without the draws, for JSON; missing values are None."""
        flat = {
            entry.name: getattr(self, entry.name)
            for entry in dataclasses.fields(self)
            if entry.name not in ("about", "folds", "go", "pairs", "draws")
        }
        about = dataclasses.asdict(self.about)
        about |= {"task": str(self.about.task), "tissue": self.about.task.tissue}
        parts = [dataclasses.asdict(p) | {"holds": p.holds} for p in self.go.parts]
        go = {"rule": self.go.rule, "verdict": self.go.verdict, "reason": self.go.reason}
        found = {
            **about,
            **flat,
            "folds": [dataclasses.asdict(fold) for fold in self.folds],
            "go": go | {"parts": parts},
            "pairs": dataclasses.asdict(self.pairs) if self.pairs else None,
        }
        plain = _plain(found)
        assert isinstance(plain, dict)
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return value
