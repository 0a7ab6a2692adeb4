"""Sections of the other questions: their numbers are those of the tables, and stand apart."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from sklearn.metrics import confusion_matrix, f1_score

from spacebio_bench.cli import main
from spacebio_bench.report._apart_section import holdout_section, kfold_section
from spacebio_bench.report._confounder_section import (
    below_chance,
    chance_of_predictions,
    confounder_rows,
    confounder_section,
)
from spacebio_bench.report._conservation_section import conservation_section
from spacebio_bench.report._control_section import control_section, verdicts_in_words
from spacebio_bench.report._cross_section import cross_section
from spacebio_bench.report._diagnostics_section import diagnostics_section, top_rows
from spacebio_bench.report._families import all_not_run, families
from spacebio_bench.report._leaderboard import NOTHING
from spacebio_bench.report._paired_section import paired_section
from spacebio_bench.report._pairs_section import pair_counts, pairs_section
from spacebio_bench.report._results import Results, read_results
from spacebio_bench.report._section import Section, Table
from spacebio_bench.report._variants_section import batch_section, curve_points, curves_section

from . import _browser
from ._results import CELLS, FOLDS, Made, write_results
from .test_page import _chart_data, _Outline

Row = dict[str, Any]


def _cell(name: str, value: float | None = 0.6, **own: Any) -> Row:
    task, feature, model = name.split("/")
    tissue, family, *variant = task.split(".", 2)
    row: Row = dict.fromkeys(CELLS.split())
    row |= {"cell": name, "task": task, "tissue": tissue, "family": family, "feature": feature}
    row |= {"model": model, "variant": variant[0] if variant else None, "metric": "auroc"}
    row |= {"status": "ok" if value is not None else "not_applicable", "value_mean": value}
    row |= {"p_method": "refit", "p_value": 0.5, "n_folds": 2.0} | own
    return row


def _fold(cell: str, train: str, test: str, value: float | None, **own: Any) -> Row:
    row: Row = dict.fromkeys(FOLDS.split())
    row |= {"cell": cell, "fold": f"{train}_{test}", "train_missions": train, "value": value}
    row |= {"test_missions": test, "n_test": 12.0, "n_positive": 6.0}
    return row | {"status": "ok" if value is not None else "not_applicable"} | own


def _results(cells: Sequence[Row], folds: Sequence[Row] = (), **more: Sequence[Row]) -> Results:
    tables = {name: tuple(rows) for name, rows in more.items()}
    return Results(Path(), tuple(cells), tuple(folds), (), (), {}, (), tables)


def _there(section: Section | None) -> Section:
    assert section is not None
    return section


def _lines(table: Table) -> list[dict[str, str]]:
    names = [column.name for column in table.columns]
    return [dict(zip(names, (item.text for item in row), strict=True)) for row in table.rows]


PAIRS = "liver.pairs/gene/pca_lr"
PAIR_FOLDS = [
    _fold(PAIRS, "A", "B", 0.70, p_exact=0.20, n_test=9.0),
    _fold(PAIRS, "B", "A", 0.95, p_exact=0.01, n_test=10.0),
    _fold(PAIRS, "A", "C", 0.69, p_exact=0.04, n_test=12.0),
    _fold(PAIRS, "C", "A", 1.00, p_exact=0.05 + 1e-17, n_test=6.0),
    _fold(PAIRS, "B", "C", None, reason="one class"),
    _fold(PAIRS, "C", "B", 0.10, p_exact=0.99, n_test=20.0),
]


def test_pairs_are_counted_as_they_are_defined() -> None:
    assert pair_counts(PAIR_FOLDS) == {
        "n_pairs": 5,
        "n_high": 3,
        "n_significant": 2,  # 3 + 3 samples cannot be below 0.05, whatever rounding makes of it
        "n_large": 3,
        "n_high_large": 1,
        "n_significant_large": 2,
    }


def test_the_matrix_holds_every_pair_and_says_which_was_not_scored() -> None:
    cell = _cell(PAIRS, 0.688, ci_population_low=0.3, ci_population_high=0.9, p_value=0.02)
    section = _there(pairs_section(_results([cell], PAIR_FOLDS)))
    (line,) = _lines(section.tables[0])
    assert (line["mean AUROC"], line["missions like these"]) == ("0.688", "0.30 to 0.90")
    assert (line["pairs ≥ 0.70"], line["pairs p < 0.05"]) == ("3 of 5", "2 of 5")
    assert (line["≥ 0.70, 10+ tested"], line["p < 0.05, 10+ tested"]) == ("1 of 3", "2 of 3")
    assert "q" not in line
    ((label, (figure,)),) = section.panels
    tiles = {(t["train"], t["test"]): t for t in figure.data[figure.name]}
    assert label == "liver"
    assert {key: t["value"] for key, t in tiles.items()} == {
        (f["train_missions"], f["test_missions"]): f["value"] for f in PAIR_FOLDS
    }
    assert (tiles["B", "A"]["text"], tiles["C", "A"]["text"]) == ("0.95 ●", "1.00")
    assert (tiles["B", "C"]["text"], tiles["B", "C"]["reason"]) == ("n/a", "one class")


def test_shared_missions_are_named_and_have_no_p() -> None:
    both, apart = (f"eye_to_skin.cross_tissue.{v}/gene/lfc" for v in ("gene", "gene_unshared"))
    none = {"p_value": None, "p_method": "none", "reason": "no p-value: samples of A"}
    cells = [
        _cell(both, 0.8, **none),
        _cell(apart, 0.7, p_value=0.03, p_method="fixed_exact"),
        _cell("skin_to_eye.cross_tissue.gene/gene/lfc", 0.4, p_method="fixed_exact"),
    ]
    folds = [_fold(both, "A;B", "A;C", 0.8), _fold(apart, "B", "A;C", 0.7)]
    folds += [_fold(cells[2]["cell"], "X", "Y", 0.4)]
    section = _there(cross_section(_results(cells, folds)))
    shown = {(x["learned from"], x["variant"]): x for x in _lines(section.tables[0])}
    assert {key: x["missions in both"] for key, x in shown.items()} == {
        ("eye", "gene"): "A",
        ("eye", "gene_unshared"): "none; A left out",
        ("skin", "gene"): "none",
    }
    assert shown["eye", "gene"]["p"] == NOTHING
    assert shown["eye", "gene_unshared"]["p"] == "0.030"
    assert [label for label, _ in section.panels] == ["gene", "gene unshared"]
    assert "fixed_exact" in section.says[2]
    assert "trained anew" not in section.says[2]


def _mistaken(cell: str, truth: Sequence[int], named: Sequence[int]) -> list[Row]:
    counts = confusion_matrix(truth, named, labels=[0, 1, 2])
    return [
        {"cell": cell, "class": str(i), "named": str(j), "n_samples": float(counts[i, j])}
        for i, j in itertools.product(range(3), repeat=2)
    ]


@pytest.mark.parametrize(
    ("truth", "named"),
    [
        ((0, 0, 1, 1, 2, 2), (1, 1, 0, 2, 0, 1)),
        ((0, 0, 0, 0, 1, 2), (0, 0, 0, 0, 0, 0)),
        ((0, 1, 1, 1, 1, 0), (1, 1, 1, 0, 1, 2)),
    ],
)
def test_chance_is_the_mean_over_all_shuffles(
    truth: tuple[int, ...], named: tuple[int, ...]
) -> None:
    """Every arrangement of the classes by scikit-learn's F1."""
    every = [
        f1_score(t, named, average="macro", zero_division=0) for t in itertools.permutations(truth)
    ]
    found = chance_of_predictions(_mistaken("c", truth, named))
    assert found == {"c": pytest.approx(np.mean(every), abs=1e-12)}


