"""What a simulation is to the table: a name, a number of cohorts, one number a claim and cohort."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Measure(NamedTuple):
    """A claim, by its key, about a model or method."""

    claim: str
    subject: str


class Experiment(Protocol):
    """A design and what is measured on its cohorts."""

    @property
    def name(self) -> str:
        """Unique; letters, digits, `+`, `.` and `-`."""
        ...

    @property
    def what(self) -> str:
        """The design in words."""
        ...

    @property
    def cohorts(self) -> int:
        """Simulated cohorts of the full table."""
        ...

    @property
    def quick_cohorts(self) -> int:
        """Those of the small table; 0 where it leaves the design out."""
        ...

    def replicate(self, seed: int) -> Mapping[Measure, float]:
        """Draw one cohort and measure it: numbers within [0, 1], the same keys for every seed."""
        ...
