"""The published confounder numbers beside those of protocol `v1`, and what was not published."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from . import centring, markdown, verbs

CELLS = {
    "D3": "liver.confounder.mission/hallmark/multinomial_lr",
    "D5_liver": "liver.confounder.hardware/hallmark/multinomial_lr",
    "D6_liver": "liver.confounder.gravity/hallmark/multinomial_lr",
    "D6_thymus": "thymus.confounder.gravity/hallmark/multinomial_lr",
}
METRICS = {
    "macro_f1": "value_mean",
    "ci_low": "pub_ci_low",
    "ci_high": "pub_ci_high",
    "perm_p": "pub_p",
}
CLASSES = {"AG": "1G centrifuge", "GC": "1G ground"}
"""Published names of classes whose samples tables say otherwise."""
NOT_PUBLISHED = "none published"


def run(cohorts: Path, folder: Path) -> Path:
    """The tables of the confounder tasks on the published scores."""
    words = ("--protocol", "v1", "--tasks", "confounder", "--features", "hallmark")
    return verbs.tables(cohorts, folder, *words)


def ours(row: pd.Series, found: Path) -> float:
    """Our value of a published row."""
    cell = CELLS[row["task"]]
    if row["unit"].startswith("class:"):
        f1 = pd.read_csv(found / "classes.csv").set_index(["cell", "class"])["f1"]
        name = row["unit"].removeprefix("class:")
        return float(f1[cell, CLASSES.get(name, name)])
    if row["metric"] == "n_features":
        folds = pd.read_csv(found / "folds.csv").set_index("cell")
        (n,) = folds.loc[cell, "n_features"].unique()
        return float(n)
    if row["metric"] == "accuracy":
        return float(pd.read_csv(found / "confounders.csv").set_index("cell")["accuracy"][cell])
    return float(
        pd.read_csv(found / "cells.csv").set_index("cell").loc[cell, METRICS[row["metric"]]]
    )


def missions_named(cohorts: Path, found: Path) -> pd.DataFrame:
    """How well the mission is named from the published scores, by tissue."""
    about = pd.read_csv(found / "confounders.csv")
    about = about[about["target"] == "mission"]
    tissues = about["task"].str.split(".").str[0]
    right = (about["accuracy"] * about["n_samples"]).round().astype(int)
    return pd.DataFrame(
        {
            "tissue": tissues,
            "missions": about["n_classes"],
            "samples": about["n_samples"],
            "named right": right,
            "macro-F1, v1": about["macro_f1"],
            "1 / missions": 1 / about["n_classes"],
            "between": [
                centring.between(cohorts / f"{tissue}.zarr", "hallmark") for tissue in tissues
            ],
        }
    )


def section(table: pd.DataFrame) -> str:
    """The part of the page about confounders."""
    rows = table[table["task"].isin(CELLS)]
    without = rows["published"].isna()
    same = int((rows["difference"].abs() <= 1e-9).sum())
    shown = rows[["task", "tissue", "unit", "metric", "published", "ours", "verdict"]]
    told = _TEXT.format(n=len(rows), same=same, without=int(without.sum()))
    return f"## What else the scores know\n\n{told}\n\n{markdown.table(shown)}"


_TEXT = """\
Which mission (D3), which hardware (D5) and which gravity (D6) is named from the same Hallmark
scores; gravity within MHU-2, where uG, a centrifuge at 1 g and the ground are 3 animals each.
Of {n} rows {same} agree within 1e-9; {without} have no published value, and ours stands alone.

What it takes (`--protocol v1 --tasks confounder`): samples sorted by id, basal and centrifuge
animals too; z-score with ddof 0; multinomial logistic regression by lbfgs with balanced classes; D3
by five folds ten times over, the ten probabilities of a sample averaged, the others leaving out one
sample; `RandomState(42)` made anew for 2,000 bootstraps of samples and for 10,000 (mission) or
5,000 permutations of the true classes against fixed predictions."""