def _confounder(feature: str, f1: float, chance: float | None, p: float | None) -> tuple[Row, Row]:
    name = f"liver.confounder.mission/{feature}/multinomial_lr"
    about = {"cell": name, "target": "mission", "macro_f1": f1, "macro_f1_chance": chance}
    about |= {"accuracy": 0.1, "n_classes": 3.0, "n_samples": 6.0, "largest_class_share": 0.4}
    return _cell(name, f1, metric="macro_f1", p_value=p), about


def test_below_chance_is_explained_with_the_other_set_beside_it() -> None:
    given = [_confounder("gsva", 0.056, 0.15, 1.0), _confounder("gene", 0.97, 0.15, 0.001)]
    given.append(_confounder("noise", 0.149, 0.15, 0.5))
    cells, about = (list(part) for part in zip(*given, strict=True))
    said = below_chance(confounder_rows(_results(cells, confounders=about)))
    assert said.startswith("1 of 3 cells name the mission worse than chance (gsva)")
    assert "gene 0.97 against 0.15 (liver)" in said
    assert below_chance(confounder_rows(_results(cells[1:], confounders=about[1:]))) == ""
    low_genes = [_confounder("gene", 0.01, 0.15, 1.0)]
    cells, about = (list(part) for part in zip(*low_genes, strict=True))
    assert below_chance(confounder_rows(_results(cells, confounders=about))) == ""


