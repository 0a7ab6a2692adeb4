"""Real counts, from the check to the store, against published scores and a published matrix."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from sklearn.base import ClassifierMixin, clone
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from spacebio_bench.cohort._cohort import Cohort
from spacebio_bench.cohort.build import build_cohort
from spacebio_bench.cohort.check import check_studies
from spacebio_bench.cohort.store import read_cohort
from spacebio_bench.protocol import load_protocol

from ._stage import read_scores, succeed, write_expression

pytestmark = [pytest.mark.data, pytest.mark.slow]

TISSUES = ("eye", "soleus")


@dataclass(frozen=True)
class Real:
    data: Path
    checked: dict[str, Path]
    expression: Path

    def studies(self, sheet: str) -> pd.DataFrame:
        return pd.read_csv(self.checked[sheet] / "studies.csv", index_col="id")


@pytest.fixture(scope="session")
def real(development_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Real:
    """All counts there are, checked and normalised."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "expression").mkdir()
    checked = {}
    for name in ("studies", "studies_single_mission"):
        checked[name] = folder / name
        check_studies(
            development_data / f"{name}.csv",
            gene_sets={},
            symbols=development_data / "gene_sets" / "mouse_ensembl_symbol.csv.gz",
            parameters={},
            outdir=checked[name],
        )
    real = Real(development_data, checked, folder / "expression")

    def normalise(study: str, sheet: str) -> None:
        files = checked[sheet] / "studies" / study
        succeed(
            "normalize_counts.R",
            counts=files / "counts.csv.gz",
            samples=files / "samples.csv",
            output=real.expression / f"{study}.h5",
        )

    wanted = {name: list(real.studies(name).index) for name in checked}
    wanted["studies_single_mission"] = [
        study for study in wanted["studies_single_mission"] if not study.startswith("liver")
    ]
    with ThreadPoolExecutor(2) as two:
        pairs = [(study, sheet) for sheet, studies in wanted.items() for study in studies]
        list(two.map(normalise, *zip(*pairs, strict=True)))
    return real


@pytest.fixture(scope="session")
def cohorts(real: Real, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cohort]:
    """Stores of both tissues under `v4`, without pathways."""
    folder = tmp_path_factory.mktemp("cohorts")
    for tissue in TISSUES:
        build_cohort(
            real.checked["studies"],
            tissue=tissue,
            expression=[real.expression],
            pathways=[],
            protocol=load_protocol("v4"),
            output=folder / f"{tissue}.zarr",
        )
    return {tissue: read_cohort(folder / f"{tissue}.zarr") for tissue in TISSUES}


def _raw_counts(real: Real, tissue: str) -> list[pd.DataFrame]:
    """Samples x genes of every study of a tissue, straight from the source files."""
    sheet = pd.read_csv(real.data / "studies.csv").query("tissue == @tissue")
    frames = []
    for row in sheet.itertuples():
        samples = pd.read_csv(real.data / row.samples)
        counts = pd.read_csv(real.data / row.counts, index_col=0)
        counts = counts[~counts.index.str.startswith("ERCC-")]
        frames.append(counts[samples.loc[samples["exclude"].isna(), "sample"]].T.round())
    return frames


def _factors(counts: pd.DataFrame) -> np.ndarray:
    logs = np.log(counts.to_numpy()[:, (counts > 0).all(axis=0)])
    return np.exp(np.median(logs - logs.mean(axis=0), axis=1))


def test_size_factors_are_the_closed_formula(real: Real) -> None:
    for tissue in TISSUES:
        for counts in _raw_counts(real, tissue):
            (path,) = (p for p in real.expression.iterdir() if _holds(p, counts.index[0]))
            with h5py.File(path) as store:
                np.testing.assert_allclose(store["size_factors"][()], _factors(counts), rtol=1e-12)


def _holds(path: Path, sample: str) -> bool:
    with h5py.File(path) as store:
        return sample.encode() in store["samples"][()]


