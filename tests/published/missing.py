"""Published figures that cannot be compared, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Absent:
    """A figure, the tasks that its rows would have in the published table, and what is tested."""

    figure: str
    tasks: tuple[str, ...]
    why: str
    instead: str


NO_ROWS = "the published rows are not at hand"
ABSENT = (
    Absent(
        "pairs of missions: matrices, counts at or above 0.70, bootstrap over pairs",
        ("pairs", "B"),
        f"{NO_ROWS}, nor the counts behind them",
        "folds, both models and the intervals against their definitions; the published bootstrap"
        " draws as numpy does, and covers less than 0.80 in simulation",
    ),
    Absent(
        "cross-tissue transfer, methods A, B and C",
        ("cross_tissue", "C"),
        f"{NO_ROWS}, nor counts, fold changes and NES of its tissues",
        "folds, shared missions and the choice of genes against their definitions",
    ),
    Absent(
        "hardware in thymus (D5)",
        ("D5", "D5_thymus"),
        f"{NO_ROWS}, though the scores are",
        "it runs by its published design: macro-F1 {d5_thymus:.4f}",
    ),
    Absent(
        "strain (D4)",
        ("D4", "D4_liver", "D4_thymus"),
        f"{NO_ROWS}, and strain is known only where a sample id states it",
        "it runs by its published design on the samples that state it",
    ),
    Absent(
        "negative controls (NC1, NC2)", ("NC1", "NC2"), NO_ROWS, "our own controls and verdicts"
    ),
    Absent(
        "conservation of pathway responses against transfer",
        ("conservation", "NES"),
        f"{NO_ROWS}, nor the fold changes behind them",
        "signs on planted pathways, the enrichment score against its definition, correlations"
        " against scipy",
    ),
)


def table(reference: Path, classes: Path) -> pd.DataFrame:
    """One row a figure.

    Parameters
    ----------
    reference
        Folder of published values.
    classes
        Tables of the confounder tasks on the published scores.

    Raises
    ------
    RuntimeError
        A figure that is said to be absent is there.
    """
    published = pd.read_csv(reference / "gsva/published.csv")
    there = sorted({t for one in ABSENT for t in one.tasks} & set(published["task"]))
    if there:
        msg = f"published.csv has rows of {', '.join(there)} now; compare them"
        raise RuntimeError(msg)
    about = pd.read_csv(classes / "confounders.csv").set_index("cell")["macro_f1"]
    ours = {"d5_thymus": about["thymus.confounder.hardware/hallmark/multinomial_lr"]}
    rows = [(a.figure, a.why, a.instead.format(**ours)) for a in ABSENT]
    empty = published[published["value"].isna()]
    for task, own in empty.groupby("task"):
        what = " and ".join(own["metric"])
        why = "published empty: the run made no interval for so few samples"
        rows.append((f"{task}: {what}", why, "ours is in the table above"))
    grid = pd.read_csv(reference / "canonical_v7_1_grid.csv")
    rows.append(
        (
            f"the {len(grid)} cells of the published grid (v4)",
            "neither their counts nor their ssGSEA scores are at hand",
            "protocol `v4` against the published code, run on the counts of eye and soleus",
        )
    )
    return pd.DataFrame(rows, columns=["figure", "why not", "what is tested instead"])
