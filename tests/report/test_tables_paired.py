"""Paired comparisons: which folds are compared with which."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from spacebio_bench.report.tables_io import Row
from spacebio_bench.report.tables_paired import batch_rows, gene_vs_pathway_rows

PLAN = SimpleNamespace(seed=1)


def table(*values: tuple[str, str, str, float]) -> tuple[list[Row], list[Row]]:
    """Cells and folds from (task, feature set, test mission, value); the model is knn."""
    cells: dict[str, Row] = {}
    folds = []
    for task, feature, mission, value in values:
        tissue, family, *variant = task.split(".", 2)
        key = f"{task}/{feature}/knn"
        cells[key] = {
            "cell": key,
            "family": family,
            "variant": variant[0] if variant else "",
            "tissue": tissue,
            "feature": feature,
            "model": "knn",
        }
        name = f"fold_{mission}_test" if family == "lomo" else "train_a_test_b"
        folds.append(
            {"cell": key, "fold": name, "test_missions": mission, "value": value, "status": "ok"}
        )
    return list(cells.values()), folds


def test_lomo_compares_folds_of_a_tissue_and_counts_missions_once() -> None:
    cells, folds = table(
        ("eye.lomo", "gene", "M1", 0.9),
        ("eye.lomo", "kegg", "M1", 0.6),
        ("liver.lomo", "gene", "M1", 0.5),
        ("liver.lomo", "kegg", "M1", 0.6),
        ("eye.lomo", "gene", "M2", 0.7),
        ("eye.lomo", "kegg", "M2", 0.7),
        ("eye.lomo.batch_limma", "gene", "M1", 0.0),
    )
    (row,) = gene_vs_pathway_rows(PLAN, cells, folds)
    assert (row["a"], row["b"]) == ("gene", "kegg")
    assert (row["wins_a"], row["wins_b"], row["ties"]) == (1, 1, 1)
    assert (row["n_folds"], row["n_clusters"]) == (3, 2)
    assert row["difference"] == pytest.approx(((0.3 - 0.1) / 2 + 0.0) / 2)


def test_kinds_of_features_across_tissues_are_not_mixed() -> None:
    cells, folds = table(
        ("a_to_b.cross_tissue.gene", "gene", "M1", 0.9),
        ("a_to_b.cross_tissue.de", "gene", "M1", 0.2),
        ("a_to_b.cross_tissue.matrix", "pathway_kegg", "M1", 0.6),
        ("a_to_b.cross_tissue.pathway", "pathway_kegg", "M1", 0.7),
        ("a_to_b.cross_tissue.gene_unshared", "gene", "M1", 0.1),
        ("a_to_b.cross_tissue.matrix_unshared", "pathway_kegg", "M1", 0.3),
    )
    found = {row["variant"]: row["difference"] for row in gene_vs_pathway_rows(PLAN, cells, folds)}
    assert found == pytest.approx({"whole": 0.3, "chosen": -0.5, "whole_unshared": -0.2})


def test_corrections_are_compared_with_none_on_the_same_features() -> None:
    cells, folds = table(
        ("eye.lomo", "gene", "M1", 0.5),
        ("eye.lomo", "kegg", "M1", 0.9),
        ("eye.lomo.batch_limma", "gene", "M1", 0.8),
        ("eye.lomo.learning_curve_m1_d0", "gene", "M1", 0.1),
    )
    (row,) = batch_rows(PLAN, cells, folds)
    assert (row["feature"], row["a"], row["b"]) == ("gene", "limma", "none")
    assert row["difference"] == pytest.approx(0.3)