@pytest.mark.parametrize("tissue", TISSUES)
def test_v4_matrix_is_a_numpy_rebuild_bit_for_bit(
    real: Real, cohorts: dict[str, Cohort], tissue: str
) -> None:
    frames = _raw_counts(real, tissue)
    normalised = pd.concat([frame.div(_factors(frame), axis=0) for frame in frames]).fillna(0)
    kept = normalised.loc[:, (normalised > 1).mean() >= 0.2]
    cohort = cohorts[tissue]
    assert list(cohort.genes) == list(kept.columns), "same genes, in order of first appearance"
    assert list(cohort.obs.index) == list(kept.index)
    expected = np.log2(kept.to_numpy() + 1).astype(np.float32)
    assert cohort.x.tobytes() == expected.tobytes()


@pytest.mark.parametrize("tissue", TISSUES)
def test_as_many_genes_as_the_published_code_had(
    real: Real, cohorts: dict[str, Cohort], tissue: str
) -> None:
    published = pd.read_csv(real.data / "reference" / "published_code_eye_soleus.csv")
    rows = published.query("tissue == @tissue and feature == 'gene'")
    assert set(rows["n_features"]) == {len(cohorts[tissue].genes)}


def _assert_published_folds(
    real: Real, obs: pd.DataFrame, x: np.ndarray, classifier: ClassifierMixin, **row: str
) -> None:
    """On soleus, labels of `v4`, samples sorted by id, `classifier` has the published AUROCs."""
    published = pd.read_csv(real.data / "reference" / "published_code_eye_soleus.csv")
    published = published[published["labels"].eq("v4") & published["tissue"].eq("soleus")]
    published = published[(published[list(row)] == pd.Series(row)).all(axis=1)]
    assert set(published["n_features"]) == {x.shape[1]}
    rule = load_protocol("v4").labels
    order = np.argsort(obs.index)
    order = order[[rule.label(c) is not None for c in obs["condition"].iloc[order]]]
    obs, x = obs.iloc[order], x[order].astype(np.float32)
    y = np.array([rule.label(c) for c in obs["condition"]])
    assert len(published) == 3
    for mission, auroc in published.set_index("fold")["auroc"].items():
        test = (obs["mission"] == mission).to_numpy()
        scores = clone(classifier).fit(x[~test], y[~test]).predict_proba(x[test])[:, 1]
        assert roc_auc_score(y[test], scores) == pytest.approx(auroc, abs=1e-12)


def test_genes_stand_in_the_published_order(real: Real, cohorts: dict[str, Cohort]) -> None:
    """A forest draws columns by number: any other order gives another AUROC (sorted: 0.44)."""
    forest = RandomForestClassifier(200, class_weight="balanced", random_state=42)
    cohort = cohorts["soleus"]
    _assert_published_folds(real, cohort.obs, cohort.x, forest, feature="gene", model="rf")


def test_gsva_gives_the_published_folds(
    real: Real, cohorts: dict[str, Cohort], tmp_path: Path
) -> None:
    """The published code scored each mission on the genes that pass the filter of the tissue."""
    cohort = cohorts["soleus"]
    parts = []
    for study, mission in real.studies("studies").query("tissue == 'soleus'")["mission"].items():
        with h5py.File(real.expression / f"{study}.h5") as store:
            counts = pd.DataFrame(
                store["counts"][()],
                index=store["samples"][()].astype(str),
                columns=store["genes"][()].astype(str),
            )
            factors = store["size_factors"][()]
        kept = counts.loc[:, counts.columns.isin(cohort.genes)]
        write_expression(tmp_path / f"{mission}.h5", kept, size_factors=factors)
        succeed(
            "score_pathways.R",
            expression=tmp_path / f"{mission}.h5",
            gene_sets=f"kegg={real.data / 'gene_sets' / 'mouse_kegg.gmt'}",
            symbols=real.checked["studies"] / "symbols.csv",
            scorer="gsva",
            min_size=15,
            max_size=500,
            expressed_above=-1,
            output=tmp_path / "scores.h5",
        )
        parts.append(read_scores(tmp_path / "scores.h5", "kegg"))
    scores = pd.concat(parts, join="inner").loc[cohort.obs.index].sort_index(axis=1)
    neighbours = make_pipeline(StandardScaler(), KNeighborsClassifier(5, weights="distance"))
    names = {"feature": "pathway_kegg", "model": "knn"}
    _assert_published_folds(real, cohort.obs, scores.to_numpy(), neighbours, **names)


