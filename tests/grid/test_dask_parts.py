"""What the Dask backends decide: how units travel together, and what is said of a parcel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from distributed import KilledWorker

from spacebio_bench.grid import dask_watch
from spacebio_bench.grid.dask_watch import OUT_OF_MEMORY, STARTED, Verdict, Watch
from spacebio_bench.grid.parcels import (
    GRACE_SECONDS,
    PARCEL_SECONDS,
    Parcel,
    next_parcel,
    parts_of,
    take_like,
)
from spacebio_bench.grid.units import Bundle, Unit
from spacebio_bench.protocol import load_protocol

PROTOCOL = load_protocol("calibrated")


def unit(number: int, seconds: float = 1.0) -> Unit:
    """One of labeling `number`."""
    return Unit(f"key{number}", 0, 0, 1, number, number + 1, number == 0, seconds)


def bundle(
    *seconds: float, cell: str = "eye.lomo/gene/knn", fold: str = "fold_A_test", timeout: float = 60
) -> Bundle:
    """Units that are expected to take so long each."""
    units = tuple(unit(number, each) for number, each in enumerate(seconds))
    labels = np.zeros((4, len(units)), dtype=np.int8)
    samples = ("a", "b", "c", "d")
    store = Path("eye.zarr")
    return Bundle(
        cell, fold, store, "gene", "knn", PROTOCOL, samples, samples, labels, labels, units, timeout
    )


@dataclass
class Waiting:
    """A source of bundles, in their order."""

    bundles: list[Bundle]

    def __bool__(self) -> bool:
        return bool(self.bundles)

    def pop(self) -> Bundle:
        return self.bundles.pop(0)

    def give_back(self, one: Bundle) -> None:
        self.bundles.append(one)

    def expected_seconds(self, one: Bundle) -> float:
        return one.seconds


@pytest.mark.parametrize(
    ("seconds", "taken"),
    [((5.0, 1.0), 1), ((PARCEL_SECONDS / 4,) * 9, 4), ((0.0,) * 3, 3), ((0.5, 30.0, 1.0), 2)],
)
def test_short_bundles_travel_together(seconds: Sequence[float], taken: int) -> None:
    source = Waiting([bundle(each) for each in seconds])
    assert len(next_parcel(source).bundles) == taken
    assert len(source.bundles) == len(seconds) - taken


def test_a_parcel_of_one_unit_has_the_limit_of_a_unit_and_some_grace() -> None:
    assert Parcel((bundle(8.0, timeout=60),)).limit == 60 + GRACE_SECONDS


def test_only_one_unit_of_a_parcel_may_take_as_long_as_the_limit() -> None:
    parcel = Parcel((bundle(8.0, 1.0, timeout=60), bundle(2.0, timeout=60)))
    assert parcel.limit == 60 + 10 * (1.0 + 2.0) + GRACE_SECONDS


@pytest.mark.parametrize("status", ["timed_out", "memory", "died", "failed"])
def test_of_a_faulty_parcel_the_bundles_are_tried_one_by_one(status: str) -> None:
    one, two = bundle(1.0), bundle(1.0, fold="fold_B_test")
    assert parts_of(Parcel((one, two), deaths=2), status) == [Parcel((one,)), Parcel((two,))]


def test_of_a_bundle_that_took_too_long_the_units_are_tried_one_by_one() -> None:
    parts = parts_of(Parcel((bundle(1.0, 2.0, 3.0),)), "timed_out")
    assert [p.bundles[0].units for p in parts] == [
        (unit(0, 1.0),),
        (unit(1, 2.0),),
        (unit(2, 3.0),),
    ]


@pytest.mark.parametrize("status", ["memory", "died", "failed"])
def test_a_bundle_stays_whole_otherwise(status: str) -> None:
    parcel = Parcel((bundle(1.0, 2.0),), deaths=1)
    assert parts_of(parcel, status) == [parcel]


def test_what_waits_of_the_same_fold_of_the_same_cell_is_taken() -> None:
    first = Parcel((bundle(1.0),))
    same, fold, cell = (
        Parcel((bundle(2.0),)),
        Parcel((bundle(2.0, fold="fold_B_test"),)),
        Parcel((bundle(2.0, cell="eye.lomo/gene/rf"),)),
    )
    waiting = [fold, same, cell]
    assert take_like(first, waiting) == [same]
    assert waiting == [fold, cell]


def test_deaths_are_counted() -> None:
    assert Parcel((bundle(1.0),)).after_a_death().after_a_death().deaths == 2


@dataclass
class FakeClient:
    handlers: dict[str, Callable[[Any], None]] = field(default_factory=dict)

    def subscribe_topic(self, topic: str, handler: Callable[[Any], None]) -> None:
        self.handlers[topic] = handler

    def started(self, key: str, worker: str) -> None:
        self.handlers[STARTED]((0.0, {"key": key, "worker": worker}))

    def out_of_memory(self, worker: str) -> None:
        self.handlers[OUT_OF_MEMORY]((0.0, {"worker": worker}))


@dataclass
class FakeFuture:
    key: str
    status: str
    error: Exception | None = None

    def exception(self) -> Exception | None:
        return self.error


def killed(key: str, worker: str) -> FakeFuture:
    return FakeFuture(key, "error", KilledWorker(key, SimpleNamespace(address=worker), 0))


@dataclass
class Scene:
    """A watch with a clock that only a test moves."""

    client: FakeClient
    watch: Watch
    now: float = 100.0

    def verdict(self, future: FakeFuture, parcel: Parcel) -> Verdict | None:
        """What is said once there has been time for a nanny's word."""
        assert self.watch.verdict(future, parcel) is None
        self.now += dask_watch.PATIENCE_SECONDS
        return self.watch.verdict(future, parcel)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    client = FakeClient()
    made = Scene(client, Watch(client))
    clock = SimpleNamespace(monotonic=lambda: made.now)
    monkeypatch.setattr(dask_watch, "time", clock)
    return made


