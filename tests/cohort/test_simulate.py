"""Simulated cohorts hold what was planted, and nothing else."""

from __future__ import annotations

import hashlib
import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from spacebio_bench.cli import main
from spacebio_bench.cohort.simulate import SimulatedCohort, simulate_cohort
from spacebio_bench.cohort.simulated_studies import Design, parse_effects, write_studies
from spacebio_bench.errors import InputError


def lomo_auroc(x: np.ndarray, labels: np.ndarray, missions: np.ndarray) -> float:
    """Mean AUROC over missions of a ridge logistic regression, by scikit-learn alone."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = cross_val_predict(
            model, x, labels, groups=missions, cv=LeaveOneGroupOut(), method="decision_function"
        )
    folds = [missions == m for m in np.unique(missions)]
    return float(np.mean([roc_auc_score(labels[f], scores[f]) for f in folds]))


def test_the_planted_difference_is_there() -> None:
    sizes = ((400, 400), (400, 400), (400, 400))
    cohort = simulate_cohort(group_sizes=sizes, effect=1.5, n_genes=60, factor_sd=0.0, seed=3)
    flown = cohort.labels == 1
    difference = np.mean(
        [
            cohort.x[flown & (cohort.missions == m)].mean(axis=0)
            - cohort.x[~flown & (cohort.missions == m)].mean(axis=0)
            for m in np.unique(cohort.missions)
        ],
        axis=0,
    )
    # standard error of a gene: sqrt(2 / 1200) = 0.041
    assert np.abs(difference - cohort.truth.fold_change).max() < 5 * 0.041
    assert set(np.abs(cohort.truth.fold_change[cohort.truth.signature])) == {1.5}
    assert cohort.truth.signature.sum() == 6


def test_spreads_are_those_asked_for() -> None:
    cohort = simulate_cohort(
        group_sizes=((30, 30),) * 60, n_genes=100, mission_sd=2.0, noise_sd=0.5, n_factors=0, seed=5
    )
    means = np.array([cohort.x[cohort.missions == m].mean(axis=0) for m in set(cohort.missions)])
    within = cohort.x[cohort.missions == "SIM-1"].std(axis=0, ddof=1)
    assert means.std(ddof=1) == pytest.approx(2.0, rel=0.05)
    assert within.mean() == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("confounding", [0.0, 1.0])
def test_strain_follows_the_label_as_asked(confounding: float) -> None:
    cohort = simulate_cohort(
        group_sizes=((300, 300), (300, 300)), strain_confounding=confounding, strain_sd=1.0, seed=1
    )
    table = pd.crosstab(cohort.labels, cohort.strata).to_numpy()
    if confounding:
        assert np.count_nonzero(table) == 2
    else:
        assert stats.chi2_contingency(table).pvalue > 1e-4


def test_a_planted_cohort_can_be_learned_and_a_null_cohort_not() -> None:
    def auroc(cohort: SimulatedCohort) -> float:
        return lomo_auroc(cohort.x, cohort.labels, cohort.missions)

    planted = [auroc(simulate_cohort(effect=1.5, seed=s)) for s in range(4)]
    null = [auroc(simulate_cohort(effect=0.0, n_genes=40, seed=s)) for s in range(40)]
    assert min(planted) >= 0.9
    # The mean of 4 folds of 6 v 6 has an SD of about 0.12 when refitted: 40 of them, 0.019.
    assert abs(np.mean(null) - 0.5) < 4 * 0.019


def test_ties_by_rounding() -> None:
    x = simulate_cohort(decimals=0, seed=1).x
    assert np.array_equal(x, np.rint(x))


def test_same_seed_same_cohort() -> None:
    one, two, other = (simulate_cohort(seed=s) for s in (7, 7, 8))
    assert np.array_equal(one.x, two.x)
    assert not np.array_equal(one.x, other.x)


def read(folder: Path, tissue: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Raw counts (samples x common genes) and samples of a tissue, by pandas alone."""
    sheet = pd.read_csv(folder / "studies.csv")
    counts, samples = [], []
    for study in sheet[sheet["tissue"] == tissue].itertuples():
        table = pd.read_csv(folder / str(study.counts), index_col=0)
        table.index = table.index.str.replace(r"\.\d+$", "", regex=True)
        about = pd.read_csv(folder / str(study.samples), keep_default_na=False)
        about["mission"] = study.mission
        samples.append(about)
        counts.append(table[about["sample"]].T)
    return pd.concat(counts, join="inner"), pd.concat(samples, ignore_index=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("simulated")
    write_studies(target, Design())
    return target


def test_the_default_has_a_tissue_with_and_one_without_a_signature(folder: Path) -> None:
    aurocs = {}
    for tissue in ("liver", "thymus"):
        counts, samples = read(folder, tissue)
        use = samples["condition"].isin(["FLT", "GC"]) & (samples["exclude"] == "")
        values = counts.to_numpy()[use]
        log2 = np.log2(values / values.sum(axis=1, keepdims=True) * 1e6 + 1)
        labels = (samples.loc[use, "condition"] == "FLT").to_numpy().astype(int)
        aurocs[tissue] = lomo_auroc(log2, labels, samples.loc[use, "mission"].to_numpy())
        markers = json.loads((folder / "truth.json").read_text())["mission_markers"]
        marking = log2[:, counts.columns.isin(markers)]
        by_markers = lomo_auroc(marking, labels, samples.loc[use, "mission"].to_numpy())
        assert 0.2 < by_markers < 0.8, "genes that only mark the mission tell flight from ground"
    assert aurocs["liver"] >= 0.9
    assert 0.2 < aurocs["thymus"] < 0.8


def test_markers_tell_the_missions_apart(folder: Path) -> None:
    counts, samples = read(folder, "liver")
    truth = json.loads((folder / "truth.json").read_text())
    log2 = np.log2(counts.to_numpy() + 1)
    groups = [log2[samples["mission"] == m] for m in sorted(set(samples["mission"]))]
    f = stats.f_oneway(*groups).statistic
    marking = counts.columns.isin(truth["mission_markers"])
    assert np.median(f[marking]) > 4 * np.median(f[~marking])


def test_counts_are_like_counts(folder: Path) -> None:
    counts, samples = read(folder, "liver")
    values = counts.to_numpy()
    assert (values >= 0).all()
    fractions = (values != np.rint(values)) & (values > 0)
    assert 0.03 < fractions.sum() / (values > 0).sum() < 0.07
    # within one group of one mission: more than Poisson, variance about mean + 0.08 mean^2 or more
    one = (samples["mission"] == "SIM-1") & (samples["condition"] == "GC")
    group = values[one] / values[one].sum(axis=1, keepdims=True) * values[one].sum(axis=1).mean()
    high = group.mean(axis=0) > 200
    squared = (group.var(axis=0, ddof=1) - group.mean(axis=0)) / group.mean(axis=0) ** 2
    assert np.median(squared[high]) > 0.05


def test_extras(folder: Path) -> None:
    _, samples = read(folder, "liver")
    assert set(samples["condition"]) == {"FLT", "GC", "BC", "AG", "VC"}
    assert (samples["exclude"] != "").sum() == 1
    tables = {
        p.parent.name: pd.read_csv(p, index_col=0) for p in folder.glob("liver/*/counts.csv.gz")
    }
    assert sum(g.startswith("ERCC-") for g in tables["LIVER-2"].index) == 92
    assert all("." in g for g in tables["LIVER-3"].index[:1500])
    common = set.intersection(*(set(t.index.str.split(".").str[0]) for t in tables.values()))
    assert len(common) == 1500
    assert all(len(t) > 1500 for t in tables.values())
    assert not samples["sample"].str.contains("FLT|GC").any(), "ids must not carry the label"


def test_gene_sets_are_of_a_size_that_is_scored(folder: Path) -> None:
    symbols = set(pd.read_csv(folder / "symbols.csv")["symbol"])
    for name in ("hallmark", "kegg"):
        lines = (folder / f"{name}.gmt").read_text().splitlines()
        sizes = [len(symbols & set(line.split("\t")[2:])) for line in lines]
        assert min(sizes) >= 15
        assert max(sizes) <= 60
        assert sum("_PLANTED_" in line.split("\t")[0] for line in lines) == len(lines) // 4


def digest(folder: Path) -> str:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()


def test_same_design_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_studies(tmp_path / "again", Design())
    write_studies(tmp_path / "other", Design(seed=1))
    assert digest(tmp_path / "again") == digest(folder)
    assert digest(tmp_path / "other") != digest(folder)


def test_a_tissue_does_not_depend_on_its_neighbours(folder: Path, tmp_path: Path) -> None:
    write_studies(tmp_path, Design(effects={"thymus": 0.0}))
    assert digest(tmp_path / "thymus") == digest(folder / "thymus")


def test_command(tmp_path: Path) -> None:
    arguments = ["simulate", "--outdir", str(tmp_path / "s"), "--tissues", "eye", "--missions", "2"]
    arguments += ["--samples", "3", "--genes", "300", "--json"]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    checked = CliRunner().invoke(
        main,
        [
            *("check", "--input", made["input"], "--gene_sets", made["gene_sets"]),
            *("--symbols", made["symbols"], "--json"),
        ],
    )
    assert checked.exit_code == 0, checked.stderr
    assert [s["id"] for s in json.loads(checked.stdout)["studies"]] == [
        "eye.SIM-1.EYE-1",
        "eye.SIM-2.EYE-2",
    ]


def test_the_word_simulated_is_an_input() -> None:
    result = CliRunner().invoke(main, ["check", "--input", "simulated", "--json"])
    assert result.exit_code == 0, result.stderr
    summary = json.loads(result.stdout)
    assert (summary["tissues"], len(summary["studies"])) == (["liver", "thymus"], 8)


@pytest.mark.parametrize(
    ("text", "effects"),
    [
        (None, {"liver": 0.5, "eye": 0.0}),
        ("2", {"liver": 2.0, "eye": 2.0}),
        ("1,eye=0", {"liver": 1.0, "eye": 0.0}),
    ],
)
def test_effects(text: str | None, effects: dict[str, float]) -> None:
    assert parse_effects(text, ("liver", "eye")) == effects


@pytest.mark.parametrize(
    ("text", "tissues", "message"),
    [
        ("strong", ("eye",), "--effect: 'strong' is not a number."),
        ("nan", ("eye",), "--effect: 'nan' is not a number."),
        ("ear=1", ("eye",), "--effect: 'ear' is not one of eye."),
        ("1", ("e/ye",), "--tissues: 'e/ye' may hold only letters"),
        ("1", (), "--tissues: at least one tissue is needed."),
    ],
)
def test_effects_that_are_none(text: str, tissues: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_effects(text, tissues)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="--outdir"):
        write_studies(tmp_path / "file", Design(n_genes=200))
