"""Differential expression and enrichment: planted genes and pathways, signs, two methods."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spacebio_bench.cohort.enrichment import (
    Differential,
    enrichment,
    ranking,
    read_differential,
    read_enrichment,
)
from spacebio_bench.errors import InputError

from ._stage import run_stage, succeed, write_expression

N_GENES = 600
GENES = [f"g{i:03d}" for i in range(N_GENES)]
UP, DOWN = slice(0, 30), slice(30, 60)
CONDITIONS = ["FLT"] * 5 + ["GC"] * 3 + ["VC"] * 2 + ["AG"] * 2
LABELS = {"tissue": "eye", "mission": "M1", "positive": "FLT", "negative": "GC,VC"}


def _counts(random: np.random.Generator, conditions: list[str], name: str) -> pd.DataFrame:
    """Thirty genes fourfold up in flight, thirty fourfold down; AG has others, ten times up."""
    mean = np.tile(random.lognormal(5, 0.8, size=N_GENES), (len(conditions), 1))
    flight = np.array(conditions) == "FLT"
    mean[flight, UP] *= 4
    mean[flight, DOWN] /= 4
    mean[np.array(conditions) == "AG", 60:90] *= 10
    values = random.poisson(random.gamma(10, mean / 10))
    values[:, 590:] = 0  # not expressed
    return pd.DataFrame(values, [f"{name}{i}" for i in range(len(conditions))], GENES)


def _write_samples(path: Path, samples: list[str], conditions: list[str]) -> Path:
    table = pd.DataFrame({"sample": samples, "condition": conditions, "note": "a, b"})
    table.iloc[::-1].to_csv(path, index=False)  # another order than the expression
    return path


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("differential")
    counts = _counts(np.random.default_rng(4), CONDITIONS, "s")
    return {
        "expression": write_expression(folder / "a.h5", counts),
        "samples": _write_samples(folder / "a.csv", list(counts.index), CONDITIONS),
        **LABELS,
    }


@pytest.fixture(scope="module")
def found(
    inputs: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Differential]:
    folder = tmp_path_factory.mktemp("tables")
    for method in ("limma_voom", "deseq2"):
        output = folder / f"{method}.h5"
        succeed("differential_expression.R", **inputs, method=method, output=output)
    return {m: read_differential(folder / f"{m}.h5") for m in ("limma_voom", "deseq2")}


@pytest.mark.parametrize("method", ["limma_voom", "deseq2"])
def test_planted_genes_are_found_and_up_in_flight_is_positive(
    found: dict[str, Differential], method: str
) -> None:
    one = found[method]
    assert (one.tissue, one.mission) == ("eye", "M1")
    assert one.genes == tuple(GENES[:590]), "what is not expressed is not tested"
    assert (one.statistic[UP] > 0).all()
    assert (one.statistic[DOWN] < 0).all()
    np.testing.assert_allclose(np.median(one.log2_fold_change[UP]), 2, atol=0.25)
    np.testing.assert_allclose(np.median(one.log2_fold_change[DOWN]), -2, atol=0.25)
    significant = one.p_adjusted < 0.05
    assert significant[:60].mean() > 0.95
    assert significant[60:].mean() < 0.05, "samples that are neither flight nor ground take no part"
    assert 0.02 < (one.p[60:] < 0.05).mean() < 0.10


def test_both_methods_agree(found: dict[str, Differential]) -> None:
    voom, deseq = found["limma_voom"], found["deseq2"]
    assert np.corrcoef(voom.statistic, deseq.statistic)[0, 1] > 0.97
    # Benjamini-Hochberg over all tested genes, by scipy
    expected = stats.false_discovery_control(voom.p)
    np.testing.assert_allclose(voom.p_adjusted, expected, rtol=1e-10)


def test_log_fold_changes_are_those_of_plain_means(
    inputs: dict[str, object], found: dict[str, Differential]
) -> None:
    counts = _counts(np.random.default_rng(4), CONDITIONS, "s").to_numpy()[:10, :590]
    cpm = np.log2((counts + 0.5) / (counts.sum(axis=1, keepdims=True) + 1))
    plain = cpm[:5].mean(axis=0) - cpm[5:].mean(axis=0)
    for one in found.values():
        assert stats.spearmanr(plain, one.log2_fold_change).statistic > 0.98


def test_studies_of_a_mission_are_told_apart(tmp_path: Path) -> None:
    """A study with more flight and a general shift: without its term, every gene would look up."""
    random = np.random.default_rng(6)
    first = _counts(random, ["FLT"] * 2 + ["GC"] * 4, "a")
    second = _counts(random, ["FLT"] * 4 + ["GC"] * 2, "b")
    second.iloc[:, 100:200] *= 5
    files, tables = [], []
    for name, counts, flights in (("a", first, 2), ("b", second, 4)):
        conditions = ["FLT"] * flights + ["GC"] * (6 - flights)
        files.append(str(write_expression(tmp_path / f"{name}.h5", counts)))
        tables.append(str(_write_samples(tmp_path / f"{name}.csv", list(counts.index), conditions)))
    said = succeed(
        "differential_expression.R",
        expression=",".join(files),
        samples=",".join(tables),
        output=tmp_path / "out.h5",
        **LABELS,
    )
    one = read_differential(tmp_path / "out.h5")
    assert "NOTE" not in said
    assert (one.p_adjusted[100:200] < 0.05).mean() < 0.05
    assert (one.p_adjusted[:60] < 0.05).mean() > 0.8


def test_flight_and_ground_in_studies_of_their_own_are_a_note(tmp_path: Path) -> None:
    both = _counts(np.random.default_rng(7), ["FLT"] * 3 + ["GC"] * 3, "s")
    files, tables = [], []
    for condition, counts in (("FLT", both[:3]), ("GC", both[3:])):
        files.append(str(write_expression(tmp_path / f"{condition}.h5", counts)))
        path = tmp_path / f"{condition}.csv"
        tables.append(str(_write_samples(path, list(counts.index), [condition] * 3)))
    said = succeed(
        "differential_expression.R",
        expression=",".join(files),
        samples=",".join(tables),
        output=tmp_path / "out.h5",
        **LABELS,
    )
    assert "NOTE: studies and flight cannot be told apart" in said
    assert (read_differential(tmp_path / "out.h5").statistic[UP] > 0).all()


def test_a_mission_with_one_sample_of_a_class_is_left_out_with_a_note(tmp_path: Path) -> None:
    conditions = ["FLT", "GC", "GC", "GC", "AG", "AG"]
    counts = _counts(np.random.default_rng(2), conditions, "s")
    said = succeed(
        "differential_expression.R",
        expression=write_expression(tmp_path / "a.h5", counts),
        samples=_write_samples(tmp_path / "a.csv", list(counts.index), conditions),
        output=tmp_path / "out.h5",
        **LABELS,
    )
    assert "NOTE: eye, M1: 1 flight and 3 ground samples, 2 of each are needed" in said
    assert read_differential(tmp_path / "out.h5").genes == ()


def test_mistakes_are_said(inputs: dict[str, object], tmp_path: Path) -> None:
    output = tmp_path / "x.h5"
    done = run_stage("differential_expression.R", **inputs, method="t-test", output=output)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "'t-test' is not one of limma_voom, deseq2." in done.stderr
    samples = _write_samples(tmp_path / "few.csv", ["s0"], ["FLT"])
    done = run_stage(
        "differential_expression.R", **{**inputs, "samples": samples, "output": output}
    )
    assert "--samples: no row for sample s1." in done.stderr
    with pytest.raises(InputError, match=r"is not a file of differential_expression\.R"):
        read_differential(samples)


def test_planted_pathways_have_the_sign_of_flight(
    inputs: dict[str, object], tmp_path: Path
) -> None:
    symbols = {gene: f"Sym{i}" for i, gene in enumerate(GENES)}
    pd.Series(symbols).to_csv(tmp_path / "symbols.csv", index_label="id", header=["symbol"])
    sets = {"RISES": range(30), "FALLS": range(30, 60), "STAYS": range(200, 240), "FEW": range(5)}
    lines = ["\t".join([k, "", *(f"SYM{i}" for i in v)]) for k, v in sets.items()]
    (tmp_path / "h.gmt").write_text("\n".join(lines) + "\n")
    (tmp_path / "none.gmt").write_text("TINY\t\tSym3\n")
    succeed("differential_expression.R", **inputs, output=tmp_path / "eye.M1.differential.h5")
    tables = []
    for name in ("a", "b"):
        said = succeed(
            "score_enrichment.py",
            differential=tmp_path / "eye.M1.differential.h5",
            gene_sets=f"h={tmp_path / 'h.gmt'},none={tmp_path / 'none.gmt'}",
            symbols=tmp_path / "symbols.csv",
            min_size=15,
            max_size=500,
            permutations=200,
            output=tmp_path / f"{name}.enrichment.parquet",
        )
        tables.append(read_enrichment([tmp_path / f"{name}.enrichment.parquet"]))
    pd.testing.assert_frame_equal(*tables)
    table = tables[0].set_index("pathway")
    assert list(table.index) == ["RISES", "FALLS", "STAYS"]
    assert table["n_genes"].tolist() == [30, 30, 40]
    assert set(table["mission"]) == {"M1"}
    assert table.loc["RISES", "nes"] > 2
    assert table.loc["FALLS", "nes"] < -2
    assert table.loc["STAYS", "fdr"] > 0.1
    assert (table.loc[["RISES", "FALLS"], "fdr"] < 0.05).all()
    assert "NOTE: eye, M1, none: no set has 15 to 500 tested genes" in said
    with pytest.raises(InputError, match="is there more than once"):
        read_enrichment([tmp_path])


def test_enrichment_score_is_the_walk_of_subramanian() -> None:
    """NES keeps the sign of ES; ES written out for a set at the top of four ranked genes."""
    random = np.random.default_rng(1)
    ranked = pd.Series(np.sort(random.normal(size=200))[::-1], [f"G{i}" for i in range(200)])
    sets = {"TOP": [f"G{i}" for i in range(0, 40, 2)], "LOW": [f"G{i}" for i in range(160, 200, 2)]}
    sizes = {"min_size": 5, "max_size": 50, "n_permutations": 500}
    table = enrichment(ranked, sets, **sizes, seed=1)
    backwards = enrichment((-ranked).sort_values(ascending=False), sets, **sizes, seed=1)
    for name, members in sets.items():
        inside = ranked.index.isin(members)
        hit = np.where(inside, ranked.abs(), 0)
        walk = np.cumsum(hit / hit.sum() - ~inside / (~inside).sum())
        assert np.sign(table.loc[name, "nes"]) == np.sign(walk[np.abs(walk).argmax()])
        assert table.loc[name, "nes"] * backwards.loc[name, "nes"] < 0


def test_ranking_takes_first_symbols_and_orders_ties_by_name() -> None:
    statistic = np.array([1.0, 3.0, 1.0, 9.0, np.nan, 2.0])
    genes = ("g1", "g2", "g3", "g4", "g5", "g6")
    one = Differential("eye", "M1", genes, statistic, statistic, statistic, statistic)
    symbols = {"g1": "ZZ", "g2": "B", "g3": "A", "g5": "C", "g6": "B"}
    ranked = ranking(one, symbols)
    assert ranked.to_dict() == {"B": 3.0, "A": 1.0, "ZZ": 1.0}
    assert list(ranked.index) == ["B", "A", "ZZ"]
    assert list(ranking(one, {}).index) == ["G4", "G2", "G6", "G1", "G3"]