ONE = Parcel((bundle(1.0, timeout=60),))


def test_what_goes_on_has_no_verdict(scene: Scene) -> None:
    assert scene.watch.verdict(FakeFuture("k", "pending"), ONE) is None


def test_what_dask_has_forgotten_is_run_again(scene: Scene) -> None:
    assert scene.watch.verdict(FakeFuture("k", "cancelled"), ONE) == Verdict("again")


def test_an_error_that_is_no_death_is_a_failure_with_its_words(scene: Scene) -> None:
    broken = FakeFuture("k", "error", TypeError("cannot pickle"))
    assert scene.verdict(broken, ONE) == Verdict("failed", "TypeError: cannot pickle")


def test_what_waited_at_a_worker_that_died_had_no_part_in_it(scene: Scene) -> None:
    scene.client.started("other", "tcp://w:1")
    assert scene.verdict(killed("k", "tcp://w:1"), ONE) == Verdict("again")


def test_what_had_ended_when_its_worker_died_had_no_part_in_it(scene: Scene) -> None:
    scene.client.started("k", "tcp://w:1")
    scene.client.started("other", "tcp://w:1")
    assert scene.verdict(killed("k", "tcp://w:1"), ONE) == Verdict("again")


def test_a_copy_on_another_worker_is_not_at_fault(scene: Scene) -> None:
    scene.client.started("k", "tcp://w:2")
    assert scene.verdict(killed("k", "tcp://w:1"), ONE) == Verdict("again")


def test_a_death_is_tried_again_until_there_are_three(scene: Scene) -> None:
    scene.client.started("k", "tcp://w:1")
    future = killed("k", "tcp://w:1")
    assert scene.verdict(future, ONE) == Verdict("died")
    twice = ONE.after_a_death().after_a_death()
    assert scene.watch.verdict(future, twice) == Verdict("lost", "3 workers died under it")


def test_a_death_after_the_limit_is_its_own_end(scene: Scene) -> None:
    scene.client.started("k", "tcp://w:1")
    scene.now += ONE.limit + 0.1
    told = "over the limit of 60 s for one unit"
    assert scene.verdict(killed("k", "tcp://w:1"), ONE) == Verdict("timed_out", told)


def test_the_nannys_word_about_memory_goes_before_all(scene: Scene) -> None:
    scene.client.started("k", "tcp://w:1")
    scene.now += ONE.limit + 0.1
    future = killed("k", "tcp://w:1")
    assert scene.watch.verdict(future, ONE) is None
    scene.client.out_of_memory("tcp://w:1")  # it comes after the death that it explains
    scene.now += dask_watch.PATIENCE_SECONDS
    assert scene.watch.verdict(future, ONE) == Verdict("memory")


def test_memory_is_the_matter_of_the_parcel_that_ran(scene: Scene) -> None:
    scene.client.started("other", "tcp://w:1")
    scene.client.out_of_memory("tcp://w:1")
    assert scene.verdict(killed("k", "tcp://w:1"), ONE) == Verdict("again")


def test_what_is_forgotten_starts_afresh(scene: Scene) -> None:
    scene.client.started("k", "tcp://w:1")
    scene.client.out_of_memory("tcp://w:1")
    future = killed("k", "tcp://w:1")
    assert scene.verdict(future, ONE) == Verdict("memory")
    scene.watch.forget(future)
    assert scene.verdict(future, ONE) == Verdict("again")
