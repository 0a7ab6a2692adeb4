"""Why a mission is named worse than by chance from scores that are made per mission.

The published D3 has no counts at hand, so the same question is put to real counts of two other
tissues: genes, ssGSEA of each sample by itself, the same ssGSEA less the mean of its mission, and
GSVA over the samples of a mission.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
import pandas as pd

from spacebio_bench.cohort.store import read_cohort
from spacebio_bench.typing import FloatArray, IntArray

from . import markdown, verbs

SCORES = {
    "gene": "genes",
    "ssgsea": "ssGSEA, each sample by itself",
    "ssgsea_centred": "ssGSEA less the mean of the mission",
    "gsva": "GSVA over the mission",
}
N_PERMUTATIONS = 199


def run(data: Path, folder: Path) -> Mapping[str, Path]:
    """The tables of both protocols on the counts of `studies.csv`, by protocol."""
    scored = folder / "scores"
    scored.mkdir(parents=True)
    normalised = folder / "normalised"
    normalised.mkdir()
    sheet = pd.read_csv(data / "studies.csv", dtype=str, keep_default_na=False)
    for column in ("counts", "samples"):
        sheet[column] = [str(data / path) for path in sheet[column]]
    plain = folder / "plain"
    plain.mkdir()
    sheet.to_csv(plain / "studies.csv", index=False)
    symbols = data / "gene_sets/mouse_ensembl_symbol.csv.gz"
    sets = data / "gene_sets/mouse_hallmark.gmt"
    known = ("--symbols", symbols)
    given = ("--gene_sets", f"hallmark={sets}")
    verbs.verb("check", "--input", plain / "studies.csv", *given, *known, "--outdir", folder / "in")
    studies = pd.read_csv(folder / "in/studies.csv", dtype=str)
    _normalise(studies, folder / "in", normalised)
    _score(studies, folder / "in", normalised, scored)
    _add_scores(sheet, studies, scored)
    sheet.to_csv(scored / "studies.csv", index=False)
    checked = folder / "checked"
    verbs.verb("check", "--input", scored / "studies.csv", *known, "--outdir", checked)
    tissues = tuple(sheet["tissue"].unique())
    found = {}
    for protocol in ("v1", "calibrated"):
        own = folder / protocol
        parts = [normalised]
        cohorts = verbs.stores(checked, tissues, own / "cohorts", protocol=protocol, parts=parts)
        asked = ["--protocol", protocol, "--tasks", "confounder", "--features", ",".join(SCORES)]
        if protocol == "calibrated":
            asked += ["--n_permutations", str(N_PERMUTATIONS)]
        found[protocol] = verbs.tables(cohorts, own, *asked)
    return found


def _normalise(studies: pd.DataFrame, checked: Path, outdir: Path) -> None:
    words: list[str | Path] = []
    for row in studies.itertuples():
        own = ("--counts", checked / row.counts, "--samples", checked / row.samples)
        words += ["--next"] * bool(words) + [*own, "--output", outdir / f"{row.id}.h5"]
    verbs.stage("normalize_counts.R", *words)


def _score(studies: pd.DataFrame, checked: Path, normalised: Path, outdir: Path) -> None:
    """Hallmark scores as the protocols `v1` (gsva) and `calibrated` (ssgsea) have them made."""
    common = ["--gene-sets", f"hallmark={checked / 'gene_sets/hallmark.gmt'}"]
    common += ["--symbols", str(checked / "symbols.csv"), "--min-size", "15", "--max-size", "500"]
    of_scorer = {"gsva": ["--expressed-above", "1", "--in-fraction", "0.2"], "ssgsea": []}
    words: list[str | Path] = []
    for row in studies.itertuples():
        for scorer, options in of_scorer.items():
            universe = ["--universe", str(checked / f"universe/{row.tissue}.txt")]
            own = [*common, *options, *(universe if scorer == "ssgsea" else [])]
            output = ["--output", str(outdir / f"{row.id}.{scorer}.h5")]
            expression = ["--expression", str(normalised / f"{row.id}.h5"), "--scorer", scorer]
            words += ["--next"] * bool(words) + [*expression, *own, *output]
    verbs.stage("score_pathways.R", *words)


def _add_scores(sheet: pd.DataFrame, studies: pd.DataFrame, folder: Path) -> None:
    """Scores as precomputed features of the sheet; each mission here is one study."""
    for name in list(SCORES)[1:]:
        paths = []
        for study in studies["id"]:
            scores = _read(folder / f"{study}.{name.removesuffix('_centred')}.h5")
            if name.endswith("_centred"):
                scores -= scores.mean()
            path = folder / f"{study}.{name}.csv"
            scores.to_csv(path, index_label="sample")
            paths.append(str(path))
        sheet[f"feature.{name}"] = paths


def _read(path: Path) -> pd.DataFrame:
    with h5py.File(path, "r") as store:
        return pd.DataFrame(
            store["hallmark/scores"][()],
            index=store["samples"][()].astype(str),
            columns=store["hallmark/pathways"][()].astype(str),
        )


def summary(found: Mapping[str, Path]) -> pd.DataFrame:
    """Macro-F1 of naming the mission, by tissue and scores."""
    parts = {name: _named(path) for name, path in found.items()}
    table = parts["v1"][["missions", "samples", "macro_f1"]].rename(
        columns={"macro_f1": "macro-F1, v1"}
    )
    own = parts["calibrated"]
    table["macro-F1, calibrated"] = own["macro_f1"]
    table["by chance"] = own["macro_f1_chance"]
    table["refit p"] = own["p_value"]
    table["between"] = [
        between(found["v1"].parent / f"cohorts/{tissue}.zarr", scores)
        for tissue, scores in table.index
    ]
    order = [(tissue, name) for tissue in sorted({t for t, _ in table.index}) for name in SCORES]
    table = table.loc[order].reset_index()
    return table.assign(scores=[SCORES[name] for name in table["scores"]])


def between(store: Path, scores: str) -> float:
    """Share of the variance of scores, or genes, that lies between missions; mean over columns."""
    cohort = read_cohort(store)
    x = pd.DataFrame(cohort.x) if scores == "gene" else cohort.matrices[scores]
    x = x.reset_index(drop=True).astype(float).dropna(axis=1)
    total = ((x - x.mean()) ** 2).sum()
    of_missions = x.groupby(cohort.obs["mission"].astype(str).to_numpy()).transform("mean")
    inside = ((of_missions - x.mean()) ** 2).sum()
    return float((inside[total > 0] / total[total > 0]).mean())


def _named(found: Path) -> pd.DataFrame:
    about = pd.read_csv(found / "confounders.csv").set_index("cell")
    about["p_value"] = pd.read_csv(found / "cells.csv").set_index("cell")["p_value"]
    about = about[about["target"] == "mission"]
    key = about.index.str.extract(r"^(?P<tissue>\w+)\.confounder\.mission/(?P<scores>\w+)/")
    about.index = pd.MultiIndex.from_frame(key)
    return about.rename(columns={"n_classes": "missions", "n_samples": "samples"})


def section(published: pd.DataFrame, counts: pd.DataFrame) -> str:
    """The part of the page that explains the D3 row.

    `published` is the mission named from the published scores, `counts` the summary of `run`.
    """
    parts = [_TEXT, markdown.table(published), _COUNTS, markdown.table(counts), _AFTER]
    return "\n\n".join(parts)


def simulated(
    *, n_missions: int, n_samples: int, shift: float, seed: int
) -> tuple[FloatArray, IntArray]:
    """Samples of missions that lie apart: features (n, 20) and the mission of each, (n,).

    Parameters
    ----------
    n_samples
        Of each mission.
    shift
        SD of a mission's means, in those of its samples.
    """
    rng = np.random.default_rng(seed)
    mission = np.repeat(np.arange(n_missions), n_samples)
    means = shift * rng.normal(size=(n_missions, 20))
    return rng.normal(size=(len(mission), 20)) + means[mission], mission


def centred(x: FloatArray, mission: IntArray) -> FloatArray:
    """Features less the mean of their mission."""
    return np.asarray(pd.DataFrame(x) - pd.DataFrame(x).groupby(mission).transform("mean"))


_TEXT = """\
## Why D3 lies far below chance

