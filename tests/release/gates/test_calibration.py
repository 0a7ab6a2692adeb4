"""The spot check closes when a p-value rejects too often."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from spacebio_bench.calibration import designs
from spacebio_bench.calibration.experiment import Measure
from spacebio_bench.release.gates import calibration
from spacebio_bench.release.gates._gate import Context, Flag, Gate
from spacebio_bench.release.gates.calibration import DESIGNS, calibration_gate
from spacebio_bench.release.gates.runner import judge

from ._findings import of, worst

GATE = Gate("calibration", "", calibration_gate)


class _Rejects:
    """A design whose refitted test rejects a given share of true nulls."""

    name, what, cohorts, quick_cohorts = DESIGNS[0], "", 100, 0

    def __init__(self, per_hundred: int) -> None:
        self.per_hundred = per_hundred
        self.asked = 0

    def replicate(self, seed: int) -> dict[Measure, float]:
        self.asked += 1
        return {Measure("refit_05", "knn"): float(self.asked % 100 < self.per_hundred)}


# 0.035 to 0.065 of 200 cohorts is claimed. binom.sf(23, 200, 0.065) = 0.0038 < 0.005 and
# binom.sf(21, 200, 0.065) = 0.0137, by scipy
@pytest.mark.parametrize(
    ("per_hundred", "flag"), [(5, Flag.GREEN), (11, Flag.GREEN), (12, Flag.RED)]
)
def test_a_rate_that_chance_cannot_explain_closes(
    per_hundred: int,
    flag: Flag,
    tmp_path: Path,
    give: Callable[[Path], Context],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(designs, "experiments", lambda: (_Rejects(per_hundred),))
    found = judge(GATE, give(tmp_path))
    assert worst(found) == flag, found
    if flag == Flag.RED:
        assert "0.12 in 200 cohorts, 0.035 to 0.065 is claimed" in of(found)[0]


def test_nothing_simulated_halts(
    tmp_path: Path, give: Callable[[Path], Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(designs, "experiments", lambda: ())
    assert worst(judge(GATE, give(tmp_path))) == Flag.HALT


def test_the_product_holds_its_claims(
    tmp_path: Path, give: Callable[[Path], Context], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibration, "COHORTS", 20)
    found = judge(GATE, give(tmp_path))
    assert worst(found) == Flag.GREEN, found
