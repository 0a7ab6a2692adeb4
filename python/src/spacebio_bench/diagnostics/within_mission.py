"""Rows of `within_mission.csv`: how well a mission's own samples tell its label, beside lomo.

Where a model finds the label within each mission but not across them, the missions differ in what
flight does; where it finds it in neither, there is nothing to transfer.

Leaving out one sample at a time pools scores of different fits, and each fit lacks one of its own
class: without a signal its AUROC is below 0.5. `pair_auroc` leaves out one sample of each class at
a time and asks which scores higher, so that only scores of one fit are compared (Airola et al.
2011, doi:10.1016/j.csda.2010.11.018). Both describe; no test is made of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.diagnostics._folds import fold_features, for_model
from spacebio_bench.diagnostics.top_features import lomo_tasks, planned_features
from spacebio_bench.errors import NotApplicableError
from spacebio_bench.features import feature_set
from spacebio_bench.grid.plan import Plan, PlannedTask
from spacebio_bench.identity import identity_seed
from spacebio_bench.models import build_model, unavailable_reason
from spacebio_bench.protocol import Protocol
from spacebio_bench.report.tables_io import Row
from spacebio_bench.statistics.auroc import auroc, round_significant
from spacebio_bench.typing import FloatArray, IntArray, Labels

WITHIN_COLUMNS = (
    "task",
    "feature_set",
    "model",
    "mission",
    "n_samples",
    "n_positive",
    "loo_auroc",
    "pair_auroc",
    "n_pairs",
    "lomo_auroc",
    "transductive",
    "status",
    "reason",
)
MODELS = ("pca_lr",)
MOST_PAIRS = 100
"""Pairs of a larger mission are drawn at random: each costs a fit."""


def within_mission(
    plan: Plan,
    cohorts: Mapping[str, Cohort],
    *,
    features: Sequence[str] = (),
    models: Sequence[str] = MODELS,
) -> list[Row]:
    """One row a mission of every `lomo` task, feature set and model, sorted by these.

    Parameters
    ----------
    plan, cohorts
        As the grid takes them.
    features
        Feature sets; those planned when empty.
    models
        Names; those that the protocol has not or that this machine cannot run are left out.

    Returns
    -------
    `loo_auroc` and `pair_auroc` train on the mission's other samples, `lomo_auroc` on the other
    missions, as the grid does. `transductive` is `no` where the rows of a given matrix are used as
    they came, and `features` where the protocol made them with a look at samples left out here.
    """
    usable = [m for m in models if m in plan.protocol.models and not unavailable_reason(m)]
    return [
        {"task": task.task, "feature_set": feature, "model": model, "mission": mission} | row
        for task in lomo_tasks(plan)
        for feature in planned_features(plan, task, features)
        for model in sorted(usable, key=str.encode)
        for mission, row in _missions(plan, task, cohorts[task.tissue], feature, model)
    ]


def _missions(
    plan: Plan, task: PlannedTask, cohort: Cohort, feature: str, model: str
) -> Iterator[tuple[str, Row]]:
    fits = _Fits(cohort, feature, model, plan.protocol, task)
    fold_of = {fold.test_missions: fold for fold in task.scored_folds}
    made = feature in ("gene", "combined") or feature.startswith("pathway_")
    for mission in sorted(set(task.missions), key=str.encode):
        own = np.flatnonzero(np.array(task.missions, dtype=object) == mission)
        seed = identity_seed(plan.seed, task.task, feature, model, mission, "within")
        row: Row = {
            "n_samples": len(own),
            "n_positive": int(fits.labels[own].sum()),
            "transductive": "features" if made and plan.protocol.transductive else "no",
        }
        try:
            row |= fits.within(own, seed)
            row["status"] = "ok"
        except NotApplicableError as error:
            row |= {"status": "not_applicable", "reason": str(error)}
        fold = fold_of.get((mission,))
        if fold is not None and row["status"] == "ok":
            scores = fits.scores(fold.train, fold.test, seed)
            row["lomo_auroc"] = float(auroc(scores, fits.labels[fold.test])[0])
        yield mission, row


class _Fits:
    """Fits of one model on one feature set, on samples of a task by their positions."""

    def __init__(
        self, cohort: Cohort, feature: str, model: str, protocol: Protocol, task: PlannedTask
    ) -> None:
        self._cohort, self._feature, self._protocol = cohort, feature, protocol
        self._name, self._model = model, build_model(model, **protocol.models[model])
        self._rows = cohort.rows(task.samples)
        self.labels: Labels = np.ascontiguousarray(task.labels[:, 0])

    def scores(self, train: IntArray, test: IntArray, seed: int) -> FloatArray:
        """Scores of `test` by a fit on `train`, filters and scale included."""
        matrix = fold_features(
            self._cohort, self._feature, self._rows[train], self._rows[test], self._protocol
        )
        matrix = for_model(matrix, self._feature, self._name, self._protocol)
        scorer = self._model.prepare(matrix.train, matrix.test, seed=seed)
        return np.asarray(scorer.score(self.labels[train][:, np.newaxis])[0])

    def within(self, own: IntArray, seed: int) -> Row:
        """Both AUROCs of the samples of a mission."""
        up, down = (own[self.labels[own] == c] for c in (1, 0))
        if min(len(up), len(down)) < 2:
            msg = (
                f"{len(up)} positive and {len(down)} negative samples, 2 of each needed: "
                "without one of a class, none is left to learn from"
            )
            raise NotApplicableError(msg)
        lacks = feature_set(self._feature).lacks(self._cohort, self._rows[own])
        if lacks:
            raise NotApplicableError(lacks)
        alone = [self.scores(np.setdiff1d(own, i), np.array([i]), seed)[0] for i in own]
        pairs = np.array(list(product(up, down)))
        if len(pairs) > MOST_PAIRS:
            drawn = np.random.default_rng(seed).choice(len(pairs), MOST_PAIRS, replace=False)
            pairs = pairs[np.sort(drawn)]
        wins = [self._wins(np.setdiff1d(own, pair), pair, seed) for pair in pairs]
        return {
            "loo_auroc": float(auroc(alone, self.labels[own])[0]),
            "pair_auroc": float(np.mean(wins)),
            "n_pairs": len(pairs),
        }

    def _wins(self, train: IntArray, pair: IntArray, seed: int) -> float:
        """1 where the positive sample of a pair scores higher, a half for a tie."""
        first, second = round_significant(self.scores(train, pair, seed))
        return float(np.sign(first - second) + 1) / 2