def test_confounders_stand_side_by_side_with_their_classes() -> None:
    given = [_confounder("gsva", 0.1, 0.3, 1.0), _confounder("gene", 0.9, None, None)]
    cells, about = (list(part) for part in zip(*given, strict=True))
    truth, named = (0, 0, 1, 1, 2, 2), (0, 0, 1, 1, 2, 0)
    mistaken = _mistaken(cells[1]["cell"], truth, named)
    classes = [
        {"cell": cells[1]["cell"], "class": "2", "n_samples": 2.0, "precision": 1.0, "recall": 0.5}
    ]
    classes[0]["f1"] = 2 / 3
    section = _there(
        confounder_section(_results(cells, confounders=about, classes=classes, confusion=mistaken))
    )
    gene, gsva = _lines(section.tables[0])
    assert (gene["feature set"], gsva["feature set"]) == ("gene", "gsva")
    assert (gsva["chance"], gsva["above chance"], gsva["chance by"]) == (
        "0.300",
        "\N{MINUS SIGN}0.200",
        "refits",
    )
    every = [
        f1_score(t, named, average="macro", zero_division=0) for t in itertools.permutations(truth)
    ]
    assert (gene["chance"], gene["chance by"]) == (f"{np.mean(every):.3f}", "predictions kept")
    assert _lines(section.tables[1])[0]["F1"] == "0.667"
    assert section.last is not None
    counts = {(t["class"], t["named"]): t["n"] for t in section.last.data["confusion"]}
    assert (counts["2", "0"], counts["2", "2"], counts["0", "0"]) == (1, 1, 2)


def _canary(control: str, verdict: str, **own: Any) -> Row:
    row: Row = {"cell": f"eye.control.{control}/gene/pca_lr", "control": control, "tissue": "eye"}
    row |= {"feature": "gene", "model": "pca_lr", "value": 0.6, "null_mean": None, "null_sd": None}
    row |= {"p_two_sided": None, "level": None, "simulated": None, "reason": None}
    return row | {"verdict": verdict} | own


def test_canaries_that_fire_stand_first() -> None:
    null = {"null_mean": 0.5, "null_sd": 0.05, "level": 0.0005}
    rows = [
        _canary("gaussian", "quiet", **null),
        _canary("shuffle", "fires", **null, p_two_sided=1e-6),
        _canary("planted", "missed", simulated=0.95),
        _canary("housekeeping", "none", reason="no counts"),
    ]
    section = _there(control_section(_results([], canaries=rows)))
    lines = _lines(section.tables[0])
    assert [x["verdict"] for x in lines] == ["missed", "fires", "quiet"]
    assert lines[1]["null mean"] == "0.500"
    assert section.brief == (
        "1 of 2 canaries quiet; 1 fires; the planted signal found 0 of 1 times; 1 missed."
    )
    ((_, (figure,)),) = section.panels
    drawn = {r["control"]: (r["low"], r["high"], r["middle"]) for r in figure.data["canaries"]}
    assert drawn["shuffle"] == (0.4, 0.6, 0.5)
    assert drawn["planted"] == (None, None, 0.95)
    assert verdicts_in_words(rows[:1]) == "1 of 1 canary quiet."


