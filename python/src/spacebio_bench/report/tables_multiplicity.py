"""The column `p_maxt` of `cells.csv`: a p-value that holds for all cells of a task at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from spacebio_bench.grid.plan import Plan
from spacebio_bench.report.tables_io import NullValues, Row
from spacebio_bench.statistics.multiplicity import step_down_max_t

REFITTED = ("refit", "refit_exact", "refit_sequential")


def add_p_maxt(rows: Sequence[Row], plan: Plan, nulls: Mapping[str, NullValues]) -> None:
    """Fill `p_maxt` of the cells with a refit p and every labeling that the task's cells share."""
    for task in plan.tasks:
        size = plan.family_size(task)
        fixed = task.enumerated and task.labels.shape[1] == 1  # strata leave no other labeling
        if size < 1 and not fixed:
            continue
        family, means = [], []
        for row in rows:
            found = nulls.get(row["cell"])
            if row["task"] != task.task or row.get("p_method") not in REFITTED or found is None:
                continue
            if found.value.shape[1] > size and found.done[:, : size + 1].all():
                family.append(row)
                means.append(found.statistic(size + 1))
        if family:
            shared = np.stack(means)
            adjusted = step_down_max_t(shared[:, 0], shared[:, 1:])
            for row, p in zip(family, adjusted.tolist(), strict=True):
                row["p_maxt"] = p
