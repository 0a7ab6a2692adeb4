"""Cohorts without features, for tests of what is where."""

from __future__ import annotations

import numpy as np
import pandas as pd

from spacebio_bench.cohort._cohort import Cohort


def cohort(rows: list[tuple[str, str, str]], tissue: str = "eye", **columns: list[str]) -> Cohort:
    """A cohort from (sample, mission, condition) rows; its accession is that of the mission."""
    obs = pd.DataFrame(rows, columns=["sample", "mission", "condition"]).set_index("sample")
    obs = obs.assign(accession="A-" + obs["mission"], role="benchmark").assign(**columns)
    return Cohort(tissue, obs, (), np.zeros((len(obs), 0), np.float32), {}, {})


def mission(name: str, conditions: str) -> list[tuple[str, str, str]]:
    """Samples of a mission with these conditions."""
    return [(f"{name}_{i:02d}", name, c) for i, c in enumerate(conditions.split())]
