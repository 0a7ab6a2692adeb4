"""The weight of each feature in a linear model, of the fit that the grid makes."""

from __future__ import annotations

import numpy as np

from spacebio_bench.errors import NotApplicableError
from spacebio_bench.models._elastic_net import ElasticNet
from spacebio_bench.models._registry import Model
from spacebio_bench.models.elasticnet_lr import ElasticNetLogistic
from spacebio_bench.models.pca_lr import PrincipalComponentRegression
from spacebio_bench.typing import FloatArray, Labels, Matrix


def linear_weights(
    model: Model, x_train: Matrix, labels: Labels, *, seed: int
) -> FloatArray | None:
    """Weights w of a model whose score is x w + b.

    Parameters
    ----------
    model
        With its settings.
    x_train
        Shape (n_train, p), scaled as the model's card says.
    labels
        Shape (n_train,), both classes.

    Returns
    -------
    Shape (p,), or None for a model that is not linear.

    Raises
    ------
    NotApplicableError
        A linear model whose solver keeps no weights.
    """
    if isinstance(model, PrincipalComponentRegression):
        return _in_row_space(model, np.asarray(x_train, np.float64), labels, seed)
    if isinstance(model, ElasticNetLogistic):
        return _elastic_net(model, x_train, labels)
    return None


def _in_row_space(
    model: PrincipalComponentRegression, x: FloatArray, labels: Labels, seed: int
) -> FloatArray:
    """Weights on components are weights on features in the span of the centred training samples.

    So the scores of the training samples determine them, whichever solver made these.
    """
    scores = model.prepare(x, x, seed=seed).score(labels[:, np.newaxis])[0]
    centred = x - x.mean(axis=0)
    gram = centred @ centred.T
    inverse = np.linalg.pinv(gram, rcond=1e-12, hermitian=True)
    return np.asarray((inverse @ (scores - scores.mean())) @ centred)


def _elastic_net(model: ElasticNetLogistic, x_train: Matrix, labels: Labels) -> FloatArray:
    if model.solver != "converged":
        msg = f"the solver {model.solver} stops before the optimum and keeps no weights"
        raise NotApplicableError(msg)
    columns = np.ascontiguousarray(x_train.T, np.float64)
    problem = ElasticNet(columns, c=model.c, l1_ratio=model.l1_ratio)
    (fit,) = problem.fit(np.ascontiguousarray(labels[:, np.newaxis]))
    weights = np.zeros(len(columns))
    weights[fit.features] = fit.weights
    return weights
