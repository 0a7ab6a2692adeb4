"""The pathway stages against walks written out step by step, and on what users get wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from ._stage import read_scores, run_stage, succeed, write_expression

SAMPLES = [f"s{i}" for i in range(7)]
GENES = [f"g{i:03d}" for i in range(300)]
SIZES = {"min_size": 10, "max_size": 60}


@pytest.fixture(scope="module")
def counts() -> pd.DataFrame:
    """Samples x genes, no ties within a sample; the last 20 genes are hardly expressed."""
    random = np.random.default_rng(11)
    values = random.lognormal(5, 1.5, size=(len(SAMPLES), len(GENES))) + 2
    values[:, -20:] = random.uniform(0, 0.9, size=(len(SAMPLES), 20))
    values[0, -20:] += 2  # one sample of seven is less than 20 %
    return pd.DataFrame(values, index=SAMPLES, columns=GENES)


@pytest.fixture(scope="module")
def inputs(counts: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Expression, a collection with a small, a fitting and a large set, one with no fitting set.

    Gene g001 repeats the symbol of g000, g002 has none, and g280 to g299 are not expressed. The
    universe names the genes in reverse.
    """
    folder = tmp_path_factory.mktemp("pathways")
    symbols = {gene: f"Sym{i}" for i, gene in enumerate(GENES)} | {"g001": "Sym0"}
    del symbols["g002"]
    pd.Series(symbols).to_csv(folder / "symbols.csv", index_label="gene_id", header=["symbol"])
    sets = {
        "WALK": [0, *range(1, 30)],
        "AGAIN": [*range(100, 120), *range(100, 110)],
        "UNEXPRESSED": [*range(50, 55), *range(285, 300)],
        "LARGE": range(20, 200),
    }
    lines = ["\t".join([k, "", *(f"Sym{i}" for i in v), "Foreign"]) for k, v in sets.items()]
    (folder / "main.gmt").write_text("\n".join(lines) + "\n")
    (folder / "none.gmt").write_text("TINY\t\tSym3\tSym4\n")
    write_expression(folder / "mission.h5", counts)
    (folder / "universe.txt").write_text("".join(f"{gene}\n" for gene in reversed(GENES)))
    return {
        "expression": folder / "mission.h5",
        "gene_sets": f"main={folder / 'main.gmt'},none={folder / 'none.gmt'}",
        "symbols": folder / "symbols.csv",
        "universe": folder / "universe.txt",
        "expressed_above": 1,
        "in_fraction": 0.2,
        **SIZES,
    }


def _by_symbol(counts: pd.DataFrame, genes: list[str]) -> pd.DataFrame:
    symbols = ["Sym0" if g == "g001" else f"Sym{int(g[1:])}" for g in genes]
    table = np.log2(counts[genes] + 1).set_axis(symbols, axis=1).drop(columns="Sym2")
    return table.loc[:, ~table.columns.duplicated()]  # the first of a repeated symbol


def _running_sums(ranks: np.ndarray, inside: np.ndarray, weight: float) -> float:
    """ssGSEA of one sample (Barbie 2009): the area between two walks down the ranking."""
    order = np.argsort(-ranks)
    hit = np.where(inside, ranks**weight, 0)[order]
    miss = (~inside[order]).astype(float)
    return float((np.cumsum(hit / hit.sum()) - np.cumsum(miss / miss.sum())).sum())


def _ssgsea(expression: pd.DataFrame, members: list[str]) -> np.ndarray:
    inside = expression.columns.isin(members)
    ranks = expression.rank(axis=1).to_numpy()
    return np.array([_running_sums(row, inside, 0.25) for row in ranks])


def _gsva(expression: pd.DataFrame, members: list[str]) -> np.ndarray:
    """GSVA (Hanzelmann 2013): kernel estimate of each gene's CDF, then a rank walk per sample."""
    x = expression.to_numpy()
    width = x.std(axis=0, ddof=1) / 4
    level = norm.cdf((x[:, None, :] - x[None, :, :]) / width).mean(axis=1)
    inside = expression.columns.isin(members)
    scores = []
    for row in level:
        order = np.argsort(-row)
        weight = np.abs(np.arange(len(row), 0, -1) - len(row) / 2)
        hit = np.where(inside[order], weight, 0)
        miss = (~inside[order]).astype(float)
        walk = np.cumsum(hit / hit.sum()) - np.cumsum(miss / miss.sum())
        scores.append(max(walk.max(), 0) + min(walk.min(), 0))
    return np.array(scores)


