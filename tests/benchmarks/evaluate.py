"""What judging a submission costs, from the start of the command to its end."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from timing import Result, Timed

LIVER = {"A": (36, 34), "B": (10, 9), "C": (20, 19), "D": (36, 33), "E": (8, 8), "F": (6, 6)}
"""Flight and ground samples of six missions: folds of the published sizes."""
SMALL = {"A": (4, 4), "B": (5, 4)}
LIMIT_S = 2.0
REPEATS = 5


def results(*, quick: bool) -> Iterator[Result]:
    """The verb `evaluate` on made-up scores of three digits, which tie."""
    sizes = SMALL if quick else LIVER
    with tempfile.TemporaryDirectory() as scratch:
        command = _command(Path(scratch), sizes)
        times = []
        for _ in range(1 if quick else REPEATS):
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times.append(time.perf_counter() - began)
    n = sum(map(sum, sizes.values()))
    yield Result(
        what="evaluate a submission",
        size=f"{len(sizes)} folds, {n} samples",
        ours=Timed(statistics.median(times), f"median of {len(times)}"),
        floor=LIMIT_S,
        remark=f"median of {len(times)}; both p-values, all intervals, published statistics",
        running=True,
    )


def _command(folder: Path, sizes: dict[str, tuple[int, int]]) -> list[str]:
    rng = np.random.default_rng(1)
    labels, predictions = ["sample,mission,label"], {}
    for mission, (flight, ground) in sizes.items():
        own = predictions[f"fold_{mission}_test"] = {}
        for i, label in enumerate([1] * flight + [0] * ground):
            labels.append(f"{mission}_{i},{mission},{label}")
            own[f"{mission}_{i}"] = round(1 / (1 + float(np.exp(-rng.normal(label)))), 3)
    submission = {"task_id": "A1", "model_name": "made_up", "predictions": predictions}
    (folder / "labels.csv").write_text("\n".join(labels), encoding="utf-8")
    (folder / "submission.json").write_text(json.dumps(submission), encoding="utf-8")
    program = [sys.executable, "-c", "from spacebio_bench.cli import main; main()", "evaluate"]
    return [*program, str(folder / "submission.json"), "--labels", str(folder / "labels.csv")]
