"""Verdicts of the controls, on hand-made nulls."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from spacebio_bench.report.tables_canaries import canary_rows
from spacebio_bench.report.tables_io import NullValues, Row


def cell(variant: str, value: float | None, feature: str = "gene") -> Row:
    return {
        "cell": f"eye.control.{variant}/{feature}/pca_lr",
        "family": "control",
        "variant": variant,
        "tissue": "eye",
        "feature": feature,
        "model": "pca_lr",
        "status": "ok" if value is not None else "not_applicable",
        "reason": "" if value is not None else "no counts",
        "value_mean": value,
    }


def null(observed: float, sd: float = 0.1, n: int = 999) -> NullValues:
    values = 0.5 + sd * stats.norm.ppf((np.arange(n) + 0.5) / n)
    value = np.concatenate([[observed], values])[None, :]
    return NullValues(("fold_A_test",), value, np.ones(value.shape, dtype=bool))


@pytest.mark.parametrize(
    ("observed", "verdict"), [(0.55, "quiet"), (0.80, "quiet"), (0.95, "fires"), (0.05, "fires")]
)
def test_a_canary_fires_far_from_its_null_on_either_side(observed: float, verdict: str) -> None:
    row = cell("shuffle", observed)
    (found,) = canary_rows([row], {row["cell"]: null(observed)})
    assert found["verdict"] == verdict
    z = abs(observed - 0.5) / found["null_sd"]
    assert found["p_two_sided"] == pytest.approx(2 * stats.norm.sf(z), rel=1e-6)
    assert found["level"] == 0.001


def test_many_canaries_share_the_level_and_those_that_did_not_run_take_no_part() -> None:
    rows = [cell("gaussian", 0.5, f"set{i}") for i in range(4)] + [cell("housekeeping", None)]
    found = canary_rows(rows, {row["cell"]: null(0.5) for row in rows})
    assert {row["level"] for row in found[:4]} == {0.00025}
    assert (found[4]["verdict"], found[4]["reason"]) == ("none", "no counts")


@pytest.mark.parametrize(("value", "verdict"), [(0.75, "found"), (0.73, "missed")])
def test_a_planted_signal_is_compared_with_the_worst_of_its_other_draws(
    value: float, verdict: str
) -> None:
    others = [cell(f"planted_r{i}", v) for i, v in enumerate((0.80, 0.95), 1)]
    (found,) = canary_rows([cell("planted", value), *others], {})
    assert (found["simulated_least"], found["verdict"]) == (0.80, verdict)
    assert found["simulated"] == pytest.approx(0.875)


def test_without_refits_a_canary_says_that_it_has_no_null() -> None:
    (found,) = canary_rows([cell("shuffle", 0.5)], {})
    assert (found["verdict"], found["reason"]) == (
        "none",
        "no null distribution: nothing was refitted",
    )
