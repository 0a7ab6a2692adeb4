"""TabNet: pytorch-tabnet in an environment of its own, one process a unit."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from spacebio_bench.errors import NotApplicableError
from spacebio_bench.models._labelings import has_both_classes
from spacebio_bench.models._registry import ModelCard, register
from spacebio_bench.typing import Labels, Matrix, Scores

INTERPRETER = "SPACEBIO_BENCH_TABNET_PYTHON"
"""Environment variable that names the Python which has torch and pytorch-tabnet."""

MISSING = "TabNet needs an environment of its own, which is not there: make setup-tabnet"

_WORKER = Path(__file__).with_name("_tabnet_worker.py")
_SMALLEST = 4  # training samples: two to fit, one of each class to stop early


def interpreter() -> Path | None:
    """The Python that has TabNet: of the environment variable, else of the checkout, else None."""
    named = os.environ.get(INTERPRETER)
    if named:
        return Path(named) if Path(named).is_file() else None
    for folder in Path(__file__).resolve().parents:
        python = folder / ".tools" / "tabnet" / "bin" / "python"
        if python.is_file():
            return python
    return None


def _unavailable() -> str | None:
    return None if interpreter() else MISSING


@dataclass(frozen=True)
class _Fold:
    x_train: Matrix
    x_test: Matrix
    settings: str
    python: Path

    def score(self, labels: Labels) -> Scores:
        scores = np.zeros((labels.shape[1], len(self.x_test)))
        both = has_both_classes(labels)
        if both.any():
            scores[both] = self._run(labels[:, both])
        return scores

    def _run(self, labels: Labels) -> Scores:
        with tempfile.TemporaryDirectory(prefix="tabnet-") as folder:
            given, result = Path(folder) / "in.npz", Path(folder) / "out.npz"
            np.savez(
                given,
                x_train=self.x_train,
                x_test=self.x_test,
                labels=labels.astype(np.int64),
                settings=np.array(self.settings),
            )
            ended = subprocess.run(  # noqa: S603 (the interpreter is the user's own choice)
                [str(self.python), "-I", str(_WORKER), str(given), str(result)],
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                capture_output=True,
                text=True,
                check=False,
            )
            if ended.returncode != 0:
                last = ended.stderr.strip().splitlines()[-1:] or ["no message"]
                msg = f"TabNet ended with code {ended.returncode}: {last[0]}"
                raise RuntimeError(msg)
            with np.load(result) as written:
                return np.asarray(written["scores"], dtype=np.float64)


@register(
    ModelCard(
        name="tabnet",
        track="classical",
        scaled=False,
        refit="none",
        reference="Arik & Pfister 2021",
        scores="probability",
        stochastic=True,
    ),
    unavailable=_unavailable,
)
@dataclass(frozen=True)
class TabNet:
    """Probability of an attentive network that picks features step by step.

    Parameters
    ----------
    validation
        Samples that stop the training: ``stratified``, a tenth of each class and at least one; or
        ``last_rows``, the last tenth of the training samples and at least two, as published.
    width
        Width of decision and attention, n_d = n_a.
    n_steps, gamma, lambda_sparse
        Steps, how often a feature may come back, and the weight of sparsity.
    learning_rate
        Of Adam; times 0.9 every 10 epochs.
    max_epochs, patience
        Most epochs, and epochs without a better validation AUROC before it stops.
    batch_size
        Samples of a step.
    drop_last
        Leave out an incomplete batch. With fewer training samples than `batch_size` that is every
        batch, and the network is never trained: so it was in the published grid.
    """

    validation: Literal["stratified", "last_rows"] = "stratified"
    width: int = 8
    n_steps: int = 3
    gamma: float = 1.3
    lambda_sparse: float = 1e-3
    learning_rate: float = 2e-2
    max_epochs: int = 200
    patience: int = 20
    batch_size: int = 256
    drop_last: bool = False

    def seconds_per_fit(self, n_train: int, n_features: int) -> float:
        return 3 + 2e-5 * n_train * n_features  # 3 s until torch is there

    def prepare(self, x_train: Matrix, x_test: Matrix, *, seed: int) -> _Fold:
        python = interpreter()
        if python is None:
            raise NotApplicableError(MISSING)
        if len(x_train) < _SMALLEST:
            msg = f"TabNet needs {_SMALLEST} training samples"
            raise NotApplicableError(msg)
        settings = json.dumps({**asdict(self), "seed": seed})
        return _Fold(
            np.asarray(x_train, np.float32), np.asarray(x_test, np.float32), settings, python
        )