def test_common_genes_of_the_calibrated_protocol(real: Real, tmp_path: Path) -> None:
    for tissue, n_genes in (("eye", 51_929), ("soleus", 44_118)):
        built = build_cohort(
            real.checked["studies"],
            tissue=tissue,
            expression=[real.expression],
            pathways=[],
            protocol=load_protocol("calibrated"),
            output=tmp_path / "store.zarr",
        )
        assert built.n_genes == n_genes
        genes = read_cohort(tmp_path / "store.zarr").genes
        frames = _raw_counts(real, tissue)
        shared = reduce(pd.Index.intersection, [frame.columns for frame in frames])
        assert genes == tuple(sorted(shared))
        universe = real.checked["studies"] / "universe" / f"{tissue}.txt"
        assert genes == tuple(universe.read_text().split())


def _scores(real: Real, study: str, script: str, path: Path, **options: object) -> Path:
    sets = [f"{name}={real.data / 'gene_sets' / file}" for name, file in GMT.items()]
    succeed(
        script,
        expression=real.expression / f"{study}.h5",
        gene_sets=",".join(sets),
        symbols=real.checked["studies"] / "symbols.csv",
        min_size=15,
        max_size=500,
        output=path,
        **options,
    )
    return path


GMT = {"hallmark": "mouse_hallmark.gmt", "mitocarta": "mouse_mitocarta3.gmt"}


@dataclass(frozen=True)
class Published:
    study: str
    tissue: str
    mission: str
    least: dict[str, float]


# r over all entries; the published run of thymus MHU-2 had 18 samples, of which these are 9
PUBLISHED = {
    "eye": Published("eye.RR-1.OSD-100", "eye", "RR-1", {"hallmark": 0.96, "mitocarta": 0.94}),
    "gastrocnemius": Published(
        "gastrocnemius.RR-1.OSD-101",
        "gastrocnemius",
        "RR-1",
        {"hallmark": 0.96, "mitocarta": 0.94},
    ),
    "thymus": Published("thymus.MHU-2.OSD-289", "thymus", "MHU-2", {"hallmark": 0.90}),
}


@pytest.mark.parametrize("case", PUBLISHED.values(), ids=PUBLISHED.keys())
def test_gsva_correlates_with_published_scores(case: Published, real: Real, tmp_path: Path) -> None:
    scores = _scores(real, case.study, "score_pathways.R", tmp_path / "x.h5", scorer="gsva")
    folder = real.data / "reference" / "gsva" / case.tissue
    for name, least in case.least.items():
        ours = read_scores(scores, name).rename(columns=lambda c: c.replace("OXIGEN", "OXYGEN"))
        theirs = pd.read_csv(folder / f"{case.mission}.{name}.csv.gz", index_col=0)
        shared = [pathway for pathway in ours if pathway in theirs]
        assert len(shared) >= 0.95 * ours.shape[1]
        values = theirs.loc[ours.index, shared].to_numpy().ravel()
        r = np.corrcoef(ours[shared].to_numpy().ravel(), values)[0, 1]
        assert r >= least


def test_ssgsea_of_r_and_gseapy_agree_up_to_scale(real: Real, tmp_path: Path) -> None:
    study = "eye.RR-1.OSD-100"
    theirs = _scores(real, study, "score_pathways_gseapy.py", tmp_path / "py.h5")
    # on the genes that gseapy's recipe keeps: expressed in this mission
    with h5py.File(real.expression / f"{study}.h5") as store:
        normalised = store["counts"][()] / store["size_factors"][()][:, None]
        genes = store["genes"][()].astype(str)[(normalised > 1).mean(axis=0) >= 0.2]
    (tmp_path / "universe.txt").write_text("".join(f"{gene}\n" for gene in genes))
    options = {"scorer": "ssgsea", "universe": tmp_path / "universe.txt"}
    ours = _scores(real, study, "score_pathways.R", tmp_path / "r.h5", **options)
    for name in GMT:
        one, other = read_scores(ours, name), read_scores(theirs, name)
        assert list(one.columns) == list(other.columns)
        assert np.corrcoef(one.to_numpy().ravel(), other.to_numpy().ravel())[0, 1] > 0.999
