"""The eight-tissue grid with the published statistics: every model, fold and feature set once."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import refits
import tissue
from folds import Fold, Size, simulated_fold
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from timing import Result, Timed, cpu
from xgboost import XGBClassifier

from spacebio_bench.features import z_score
from spacebio_bench.models import build_model
from spacebio_bench.protocol import load_protocol
from spacebio_bench.statistics import exact, published
from spacebio_bench.statistics.auroc import auroc
from spacebio_bench.statistics.bootstrap import bootstrap_auroc, stratified_draws
from spacebio_bench.statistics.intervals import newcombe

FLOOR = 15

# published sizes: samples of each held-out mission (or of a fifth), and genes; genes of tissues
# other than thymus and liver, and the missions of the kidney, are about what they are
TISSUES: dict[str, tuple[tuple[int, ...], int]] = {
    "liver": ((9, 21, 18, 58, 103, 34), 22_987),
    "thymus": ((6, 6, 34, 20), 28_235),
    "gastrocnemius": ((12, 12, 8), 23_000),
    "kidney": ((12, 18, 88), 25_000),
    "eye": ((12, 9, 16), 25_000),
    "skin": ((35, 37, 30), 25_000),
    "lung": ((12, 12, 12, 11, 11), 25_000),
    "colon": ((11, 11, 11, 11, 10), 25_000),
}
PATHWAYS = {"hallmark": 50, "kegg": 186}
TIMED = {"liver": 103, "thymus": 20, "gastrocnemius": 12}
"""The folds that are timed; the others are extrapolated from them."""


def folds() -> Iterator[Size]:
    """Every fold with every feature set: genes, both together, Hallmark, KEGG."""
    for name, (missions, genes) in TISSUES.items():
        for n_test in missions:
            n_train = sum(missions) - n_test
            for n_features in (genes, genes + PATHWAYS["hallmark"], *PATHWAYS.values()):
                yield Size(name, n_train, n_test, n_features, 0.4)


def results(*, quick: bool) -> Iterator[Result]:
    every = list(folds())
    chosen = {
        size
        for size in every
        if TIMED.get(size.name) == size.n_test
        and size.n_features in (PATHWAYS["hallmark"], TISSUES[size.name][1])
    }
    timed = sorted(chosen, key=lambda size: (size.n_train, size.n_features))
    if quick:
        every, timed = [_shrink(size) for size in every], [_shrink(size) for size in timed[::2]]
    ours, usual, differences = [], [], []
    for size in timed:
        fold = simulated_fold(size)
        a, b, difference = _both(fold)
        ours.append(a)
        usual.append(b)
        differences.append(difference)
    totals = [_extrapolate(every, timed, side) for side in (ours, usual)]
    names = " and ".join(f"{size.n_train} + {size.n_test} x {size.n_features:,}" for size in timed)
    yield Result(
        "eight-tissue grid, published statistics",
        f"{len(every)} folds and feature sets, {len(OURS)} models",
        Timed(totals[0]),
        Timed(totals[1], f"timed on {names}, the rest by powers of the sizes"),
        FLOOR,
        difference=max(differences),
        allowed=1e-12,
        remark="calibrated, the truth with one seed; of 3,000 `roc_auc_score` a score, 300 timed",
    )


def _shrink(size: Size) -> Size:
    return replace(
        size,
        n_train=max(size.n_train // 3, 14),
        n_test=max(size.n_test // 3, 6),
        n_features=min(size.n_features, 200),
    )


def _extrapolate(every: list[Size], timed: list[Size], seconds: list[dict[str, float]]) -> float:
    """Sum over all folds of every piece, each fitted as a product of powers of the sizes."""
    total = 0.0
    for piece in seconds[0]:
        log_seconds = np.log([max(s[piece], 1e-7) for s in seconds])
        powers = np.linalg.lstsq(_design(timed, piece), log_seconds, rcond=None)[0]
        total += float(np.exp(_design(every, piece) @ powers).sum())
    return total


def _design(sizes: list[Size], piece: str) -> np.ndarray:
    if piece == "statistics":
        return np.log([[np.e, s.n_test] for s in sizes])
    return np.log([[np.e, s.n_train, s.n_features] for s in sizes])


def forest(fold: Fold, y: np.ndarray) -> np.ndarray:
    model = RandomForestClassifier(200, class_weight="balanced", n_jobs=1, random_state=42)
    return model.fit(fold.x_train, y).predict_proba(fold.x_test)[:, 1]


def boosting(fold: Fold, y: np.ndarray) -> np.ndarray:
    model = XGBClassifier(
        n_estimators=200,
        max_depth=3,
        subsample=0.7,
        learning_rate=0.1,
        n_jobs=1,
        random_state=42,
    )
    return model.fit(fold.x_train, y).predict_proba(fold.x_test)[:, 1]


def perceptron(fold: Fold, y: np.ndarray) -> np.ndarray:
    model = MLPClassifier(
        (256, 64),
        learning_rate="adaptive",
        max_iter=500,
        early_stopping=True,
        random_state=42,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(fold.x_train, y).predict_proba(fold.x_test)[:, 1]


def elastic_net(fold: Fold, y: np.ndarray) -> np.ndarray:
    return refits.saga(fold, y, refits.ITERATIONS).decision_function(fold.x_test)


USUAL: dict[str, Callable[[Fold, np.ndarray], np.ndarray]] = {
    "elasticnet_lr": elastic_net,
    "pca_lr": refits.pca_lr,
    "svm_rbf": refits.svm_rbf,
    "knn": refits.knn,
    "rf": forest,
    "xgb": boosting,
    "mlp": perceptron,
}
OURS = {name: load_protocol("calibrated").models[name] for name in USUAL}


def _both(fold: Fold) -> tuple[dict[str, float], dict[str, float], float]:
    """CPU seconds of each piece on both sides, and how far the published statistics differ."""
    y, truth = fold.labels[:, 0], fold.test_labels.astype(np.int64)
    how = load_protocol("calibrated").published
    few = replace(how, n_bootstraps=200, n_permutations=100)
    ours = {"z-score": cpu(lambda: z_score(fold.x_train, fold.x_test, ddof=1), repeats=1).seconds}
    usual = {"z-score": ours["z-score"]}
    for name, plain in USUAL.items():
        usual[name] = cpu(lambda p=plain: p(fold, y), repeats=1).seconds
        ours[name] = cpu(lambda n=name: _fit(n, fold), repeats=1).seconds
    scores = np.round(_fit("knn", fold), 6)
    timed = cpu(lambda: tissue.usual_statistics(truth, scores, few), repeats=1)
    usual["statistics"] = 10 * timed.seconds * len(USUAL)
    ours["statistics"] = (
        len(USUAL) * cpu(lambda: _statistics(truth, scores, how), repeats=3).seconds
    )
    theirs = tissue.usual_statistics(truth, scores, few)
    mine = tissue.our_statistics(truth, scores, few)
    return ours, usual, max(abs(theirs[name] - mine[name]) for name in theirs)


def _fit(name: str, fold: Fold) -> np.ndarray:
    model = build_model(name, **OURS[name])
    return model.prepare(fold.x_train, fold.x_test, seed=42).score(fold.labels[:, :1])[0]


def _statistics(truth: np.ndarray, scores: np.ndarray, how: object) -> None:
    """What `folds.csv` holds of a fold, nothing cached."""
    for cached in (exact._share_of_sums, published._resampled, published._permuted):
        cached.cache_clear()
    tissue.our_statistics(truth, scores, how)
    exact.exact_p(scores, truth)
    newcombe(float(auroc(scores, truth)[0]), int(truth.sum()), int((1 - truth).sum()))
    bootstrap_auroc(scores, truth, stratified_draws(truth, n_draws=2_000, seed=1))
