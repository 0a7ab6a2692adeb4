"""What the page says in words: each sentence against the numbers that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pytest

from spacebio_bench.protocol import load_protocol
from spacebio_bench.report._answer import answer
from spacebio_bench.report._leaderboard import evidence
from spacebio_bench.report._p_words import p_in_words, too_coarse
from spacebio_bench.report._pairs import comparisons_of
from spacebio_bench.report._pooled import pooled_cells
from spacebio_bench.report._ranks import standings, with_ranks
from spacebio_bench.report._reading import reading
from spacebio_bench.report._small_folds import small_folds
from spacebio_bench.report._verdicts import (
    cut_short,
    fallen_folds,
    published_misses,
    published_verdicts,
)

Row = dict[str, Any]


def _cell(name: str, **own: Any) -> Row:
    task, feature, model = name.split("/")
    keys = """value_mean p_value p_method n_permutations p_attainable p_maxt q_bh rank_low rank_high
    tie_group pub_p pub_go reason value_seed_sd ci_these_low ci_these_high ci_population_low
    ci_population_high pi_next_low pi_next_high"""
    row = dict.fromkeys(keys.split()) | {"cell": name, "task": task, "label": task.split(".")[0]}
    row |= {"feature": feature, "model": model, "short": f"{feature} / {model}", "status": "ok"}
    row |= {"metric": "auroc", "n_folds": 3.0, "near_best": False, "value_mean": 0.7}
    row |= {"p_method": "refit", "n_permutations": 999.0, "p_attainable": 0.001} | own
    return row | {"evidence": evidence(row)}


@dataclass(frozen=True)
class Counted:
    p: float | None
    method: str
    n: float | None
    says: str


COUNTED = {
    "stopped": Counted(10 / 34, "refit_sequential", 34, "stopped after 34 labelings because 10"),
    "stopped, p": Counted(10 / 34, "refit_sequential", 34, "p = 10/34 = 0.294"),
    "none": Counted(0.001, "refit", 999, "none of 999 shuffled labelings did as well"),
    "sampled": Counted(0.02, "refit", 199, "3 of 199 shuffled labelings"),
    "sampled, p": Counted(0.02, "refit", 199, "p = (3 + 1)/(199 + 1) = 0.020"),
    "enumerated": Counted(0.03, "refit_exact", 399, "all 400 labelings there are, 12 do as well"),
    "truth alone": Counted(0.0025, "refit_exact", 399, "1 does as well, the true one among them"),
    "published": Counted(0.031, "mean_of_folds", 1000, "as published: 0.031"),
    "not refitted": Counted(0.2, "fixed_deflated", None, "not refitted"),
    "no p": Counted(None, "none", None, ""),
}


@pytest.mark.parametrize("case", COUNTED.values(), ids=COUNTED.keys())
def test_a_p_says_what_was_counted(case: Counted) -> None:
    row = {"p_value": case.p, "p_method": case.method, "n_permutations": case.n}
    said = p_in_words(row)
    assert case.says in said
    assert bool(said) == bool(case.says)


@pytest.mark.parametrize(
    ("least", "coarse"), [(0.05, True), (1 / 20, True), (0.1, True), (1 / 21, False), (None, False)]
)
def test_what_cannot_be_below_005(least: float | None, coarse: bool) -> None:
    assert too_coarse({"p_attainable": least}) == coarse


def _fold(cell: str, mission: str, positive: int, n: int, **own: Any) -> Row:
    ways = sum(1 for _ in combinations(range(n), positive))
    row: Row = {"cell": cell, "fold": f"fold_{mission}_test", "test_missions": mission}
    row |= {"status": "ok", "n_positive": float(positive), "n_test": float(n), "value": 0.9}
    return row | {"p_attainable": 1 / ways, "p_exact": 1 / ways, "pub_p": None} | own


def test_small_folds_are_those_that_cannot_be_significant() -> None:
    sizes = {"A": (3, 6), "B": (3, 5), "C": (6, 12), "D": (3, 7), "E": (1, 19), "F": (1, 21)}
    folds = [
        _fold(f"eye.lomo/gene/{model}", mission, *size)
        for model in ("knn", "rf")
        for mission, size in sizes.items()
    ]
    small, n = small_folds(folds, {"eye.lomo": "eye"})
    assert n == len(sizes)
    assert [(f.mission, f.n_positive, f.n_negative, f.ways) for f in small] == [
        ("A", 3, 3, 20),
        ("B", 3, 2, 10),
        ("E", 1, 18, 19),
    ]
    assert [f.least for f in small] == pytest.approx([1 / 20, 1 / 10, 1 / 19])


def _ranks(*entries: tuple[str, float, int, int, int]) -> list[Row]:
    names = ("value_mean", "rank_low", "rank_high", "tie_group")
    return [_cell(f"eye.lomo/gene/{m}", **dict(zip(names, r, strict=True))) for m, *r in entries]


@dataclass(frozen=True)
class Ranked:
    entries: tuple[tuple[str, float, int, int, int], ...]
    says: str
    splits: tuple[str, ...]


RANKED = {
    "all tied": Ranked(
        (("a", 0.8, 1, 3, 1), ("b", 0.7, 1, 3, 1), ("c", 0.6, 1, 3, 1)),
        "none of the other 2 cells can be told from the best",
        ("", "", ""),
    ),
    "one leads": Ranked(
        (("a", 0.9, 1, 1, 1), ("b", 0.6, 2, 3, 2), ("c", 0.5, 2, 3, 2)),
        "gene / a (mean AUROC 0.90) is clearly above all 2 other cells",
        ("", "group", ""),
    ),
    "some tied, out of order": Ranked(
        (("a", 0.9, 1, 3, 1), ("b", 0.8, 2, 4, 2), ("c", 0.7, 1, 4, 1), ("d", 0.5, 3, 4, 2)),
        "1 of the other 3 cells cannot be told from the best, gene / a (mean AUROC 0.90), whose "
        "own place can be 1 to 3 of 4",
        ("", "group", "", ""),
    ),
}


@pytest.mark.parametrize("case", RANKED.values(), ids=RANKED.keys())
def test_who_leads(case: Ranked) -> None:
    rows = with_ranks(_ranks(*case.entries))
    (standing,) = standings(rows)
    assert case.says in standing.says
    assert tuple(row["split"] for row in rows) == case.splits


def test_ranks_are_places_of_those_that_have_one() -> None:
    rows = _ranks(("a", 0.9, 1, 2, 1), ("b", 0.8, 2, 2, 2))
    rows += [_cell("eye.lomo/gene/c", value_mean=None, status="failed"), _cell("skin.lomo/gene/a")]
    shown = with_ranks(rows)
    assert [row["rank"] for row in shown] == ["1 to 2 of 2", "2 of 2", "", ""]
    assert [row["group"] for row in shown] == ["leading", "group 2", "", ""]
    assert [row["split"] for row in shown] == ["", "group", "", "task"]
    assert [s.n for s in standings(shown)] == [2]


def _pair(by: str, a: str | None, b: str | None, *rest: Any) -> Row:
    names = ("n_clusters", "difference", "ci_low", "ci_high", "p_value", "p_attainable", "method")
    return {"by": by, "a": a, "b": b} | dict(zip(names, rest, strict=True))


def test_pairs_put_the_higher_one_first_and_nemenyi_beside() -> None:
    rows = [
        _pair("model", "knn", "rf", 6, -0.02, -0.09, 0.05, 0.56, 1 / 32, "sign_flip"),
        _pair("model", "knn", "svm", 6, 0.2, 0.1, 0.3, 1 / 32, 1 / 32, "sign_flip"),
        _pair("model", "rf", "knn", 12, -1.5, -2.5, -0.5, 0.01, None, "nemenyi"),
        _pair("model", None, None, 12, None, None, None, 0.001, None, "friedman"),
        _pair("feature", "gene", "kegg", 4, 0.3, 0.2, 0.4, 0.125, 0.125, "sign_flip"),
    ]
    models, features = comparisons_of(rows)
    clear, other = models.pairs
    assert (clear["a"], clear["b"], clear["verdict"]) == ("knn", "svm", "differ")
    assert (other["a"], other["b"], other["difference"]) == ("rf", "knn", 0.02)
    assert (other["ci_low"], other["ci_high"]) == (-0.05, 0.09)
    assert (other["pub_difference"], other["pub_p"]) == (1.5, 0.01)
    assert clear["pub_p"] is None
    assert (models.clear, models.published, models.missions, models.cannot) == (1, 1, 6, False)
    assert models.friedman is not None
    assert models.friedman["p_value"] == 0.001
    assert features.cannot
    assert features.least == 0.125
    assert features.pairs[0]["verdict"] == "too few missions to tell"
    assert not features.published_known


@dataclass(frozen=True)
class Verdict:
    own: dict[str, Any]
    rule: str
    survives: bool | None
    why: str


CALLED = {"pub_p": 0.01, "pub_go": True}
VERDICTS = {
    "falls, stopped": Verdict(
        CALLED
        | {"p_value": 10 / 34, "p_method": "refit_sequential", "n_permutations": 34}
        | {"q_bh": 0.4},
        "Go",
        False,
        "because 10 had already done as well",
    ),
    "falls, too few labelings": Verdict(
        CALLED | {"p_value": 0.1, "n_permutations": 9, "p_attainable": 0.1},
        "Go",
        False,
        "it could not be below 0.100",
    ),
    "no Go, small p, survives": Verdict(
        {"pub_p": 0.04, "pub_go": False, "p_value": 0.001, "q_bh": 0.01, "p_maxt": 0.01},
        "p < 0.05, no Go",
        True,
        "none of 999",
    ),
    "survives, not corrected": Verdict(
        CALLED | {"p_value": 0.03, "q_bh": 0.2, "p_maxt": 0.4},
        "Go",
        True,
        "not after correction (q 0.200, max-T p 0.400)",
    ),
    "published protocol, ties": Verdict(
        CALLED | {"p_value": 0.01, "p_method": "mean_of_folds"}, "Go", False, "fold p-values is 0.0"
    ),
    "protocol without Go, no p": Verdict(
        {"pub_p": 0.02, "p_method": "none"},
        "p < 0.05",
        False,
        "every tie counted",
    ),
}


@pytest.mark.parametrize("case", VERDICTS.values(), ids=VERDICTS.keys())
def test_published_findings_survive_or_say_why_not(case: Verdict) -> None:
    cell = "eye.lomo/gene/knn"
    folds = [_fold(cell, "A", 3, 6, p_exact=0.05), _fold(cell, "B", 3, 5, p_exact=0.1)]
    (found,) = published_verdicts([_cell(cell, **case.own)], folds)
    assert (found["rule"], found["survives"]) == (case.rule, case.survives)
    assert case.why in found["why"]


def test_a_published_protocol_alone_does_not_tell() -> None:
    cell = "eye.lomo/gene/knn"
    folds = [_fold(cell, "A", 6, 12, p_exact=0.01)]
    row = _cell(cell, pub_p=0.02, p_value=0.02, p_method="mean_of_folds", q_bh=0.02)
    (found,) = published_verdicts([row], folds)
    assert found["survives"] is None
    assert row["evidence"] == "none"


def test_what_the_published_rule_calls_nothing_is_no_verdict() -> None:
    rows = [
        _cell("eye.lomo/gene/a", pub_p=0.05, pub_go=False, p_value=0.001, q_bh=0.01),
        _cell("eye.lomo/gene/b", pub_p=0.2, pub_go=False, p_value=0.5, q_bh=0.6),
        _cell("eye.lomo/gene/c"),
    ]
    assert published_verdicts(rows, []) == []
    assert [row["model"] for row in published_misses(rows)] == ["a"]


def test_folds_that_only_rounding_made_significant() -> None:
    cell = "eye.lomo/gene/knn"
    folds = [
        _fold(cell, "A", 3, 6, pub_p=0.045, p_exact=0.05),
        _fold(cell, "B", 6, 12, pub_p=0.04, p_exact=0.041),
        _fold(cell, "C", 6, 12, pub_p=0.06, p_exact=0.07),
        _fold(cell, "D", 6, 12, pub_p=0.01, p_exact=0.2, status="failed"),
    ]
    assert [row["test_missions"] for row in fallen_folds(folds)] == ["A"]


def test_cut_cells_are_grouped_by_what_was_cut() -> None:
    one, other = "refitted on 31 of 99 labelings", "refitted on 9 of 99 labelings"
    rows = [
        _cell("eye.lomo/gene/mlp", reason=one, p_attainable=1 / 32),
        _cell("skin.lomo/gene/mlp", reason=other, p_attainable=0.1),
        _cell("eye.lomo/kegg/mlp", reason=one, p_attainable=1 / 32),
        _cell("eye.lomo/gene/rf", reason="it burst", status="failed"),
        _cell("eye.lomo/gene/knn"),
    ]
    coarse, fine = cut_short(rows)
    assert (coarse["reason"], coarse["coarse"], coarse["cells"]) == (
        other,
        True,
        ["skin.lomo/gene/mlp"],
    )
    assert (fine["least"], fine["coarse"]) == (1 / 32, False)
    assert fine["cells"] == ["eye.lomo/gene/mlp", "eye.lomo/kegg/mlp"]


def test_pooled_cells_have_both_ways_beside_the_mean() -> None:
    rows = [_cell("eye.lomo/gene/a"), _cell("eye.lomo/gene/b")]
    empty = {"value": None, "ci_low": None, "ci_high": None, "i2": None, "p_heterogeneity": None}
    given = {**empty, "cell": "eye.lomo/gene/a", "variance": "hanley_mcneil", "value": 0.9}
    none = {**empty, "cell": "eye.lomo/gene/a", "variance": "delong", "reason": "no variance"}
    gone = {**empty, "cell": "eye.lomo/gene/b", "variance": "delong", "reason": "one fold"}
    (row,) = pooled_cells(rows, [given, none, gone])
    assert (row["published"]["value"], row["delong"]["reason"]) == (0.9, "no variance")


@dataclass(frozen=True)
class Answered:
    cells: tuple[Row, ...]
    says: tuple[str, ...]
    never: tuple[str, ...] = ()


STRONG = {"p_value": 0.001, "q_bh": 0.01, "p_maxt": 0.005}
ANSWERS = {
    "shown": Answered(
        (
            _cell("liver.lomo/gene/a", value_mean=0.9, **STRONG),
            _cell("eye.lomo/gene/a", p_value=0.4, q_bh=0.5, p_maxt=0.9),
        ),
        ("In 1 of 2 tissues (liver)", "within the tissue by max-T", "0.90 (liver, gene / a)"),
        ("hint",),
    ),
    "a null tissue beside a strong one": Answered(
        (
            _cell("liver.lomo/gene/a", value_mean=0.9, **STRONG),
            _cell("eye.lomo/gene/a", value_mean=0.95, p_value=0.02, q_bh=0.04, p_maxt=0.3),
        ),
        ("In 1 of 2 tissues (liver)", "0.90 (liver, gene / a)", "In eye, q is below 0.05 but no"),
    ),
    "only hints": Answered(
        (_cell("eye.lomo/gene/a", p_value=0.02, q_bh=0.04, p_maxt=0.3),),
        ("In eye, q is below 0.05 but no cell stands out", "max-T p 0.300 or more", "a hint"),
        ("better than chance",),
    ),
    "nothing": Answered(
        (
            _cell("eye.lomo/gene/a", p_value=0.02, q_bh=0.3, p_maxt=0.2),
            _cell("eye.lomo/gene/b", p_value=0.1, q_bh=0.3, p_attainable=0.1),
        ),
        (
            "no model is shown",
            "1 cell of 2 has p < 0.05",
            "the smallest p is 0.200 (eye, gene / a, max-T)",
            "1 test of 2 could not have reached p < 0.05",
        ),
    ),
    "no max-T": Answered(
        (_cell("eye.lomo/gene/a", p_value=0.001, q_bh=0.01),),
        ("In eye, models told", "corrected for 1 test)"),
        ("max-T",),
    ),
    "published protocol": Answered(
        (_cell("eye.lomo/gene/a", p_value=0.01, pub_p=0.01, q_bh=0.01, p_method="mean_of_folds"),),
        ("By the published statistics 1 of them is a finding", "no test of it"),
        ("better than chance",),
    ),
}


@pytest.mark.parametrize("case", ANSWERS.values(), ids=ANSWERS.keys())
def test_answer(case: Answered) -> None:
    said = answer(case.cells, "flight from ground")
    assert [words for words in case.says if words not in said] == []
    assert [words for words in case.never if words in said] == []


def test_every_number_has_an_example_of_this_page() -> None:
    spans = {"ci_these": (0.6, 0.9), "ci_population": (0.5, 0.95), "pi_next": (0.1, 1.0)}
    ends = {
        f"{k}_{e}": v for k, s in spans.items() for e, v in zip(("low", "high"), s, strict=True)
    }
    best = {"value_mean": 0.81, "rank_low": 1.0, "rank_high": 2.0, "tie_group": 1.0} | ends
    stopped = {"p_method": "refit_sequential", "p_value": 10 / 34, "n_permutations": 34.0}
    cut = "refitted on 31 of 99 labelings: 10 CPU minutes a cell"
    last = {"rank_low": 1.0, "rank_high": 2.0, "tie_group": 1.0}
    rows = [
        _cell("eye.lomo/gene/knn", p_value=0.004, q_bh=0.3, p_maxt=0.06, **best),
        _cell("eye.lomo/gene/rf", **stopped, q_bh=0.3, value_seed_sd=0.12, reason=cut, **last),
    ]
    cell = "eye.lomo/gene/knn"
    folds = {cell: [_fold(cell, "RR-1", 3, 6, value=1.0, ci_low=0.5, ci_high=1.0)]}
    parts = reading(rows, folds, load_protocol("calibrated"))
    examples = {e.name: e.example for _, _, entries in parts for e in entries}
    expected = {
        "mean AUROC": "81 of 100 pairs",
        "interval of one mission": "RR-1 held out (3 flight, 3 ground): 1.00, interval 0.50",
        "these missions": "0.60 to 0.90",
        "missions like these": "0.50 to 0.95",
        "next mission": "0.10 to 1.00. This says next to nothing",
        "p": "p = (3 + 1)/(999 + 1) = 0.0040",
        "refit_sequential": "p = 10/34",
        "least p possible": "0.0010",
        "max-T p": "alone it looks like a finding, among its tissue's cells it does not",
        "q": "0 of 2 cells have q < 0.05",
        "cut short": cut,
        "rank, leading group": "rank 1 to 2 of 2; 2 cells in the leading group",
        "seed SD, ≈": "SD 0.120",
    }
    assert examples.keys() == expected.keys()
    assert [name for name, words in expected.items() if words not in examples[name]] == []


def test_without_results_there_is_nothing_to_read() -> None:
    rows = [_cell("eye.lomo/gene/knn", status="failed", value_mean=None)]
    assert reading(rows, {}, load_protocol("v1")) == []
