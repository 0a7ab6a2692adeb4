"""What is still to be run: a cell's next stage joins only when the last one did not decide it."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from spacebio_bench.grid.cost import MeasuredCosts
from spacebio_bench.grid.plan import Plan
from spacebio_bench.grid.stages import labelings_needed
from spacebio_bench.grid.units import Bundle, Unit, UnitResult

BUNDLE_SECONDS = 20.0
"""About how much work one message to a worker carries; what a lost worker takes with it."""


@dataclass(frozen=True)
class State:
    """How far a run is: cells by what became of them, and CPU seconds as they are expected."""

    done: int
    failed: int
    left: int
    seconds_done: float
    seconds_left: float


class Agenda:
    """Bundles to run, the longest first, and the results that decide which come next.

    Parameters
    ----------
    plan, bundles
        Every bundle of the plan with all its units.
    done
        Results that are there already, by unit.

    Attributes
    ----------
    called
        Keys of the units that the results so far call for, run or not.
    results
        All results, by unit.
    """

    def __init__(
        self, plan: Plan, bundles: Sequence[Bundle], done: Mapping[str, UnitResult]
    ) -> None:
        self.called: set[str] = set()
        self.results: dict[str, UnitResult] = dict(done)
        self._plan = plan
        self._cells = {cell.cell: cell for cell in plan.cells}
        self._costs = MeasuredCosts()
        self._of_cell: dict[str, list[Bundle]] = {}
        for bundle in bundles:
            self._of_cell.setdefault(bundle.cell, []).append(bundle)
            self._costs.note(bundle, (done[u.key] for u in bundle.units if u.key in done))
        self._stage = dict.fromkeys(self._of_cell, -1)
        self._missing: dict[str, dict[str, Unit]] = {cell: {} for cell in self._of_cell}
        self._bad: set[str] = set()
        self._done = dict.fromkeys(self._of_cell, 0.0)  # seconds as the models say
        self._waiting: list[tuple[tuple[object, ...], Bundle]] = []
        self._costs.settle()
        for cell in self._of_cell:
            self._advance(cell)

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __len__(self) -> int:
        return len(self._waiting)

    def pop(self) -> Bundle:
        """The next bundle to run: of the longest one, units of about `BUNDLE_SECONDS`."""
        if self._costs.changed:
            self._costs.settle()
            self._waiting = [(self._order(bundle), bundle) for _, bundle in self._waiting]
            heapq.heapify(self._waiting)
        bundle = heapq.heappop(self._waiting)[1]
        of_one = self._costs.ratio(bundle)
        n, seconds = 1, bundle.units[0].seconds * of_one
        for unit in bundle.units[1:]:
            seconds += unit.seconds * of_one
            if seconds > BUNDLE_SECONDS:
                break
            n += 1
        if n < len(bundle.units):
            self.give_back(bundle.with_units(bundle.units[n:]))
        return bundle.with_units(bundle.units[:n])

    def give_back(self, bundle: Bundle) -> None:
        """Let a bundle wait (again)."""
        heapq.heappush(self._waiting, (self._order(bundle), bundle))

    def expected_seconds(self, bundle: Bundle) -> float:
        """CPU time that a bundle will take, by what the model says and what was measured so far."""
        return bundle.seconds * self._costs.ratio(bundle)

    @property
    def n_lacking(self) -> int:
        """Units called for that have no result yet."""
        return sum(len(missing) for missing in self._missing.values())

    def note(self, bundle: Bundle, results: Sequence[UnitResult]) -> None:
        """Take in results of a bundle; the next stage of its cell joins if it is needed."""
        cell = bundle.cell
        self._costs.note(bundle, results)
        self._done[cell] += bundle.seconds
        for result in results:
            self.results[result.key] = result
            self._missing[cell].pop(result.key, None)
            if result.status not in ("ok", "not_applicable"):
                self._bad.add(cell)
        if not self._missing[cell]:
            self._advance(cell)

    def state(self) -> State:
        """How far the run is."""
        left = {cell for cell, missing in self._missing.items() if missing} - self._bad
        seconds_done, seconds = 0.0, 0.0  # at the costs that are known by now, both of them
        for cell, missing in self._missing.items():
            ratio = self._costs.likely(self._of_cell[cell][0])
            seconds_done += ratio * self._done[cell]
            seconds += ratio * sum(unit.seconds for unit in missing.values())
        done = len(self._missing) - len(left) - len(self._bad)
        return State(done, len(self._bad), len(left), seconds_done, seconds)

    def bundles(self) -> list[Bundle]:
        """All bundles with the units that were called for."""
        found = []
        for bundles in self._of_cell.values():
            for bundle in bundles:
                units = tuple(unit for unit in bundle.units if unit.key in self.called)
                found.append(replace(bundle, units=units))
        return found

    def _advance(self, cell: str) -> None:
        """Call for stages until one lacks results, the cell is decided or none is left."""
        while not self._missing[cell] and not self._decided(cell):
            self._stage[cell] += 1
            for bundle in self._of_cell[cell]:
                units = [u for u in bundle.units if u.stage == self._stage[cell]]
                self.called.update(unit.key for unit in units)
                lacking = tuple(u for u in units if u.key not in self.results)
                self._missing[cell].update((unit.key, unit) for unit in lacking)
                if lacking:
                    self.give_back(bundle.with_units(lacking))

    def _order(self, bundle: Bundle) -> tuple[object, ...]:
        """The longest first, so that the end of a run is not one worker at one long bundle.

        Those that share a fold's features stay together among equals.
        """
        first = bundle.units[0]
        seconds = -round(self.expected_seconds(bundle))
        place = (str(bundle.store), bundle.feature, bundle.fold, bundle.cell)
        return (seconds, *place, first.start, first.seed_index)

    def _decided(self, cell: str) -> bool:
        stage = self._stage[cell]
        if stage < 0:
            return False
        own = self._of_cell[cell]
        if stage == max(unit.stage for bundle in own for unit in bundle.units):
            return True
        done = [self._so_far(bundle, stage) for bundle in own]
        if any(values is None for values in done):  # a fold that failed decides the cell
            return True
        planned = self._cells[cell]
        family = self._plan.family_size(self._plan.task_of[planned.task])
        needed = labelings_needed(
            [values for values in done if values is not None],
            family=family,
            stop_at=self._plan.stop_at(planned),
        )
        return needed is not None

    def _so_far(self, bundle: Bundle, stage: int) -> list[float] | None:
        """Value of the truth and each labeling up to a stage; None where a unit is not ok."""
        values: list[float] = []
        for unit in bundle.units:
            if unit.stage > stage:
                continue
            result = self.results[unit.key]
            if result.status != "ok":
                return None
            if unit.seed_index == 0:
                values += result.per_labeling
        return values
