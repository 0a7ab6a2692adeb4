"""Published baseline summaries, each with the file and row that it is taken from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.catalog import names
from spacebio_bench.release.catalog.columns import Row
from spacebio_bench.release.catalog.inputs import Inputs
from spacebio_bench.release.catalog.tasks import CatalogTask
from spacebio_bench.release.queries import Row as Read
from spacebio_bench.release.queries import number, read_rows

_SUMMARY = {
    "mean_auroc": "value",
    "std_auroc": "value_sd",
    "mean_ci_lower": "ci_low",
    "mean_perm_p": "p_value",
    "n_folds": "n_folds",
}
"""Metrics of a mean over folds in the published figures, and the columns here."""
_PUBLISHED_SCORES = "GitHub jang1563/GeneLab_benchmark @9d3a11e, results of the GSVA scores"


def baseline_rows(inputs: Inputs, tasks: Sequence[CatalogTask]) -> list[Row]:
    """The published grid, and the means over folds of the published pathway scores.

    Raises
    ------
    InputError
        A file cannot be read, or has results of a tissue that no task asks about.
    """
    problems: list[Problem] = []
    ids = {(task.task.tissue, task.task.family): task.id for task in tasks}
    rows = [*_grid(inputs, ids, problems), *_figures(inputs, ids, problems)]
    if problems:
        raise InputError(problems)
    return rows


def _grid(
    inputs: Inputs, ids: Mapping[tuple[str, str], str], problems: list[Problem]
) -> Iterator[Row]:
    for read in read_rows(inputs.root, names.GRID):
        own = read.values
        family = "lomo" if own["cv"] == "LOMO" else "kfold"
        task = ids.get((own["tissue"], family))
        if task is None:
            problems.append(_no_task(read, family))
            continue
        yield {
            "baseline_id": f"{task}/{own['feature']}/{own['model']}/v7_1",
            "task_id": task,
            "model": own["model"],
            "feature": own["feature"],
            "metric": "mean AUROC over folds",
            "value": number(read, "mean_auroc"),
            "value_sd": _optional(read, "std_auroc"),
            "ci_low": _optional(read, "ci_low"),
            "p_value": _optional(read, "perm_p"),
            "n_folds": int(number(read, "n_folds")),
            "split": own["cv"],
            "surface": "v7.1 grid",
            "published_in": f"GitHub jang1563/GeneLab_benchmark @9d3a11e, {own['source']}",
            "source": f"{read.file}, row {read.number}",
        }


def _figures(
    inputs: Inputs, ids: Mapping[tuple[str, str], str], problems: list[Problem]
) -> Iterator[Row]:
    cells: dict[tuple[str, str, str], list[Read]] = {}
    for read in read_rows(inputs.root, names.FIGURES):
        own = read.values
        if own["task"] == "lomo" and own["unit"] == "mean_over_folds" and own["published"]:
            cells.setdefault((own["tissue"], own["feature"], own["model"]), []).append(read)
    for (tissue, feature, model), reads in cells.items():
        task = ids.get((tissue, "lomo"))
        if task is None:
            problems.append(_no_task(reads[0], "lomo"))
            continue
        values = {
            _SUMMARY[read.values["metric"]]: number(read, "published")
            for read in reads
            if read.values["metric"] in _SUMMARY
        }
        lines = ", ".join(str(read.number) for read in reads)
        yield {
            "baseline_id": f"{task}/{feature}/{model}/gsva",
            "task_id": task,
            "model": model,
            "feature": feature,
            "metric": "mean AUROC over folds",
            **{k: int(v) if k == "n_folds" else v for k, v in values.items()},
            "split": "LOMO",
            "surface": "GSVA scores",
            "published_in": _PUBLISHED_SCORES,
            "source": f"{names.FIGURES}, rows {lines}",
        }


def _optional(read: Read, column: str) -> float | None:
    return number(read, column) if read.values[column] else None


def _no_task(read: Read, family: str) -> Problem:
    what = f"is of {read.values['tissue']}, of which the catalog has no task {family}."
    return Problem(f"{read.file}, row {read.number}", what)
