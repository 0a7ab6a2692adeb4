"""What the table claims, and when a simulated number upholds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from spacebio_bench.typing import FloatArray

Verdict = Literal["holds", "open", "fails", "reported"]
CHANCE = 0.005
"""A claim fails when its bound, were it the truth, would give such a number more rarely."""


@dataclass(frozen=True)
class Claim:
    """A statement about a number that is the mean of one number in [0, 1] a simulated cohort.

    Attributes
    ----------
    text
        The statement.
    low, high
        Where the true mean has to be; 0 and 1 claim nothing.
    beside
        Key of the claim in whose table this number stands.
    """

    text: str
    low: float = 0.0
    high: float = 1.0
    beside: str = ""

    @property
    def bound(self) -> str:
        """The bound in words."""
        if self.low > 0 and self.high < 1:
            return f"{self.low:g} to {self.high:g}"
        if self.low > 0:
            return "all" if self.low == 1 else f"at least {self.low:g}"
        if self.high < 1e-6:
            return "none"
        return f"at most {self.high:g}" if self.high < 1 else ""


@dataclass(frozen=True)
class Result:
    """One row of the table.

    Attributes
    ----------
    key, claim
        The claim.
    design, subject
        Which cohorts; which model or method.
    n
        Simulated cohorts.
    estimate, error
        Mean over them and its Monte Carlo standard error.
    """

    key: str
    claim: Claim
    design: str
    subject: str
    n: int
    estimate: float
    error: float

    @property
    def verdict(self) -> Verdict:
        """`holds` within the bound; outside, `fails` where chance does not explain it, or `open`.

        Chance explains a number when, at the bound, at least one in 200 such tables would show it.
        """
        if not self.claim.bound:
            return "reported"
        if self.claim.low <= self.estimate <= self.claim.high:
            return "holds"
        above = self.estimate > self.claim.high
        at = self.claim.high if above else self.claim.low
        return "fails" if chance_of(self.estimate, at, self.n, above=above) < CHANCE else "open"


def pooled(results: Sequence[Result], design: str) -> Result:
    """One row of several designs: the mean over all their cohorts."""
    first, n = results[0], np.array([r.n for r in results])
    mean = float(n @ [r.estimate for r in results]) / int(n.sum())
    error = float(np.sqrt(((n * [r.error for r in results]) ** 2).sum())) / int(n.sum())
    return Result(first.key, first.claim, design, first.subject, int(n.sum()), mean, error)


def monte_carlo_error(values: FloatArray) -> float:
    """Standard error of the mean; never below that of one more cohort that differs.

    Notes
    -----
    A rate of 0 or 1 has no spread; it gets that of (count + 1/2) / (n + 1) instead.
    """
    n = len(values)
    sd = float(np.std(values, ddof=1)) if n > 1 else 0.0
    if sd == 0:
        p = (float(values.sum()) + 0.5) / (n + 1)
        sd = float(np.sqrt(p * (1 - p)))
    return sd / float(np.sqrt(n))


def chance_of(estimate: float, bound: float, n: int, *, above: bool) -> float:
    """Probability of a mean at least as far out, were the bound the true mean.

    Notes
    -----
    Binomial: of all distributions on [0, 1] with that mean, 0 and 1 spread the most.
    """
    count = estimate * n
    if above:
        return float(stats.binom.sf(np.ceil(count - 1e-9) - 1, n, bound))
    return float(stats.binom.cdf(np.floor(count + 1e-9), n, bound))
