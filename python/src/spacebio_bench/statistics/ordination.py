"""Principal components of a few samples with many features."""

from __future__ import annotations

import numpy as np

from spacebio_bench.typing import FloatArray, Matrix


def principal_components(x: Matrix, n_components: int) -> tuple[FloatArray, FloatArray]:
    """Scores of the samples on the leading components, and the share of variance of each.

    Parameters
    ----------
    x
        Shape (n_samples, p); columns are centred, not scaled.
    n_components
        How many; zeros where the data have fewer.

    Returns
    -------
    Scores (n_samples, n_components) and shares (n_components,), which sum to at most 1.

    Notes
    -----
    Eigenvectors of the n x n Gram matrix: the same scores as the SVD of `x`, in n^2 p steps. Each
    component's sign is set so that its largest absolute score is positive (the first of equals):
    equal data give equal pictures.
    """
    centred = np.asarray(x, np.float64) - np.mean(x, axis=0, dtype=np.float64)
    values, vectors = np.linalg.eigh(centred @ centred.T)
    values, vectors = np.clip(values[::-1], 0, None), vectors[:, ::-1]
    kept = min(n_components, len(values))
    scores, shares = np.zeros((len(x), n_components)), np.zeros(n_components)
    scores[:, :kept] = vectors[:, :kept] * np.sqrt(values[:kept])
    total = values.sum()
    if total > 0:
        shares[:kept] = values[:kept] / total
    top = np.argmax(np.round(np.abs(scores), 9), axis=0)
    sign = np.where(scores[top, np.arange(n_components)] < 0, -1.0, 1.0)
    return scores * sign, shares