def test_holdouts_are_shown_mission_by_mission() -> None:
    name = "liver.holdout/gene/pca_lr"
    folds = [_fold(name, "A;B", "X", 0.9, ci_low=0.6, ci_high=0.98, p_exact=0.004)]
    folds += [_fold(name, "A;B", "Y", 0.4, ci_low=0.2, ci_high=0.7, p_exact=0.8)]
    section = _there(holdout_section(_results([_cell(name, 0.65, p_method="fixed_exact")], folds)))
    ((tissue, (figure,)),) = section.panels
    assert tissue == "liver"
    assert [(r["mission"], r["value"], r["ci"]) for r in figure.data["holdout_liver"]] == [
        ("X", 0.9, "0.60 to 0.98"),
        ("Y", 0.4, "0.20 to 0.70"),
    ]
    assert [x["exact p"] for x in _lines(section.tables[1])] == ["0.0040", "0.800"]


def _drawn(values: dict[str, float], n_folds: float = 3.0) -> list[Row]:
    cells = [_cell(f"eye.lomo.{v}/gene/pca_lr", x) for v, x in values.items()]
    return [*cells, _cell("eye.lomo/gene/pca_lr", 0.8, n_folds=n_folds)]


def test_curves_end_in_the_plain_question() -> None:
    values = {f"learning_curve_m1_d{i}": x for i, x in enumerate((0.5, 0.6, 0.9))}
    values |= {"learning_curve_s25_d0": 0.55, "ablation_genes100": 0.7}
    points = curve_points(_results(_drawn(values)))
    found = {(p["kind"], p["x"]): (p["mean"], p["low"], p["high"], p["n"]) for p in points}
    assert found == {
        ("m", 1.0): (pytest.approx(2 / 3), 0.5, 0.9, 3),
        ("m", 2.0): (0.8, 0.8, 0.8, 1),
        ("s", 25.0): (0.55, 0.55, 0.55, 1),
        ("s", 100.0): (0.8, 0.8, 0.8, 1),
        ("genes", 100.0): (0.7, 0.7, 0.7, 1),
        ("genes", None): (0.8, 0.8, 0.8, 1),
    }
    section = _there(curves_section(_results(_drawn(values))))
    assert [figure.name for figure in section.figures] == [
        "curve_missions",
        "curve_samples",
        "ablation_genes",
    ]


def test_curves_without_the_plain_question_have_no_end() -> None:
    points = curve_points(_results(_drawn({"learning_curve_m1_d0": 0.5})[:1]))
    assert [(p["x"], p["plain"]) for p in points] == [(1.0, False)]


def test_slopes_join_the_same_fold_before_and_after() -> None:
    after = "eye.lomo.batch_limma/gene/pca_lr"
    cells = [_cell(after, 0.7), _cell("eye.lomo/gene/pca_lr", 0.6)]
    folds = [_fold("eye.lomo/gene/pca_lr", "B", "A", 0.5), _fold(after, "B", "A", 0.7)]
    folds += [_fold("eye.lomo/gene/pca_lr", "A", "B", 0.6), _fold(after, "A", "B", None)]
    row = {"feature": "gene", "model": "pca_lr", "a": "limma", "b": "none"}
    row |= {"n_folds": 1.0, "wins_a": 1.0, "wins_b": 0.0, "ties": 0.0, "n_clusters": 1.0}
    row |= {"difference": 0.2, "ci_low": None, "ci_high": None, "p_value": 1.0, "p_attainable": 1.0}
    section = _there(batch_section(_results(cells, folds, batch=[row])))
    ((_, (figure,)),) = section.panels
    ends = [(r["mission"], r["when"], r["value"]) for r in figure.data["batch_eye"]]
    assert ends == [("A", "before", 0.5), ("A", "after", 0.7)]
    assert "transductive" in section.says[1]
    assert "the largest mean difference is 0.200 (limma" in section.brief
    (line,) = _lines(section.tables[0])
    assert (line["a"], line["a minus b"], line["a higher"]) == ("limma", "0.200", "1")


