"""conservation.csv against scipy on tables made by hand; Mantel's test against all orders."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from spacebio_bench.report.tables_conservation import CONSERVATION_COLUMNS, conservation_rows
from spacebio_bench.statistics.mantel import mantel

Row = dict[str, Any]
MISSIONS = ("M1", "M2", "M3", "M4")


def _nes(
    random: np.random.Generator, tissue: str, missions: tuple[str, ...] = MISSIONS
) -> pd.DataFrame:
    shared = random.normal(size=12)
    rows = [
        {"tissue": tissue, "mission": m, "collection": "hallmark", "pathway": f"P{i}", "nes": value}
        for m in missions
        for i, value in enumerate(shared + random.normal(size=12))
    ]
    return pd.DataFrame(rows)


def _cell(tissue: str, feature: str = "gene", model: str = "pca_lr", variant: str = "") -> Row:
    task = f"{tissue}.pairs"
    return {
        "cell": f"{task}/{feature}/{model}{variant}",
        "family": "pairs",
        "variant": variant,
        "tissue": tissue,
        "feature": feature,
        "model": model,
    }


def _folds(cell: Row, values: dict[tuple[str, str], float]) -> list[Row]:
    return [
        {"cell": cell["cell"], "train_missions": a, "test_missions": b, "status": "ok", "value": v}
        for (a, b), v in values.items()
    ]


def _values(random: np.random.Generator) -> dict[tuple[str, str], float]:
    return {pair: float(random.uniform()) for pair in itertools.permutations(MISSIONS, 2)}


def _of(rows: list[Row], **wanted: object) -> list[Row]:
    return [row for row in rows if all(row.get(k) == v for k, v in wanted.items())]


def test_pairs_are_scipys_spearman_over_common_pathways() -> None:
    nes = _nes(np.random.default_rng(1), "eye", ("M1", "M2"))
    nes = nes.drop(index=3)  # M1 lacks P3
    nes.loc[5, "nes"] = np.nan
    (row,) = conservation_rows({"eye": ("M2", "M1")}, nes, [], [], seed=1)
    wide = nes.pivot_table("nes", index="pathway", columns="mission").dropna()
    expected = spearmanr(wide["M1"], wide["M2"])
    assert (row["mission_a"], row["mission_b"], row["n_pathways"]) == ("M1", "M2", 10)
    assert row["rho"] == pytest.approx(expected.statistic, abs=1e-12)
    assert row["p_value"] == pytest.approx(expected.pvalue, abs=1e-12)
    assert set(row) <= set(CONSERVATION_COLUMNS)


def test_transfer_is_the_correlation_with_the_mean_of_both_directions() -> None:
    random = np.random.default_rng(2)
    nes, values, cell = _nes(random, "eye"), _values(random), _cell("eye", "pathway_hallmark")
    rows = conservation_rows({"eye": MISSIONS}, nes, [cell], _folds(cell, values), seed=1)
    pairs = _of(rows, kind="pair")
    assert len(pairs) == 6
    auroc = [
        (values[r["mission_a"], r["mission_b"]] + values[r["mission_b"], r["mission_a"]]) / 2
        for r in pairs
    ]
    (row,) = _of(rows, kind="transfer")
    expected = spearmanr([r["rho"] for r in pairs], auroc).statistic
    assert row["rho"] == pytest.approx(expected, abs=1e-12)
    assert (row["n_pairs"], row["method"]) == (6, "mantel_exact")
    assert 1 / 24 <= row["p_attainable"] <= row["p_value"]
    (over,) = _of(rows, kind="transfer_tissues")
    assert over["reason"] == "fewer than 3 tissues with both values"


def test_tissues_are_points_of_their_means() -> None:
    random = np.random.default_rng(3)
    tissues = ("eye", "liver", "skin", "soleus")
    nes = pd.concat([_nes(random, tissue) for tissue in tissues])
    cells = [_cell(tissue) for tissue in tissues]
    values = [_values(random) for _ in tissues]
    folds = [row for cell, v in zip(cells, values, strict=True) for row in _folds(cell, v)]
    rows = conservation_rows(dict.fromkeys(tissues, MISSIONS), nes, cells, folds, seed=1)
    rho = [np.mean([r["rho"] for r in _of(rows, kind="pair", tissue=t)]) for t in tissues]
    auroc = [np.mean(list(v.values())) for v in values]
    (row,) = _of(rows, kind="transfer_tissues")
    assert row["n_tissues"] == 4
    assert row["rho"] == pytest.approx(spearmanr(rho, auroc).statistic, abs=1e-12)
    null = [spearmanr(order, auroc).statistic for order in itertools.permutations(rho)]
    tails = [np.mean(np.array(null) * sign >= row["rho"] * sign - 1e-9) for sign in (1, -1)]
    assert row["p_value"] == pytest.approx(min(1, 2 * min(tails)))


def test_other_collections_variants_and_half_pairs_are_not_taken() -> None:
    random = np.random.default_rng(4)
    nes, values = _nes(random, "eye"), _values(random)
    other, variant, half = _cell("eye", "pathway_kegg"), _cell("eye", variant="x"), _cell("eye")
    del values["M2", "M1"]
    folds = [row for cell in (other, variant, half) for row in _folds(cell, values)]
    rows = conservation_rows({"eye": MISSIONS}, nes, [other, variant, half], folds, seed=1)
    (row,) = _of(rows, kind="transfer")
    assert (row["feature"], row["n_pairs"]) == ("gene", 5)
    assert row["reason"] == "some pairs of these missions lack a value"
    assert "rho" not in row


def test_what_has_no_nes_is_a_row_with_the_reason() -> None:
    nes = _nes(np.random.default_rng(5), "eye", ("M1", "M2"))
    planned = {"eye": ("M1", "M2", "M3"), "skin": ("M1", "M2")}
    rows = conservation_rows(planned, nes, [], [], seed=1)
    assert [(r["tissue"], r.get("mission_b")) for r in rows if r["reason"]] == [
        ("eye", "M3"),
        ("eye", "M3"),
        ("skin", None),
    ]
    assert "no NES of M3" in rows[1]["reason"]
    assert rows[-1]["reason"].startswith("no NES in the store: it takes counts")


def test_rows_do_not_depend_on_order() -> None:
    random = np.random.default_rng(6)
    nes, cell = _nes(random, "eye"), _cell("eye")
    folds = _folds(cell, _values(random))
    given = conservation_rows({"eye": MISSIONS}, nes, [cell], folds, seed=1)
    turned = conservation_rows({"eye": MISSIONS[::-1]}, nes[::-1], [cell], folds[::-1], seed=1)
    assert given == turned


@st.composite
def _two_tables(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n = draw(st.integers(3, 5))
    tables = []
    for _ in range(2):
        values = draw(st.lists(st.integers(0, 4), min_size=n * n, max_size=n * n))
        square = np.triu(np.array(values, dtype=float).reshape(n, n), 1)
        tables.append(square + square.T)
    return tables[0], tables[1]


@settings(max_examples=40, deadline=None)
@given(_two_tables())
def test_mantel_is_spearman_over_all_orders(tables: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = tables
    upper = np.triu_indices(len(a), 1)
    found = mantel(a, b)
    if np.ptp(a[upper]) == 0 or np.ptp(b[upper]) == 0:
        assert np.isnan(found.rho)
        return
    null = [
        spearmanr(a[np.ix_(order, order)][upper], b[upper]).statistic
        for order in itertools.permutations(range(len(a)))
    ]
    assert found.rho == pytest.approx(null[0], abs=1e-12)
    assert found.p == pytest.approx(np.mean(np.abs(null) >= abs(null[0]) - 1e-9))


def test_mantel_keeps_its_size_where_members_have_effects() -> None:
    """Pairs that share a member go together; as independent pairs they reject far too often."""
    random = np.random.default_rng(7)
    upper = np.triu_indices(8, 1)
    rejected = np.zeros(2)
    for seed in range(400):
        first, second = random.normal(size=(2, 8))
        a, b = first[:, None] + first, second[:, None] + second
        found = mantel(a, b, n_permutations=199, seed=seed)
        rejected += [found.p <= 0.05, spearmanr(a[upper], b[upper]).pvalue <= 0.05]
    assert rejected[0] / 400 < 0.08
    assert rejected[1] / 400 > 0.15


def test_mantel_refuses_holes() -> None:
    table = np.full((3, 3), np.nan)
    with pytest.raises(ValueError, match="every pair needs a value"):
        mantel(table, table)
