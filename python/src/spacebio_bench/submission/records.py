"""A judged submission as one file: with its draws, so that ranks need no labels, and its digest."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.identity import digest
from spacebio_bench.statistics.ranks import Ranks, rank_intervals
from spacebio_bench.submission.evaluation import Evaluation
from spacebio_bench.submission.read import Submission
from spacebio_bench.typing import FloatArray

FORMAT = "spacebio-bench submission record 1"
_EVALUATION = ("folds", "go", "labels_digest", "submission_digest", "seed", "value_mean")


@dataclass(frozen=True)
class Record:
    """One submission of a leaderboard.

    Attributes
    ----------
    submission
        As it was handed in, in the names of the JSON form.
    evaluation
        What came out, in the names of `Evaluation`.
    draws
        Mean AUROC of each bootstrap draw, shape (n_draws,).
    """

    submission: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    draws: FloatArray

    @classmethod
    def of(cls, submission: Submission, evaluation: Evaluation) -> Record:
        """The record of an evaluation."""
        return cls(submission.to_dict(), evaluation.to_dict(), evaluation.draws)

    @property
    def task(self) -> str:
        """Short id of its task."""
        return str(self.evaluation["task"])

    @property
    def model_name(self) -> str:
        """Unique within a task and its labels, whatever the case."""
        return str(self.evaluation["model_name"])

    @property
    def question(self) -> tuple[str, str, int]:
        """Only records with the same task, labels and seed of the draws are ranked together."""
        seed = int(self.evaluation["seed"])
        return self.task, str(self.evaluation["labels_digest"]), seed

    def to_text(self) -> str:
        """The file: one JSON object, its digest over all the rest."""
        content = {
            "format": FORMAT,
            "submission": self.submission,
            "evaluation": self.evaluation,
            "draws": self.draws.tolist(),
        }
        whole = content | {"digest": digest(content)}
        return json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    @property
    def file_name(self) -> str:
        """`<model_name>.<first digits of the digest>.json`."""
        return f"{self.model_name}.{json.loads(self.to_text())['digest'][:12]}.json"


def read_record(path: Path) -> Record:
    """Read a record and check it against its digest, its name and its folder.

    Raises
    ------
    InputError
        It is not as it was written.
    """
    mend = "restore it, or take it out of the leaderboard."
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError([Problem(str(path), f"is no record of a submission; {mend}")]) from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise InputError([Problem(str(path), f"is not a '{FORMAT}'; {mend}")])
    own = whole.pop("digest", None)
    if own != digest(whole):
        raise InputError([Problem(str(path), f"was changed: its digest does not fit; {mend}")])
    evaluation = whole.get("evaluation")
    if not isinstance(evaluation, dict) or any(name not in evaluation for name in _EVALUATION):
        raise InputError([Problem(str(path), f"holds no evaluation; {mend}")])
    record = Record(whole["submission"], evaluation, np.array(whole["draws"], dtype=np.float64))
    if path.parent.name != record.task or path.name != record.file_name:
        raise InputError([Problem(str(path), f"should be {record.task}/{record.file_name}.")])
    return record


def rank_together(records: Sequence[Record]) -> Ranks:
    """Rank intervals of records that answer the same question, in their order."""
    first = records[0].evaluation
    return rank_intervals(
        [record.evaluation["value_mean"] for record in records],
        np.stack([record.draws for record in records]),
        first["units_positive"],
        first["units_negative"],
    )
