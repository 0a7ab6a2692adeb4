"""Judges a submission: each fold, then what the folds say together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spacebio_bench.identity import identity_seed
from spacebio_bench.report.published_columns import published_columns
from spacebio_bench.statistics.auroc import auroc
from spacebio_bench.statistics.bootstrap import bootstrap_auroc, stratified_draws
from spacebio_bench.statistics.exact import attainable_p, exact_p
from spacebio_bench.statistics.intervals import newcombe
from spacebio_bench.submission.evaluation import Evaluation, FoldScore
from spacebio_bench.submission.folds import TaskFold
from spacebio_bench.submission.labels import TrueLabels
from spacebio_bench.submission.read import Submission
from spacebio_bench.submission.rules import published_protocol
from spacebio_bench.submission.together import lomo_statistics, pairs_statistics
from spacebio_bench.typing import FloatArray

SEED = 42
"""Of the bootstrap that submissions share when they are ranked."""
N_DRAWS = 2_000


def evaluate_submission(
    submission: Submission, labels: TrueLabels, *, seed: int = SEED, rule: str = "v1"
) -> Evaluation:
    """Evaluate a submission that was read with these labels.

    Parameters
    ----------
    seed
        Of the bootstrap that the submissions of a task share.
    rule
        Which rule says Go: one of `rules.RULES`.
    """
    of_pairs = submission.about.task.family == "pairs"
    scored = [fold for fold in submission.folds if not fold.reason]
    scores = [submission.scores[fold.fold] for fold in scored]
    truths = [labels.truth(fold.positions) for fold in scored]
    rows = [_row(fold, submission, labels) for fold in submission.folds]
    ok = [row for row in rows if row.status == "ok"]
    values = np.array([row.auroc for row in ok])
    tested = sorted({fold.test_mission for fold in scored})
    units = [labels.truth(labels.of(mission)) for mission in tested]
    return Evaluation(
        about=submission.about,
        submission_digest=submission.digest,
        labels_digest=labels.digest,
        seed=seed,
        folds=tuple(rows),
        n_folds=len(ok),
        n_samples=len(labels.samples),
        n_positive=sum(labels.labels),
        value_mean=float(values.mean()),
        value_sd=float(values.std(ddof=1)) if len(values) > 1 else None,
        auroc_pooled=float(auroc(np.concatenate(scores), np.concatenate(truths))[0]),
        units_positive=tuple(int(unit.sum()) for unit in units),
        units_negative=tuple(len(unit) - int(unit.sum()) for unit in units),
        draws=_mean_draws(submission, scored, labels, seed),
        **(
            pairs_statistics(ok, rule=rule)
            if of_pairs
            else lomo_statistics(
                ok,
                scores,
                truths,
                saw_other_folds_labels=submission.about.saw_other_folds_labels,
                rule=rule,
            )
        ),
    )


def _row(fold: TaskFold, submission: Submission, labels: TrueLabels) -> FoldScore:
    truth = labels.truth(fold.positions)
    n_positive = int(truth.sum())
    names = (fold.fold, fold.train_missions, fold.test_mission, len(truth), n_positive)
    if fold.reason:
        return FoldScore(*names, status="not_applicable", reason=fold.reason)
    scores = submission.scores[fold.fold]
    published = published_columns(scores, truth, published_protocol().published)
    value = float(auroc(scores, truth)[0])
    low, high = newcombe(value, n_positive, len(truth) - n_positive)
    return FoldScore(
        *names,
        auroc=value,
        ci_low=low,
        ci_high=high,
        p_exact=exact_p(scores, truth),
        p_attainable=attainable_p(truth),
        pub_ci_low=published.pub_ci_low,
        pub_ci_high=published.pub_ci_high,
        pub_p=published.pub_p,
    )


def _mean_draws(
    submission: Submission, scored: Sequence[TaskFold], labels: TrueLabels, seed: int
) -> FloatArray:
    """Mean AUROC over folds in each draw; the folds that test a mission share its draws."""
    by_mission = {
        mission: stratified_draws(
            labels.truth(labels.of(mission)),
            n_draws=N_DRAWS,
            seed=identity_seed(seed, labels.digest, mission),
        )
        for mission in {fold.test_mission for fold in scored}
    }
    draws = [
        bootstrap_auroc(
            submission.scores[fold.fold],
            labels.truth(fold.positions),
            by_mission[fold.test_mission],
        )
        for fold in scored
    ]
    mean: FloatArray = np.mean(draws, axis=0)
    return mean
