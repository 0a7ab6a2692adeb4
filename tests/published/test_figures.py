"""Every published lomo number of the four tissues, through the real chain of verbs."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from . import figures

GO = {
    "eye.lomo/hallmark/lr",
    "eye.lomo/hallmark/pca_lr",
    "eye.lomo/kegg/pca_lr",
    "thymus.lomo/hallmark/lr",
    "thymus.lomo/hallmark/pca_lr",
}
FLIPPED = {"thymus.lomo/hallmark/lr", "thymus.lomo/hallmark/pca_lr"}

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module")
def gsva(development_data: Path) -> Path:
    return development_data / "reference/gsva"


@pytest.fixture(scope="module")
def tables(gsva: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return figures.run(gsva, tmp_path_factory.mktemp("v1"), in_published_order=True)


@pytest.fixture(scope="module")
def table(gsva: Path, tables: Path) -> pd.DataFrame:
    return figures.compare(gsva, tables)


def test_every_number_is_there(table: pd.DataFrame) -> None:
    assert len(table) == 696
    assert table["ours"].notna().all()


@pytest.mark.parametrize("metric", ["auroc", "mean_auroc", "std_auroc"])
def test_aurocs_are_the_published_ones(table: pd.DataFrame, metric: str) -> None:
    rows = table[table["metric"] == metric]
    assert rows[rows["difference"].abs() > 1e-6].empty


@pytest.mark.parametrize(
    "metric", ["ci_lower", "ci_upper", "perm_p", "mean_ci_lower", "mean_perm_p"]
)
def test_intervals_and_p_are_the_published_ones(table: pd.DataFrame, metric: str) -> None:
    rows = table[table["metric"] == metric]
    assert rows[rows["difference"].abs() > 1e-9].empty


@pytest.mark.parametrize("metric", ["n_train", "n_test", "n_folds"])
def test_counts_are_the_published_ones(table: pd.DataFrame, metric: str) -> None:
    rows = table[table["metric"] == metric]
    assert (rows["difference"] == 0).all()


def test_verdicts_that_flip_under_the_exact_p(tables: Path) -> None:
    go = figures.verdicts(tables).set_index("cell")
    assert set(go.index[go["Go"]]) == GO
    assert set(go.index[go["Go"] & ~go["Go, exact p"]]) == FLIPPED


def test_the_kept_page_is_what_a_run_gives(
    project: Path, table: pd.DataFrame, tables: Path
) -> None:
    page = (project / "docs/published-figures.md").read_text(encoding="utf-8")
    made = figures.document(table, figures.verdicts(tables), figures.exact_p(tables))
    assert page == made
    kept = pd.read_csv(project / "docs/published-figures.csv")
    pd.testing.assert_frame_equal(kept, table.reset_index(drop=True), check_exact=False, atol=1e-9)


def test_the_order_of_the_missions_moves_one_pair(gsva: Path, tmp_path: Path) -> None:
    """Saga stops before the optimum, and where it stops depends on the order of the rows."""
    given = figures.run(gsva, tmp_path, in_published_order=False, tissues=("liver",))
    rows = figures.compare(gsva, given)
    rows = rows[rows["metric"] == "auroc"]
    moved = rows[rows["difference"].abs() > 1e-6]
    assert moved[["feature", "model", "unit"]].to_numpy().tolist() == [
        ["gsva_kegg", "lr", "fold:RR-8"]
    ]
    assert moved["difference"].iloc[0] == pytest.approx(1 / (35 * 68))