WALK = [f"Sym{i}" for i in range(30)]
AGAIN = [f"Sym{i}" for i in range(100, 120)]
UNEXPRESSED = [f"Sym{i}" for i in [*range(50, 55), *range(285, 300)]]


@pytest.fixture(scope="module")
def ssgsea(inputs: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ssgsea") / "scores.h5"
    succeed("score_pathways.R", **inputs, scorer="ssgsea", output=path)
    return path


def test_ssgsea_is_the_area_between_the_walks(counts: pd.DataFrame, ssgsea: Path) -> None:
    scores = read_scores(ssgsea, "main")
    assert list(scores.index) == SAMPLES
    assert list(scores.columns) == ["WALK", "AGAIN", "UNEXPRESSED"]
    expression = _by_symbol(
        counts, GENES[::-1]
    )  # the universe, in its order; unexpressed genes too
    for name, members in (("AGAIN", AGAIN), ("WALK", WALK), ("UNEXPRESSED", UNEXPRESSED)):
        np.testing.assert_allclose(scores[name], _ssgsea(expression, members), rtol=1e-10)


def test_ssgsea_of_a_sample_alone_is_that_among_others(
    counts: pd.DataFrame, inputs: dict[str, object], ssgsea: Path, tmp_path: Path
) -> None:
    alone = write_expression(tmp_path / "alone.h5", counts.iloc[[3]])
    options = inputs | {"expression": alone, "output": tmp_path / "alone.pathways.h5"}
    succeed("score_pathways.R", **options, scorer="ssgsea")
    among = read_scores(ssgsea, "main").iloc[[3]]
    pd.testing.assert_frame_equal(
        read_scores(tmp_path / "alone.pathways.h5", "main"), among, check_exact=True
    )


def test_gsva_is_the_walk_over_kernel_ranks(
    counts: pd.DataFrame, inputs: dict[str, object], tmp_path: Path
) -> None:
    # two studies of one mission, the second with another gene order and one gene less
    second = counts.iloc[4:, ::-1].drop(columns="g299")
    first = write_expression(tmp_path / "a.h5", counts.iloc[:4])
    options = inputs | {
        "expression": f"{first},{write_expression(tmp_path / 'b.h5', second)}",
        "output": tmp_path / "scores.h5",
    }
    notes = succeed("score_pathways.R", **options, scorer="gsva")
    scores = read_scores(tmp_path / "scores.h5", "main")
    assert list(scores.index) == SAMPLES
    assert list(scores.columns) == ["WALK", "AGAIN"], "5 of UNEXPRESSED's genes pass the filter"
    expression = _by_symbol(counts, GENES[:-20])
    for name, members in (("AGAIN", AGAIN), ("WALK", WALK)):
        # GSVA looks the normal distribution up in a table of 1e-4
        np.testing.assert_allclose(scores[name], _gsva(expression, members), atol=2e-3)

    assert "NOTE: none: no set has 10 to 60 genes here; it gets no scores." in notes
    assert read_scores(tmp_path / "scores.h5", "none").shape == (len(SAMPLES), 0)


def test_gseapy_is_ssgsea_over_its_range(
    counts: pd.DataFrame, inputs: dict[str, object], tmp_path: Path
) -> None:
    notes = succeed("score_pathways_gseapy.py", **inputs, output=tmp_path / "scores.h5")
    scores = read_scores(tmp_path / "scores.h5", "main")
    assert list(scores.index) == SAMPLES
    assert list(scores.columns) == ["WALK", "AGAIN"]
    expression = _by_symbol(counts, GENES[:-20])
    raw = np.column_stack([_ssgsea(expression, WALK), _ssgsea(expression, AGAIN)])
    np.testing.assert_allclose(scores, raw / (raw.max() - raw.min()), rtol=1e-6)

    assert "NOTE: none: no set has 10 to 60 genes here; it gets no scores." in notes
    assert read_scores(tmp_path / "scores.h5", "none").shape == (len(SAMPLES), 0)

    succeed("score_pathways_gseapy.py", **inputs, output=tmp_path / "again.h5")
    assert (tmp_path / "again.h5").read_bytes() == (tmp_path / "scores.h5").read_bytes()


def test_gseapy_matches_symbols_whatever_their_case(
    inputs: dict[str, object], tmp_path: Path
) -> None:
    (tmp_path / "upper.gmt").write_text("WALK\t\t" + "\t".join(s.upper() for s in WALK) + "\n")
    options = inputs | {"gene_sets": f"upper={tmp_path / 'upper.gmt'}"}
    succeed("score_pathways_gseapy.py", **options, output=tmp_path / "scores.h5")
    assert list(read_scores(tmp_path / "scores.h5", "upper").columns) == ["WALK"]


def test_without_symbols_sets_name_gene_ids(
    inputs: dict[str, object], counts: pd.DataFrame, tmp_path: Path
) -> None:
    (tmp_path / "symbols.csv").write_text("gene_id,symbol\n")
    (tmp_path / "ids.gmt").write_text("IDS\t\t" + "\t".join(GENES[:30]) + "\n")
    options = inputs | {
        "symbols": tmp_path / "symbols.csv",
        "gene_sets": f"ids={tmp_path / 'ids.gmt'}",
    }
    succeed("score_pathways.R", **options, scorer="ssgsea", output=tmp_path / "r.h5")
    scores = read_scores(tmp_path / "r.h5", "ids")["IDS"]
    np.testing.assert_allclose(scores, _ssgsea(np.log2(counts + 1), GENES[:30]), rtol=1e-10)
    succeed("score_pathways_gseapy.py", **options, output=tmp_path / "py.h5")
    assert list(read_scores(tmp_path / "py.h5", "ids").columns) == ["IDS"]


@dataclass(frozen=True)
class ExpectFail:
    message: str
    options: dict[str, object] = field(default_factory=dict)


FAILURES = {
    "scorer": ExpectFail("'plage' is not one of gsva, ssgsea.", {"scorer": "plage"}),
    "no such expression": ExpectFail("none.h5 does not exist.", {"expression": "none.h5"}),
    "gene sets": ExpectFail("NAME=FILE.gmt,... is needed, not 'h.gmt'", {"gene_sets": "h.gmt"}),
    "no such sets": ExpectFail("none.gmt does not exist.", {"gene_sets": "h=none.gmt"}),
    "size": ExpectFail("--min-size: 'ten' is not a number.", {"min_size": "ten"}),
}


@pytest.mark.parametrize("case", FAILURES.values(), ids=FAILURES.keys())
def test_a_mistake_is_said_in_one_line(
    case: ExpectFail, inputs: dict[str, object], tmp_path: Path
) -> None:
    options = {**inputs, "scorer": "gsva", "output": tmp_path / "x.h5", **case.options}
    done = run_stage("score_pathways.R", **options)
    assert done.returncode == 2
    assert case.message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_universe_gene_that_is_not_there(inputs: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "universe.txt").write_text("g000\nabsent\n")
    options = inputs | {"universe": tmp_path / "universe.txt", "output": tmp_path / "x.h5"}
    done = run_stage("score_pathways.R", **options, scorer="ssgsea")
    assert done.returncode == 2
    assert "absent is not in the expression." in done.stderr


def test_gseapy_reads_only_what_the_normalisation_wrote(
    inputs: dict[str, object], tmp_path: Path
) -> None:
    (tmp_path / "text.h5").write_text("not HDF5")
    options = inputs | {"expression": tmp_path / "text.h5", "output": tmp_path / "x.h5"}
    done = run_stage("score_pathways_gseapy.py", **options)
    assert done.returncode == 2
    assert "text.h5: is not a file of the normalisation stage" in done.stderr
    assert "Traceback" not in done.stderr
