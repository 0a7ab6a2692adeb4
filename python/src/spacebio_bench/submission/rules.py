"""Go or No-Go by a rule that has a name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

from spacebio_bench.protocol import Protocol, load_protocol

RULES = ("v1", "published-submission")
"""Of the published baselines (protocol v1), and of the published submission format."""
_SUBMISSION_AUROC, _SUBMISSION_LOW = 0.700, 0.600


@cache
def published_protocol() -> Protocol:
    """Protocol v1, read once: fold rule, published statistics, bounds."""
    return load_protocol("v1")


@dataclass(frozen=True)
class Part:
    """One condition of a rule: the value, what it has to be, and whether it is."""

    name: str
    value: float
    side: Literal["above", "below"]
    bound: float

    @property
    def holds(self) -> bool:
        """The value is strictly on its side of the bound."""
        return self.value > self.bound if self.side == "above" else self.value < self.bound


@dataclass(frozen=True)
class Go:
    """A verdict; `parts` is empty where the rule does not apply."""

    rule: str
    parts: tuple[Part, ...]
    reason: str = ""

    @property
    def verdict(self) -> Literal["Go", "No-Go", "not applicable"]:
        """Go when every part holds."""
        if not self.parts:
            return "not applicable"
        return "Go" if all(part.holds for part in self.parts) else "No-Go"


def go(rule: str, *, mean: float, pub_ci_low: float, pub_p: float) -> Go:
    """The verdict of a task that leaves missions out.

    Parameters
    ----------
    rule
        One of `RULES`.
    mean, pub_ci_low, pub_p
        Means over folds of AUROC, lower bound of the published bootstrap, published p.
    """
    if rule == "v1":
        bounds = published_protocol().go
        assert bounds is not None
        return Go(
            rule,
            (
                Part("mean AUROC", mean, "above", bounds.auroc_above),
                Part("mean lower bound (pub)", pub_ci_low, "above", bounds.ci_low_above),
                Part("mean fold p (pub)", pub_p, "below", bounds.p_below),
            ),
        )
    if rule == "published-submission":
        return Go(
            rule,
            (
                Part("mean AUROC", mean, "above", _SUBMISSION_AUROC),
                Part("mean lower bound (pub)", pub_ci_low, "above", _SUBMISSION_LOW),
            ),
        )
    msg = f"{rule!r} is not one of {', '.join(RULES)}"
    raise ValueError(msg)
