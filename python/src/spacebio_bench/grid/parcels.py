"""Parcels: what one message to a Dask worker carries, and how a faulty one is taken apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

from spacebio_bench.grid.backends import Source
from spacebio_bench.grid.units import Bundle

PARCEL_SECONDS = 2.0
"""Bundles shorter than this travel together, so that messages cost little beside the work."""

GRACE_SECONDS = 30.0
"""What a worker gets beyond the limits of its units before it ends itself."""


@dataclass(frozen=True)
class Parcel:
    """Bundles that are run by one worker, one after the other, and how many died under them."""

    bundles: tuple[Bundle, ...]
    deaths: int = 0

    @property
    def limit(self) -> float:
        """Seconds after which it hangs: one unit at the limit, the others as long as expected.

        Ten times as long, since what is expected may be far off.
        """
        units = [unit.seconds for bundle in self.bundles for unit in bundle.units]
        timeout = self.bundles[0].unit_timeout
        return timeout + 10 * (sum(units) - max(units)) + GRACE_SECONDS

    def after_a_death(self) -> Parcel:
        """The same with one more death to its name."""
        return replace(self, deaths=self.deaths + 1)


def next_parcel(source: Source) -> Parcel:
    """The next bundle, and with a short one its successors up to `PARCEL_SECONDS`."""
    bundles = [source.pop()]
    seconds = source.expected_seconds(bundles[0])
    while source and seconds < PARCEL_SECONDS:
        bundles.append(source.pop())
        seconds += source.expected_seconds(bundles[-1])
    return Parcel(tuple(bundles))


def parts_of(parcel: Parcel, status: str) -> list[Parcel]:
    """A parcel's bundles, or the units of its one bundle that took too long, one by one."""
    if len(parcel.bundles) > 1:
        return [Parcel((bundle,)) for bundle in parcel.bundles]
    if status == "timed_out":
        bundle = parcel.bundles[0]
        return [Parcel((bundle.with_units((unit,)),)) for unit in bundle.units]
    return [parcel]


def take_like(parcel: Parcel, waiting: list[Parcel]) -> list[Parcel]:
    """Take from what waits the parts of the same fold of the same cell."""

    def place(one: Parcel) -> tuple[str, str]:
        return one.bundles[0].cell, one.bundles[0].fold

    like = [one for one in waiting if place(one) == place(parcel)]
    waiting[:] = [one for one in waiting if place(one) != place(parcel)]
    return like
