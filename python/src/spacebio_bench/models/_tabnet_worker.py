"""Fit TabNet on one fold, under the interpreter that has torch; imports nothing of this package.

Called as ``python _tabnet_worker.py in.npz out.npz``. In: x_train, x_test, labels (n_train, L), and
the settings of `TabNet` with the seed as JSON text. Out: scores (L, n_test).
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import numpy as np
import torch
from pytorch_tabnet import abstract_model
from pytorch_tabnet.tab_model import TabNetClassifier


class Ungrouped(torch.Tensor):  # type: ignore[misc]
    """The p x p identity that stands for features without groups, with the memory of one number.

    The library multiplies the masks by it in every step: at 25,000 genes 2.5 GB and most of the
    time.
    """

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN206
        """Leave what it is multiplied by as it is."""
        if func is torch.matmul:
            return args[0]
        return super().__torch_function__(func, types, args, kwargs or {})

    @classmethod
    def of(cls, _groups: list[list[int]], n_features: int) -> Ungrouped:
        """Stand-in for the library's function that makes the matrix."""
        return torch.ones(1).expand(n_features, n_features).as_subclass(cls)  # type: ignore[no-any-return]


def validation_rows(labels: np.ndarray, how: str, seed: int) -> np.ndarray:
    """Rows of a tenth of the training samples: the last ones, or drawn within each class."""
    n = len(labels)
    if how == "last_rows":
        return np.arange(n - max(2, int(0.1 * n)), n)
    generator = np.random.default_rng(seed)
    drawn = []
    for value in (0, 1):
        rows = np.flatnonzero(labels == value)
        drawn.append(generator.permutation(rows)[: max(1, round(0.1 * len(rows)))])
    return np.sort(np.concatenate(drawn))


def fit_and_score(
    x_train: np.ndarray, x_test: np.ndarray, labels: np.ndarray, settings: dict[str, Any]
) -> np.ndarray:
    """Probability of class 1 for each test sample."""
    held = validation_rows(labels, settings["validation"], settings["seed"])
    rest = np.setdiff1d(np.arange(len(labels)), held)
    network = TabNetClassifier(
        n_d=settings["width"],
        n_a=settings["width"],
        n_steps=settings["n_steps"],
        gamma=settings["gamma"],
        lambda_sparse=settings["lambda_sparse"],
        mask_type="entmax",
        optimizer_fn=torch.optim.Adam,
        optimizer_params={"lr": settings["learning_rate"]},
        scheduler_fn=torch.optim.lr_scheduler.StepLR,
        scheduler_params={"step_size": 10, "gamma": 0.9},
        seed=settings["seed"],
        device_name="cpu",
        verbose=0,
    )
    network.fit(
        x_train[rest],
        labels[rest],
        eval_set=[(x_train[held], labels[held])],
        eval_metric=["auc"],
        max_epochs=settings["max_epochs"],
        patience=settings["patience"],
        batch_size=settings["batch_size"],
        drop_last=settings["drop_last"],
        compute_importance=False,
    )
    return np.asarray(network.predict_proba(x_test)[:, 1])


def main() -> None:
    """Read the fold, fit each labeling, write the scores."""
    torch.set_num_threads(1)
    abstract_model.create_group_matrix = Ungrouped.of
    warnings.simplefilter("ignore")
    with np.load(sys.argv[1]) as fold:
        x_train, x_test, labels = fold["x_train"], fold["x_test"], fold["labels"]
        settings = json.loads(str(fold["settings"]))
    scores = [fit_and_score(x_train, x_test, column, settings) for column in labels.T]
    np.savez(sys.argv[2], scores=np.asarray(scores, dtype=np.float64))


if __name__ == "__main__":
    main()
