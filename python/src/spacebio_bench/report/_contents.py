"""What stands on the page: its figures and its texts, before any of it becomes HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.grid.plan import Plan
from spacebio_bench.report import _leaderboard as board
from spacebio_bench.report._cohorts import CohortView, read_cohorts
from spacebio_bench.report._nulls import read_nulls
from spacebio_bench.report._results import Results, Row, read_results
from spacebio_bench.report._samples import excluded_samples
from spacebio_bench.report.figures._figure import Figure
from spacebio_bench.report.figures.cost import cost_against_score
from spacebio_bench.report.figures.forest import forest
from spacebio_bench.report.figures.heatmap import heatmap
from spacebio_bench.report.figures.missions import missions
from spacebio_bench.report.figures.nulls import null_histogram
from spacebio_bench.report.figures.pca import pca
from spacebio_bench.report.figures.qc import quality
from spacebio_bench.report.figures.ranks import rank_intervals

Panels = list[tuple[str, list[Figure]]]
TABBED = ("forests", "samples_figures")
"""Kinds of panels that the page shows one tissue at a time."""

FILES = {
    "cells.csv": "one row a cell",
    "cells.parquet": "the same, typed",
    "folds.csv": "one row a held-out mission of a cell",
    "predictions.parquet": "the score of every held-out sample",
    "comparisons.csv": "pairs of models and of feature sets",
    "pooled.csv": "AUROC pooled over folds in the published style",
    "confounders.csv": "macro-F1 of what else the features name, and chance",
    "classes.csv": "the same, class by class",
    "confusion.csv": "which class is taken for which",
    "canaries.csv": "verdicts of the controls",
    "gene_vs_pathway.csv": "feature sets against each other, paired by fold",
    "batch.csv": "batch corrections against none, paired by fold",
    "conservation.csv": "how alike pathways respond in two missions, and transfer between them",
    "samples.csv": "every sample with its quality flags",
    "duplicates.csv": "samples of two studies that seem to be one",
    "top_features.csv": "features that weigh most",
    "within_mission.csv": "each mission by itself",
    "calibration.csv": "are the probabilities right on the whole?",
    "costs.csv": "CPU time and memory, as measured",
    "nulls.zarr": "AUROC under every permuted labeling",
    "outcome.json": "how many cells and units there were, and what went wrong",
}


@dataclass(frozen=True)
class Inputs:
    """Everything the page is made of.

    Attributes
    ----------
    results
        Plain leave-one-mission-out alone: what the leaderboard and its texts are about.
    everything
        All that was asked.
    excluded
        Samples the sheet leaves out.
    """

    results: Results
    everything: Results
    cohorts: tuple[CohortView, ...]
    plan: Plan
    excluded: tuple[Row, ...]


def read_inputs(*, results: Path, cohorts: Path, plan: Path, checked: Path | None) -> Inputs:
    """Read all that the page needs; InputError when something is missing or unreadable."""
    try:
        planned = Plan.load(plan)
    except (OSError, ValueError, KeyError) as error:
        raise InputError([Problem(str(plan), f"cannot be read as a plan: {error}")]) from error
    excluded = tuple(excluded_samples(checked))
    everything = read_results(results)
    return Inputs(everything.plain(), everything, read_cohorts(cohorts), planned, excluded)


def panels_of(inputs: Inputs, rows: Sequence[Row]) -> dict[str, Panels]:
    """All figures by the name the template knows, each list under its tissue's label."""
    results = inputs.results
    features, models = board.ordered_features(results), board.ordered_models(results)
    auroc = [row for row in rows if row["metric"] in ("auroc", None)]
    folds = results.folds_by_cell()
    forests: Panels = []
    for task, label in board.task_labels(results).items():
        own = [row for row in auroc if row["task"] == task]
        figures = (
            forest(own, task=task, features=features),
            rank_intervals(own, task=task, features=features),
            missions(own, folds, task=task),
        )
        forests.append((label, _present(*figures)))
    samples = [(c.tissue, _present(pca(c), quality(c))) for c in inputs.cohorts]
    nulls = read_nulls(results.folder / "nulls.zarr", results.tasks)
    return {
        "heatmap": [("", [heatmap(auroc, features=features, models=models)] if auroc else [])],
        "forests": forests,
        "nulls": [("", _present(null_histogram(auroc, nulls)))],
        "cost": [("", _present(cost_against_score(auroc, results.costs, features, models)))],
        "samples_figures": [(tissue, figures) for tissue, figures in samples if figures],
    }


def _present(*figures: Figure | None) -> list[Figure]:
    return [figure for figure in figures if figure is not None]
