"""A small made-up task: three missions, a submission that fits it, and ways to write both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

SIZES = {"SIM-1": (6, 6), "SIM-2": (5, 4), "SIM-3": (3, 5)}


def labelled() -> list[tuple[str, str, int]]:
    """Sample, mission, label; ground first."""
    return [
        (f"{mission.lower()}_s{i:02d}", mission, int(i >= n_negative))
        for mission, (n_positive, n_negative) in SIZES.items()
        for i in range(n_positive + n_negative)
    ]


def write_labels(folder: Path, rows: list[tuple[str, str, int]] | None = None) -> Path:
    path = folder / "labels.csv"
    lines = ["sample,mission,label", *(f"{s},{m},{y}" for s, m, y in rows or labelled())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def predictions(seed: int = 0, shift: float = 1.0) -> dict[str, dict[str, float]]:
    rng = np.random.default_rng(seed)
    found: dict[str, dict[str, float]] = {}
    for sample, mission, label in labelled():
        score = 1 / (1 + np.exp(-rng.normal(shift * label)))
        found.setdefault(f"fold_{mission}_test", {})[sample] = round(float(score), 3)
    return found


def document(**changed: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "task_id": "A6",
        "model_name": "made_v1",
        "model_description": "a made-up model",
        "tier": "1",
        "submission_date": "2026-03-01",
        "predictions": predictions(),
    }
    return {key: value for key, value in (whole | changed).items() if value is not ...}


def write_json(folder: Path, content: Any, name: str = "submission.json") -> Path:
    path = folder / name
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path
