"""Where a submission stands among those that answer the same question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spacebio_bench.submission.records import Record, rank_together


@dataclass(frozen=True)
class Place:
    """Where a submission stands among those of its task and labels, itself included.

    Attributes
    ----------
    rank_low, rank_high
        Best and worst rank that are not ruled out; 1 is best.
    tie_group
        1 for those that cannot be told from the best one.
    n
        Submissions that are compared.
    n_other_labels
        Submissions of the task that were judged by other labels, and are not compared.
    """

    rank_low: int
    rank_high: int
    tie_group: int
    n: int
    n_other_labels: int


def place_of(record: Record, others: Sequence[Record]) -> Place:
    """Where a record stands; it may be among the others already."""
    alike = [other for other in others if other.question == record.question]
    compared = [record, *(o for o in alike if o.submission != record.submission)]
    ranks = rank_together(compared)
    of_task = sum(other.task == record.task for other in others)
    return Place(
        rank_low=int(ranks.low[0]),
        rank_high=int(ranks.high[0]),
        tie_group=int(ranks.tie_group[0]),
        n=len(compared),
        n_other_labels=of_task - len(alike),
    )
