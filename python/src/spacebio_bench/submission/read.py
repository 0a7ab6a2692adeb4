"""From a file to a checked submission, or to everything that is wrong with it and its labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from spacebio_bench.identity import digest
from spacebio_bench.submission.files import JSON_LIMIT, read_bytes
from spacebio_bench.submission.findings import Findings, shown
from spacebio_bench.submission.folds import TaskFold, task_folds
from spacebio_bench.submission.json_form import read_json
from spacebio_bench.submission.labels import TrueLabels, read_labels
from spacebio_bench.submission.metadata import Metadata, check_metadata, parse_task
from spacebio_bench.submission.predictions import check_predictions
from spacebio_bench.submission.raw import Raw
from spacebio_bench.submission.table_form import read_csv, read_parquet
from spacebio_bench.typing import FloatArray


@dataclass(frozen=True)
class Submission:
    """Predictions that fit a task.

    Attributes
    ----------
    about
        What it says of itself.
    folds
        Those of the task, sorted by name.
    scores
        By fold, in the order of the fold's `positions`; a fold that cannot be scored may be absent.
    predictions
        The same by fold and sample.
    """

    about: Metadata
    folds: tuple[TaskFold, ...]
    scores: Mapping[str, FloatArray] = field(repr=False)
    predictions: Mapping[str, Mapping[str, float]] = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """sha256 of what was handed in, whatever the form and order it came in."""
        return digest(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Plain data, in the names of the JSON form."""
        return {
            "task_id": str(self.about.task),
            "model_name": self.about.model_name,
            "model_description": self.about.model_description,
            "tier": self.about.tier,
            "submission_date": self.about.submission_date,
            "saw_other_folds_labels": self.about.saw_other_folds_labels,
            "predictions": {fold: dict(own) for fold, own in self.predictions.items()},
        }


def read_submission(
    path: Path,
    labels_path: Path,
    *,
    task: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[Submission, TrueLabels]:
    """Read a submission and the labels that it is judged by.

    Parameters
    ----------
    path
        `.json`, or the long form as `.csv`, `.csv.gz` or `.parquet`.
    labels_path
        CSV file with the columns sample, mission and label.
    task
        `A6` or `A6_eye_lomo`; the file's own when None.
    options
        Entries that the file does not have, by name; None where an option was not given.

    Raises
    ------
    InputError
        Everything that is wrong with either file, at once.
    """
    findings = Findings()
    asked = parse_task(task) if task is not None else None
    if task is not None and asked is None:
        what = f"{shown(task)} is no task, as A6 or A6_eye_lomo are."
        findings.add("tasks", "--task", what)
    raw = _read_raw(path, findings)
    labels = read_labels(labels_path, findings)
    own = raw.entries.get("task_id") if raw is not None else None
    known = asked or (parse_task(own) if isinstance(own, str) else None)
    about: Metadata | None = None
    folds: tuple[TaskFold, ...] = ()
    scores: dict[str, FloatArray] = {}
    if raw is not None:
        about = check_metadata(raw, task=asked, options=options or {}, findings=findings)
        if known is not None and labels is not None:
            folds = task_folds(known, labels, (raw.predictions or {}).keys(), findings)
        scores = check_predictions(raw, folds or None, labels, findings)
    findings.raise_any()
    assert about is not None
    assert labels is not None
    predictions = {
        fold.fold: {
            labels.samples[i]: score
            for i, score in zip(fold.positions, scores[fold.fold].tolist(), strict=True)
        }
        for fold in folds
        if fold.fold in scores
    }
    return Submission(about, folds, scores, predictions), labels


def _read_raw(path: Path, findings: Findings) -> Raw | None:
    name = path.name.lower()
    if name.endswith(".json"):
        data = read_bytes(path, JSON_LIMIT, findings)
        return read_json(data, str(path), findings) if data is not None else None
    if name.endswith((".csv", ".csv.gz")):
        return read_csv(path, findings)
    if name.endswith(".parquet"):
        return read_parquet(path, findings)
    what = "is no submission: its name has to end in .json, .csv, .csv.gz or .parquet."
    findings.add("file", str(path), what)
    return None
