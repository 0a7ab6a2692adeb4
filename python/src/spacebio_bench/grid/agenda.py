"""What is still to be run: a cell's next stage joins only when the last one did not decide it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from spacebio_bench.grid.plan import Plan
from spacebio_bench.grid.stages import labelings_needed
from spacebio_bench.grid.units import Bundle, UnitResult, split


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
        self._of_cell: dict[str, list[Bundle]] = {}
        for bundle in bundles:
            self._of_cell.setdefault(bundle.cell, []).append(bundle)
        self._stage = dict.fromkeys(self._of_cell, -1)
        self._missing: dict[str, set[str]] = {cell: set() for cell in self._of_cell}
        self._waiting: list[tuple[tuple[object, ...], Bundle]] = []
        self._added: list[Bundle] = []
        for cell in self._of_cell:
            self._advance(cell)

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __len__(self) -> int:
        return len(self._waiting)

    def pop(self) -> Bundle:
        """The next bundle to run."""
        return heapq.heappop(self._waiting)[1]

    @property
    def n_lacking(self) -> int:
        """Units called for that have no result yet."""
        return sum(len(missing) for missing in self._missing.values())

    def added(self) -> list[Bundle]:
        """Bundles that joined since this was last asked."""
        found, self._added = self._added, []
        return found

    def note(self, results: Iterable[UnitResult], cell: str) -> None:
        """Take in results of a cell; its next stage joins if it is needed."""
        for result in results:
            self.results[result.key] = result
            self._missing[cell].discard(result.key)
        if not self._missing[cell]:
            self._advance(cell)

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
                self._missing[cell].update(unit.key for unit in lacking)
                if lacking:
                    self._add(bundle.with_units(lacking))

    def _add(self, bundle: Bundle) -> None:
        for part in split(bundle):
            # the longest first, so that the end of a run is not one worker at one long bundle;
            # those that share a fold's features stay together among equals
            order = (
                -round(part.seconds),
                str(part.store),
                part.feature,
                part.fold,
                part.cell,
                part.units[0].start,
                part.units[0].seed_index,
            )
            heapq.heappush(self._waiting, (order, part))
            self._added.append(part)

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
        """AUROC of the truth and each labeling up to a stage; None where a unit is not ok."""
        values: list[float] = []
        for unit in bundle.units:
            if unit.stage > stage:
                continue
            result = self.results[unit.key]
            if result.status != "ok":
                return None
            if unit.seed_index == 0:
                values += result.aurocs
        return values
