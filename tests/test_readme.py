"""The README's example of a classifier is code that works."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from spacebio_bench.models import Scorer
from spacebio_bench.models._registry import _REGISTRY, ModelCard, build_model, register
from spacebio_bench.typing import Labels, Matrix, Scores


def test_the_example_of_a_classifier_runs(project: Path) -> None:
    text = (project / "README.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(@register.*?)```", text, flags=re.DOTALL)
    names = {"Labels": Labels, "Matrix": Matrix, "ModelCard": ModelCard, "Scorer": Scorer}
    exec(code, {**names, "Scores": Scores, "dataclass": dataclass, "register": register})
    try:
        rng = np.random.default_rng(0)
        y = np.repeat([0, 1], 12).astype(np.int8)
        x = rng.normal(size=(24, 5)) + 3 * y[:, None]
        labels = np.column_stack([y, rng.permutation(y)]).astype(np.int8)
        scores = build_model("centroid").prepare(x, x, seed=1).score(labels)
    finally:
        del _REGISTRY["centroid"]
    assert scores.shape == (2, 24)
    assert roc_auc_score(y, scores[0]) == 1.0
