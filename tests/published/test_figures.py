"""Every published number at hand, through the real chain of verbs, and the page about them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from . import centring, confounders, figures, missing

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
def cohorts(gsva: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return figures.stores(gsva, tmp_path_factory.mktemp("v1"), in_published_order=True)


@pytest.fixture(scope="module")
def tables(cohorts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return figures.run(cohorts, tmp_path_factory.mktemp("lomo"))


@pytest.fixture(scope="module")
def classes(cohorts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return confounders.run(cohorts, tmp_path_factory.mktemp("classes"))


@pytest.fixture(scope="module")
def table(gsva: Path, tables: Path, classes: Path) -> pd.DataFrame:
    return figures.compare(gsva, tables, classes)


@pytest.fixture(scope="module")
def naming(development_data: Path, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed")
    return centring.summary(centring.run(development_data, tmp_path_factory.mktemp("counts")))


def test_every_number_is_there(gsva: Path, table: pd.DataFrame) -> None:
    assert len(table) == len(pd.read_csv(gsva / "published.csv")) == 696 + 38
    assert table["ours"].notna().all()


@pytest.mark.parametrize("metric", ["auroc", "mean_auroc", "std_auroc"])
def test_aurocs_are_the_published_ones(table: pd.DataFrame, metric: str) -> None:
    rows = table[table["metric"] == metric]
    assert rows[rows["difference"].abs() > 1e-6].empty


@pytest.mark.parametrize(
    "metric", ["ci_lower", "ci_upper", "perm_p", "mean_ci_lower", "mean_perm_p"]
)
def test_intervals_and_p_are_the_published_ones(table: pd.DataFrame, metric: str) -> None:
    rows = table[(table["metric"] == metric) & (table["task"] == "lomo")]
    assert rows[rows["difference"].abs() > 1e-9].empty


@pytest.mark.parametrize("metric", ["n_train", "n_test", "n_folds"])
def test_counts_are_the_published_ones(table: pd.DataFrame, metric: str) -> None:
    rows = table[table["metric"] == metric]
    assert (rows["difference"] == 0).all()


@pytest.mark.parametrize("task", confounders.CELLS)
def test_confounders_are_the_published_ones(table: pd.DataFrame, task: str) -> None:
    rows = table[table["task"] == task].set_index(["unit", "metric"])
    assert rows[rows["difference"].abs() > 1e-9].empty
    without = {("all", "ci_low"), ("all", "ci_high")} if task.startswith("D6") else set()
    assert set(rows.index[rows["published"].isna()]) == without


def test_verdicts_that_flip_under_the_exact_p(tables: Path) -> None:
    go = figures.verdicts(tables).set_index("cell")
    assert set(go.index[go["Go"]]) == GO
    assert set(go.index[go["Go"] & ~go["Go, exact p"]]) == FLIPPED


def test_scores_that_are_centred_name_no_mission(naming: pd.DataFrame) -> None:
    """Genes and ssGSEA know the mission; centred within missions the same ssGSEA is as GSVA."""
    by_scores = naming.groupby("scores")
    names = centring.SCORES
    for value in ("macro-F1, v1", "macro-F1, calibrated"):
        lowest, highest = by_scores[value].min(), by_scores[value].max()
        assert lowest[names["gene"]] == lowest[names["ssgsea"]] == 1
        assert highest[names["gsva"]] < 0.1
        assert highest[names["ssgsea_centred"]] < 0.1
    variance = by_scores["between"].agg(["min", "max"]).loc[list(names.values())]
    assert variance.loc[names["gsva"], "max"] < 0.01
    assert variance.loc[names["ssgsea"], "min"] > 0.5
    assert (naming["by chance"] > 0.2).all()


def test_the_kept_page_is_what_a_run_gives(
    development_data: Path,
    project: Path,
    cohorts: Path,
    table: pd.DataFrame,
    tables: Path,
    classes: Path,
    naming: pd.DataFrame,
) -> None:
    found = figures.Found(
        table=table,
        go=figures.verdicts(tables),
        exact=figures.exact_p(tables),
        named=confounders.missions_named(cohorts, classes),
        naming=naming,
        absent=missing.table(development_data / "reference", classes),
    )
    page = (project / "docs/published-figures.md").read_text(encoding="utf-8")
    assert page == figures.document(found)
    kept = pd.read_csv(project / "docs/published-figures.csv")
    pd.testing.assert_frame_equal(kept, table.reset_index(drop=True), check_exact=False, atol=1e-9)


def test_the_order_of_the_missions_moves_one_pair(gsva: Path, tmp_path: Path) -> None:
    """Saga stops before the optimum, and where it stops depends on the order of the rows."""
    given = figures.stores(gsva, tmp_path, in_published_order=False, tissues=("liver",))
    rows = figures.compare(gsva, figures.run(given, tmp_path / "lomo"))
    rows = rows[rows["metric"] == "auroc"]
    moved = rows[rows["difference"].abs() > 1e-6]
    assert moved[["feature", "model", "unit"]].to_numpy().tolist() == [
        ["gsva_kegg", "lr", "fold:RR-8"]
    ]
    assert moved["difference"].iloc[0] == pytest.approx(1 / (35 * 68))
