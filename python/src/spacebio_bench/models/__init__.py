"""The classifiers, one file each; a new one is a file, a line here, a test and a protocol entry."""

from __future__ import annotations

from spacebio_bench.models import (
    elasticnet_lr,
    knn,
    lfc,
    mlp,
    multinomial_lr,
    pca_lr,
    rf,
    svm_rbf,
    tabnet,
    xgb,
)
from spacebio_bench.models._registry import (
    Model,
    ModelCard,
    Scorer,
    build_model,
    load_libraries,
    model_card,
    model_names,
    seconds_per_fit,
    unavailable_reason,
)

__all__ = [
    "Model",
    "ModelCard",
    "Scorer",
    "build_model",
    "elasticnet_lr",
    "knn",
    "lfc",
    "load_libraries",
    "mlp",
    "model_card",
    "model_names",
    "multinomial_lr",
    "pca_lr",
    "rf",
    "seconds_per_fit",
    "svm_rbf",
    "tabnet",
    "unavailable_reason",
    "xgb",
]
