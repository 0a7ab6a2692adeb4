"""The known answers are scikit-learn's and scipy's, and the gate closes where they are missed."""

from __future__ import annotations

import csv
import itertools
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy import stats
from sklearn.metrics import roc_auc_score

from spacebio_bench.release.gates import submissions as gate_module
from spacebio_bench.release.gates._gate import Context, Flag, Gate
from spacebio_bench.release.gates.runner import judge
from spacebio_bench.release.gates.submissions import CASES, FOLDER, submissions_gate

from ._findings import of, worst

GATE = Gate("submissions", "", submissions_gate)
Give = Callable[[Path], Context]


@pytest.fixture
def fixtures(checkout: Path, project: Path) -> Path:
    return Path(shutil.copytree(project / FOLDER, checkout / FOLDER))


def test_the_fixtures_open(project: Path, give: Give) -> None:
    found = judge(GATE, give(project))
    assert worst(found) == Flag.GREEN, found
    assert len(found) == 7


def _scores(path: Path) -> dict[str, dict[str, float]]:
    if path.suffix == ".json":
        return dict(json.loads(path.read_text())["predictions"])
    found: dict[str, dict[str, float]] = {}
    with path.open() as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["fold"], {})[row["sample"]] = float(row["score"])
    return found


def _known(project: Path) -> tuple[dict[str, int], list[Mapping[str, Any]]]:
    with (project / FOLDER / "labels.csv").open() as stream:
        labels = {row["sample"]: int(row["label"]) for row in csv.DictReader(stream)}
    cases = yaml.safe_load((project / FOLDER / CASES).read_text())["accepted"]
    return labels, cases


def test_known_areas_are_those_of_scikit_learn(project: Path) -> None:
    labels, cases = _known(project)
    for case in cases:
        scores = _scores(project / FOLDER / case["file"])
        areas = {
            fold: roc_auc_score([labels[s] for s in own], list(own.values()))
            for fold, own in scores.items()
        }
        for fold, values in case["folds"].items():
            assert values["auroc"] == pytest.approx(areas[fold], abs=1e-12)
        assert case["values"]["value_mean"] == pytest.approx(np.mean(list(areas.values())))
        if "auroc_pooled" in case["values"]:
            pairs = [(labels[s], x) for own in scores.values() for s, x in own.items()]
            pooled = roc_auc_score(*zip(*pairs, strict=True))
            assert case["values"]["auroc_pooled"] == pytest.approx(pooled)


def test_known_p_values_of_folds_are_those_of_scipy(project: Path) -> None:
    labels, cases = _known(project)
    compared = 0
    for case in cases:
        scores = _scores(project / FOLDER / case["file"])
        for fold, values in case["folds"].items():
            if "p_exact" in values:
                groups = [[x for s, x in scores[fold].items() if labels[s] == k] for k in (1, 0)]
                p = stats.mannwhitneyu(*groups, alternative="greater", method="exact").pvalue
                assert values["p_exact"] == pytest.approx(p)
                compared += 1
    assert compared == 9


def test_known_p_values_of_means_are_those_of_all_labelings(project: Path) -> None:
    labels, cases = _known(project)
    for case in cases[:2]:
        parts, seen = [], []
        for own in _scores(project / FOLDER / case["file"]).values():
            x, y = np.array(list(own.values())), np.array([labels[s] for s in own])
            ranks = stats.rankdata(x)
            n1, n0 = int(y.sum()), int((1 - y).sum())

            def area(rank_sum: Any, n1: int = n1, n0: int = n0) -> Any:
                return (rank_sum - n1 * (n1 + 1) / 2) / (n1 * n0)

            drawn = list(itertools.combinations(range(len(y)), n1))
            parts.append(area(np.array([ranks[list(chosen)].sum() for chosen in drawn])))
            seen.append(area(ranks[y == 1].sum()))
        means = sum(np.meshgrid(*parts, indexing="ij")) / len(parts)
        p = (means >= np.mean(seen) - 1e-12).mean()
        assert case["values"]["p_fixed_exact"] == pytest.approx(p)


def test_a_wrong_answer_closes(fixtures: Path, checkout: Path, give: Give) -> None:
    path = fixtures / CASES
    cases = yaml.safe_load(path.read_text())
    cases["accepted"][0]["values"]["value_mean"] += 1e-6
    cases["accepted"][1]["folds"]["fold_SIM-1_test"]["auroc"] = 0.5
    cases["accepted"][2]["values"]["p_method"] = "fixed_exact"
    cases["refused"][1]["told"].append("something else")
    path.write_text(yaml.safe_dump(cases))
    told = of(judge(GATE, give(checkout)))
    assert len(told) == 4, told
    assert told[0].startswith("probabilities.json: value_mean is 0.")
    assert "'something else'" in told[3]


def test_another_statistic_closes(
    fixtures: Path, checkout: Path, give: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong:
        @staticmethod
        def to_dict() -> dict[str, Any]:
            return {"value_mean": 0.5, "folds": []}

    monkeypatch.setattr(gate_module, "evaluate_submission", lambda *_: Wrong)
    told = " ".join(of(judge(GATE, give(checkout))))
    assert "value_mean is 0.5" in told
    assert "has no fold fold_SIM-1_test" in told


def test_what_is_accepted_or_refused_by_mistake_closes(
    fixtures: Path, checkout: Path, give: Give
) -> None:
    shutil.copy(fixtures / "probabilities.json", fixtures / "many_faults.json")
    shutil.copy(fixtures / "bomb.json", fixtures / "pairs.json")
    (fixtures / "cut_off.json").unlink()
    (fixtures / "further.json").write_text("{}")
    told = "\n".join(of(judge(GATE, give(checkout))))
    assert "many_faults.json: is accepted; it is broken." in told
    assert "pairs.json: should be accepted" in told
    assert "cut_off.json: is not there" in told
    assert "further.json: belongs to no case" in told


def test_cases_that_are_none_close(fixtures: Path, checkout: Path, give: Give) -> None:
    (fixtures / CASES).write_text("labels: labels.csv\naccepted: [{file: a}]\nother: 1\n")
    assert len(of(judge(GATE, give(checkout)))) >= 3
    (fixtures / CASES).write_text("labels: labels.csv\naccepted: []\nrefused: []\n")
    assert worst(judge(GATE, give(checkout))) == Flag.HALT
