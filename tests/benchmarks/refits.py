"""A thousand labelings of one fold refitted, and one elastic net, against scikit-learn."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

import numpy as np
from folds import LIVER, SMALL_LIVER, SMALL_THYMUS, THYMUS, Fold, Size, simulated_fold
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from timing import Result, Timed, cpu

from spacebio_bench.models import build_model
from spacebio_bench.models._elastic_net import ElasticNet

N_REFITS = 1_000
ITERATIONS = 10_000
Fit = Callable[[Fold, np.ndarray], np.ndarray]


def pca_lr(fold: Fold, y: np.ndarray) -> np.ndarray:
    pca = PCA(min(50, len(y) - 1), svd_solver="full").fit(fold.x_train)
    model = LogisticRegression(class_weight="balanced", max_iter=1_000)
    model.fit(pca.transform(fold.x_train), y)
    return model.decision_function(pca.transform(fold.x_test))


def knn(fold: Fold, y: np.ndarray) -> np.ndarray:
    model = KNeighborsClassifier(5, weights="distance").fit(fold.x_train, y)
    return model.predict_proba(fold.x_test)[:, 1]


def svm_rbf(fold: Fold, y: np.ndarray) -> np.ndarray:
    model = SVC(gamma="scale", class_weight="balanced").fit(fold.x_train, y)
    return model.decision_function(fold.x_test)


def saga(fold: Fold, y: np.ndarray, iterations: int) -> LogisticRegression:
    model = LogisticRegression(
        l1_ratio=0.5,
        solver="saga",
        class_weight="balanced",
        max_iter=iterations,
        random_state=42,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(fold.x_train, y)


def converged_pca_lr(fold: Fold, y: np.ndarray) -> np.ndarray:
    """The same at the optimum; lbfgs at its default tolerance is off by up to 2e-2."""
    pca = PCA(min(50, len(y) - 1), svd_solver="full").fit(fold.x_train)
    model = LogisticRegression(
        class_weight="balanced", solver="newton-cholesky", tol=1e-14, max_iter=1_000
    )
    model.fit(pca.transform(fold.x_train), y)
    return model.decision_function(pca.transform(fold.x_test))


# what is timed, what is due, and what scores are compared with how closely
MODELS: dict[str, tuple[Fit, float, Fit, float]] = {
    "pca_lr": (pca_lr, 120, converged_pca_lr, 1e-8),
    "knn": (knn, 200, knn, 1e-9),
    "svm_rbf": (svm_rbf, 10, svm_rbf, 1e-9),
}


def results(*, quick: bool) -> Iterator[Result]:
    n_refits = 40 if quick else N_REFITS
    for size in (SMALL_THYMUS, SMALL_LIVER) if quick else (THYMUS, LIVER):
        fold = simulated_fold(size, n_labelings=n_refits)
        yield from _elastic_net(fold, size, 2_000 if quick else ITERATIONS)
        for name in MODELS:
            yield _against_scratch(name, fold, size)


def _against_scratch(name: str, fold: Fold, size: Size) -> Result:
    usual, floor, reference, allowed = MODELS[name]
    n_refits, few = fold.labels.shape[1], fold.labels[:, :3].T
    theirs = np.array([reference(fold, y) for y in few])
    timed = iter(few)
    return Result(
        f"{n_refits:,} refits, {name}",
        str(size),
        cpu(lambda: _refit(name, fold), repeats=3),
        cpu(
            lambda: usual(fold, next(timed)),
            repeats=len(few),
            scale=n_refits,
            how="3 labelings timed, scaled",
        ),
        floor,
        difference=float(np.abs(_refit(name, fold)[: len(few)] - theirs).max()),
        allowed=allowed,
    )


def _refit(name: str, fold: Fold) -> np.ndarray:
    """All labelings of a fold, `prepare` included."""
    return build_model(name).prepare(fold.x_train, fold.x_test, seed=1).score(fold.labels)


def _elastic_net(fold: Fold, size: Size, iterations: int) -> Iterator[Result]:
    truth = fold.labels[:, 0]
    fitted: list[LogisticRegression] = []
    usual = cpu(lambda: fitted.append(saga(fold, truth, iterations)), repeats=1)
    model = fitted[0]
    epochs = int(model.n_iter_[0])
    usual = Timed(usual.seconds, f"timed once, {epochs:,} of {iterations:,} iterations")
    columns = np.ascontiguousarray(fold.x_train.T)
    ours = next(ElasticNet(columns, c=1.0, l1_ratio=0.5).fit(truth[:, None]))
    weights = np.zeros(size.n_features)
    weights[ours.features] = ours.weights
    reached = _objective(fold, truth, weights, ours.intercept)
    theirs = _objective(fold, truth, model.coef_[0], float(model.intercept_[0]))
    both = {
        "difference": max(0.0, reached / theirs - 1),
        "allowed": 1e-12,
        "remark": f"objective {reached:.6f} (saga {theirs:.6f}), gap {ours.gap:.0e}",
    }
    one = Fold(fold.x_train, fold.x_test, fold.labels[:, :1], fold.test_labels)
    timed = cpu(lambda: _refit("elasticnet_lr", one), repeats=5)
    yield Result("one elastic net", str(size), timed, usual, 500, **both)
    n_refits = fold.labels.shape[1]
    many = cpu(lambda: _refit("elasticnet_lr", fold), repeats=1)
    scaled = Timed(n_refits * usual.seconds, f"{usual.how}, scaled")
    yield Result(f"{n_refits:,} refits, elasticnet_lr", str(size), many, scaled, 300, **both)


def _objective(fold: Fold, y: np.ndarray, weights: np.ndarray, intercept: float) -> float:
    """What both minimise: balanced log-loss, half absolute values, a quarter squares."""
    balance = len(y) / (2 * np.bincount(y))
    margin = (2.0 * y - 1) * (fold.x_train @ weights + intercept)
    penalty = np.abs(weights).sum() / 2 + weights @ weights / 4
    return float(balance[y] @ np.logaddexp(0, -margin) + penalty)
