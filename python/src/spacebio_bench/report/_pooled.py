"""AUROC pooled in the published style, beside the mean over missions."""

from __future__ import annotations

from collections.abc import Sequence

from spacebio_bench.report._results import Row

EMPTY = {"value": None, "ci_low": None, "ci_high": None, "i2": None, "p_heterogeneity": None}


def pooled_cells(rows: Sequence[Row], pooled: Sequence[Row]) -> list[Row]:
    """Cells that are pooled in at least one way, in the order of the leaderboard.

    Parameters
    ----------
    rows
        Rows of `leaderboard`.
    pooled
        Rows of ``pooled.csv``: one a cell and variance.

    Returns
    -------
    Rows with `published` (variance of Hanley & McNeil) and `delong`, each with the columns of
    ``pooled.csv``; `reason` where there is no number.
    """
    found = {(row["cell"], row["variance"]): row for row in pooled}
    both = [
        {
            **row,
            "published": found.get((row["cell"], "hanley_mcneil"), EMPTY),
            "delong": found.get((row["cell"], "delong"), EMPTY),
        }
        for row in rows
    ]
    return [r for r in both if any(r[k]["value"] is not None for k in ("published", "delong"))]
