"""What models look at: weights against scikit-learn, and a planted gene that comes out first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier

from spacebio_bench.cohort.simulate import SimulatedCohort, simulate_cohort
from spacebio_bench.diagnostics.linear_weights import linear_weights
from spacebio_bench.diagnostics.permuted_features import HeldOut, permutation_losses, welch_t
from spacebio_bench.diagnostics.top_features import TOP, TOP_FEATURE_COLUMNS, top_features
from spacebio_bench.errors import NotApplicableError
from spacebio_bench.models import build_model

from ._plans import planned, z_scored

SIZES = ((6, 6), (5, 7), (6, 5))


def driven(seed: int = 1, strength: float = 3.0) -> SimulatedCohort:
    """Noise in which gene 7 goes up and gene 40 down in flight, in every mission."""
    plain = simulate_cohort(group_sizes=SIZES, n_genes=80, effect=0.0, seed=seed)
    x = plain.x.copy()
    x[:, 7] += strength * plain.labels
    x[:, 40] -= strength * plain.labels
    return replace(plain, x=x)


def fold() -> HeldOut:
    cohort = driven()
    test = cohort.missions == "SIM-2"
    x_train, x_test = z_scored(cohort.x[~test], cohort.x[test])
    y = cohort.labels.astype(np.int8)
    return HeldOut(x_train, x_test, y[~test], y[test])


def test_weights_of_pca_lr_are_those_of_scikit_learn() -> None:
    f = fold()
    pca = PCA(10, svd_solver="full").fit(f.x_train)
    fit = LogisticRegression(C=0.5, class_weight="balanced", tol=1e-10, max_iter=10_000)
    fit.fit(pca.transform(f.x_train), f.y_train)
    found = linear_weights(
        build_model("pca_lr", n_components=10, c=0.5), f.x_train, f.y_train, seed=1
    )
    np.testing.assert_allclose(found, fit.coef_[0] @ pca.components_, atol=1e-6)


def test_weights_of_the_elastic_net_are_those_of_scikit_learn() -> None:
    f = fold()
    fit = LogisticRegression(
        C=0.3, l1_ratio=0.5, solver="saga", class_weight="balanced", tol=1e-9, max_iter=100_000
    ).fit(f.x_train, f.y_train)
    found = linear_weights(
        build_model("elasticnet_lr", c=0.3, l1_ratio=0.5), f.x_train, f.y_train, seed=1
    )
    np.testing.assert_allclose(found, fit.coef_[0], atol=1e-5)


@pytest.mark.parametrize("model", ["pca_lr", "elasticnet_lr"])
def test_weights_explain_the_scores_of_samples_never_seen(model: str) -> None:
    f = fold()
    built = build_model(model)
    scores = built.prepare(f.x_train, f.x_test, seed=1).score(f.y_train[:, None])[0]
    weights = linear_weights(built, f.x_train, f.y_train, seed=1)
    rest = scores - f.x_test @ weights
    np.testing.assert_allclose(rest, rest[0], atol=1e-9)


def test_other_models_have_no_weights() -> None:
    f = fold()
    assert linear_weights(build_model("knn"), f.x_train, f.y_train, seed=1) is None
    with pytest.raises(NotApplicableError, match="saga"):
        linear_weights(build_model("elasticnet_lr", solver="saga"), f.x_train, f.y_train, seed=1)


def test_planted_genes_come_first_in_every_model() -> None:
    plan, cohorts = planned(driven(), models=("pca_lr", "elasticnet_lr"), scores=True)
    rows = pd.DataFrame(top_features(plan, cohorts), columns=list(TOP_FEATURE_COLUMNS))
    assert set(rows["feature_set"]) == {"gene", "scores"}
    key = ["task", "feature_set", "model"]
    assert rows[key].drop_duplicates().apply(tuple, axis=1).is_monotonic_increasing
    for (_, feature, _), cell in rows.groupby(key):
        up, down = ("g0007", "g0040") if feature == "gene" else ("c0007", None)
        assert 1 < len(cell) <= TOP
        assert cell["mean_rank"].is_monotonic_increasing
        first = cell.set_index("feature").loc[[n for n in (up, down) if n]]
        assert set(cell["feature"].iloc[: len(first)]) == set(first.index)
        assert (first["sign_consistency"] == 1).all()
        assert (first["n_folds_in_top"] == 3).all()
        assert (first["consensus_rank"] <= len(first)).all()
        assert first["mean_importance"][up] > 0
        assert down is None or first["mean_importance"][down] < 0


def test_symbols_stand_beside_the_genes() -> None:
    plan, cohorts = planned(driven())
    (tissue, cohort), *_ = cohorts.items()
    named = replace(cohort, symbols=tuple(f"S{i}" for i in range(80)))
    rows = top_features(plan, {tissue: named})
    assert {r["symbol"] for r in rows} == {f"S{int(r['feature'][1:])}" for r in rows}


def test_a_feature_that_a_fold_lacks_counts_as_nothing_there() -> None:
    """Column c0003 is missing in SIM-3, so that no fold has it; c0004 in none of the missions."""
    plan, cohorts = planned(driven(), scores=True)
    (tissue, cohort), *_ = cohorts.items()
    frame = cohort.matrices["scores"].copy()
    frame.loc[cohort.obs["mission"] == "SIM-3", "c0003"] = np.nan
    lacking = replace(cohort, matrices={"scores": frame})
    rows = top_features(plan, {tissue: lacking}, features=("scores",))
    assert {r["n_folds"] for r in rows} == {3}
    assert len({r["feature"] for r in rows}) == 19
    assert "c0003" not in {r["feature"] for r in rows}


def test_losses_of_a_model_that_is_not_linear() -> None:
    f = fold()
    losses = permutation_losses(build_model("knn", n_neighbours=5), f, seed=1, candidates=12)
    chosen = np.flatnonzero(~np.isnan(losses))
    assert len(chosen) == 12
    assert {7, 40} <= set(chosen)
    assert np.nanargmax(losses) == 7
    # a gene shuffled by hand, scored by scikit-learn's neighbours
    peer = KNeighborsClassifier(5, weights="distance").fit(f.x_train, f.y_train)
    whole = roc_auc_score(f.y_test, peer.predict_proba(f.x_test)[:, 1])
    rng, lost = np.random.default_rng(0), []
    for _ in range(400):
        x = f.x_test.copy()
        x[:, 7] = rng.permutation(x[:, 7])
        lost.append(whole - roc_auc_score(f.y_test, peer.predict_proba(x)[:, 1]))
    many = permutation_losses(
        build_model("knn", n_neighbours=5), f, seed=2, candidates=2, repeats=400
    )
    error = np.hypot(*[np.std(lost) / 20] * 2)
    assert many[7] == pytest.approx(np.mean(lost), abs=4 * error)


def test_rows_of_a_model_that_is_not_linear_say_so() -> None:
    plan, cohorts = planned(driven(), models=("knn",))
    rows = top_features(plan, cohorts, models=("knn", "no_such_model"))
    assert {(r["model"], r["importance"]) for r in rows} == {("knn", "permutation")}
    assert {"g0007", "g0040"} == {r["feature"] for r in rows[:2]}


def test_candidates_are_chosen_by_welch() -> None:
    from scipy.stats import ttest_ind

    f = fold()
    expected = np.abs(
        ttest_ind(f.x_train[f.y_train == 1], f.x_train[f.y_train == 0], equal_var=False).statistic
    )
    np.testing.assert_allclose(welch_t(f.x_train, f.y_train), expected)
    assert welch_t(np.ones((4, 2)), np.array([0, 1, 0, 1])).tolist() == [0, 0]
