"""What refits cost: expected for units and budgets, measured for the order and size of bundles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spacebio_bench.grid.units import Bundle, UnitResult
from spacebio_bench.models import seconds_per_fit
from spacebio_bench.protocol import Protocol

FEWEST_LABELINGS = 19
"""With fewer refits no p-value reaches 0.05."""

NEWS = 1.5
"""A ratio of measured to expected cost that moved by this factor is worth a new order."""

ONCE = 2.0
"""CPU seconds that the processes of a run spend once, which are booked on their first units."""


def affordable_labelings(
    model: str,
    settings: Mapping[str, Any],
    protocol: Protocol,
    n_train: Iterable[int],
    n_features: int,
) -> int | None:
    """Labelings that a cell can be refitted on within the protocol's CPU time.

    Parameters
    ----------
    model, settings, protocol
        The model with its settings states what a refit costs, the protocol how many minutes a cell
        has.
    n_train
        Training samples of each fold.
    n_features
        About how many features a fold has.

    Returns
    -------
    At least 1 (the budget bounds refits, not the fit of the truth); None without a limit.
    """
    minutes = protocol.inference.cell_cpu_minutes
    if minutes == 0:
        return None
    of_labeling = sum(seconds_per_fit(model, settings, n, n_features) for n in n_train)
    return max(1, int(60 * minutes / of_labeling)) if of_labeling else None


@dataclass
class MeasuredCosts:
    """How much longer units take than their models say, by model; no result depends on it."""

    _measured: dict[str, float] = field(default_factory=dict)
    _expected: dict[str, float] = field(default_factory=dict)
    _in_force: dict[str, float] = field(default_factory=dict)
    changed: bool = False

    def note(self, bundle: Bundle, results: Iterable[UnitResult]) -> None:
        """Book what units of a bundle took."""
        model = bundle.model
        seconds = {unit.key: unit.seconds for unit in bundle.units}
        for result in results:
            if result.status == "ok":
                cost = result.prepare_cpu_s + result.score_cpu_s
                self._measured[model] = self._measured.get(model, 0.0) + cost
                self._expected[model] = self._expected.get(model, 0.0) + seconds[result.key]
        now, before = self._now(model), self._in_force.get(model, 1.0)
        self.changed |= not before / NEWS < now < before * NEWS

    def settle(self) -> None:
        """Let what is measured so far be in force."""
        self._in_force = {model: self._now(model) for model in self._expected}
        self.changed = False

    def ratio(self, bundle: Bundle) -> float:
        """Measured by expected cost of the bundle's model, as it is in force."""
        return self._in_force.get(bundle.model, 1.0)

    def likely(self, bundle: Bundle) -> float:
        """The ratio as it will turn out: first units also open stores and load libraries."""
        expected = self._expected.get(bundle.model, 0.0)
        return (self._measured.get(bundle.model, 0.0) + ONCE) / (expected + ONCE)

    def _now(self, model: str) -> float:
        expected = self._expected.get(model, 0.0)
        return max(self._measured[model], 1e-6) / expected if expected else 1.0
