"""Rows of `canaries.csv`: did the controls say what they had to say?

A canary is quiet unless its two-sided p is below 0.001 over the number of canaries. No permutation
test of some hundred labelings can show a p so small, so it is that of the normal distribution with
the mean and SD of the refitted null. The planted control has to come out at 0.8 or more of the
least that the same signal gives on ten other noises, both above 0.5: what the noise does by itself
is no fault of the pipeline.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import special

from spacebio_bench.report.tables_io import NullValues, Row

CANARY_COLUMNS = (
    "cell",
    "control",
    "tissue",
    "feature",
    "model",
    "value",
    "null_mean",
    "null_sd",
    "p_two_sided",
    "level",
    "simulated",
    "simulated_least",
    "verdict",
    "reason",
)
LEVEL = 0.001
SHARE = 0.8
SILENT = ("shuffle", "gaussian", "housekeeping")


def canary_rows(cells: Sequence[Row], nulls: Mapping[str, NullValues]) -> list[Row]:
    """A row for each control cell; the verdict is `quiet`, `fires`, `found`, `missed` or `none`.

    Parameters
    ----------
    cells
        Rows of `cells.csv`.
    """
    own = [row for row in cells if row["family"] == "control"]
    silent = [r for r in own if r["variant"] in SILENT and r["status"] == "ok"]
    level = LEVEL / max(1, len(silent))
    rows = []
    for row in own:
        if "_r" in row["variant"]:
            continue
        found: Row = {
            "cell": row["cell"],
            "control": row["variant"],
            "tissue": row["tissue"],
            "feature": row["feature"],
            "model": row["model"],
            "value": row.get("value_mean"),
            "verdict": "none",
        }
        if row["status"] != "ok":
            rows.append(found | {"reason": row["reason"]})
        elif row["variant"] in SILENT:
            rows.append(found | _silent(row, nulls.get(row["cell"]), level))
        else:
            rows.append(found | _planted(row, own))
    return rows


def _silent(row: Row, nulls: NullValues | None, level: float) -> Row:
    done = nulls.leading(nulls.done.shape[1] - 1) if nulls is not None else 0
    null = nulls.statistic(done)[1:] if nulls is not None and done > 2 else np.zeros(0)
    sd = float(null.std(ddof=1)) if len(null) else 0.0
    if sd == 0.0:
        return {"level": level, "reason": "no null distribution: nothing was refitted"}
    mean = float(null.mean())
    p = float(2 * special.ndtr(-abs(row["value_mean"] - mean) / sd))
    return {
        "null_mean": mean,
        "null_sd": sd,
        "p_two_sided": p,
        "level": level,
        "verdict": "fires" if p < level else "quiet",
    }


def _planted(row: Row, controls: Sequence[Row]) -> Row:
    again = [
        float(other["value_mean"])
        for other in controls
        if other["variant"].startswith("planted_r")
        and other["status"] == "ok"
        and all(other[k] == row[k] for k in ("tissue", "feature", "model"))
    ]
    if not again:
        return {"reason": "nothing to compare it with: the signal was planted once"}
    simulated = float(np.mean(again))
    enough = row["value_mean"] - 0.5 >= SHARE * (min(again) - 0.5)
    return {
        "simulated": simulated,
        "simulated_least": min(again),
        "verdict": "found" if enough else "missed",
    }