def test_feature_sets_are_compared_row_by_row() -> None:
    row = {"family": "lomo", "variant": None, "model": "rf", "a": "gene", "b": "kegg"}
    row |= {"difference": -0.03, "ci_low": -0.06, "ci_high": -0.01, "p_value": 0.04}
    row |= {"p_attainable": 0.03, "wins_a": 1.0, "wins_b": 5.0, "n_folds": 6.0, "n_clusters": 6.0}
    (line,) = _lines(_there(paired_section(_results([], gene_vs_pathway=[row]))).tables[0])
    assert line["a minus b"] == "\N{MINUS SIGN}0.030"
    assert (line["a higher"], line["b higher"], line["p"]) == ("1", "5", "0.040")


def test_conservation_is_set_against_both_ways_of_a_pair() -> None:
    pair = {"kind": "pair", "tissue": "liver", "collection": "hallmark", "mission_a": "A"}
    rows = [{**pair, "mission_b": b, "rho": r, "reason": None} for b, r in (("B", 0.5), ("C", 0.1))]
    related = {"kind": "transfer", "tissue": "liver", "collection": "hallmark", "feature": "gene"}
    related |= {"model": "pca_lr", "rho": -0.4, "p_value": 0.3, "p_attainable": 0.1, "n_pairs": 2.0}
    folds = [_fold(PAIRS, "A", "B", 0.6), _fold(PAIRS, "B", "A", 0.9), _fold(PAIRS, "A", "C", 0.7)]
    section = _there(
        conservation_section(_results([_cell(PAIRS)], folds, conservation=[*rows, related]))
    )
    ((_, (figure,)),) = section.panels
    (point,) = figure.data["conservation"]
    assert (point["pair"], point["rho"], point["auroc"]) == ("A, B", 0.5, 0.75)
    assert _lines(section.tables[0])[0]["Spearman"] == "\N{MINUS SIGN}0.40"
    assert len(section.tables[-1].rows) == 2
    empty = {**pair, "rho": None, "reason": "no NES"}
    assert conservation_section(_results([], conservation=[empty])) is None


def _top(feature: str, model: str, rank: float, weight: float, n_top: float) -> Row:
    row: Row = {"task": "eye.lomo", "feature_set": "gene", "model": model, "feature": feature}
    row |= {"symbol": None, "importance": "coefficient", "mean_importance": weight, "n_folds": 4.0}
    return row | {"consensus_rank": rank, "n_folds_in_top": n_top, "sign_consistency": 1.0}


def test_top_features_are_the_best_ten_with_their_least_stability() -> None:
    rows = [_top(f"G{i:02d}", "pca_lr", float(i), 0.1, 4.0) for i in range(12)]
    rows += [_top("G00", "elasticnet_lr", 0.0, 0.2, 1.0), _top("G01", "xgb", 1.0, -0.2, 4.0)]
    found = top_rows(rows)
    assert [row["name"] for row in found] == [f"G{i:02d}" for i in range(10)]
    assert [(r["stable"], r["direction"]) for r in found[:3]] == [
        (0.25, "up"),
        (1.0, "mixed"),
        (1.0, "up"),
    ]


def test_only_flagged_samples_are_listed() -> None:
    sample = {"tissue": "eye", "sample": "s1", "mission": "A", "condition": "FLT"}
    samples = [{**sample, "qc_flags": None}, {**sample, "sample": "s2", "qc_flags": "pca_outlier"}]
    section = _there(diagnostics_section(_results([], samples=samples, duplicates=[])))
    (table,) = section.tables
    assert [x["sample"] for x in _lines(table)] == ["s2"]
    assert section.brief == "1 of 2 samples flagged; 0 pairs of samples that seem to be one."
    assert diagnostics_section(_results([])) is None


def test_what_was_not_asked_has_no_section() -> None:
    plain = _results(
        [_cell("eye.lomo/gene/pca_lr")], [_fold("eye.lomo/gene/pca_lr", "A", "B", 0.6)]
    )
    assert families(plain) == ()
    without = [_cell(f"eye.{f}/gene/pca_lr", None) for f in ("pairs", "kfold", "holdout")]
    assert families(replace(plain, cells=(*plain.cells, *without))) == ()