A macro-F1 of 0.056 over six missions does not mean that the scores know nothing of the mission: a
guess in proportion to the missions' sizes would get 1/6. They know less than nothing. GSVA compares
the samples of a mission with each other, which centres its scores there: hardly any of their
variance lies between missions ("between" below), and all samples of a mission sum to about 0. So
where the held-out samples lie to one side, the training samples of their own mission lie to the
other, and those of other missions do not. A classifier is led away from the right mission. All
tissues of these scores do the same:"""
_COUNTS = """\
The same samples cannot be scored otherwise without their counts. Real counts of eye (OSD-100,
OSD-162, OSD-255, OSD-758) and soleus (OSD-104, Okada 2021, Hayashi 2023) can. The mission named
from four views of these samples, everything else alike:"""
_AFTER = f"""\
`v1` is the published way, five folds ten times over; `calibrated` deals five folds out once, and
its chance is the mean macro-F1 of {N_PERMUTATIONS} refits under permuted missions. From genes, and
from ssGSEA of each sample by itself, every sample is given its mission. From GSVA, and from that
ssGSEA once the mean of each mission is taken away, almost none is. So D3 measures how the scores
were made. It is no sign that missions look alike, and none that they do not.
`tests/published/test_centring.py` shows the same on simulated samples."""