def test_many_cells_without_a_result_are_one_line() -> None:
    reason = "no study has the role holdout"
    cells = [
        _cell(f"t{i}.holdout/{f}/{m}", None, reason=reason)
        for i, f, m in itertools.product(range(3), "abcd", ("rf", "xgb"))
    ]
    names = "names no classes"
    cells += [_cell(f"t0.pairs/{f}/lfc", None, reason=names) for f in "ab"]
    cells += [_cell(f"t0.pairs/{f}/pca_lr", 0.6) for f in "ab"]
    cells += [_cell(f"t0.lomo/{f}/rf", None, reason=names) for f in "ab"]
    groups = {group["reason"]: group for group in all_not_run(_results(cells))}
    assert (groups[reason]["n"], groups[reason]["questions"]) == (24, ["holdout"])
    assert groups[reason]["cells"] == ["t0.holdout", "t1.holdout", "t2.holdout"]
    assert groups[names]["cells"] == ["t0.lomo/a/rf", "t0.lomo/b/rf", "t0.pairs/*/lfc"]


def _add(made: Made, cells: Sequence[Row], folds: Sequence[Row], **more: Sequence[Row]) -> None:
    for name, rows in (("cells", cells), ("folds", folds)):
        path = made.results / f"{name}.csv"
        old = pd.read_csv(path)
        both = [*old.to_dict("records"), *rows]
        pd.DataFrame(both, columns=old.columns).to_csv(path, index=False)
    for name, own in more.items():
        pd.DataFrame(own).to_csv(made.results / f"{name}.csv", index=False)


def _report(made: Made, outdir: Path) -> Path:
    named = {**vars(made), "outdir": outdir}
    arguments = ["report", "--quiet", *(f"--{name}={path}" for name, path in named.items())]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return outdir / "report.html"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A run of plain lomo on two tissues, with one cell or two of every other question."""
    made = write_results(
        tmp_path_factory.mktemp("families"),
        tissues=("eye", "kidney"),
        models=("pca_lr", "knn"),
        features=("gene",),
        n_labelings=19,
    )
    kfold, holdout = _cell("lung.kfold/gene/pca_lr", 0.98765), _cell("eye.holdout/gene/pca_lr", 0.9)
    cross, batch = "eye_to_kidney.cross_tissue.gene/gene/lfc", "eye.lomo.batch_limma/gene/pca_lr"
    (named, about) = _confounder("gsva", 0.056, 0.15, 1.0)
    cells = [_cell(PAIRS, 0.688), kfold, holdout, _cell(cross), _cell(batch), named]
    cells += [_cell("eye.lomo.learning_curve_m1_d0/gene/pca_lr", 0.5)]
    cells += [_cell("eye.control.gaussian/gene/pca_lr", 0.5)]
    folds = [*PAIR_FOLDS, _fold(holdout["cell"], "A", "X", 0.9), _fold(cross, "A", "B", 0.6)]
    folds += [_fold(kfold["cell"], "Z", "Z", 0.98765), _fold(batch, "", "MHU-2", 0.7)]
    _add(
        made,
        cells,
        folds,
        confounders=[about],
        confusion=_mistaken(named["cell"], (0, 1, 2), (1, 2, 0)),
        canaries=[_canary("gaussian", "quiet", null_mean=0.5, null_sd=0.1, level=0.001)],
        samples=[{"tissue": "eye", "sample": "s", "mission": "A", "qc_flags": "pca_outlier"}],
    )
    return made


@pytest.fixture(scope="module")
def page(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _report(made, tmp_path_factory.mktemp("page"))


ANCHORS = ("control", "confounder", "pairs", "cross-tissue", "holdout", "kfold", "batch", "curves")


def test_every_question_has_its_section_on_the_page(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    outline = _Outline()
    outline.feed(html)
    assert outline.open == []
    ids = [attributes["id"] for _, attributes in outline.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    listed = re.search(r'<section id="families".*?</section>', html, re.DOTALL)
    assert listed is not None
    for anchor in (*ANCHORS, "diagnostics"):
        assert f'<a href="#{anchor}">' in listed.group()
        assert anchor in ids
    assert not {"feature-sets", "conservation"} & set(ids)
    assert all(b - a <= 1 for a, b in itertools.pairwise(outline.levels))
    assert len(outline.all("caption")) == len(outline.all("table"))
    drawn = {path.stem for path in (page.parent / "figures").iterdir()}
    assert {"pairs_liver", "cross_tissue_gene", "confounder_mission", "confusion"} <= drawn
    assert {"canaries", "holdout_eye", "batch_eye", "curve_missions"} <= drawn


def test_the_leaderboard_is_about_plain_lomo_alone(made: Made, page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    cells = pd.read_csv(made.results / "cells.csv")
    plain = cells[(cells["family"] == "lomo") & cells["variant"].isna()]
    assert 0 < len(plain) < len(cells)
    table = re.search(r'<table id="cells".*?<tbody>(.*?)</tbody>', html, re.DOTALL)
    assert table is not None
    assert len(table.group(1).split("<tr")[1:]) == len(plain)
    data = _chart_data(html)
    assert len(data["heatmap"]) == len(plain)
    assert {row["tissue"] for row in data["heatmap"]} == {"eye", "kidney"}


def test_kfold_is_in_no_table_with_lomo(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    tables = re.findall(r"<table.*?</table>", html, re.DOTALL)
    (own,) = [table for table in tables if "0.988" in table]
    assert "lung" in own
    assert "kidney" not in own
    section = re.search(r'<section id="kfold".*?</section>', html, re.DOTALL)
    assert section is not None
    assert own in section.group()
    assert "another question than leave-one-mission-out" in section.group()


def test_a_run_without_lomo_has_a_page(made: Made, tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    for name in ("cells", "folds"):
        table = pd.read_csv(made.results / f"{name}.csv")
        others = table[table["cell"].str.contains(r"\.pairs/|\.kfold/")]
        others.to_csv(results / f"{name}.csv", index=False)
    html = _report(replace(made, results=results), tmp_path / "out").read_text(encoding="utf-8")
    assert "it has no lomo task" in html
    assert 'id="leaderboard"' not in html
    assert 'id="pairs"' in html
    linked = set(re.findall(r'href="#([^"]+)"', html))
    assert linked <= set(re.findall(r'id="([^"]+)"', html))


def test_tables_are_found_beside_the_results_or_in_their_folder(made: Made, tmp_path: Path) -> None:
    assert [row["sample"] for row in read_results(made.results).more["samples"]] == ["s"]
    for name in ("cells", "folds"):
        (tmp_path / f"{name}.csv").write_bytes((made.results / f"{name}.csv").read_bytes())
    (tmp_path / "diagnostics").mkdir()
    (tmp_path / "diagnostics" / "duplicates.csv").write_text("sample_a,sample_b\na,b\n")
    more = read_results(tmp_path).more
    assert set(more) == {"duplicates"}
    assert more["duplicates"][0]["sample_b"] == "b"


def test_kfold_section_alone() -> None:
    section = _there(kfold_section(_results([_cell("lung.kfold/gene/rf", 0.7)])))
    assert [x["mean AUROC"] for x in _lines(section.tables[0])] == ["0.700"]
    assert section.panels == ()


@pytest.mark.slow
@pytest.mark.skipif(_browser.CHROMIUM is None, reason="no Chromium: `make setup-checks`")
@pytest.mark.parametrize("width", [1280, 390])
def test_the_browser_does_not_complain(page: Path, tmp_path: Path, width: int) -> None:
    fits = "document.documentElement.scrollWidth <= innerWidth"
    drawn = (
        "[...document.querySelectorAll('[data-chart]')]"
        ".filter((c) => c.offsetParent && !c.querySelector('svg')).length"
    )
    seen = _browser.visit(page, tmp_path, width=width, scripts=(fits, drawn))
    assert seen.complaints == []
    assert seen.requests == []
    assert seen.answers == [True, 0]
