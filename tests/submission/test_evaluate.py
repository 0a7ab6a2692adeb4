"""Values against scikit-learn, SciPy and counting by hand; the published submissions come out."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from spacebio_bench.submission.evaluate import evaluate_submission
from spacebio_bench.submission.evaluation import Evaluation
from spacebio_bench.submission.read import read_submission
from spacebio_bench.submission.rules import RULES, go

from ._made import document, labelled, predictions, write_json, write_labels

TRUTH = {sample: label for sample, _, label in labelled()}


def judged(tmp_path: Path, **more: object) -> Evaluation:
    rule = str(more.pop("rule", "v1"))
    path = write_json(tmp_path, document(**more))
    submission, labels = read_submission(path, write_labels(tmp_path))
    return evaluate_submission(submission, labels, rule=rule)


def pairs_of() -> dict[str, dict[str, float]]:
    rng = np.random.default_rng(3)
    missions = sorted({m for _, m, _ in labelled()})
    return {
        f"pair_{a}_{b}": {
            s: round(float(rng.random() * 0.6 + 0.4 * y * rng.random()), 3)
            for s, m, y in labelled()
            if m == b
        }
        for a, b in itertools.permutations(missions, 2)
    }


def aurocs(folds: dict[str, dict[str, float]]) -> list[float]:
    return [roc_auc_score([TRUTH[s] for s in own], list(own.values())) for own in folds.values()]


def test_folds_and_mean(tmp_path: Path) -> None:
    found, wanted = judged(tmp_path), aurocs(predictions())
    assert [row.auroc for row in found.folds] == pytest.approx(wanted)
    assert found.value_mean == pytest.approx(np.mean(wanted))
    assert found.value_sd == pytest.approx(np.std(wanted, ddof=1))
    together = {s: v for own in predictions().values() for s, v in own.items()}
    assert found.auroc_pooled == pytest.approx(
        roc_auc_score([TRUTH[s] for s in together], list(together.values()))
    )
    assert (found.n_folds, found.n_samples, found.n_positive) == (3, 29, 14)


def test_fold_p_is_scipys(tmp_path: Path) -> None:
    for row, own in zip(judged(tmp_path).folds, predictions().values(), strict=True):
        y, s = np.array([TRUTH[k] for k in own]), np.array(list(own.values()))
        wanted = stats.permutation_test(
            (s[y == 1], s[y == 0]),
            lambda a, b: stats.mannwhitneyu(a, b).statistic,
            permutation_type="independent",
            alternative="greater",
            n_resamples=np.inf,
        )
        assert row.p_exact == pytest.approx(wanted.pvalue)


def test_p_of_the_mean_counts_every_labeling(tmp_path: Path) -> None:
    """The mean of two small folds, by going through all labelings of both."""
    rows = [(f"{m}{i}", m, int(i < 2)) for m in ("M", "N") for i in range(5)]
    scores = {"M": [0.9, 0.4, 0.5, 0.3, 0.4], "N": [0.8, 0.2, 0.7, 0.1, 0.6]}
    folds = {
        f"fold_{m}_test": {f"{m}{i}": v for i, v in enumerate(own)} for m, own in scores.items()
    }
    path = write_json(tmp_path, document(predictions=folds))
    found = evaluate_submission(*read_submission(path, write_labels(tmp_path, rows)))
    null = []
    for chosen in itertools.product(itertools.combinations(range(5), 2), repeat=2):
        values = [
            roc_auc_score([int(i in part) for i in range(5)], own)
            for part, own in zip(chosen, scores.values(), strict=True)
        ]
        null.append(np.mean(values))
    reached = np.mean(np.array(null) >= found.value_mean - 1e-12)
    assert found.p_fixed_exact == pytest.approx(reached)
    assert found.p_attainable == pytest.approx(1 / len(null))
    z = (found.value_mean - 0.5) / np.std(null)
    assert found.p_fixed_deflated == pytest.approx(stats.norm.sf(z / np.sqrt(2)))


@pytest.mark.parametrize(
    ("said", "method", "declared"),
    [(..., "fixed_deflated", False), (True, "fixed_deflated", True), (False, "fixed_exact", True)],
)
def test_the_declaration_selects(said: object, method: str, declared: bool, tmp_path: Path) -> None:
    found = judged(tmp_path, saw_other_folds_labels=said)
    assert found.p_method == method
    assert found.p_value == getattr(found, f"p_{method}")
    assert found.about.declared is declared
    assert found.p_fixed_exact != found.p_fixed_deflated


def test_pairs(tmp_path: Path) -> None:
    pairs = pairs_of()
    found, wanted = judged(tmp_path, task_id="B6", predictions=pairs), aurocs(pairs)
    assert [row.auroc for row in found.folds] == pytest.approx(wanted)
    assert found.folds[0].train_missions == ("SIM-1",)
    assert (found.p_value, found.p_method) == (None, "none")
    assert "no p" in found.p_reason
    assert found.go.verdict == "not applicable"
    assert found.pairs is not None
    assert found.pairs.high == sum(value >= 0.7 for value in wanted)
    assert found.pairs.large == 2  # SIM-1 alone has ten samples or more, and two pairs test it
    assert found.pairs.large_mean == pytest.approx(
        np.mean([v for n, v in zip(pairs, wanted, strict=True) if n.endswith("_SIM-1")])
    )
    assert found.units_positive == (6, 5, 3)
    assert found.pi_next_low is None


def test_a_mission_of_one_class_is_named(tmp_path: Path) -> None:
    rows = [*labelled(), *((f"x{i}", "SIM-4", 0) for i in range(5)), ("y0", "SIM-5", 1)]
    path = write_json(tmp_path, document())
    found = evaluate_submission(*read_submission(path, write_labels(tmp_path, rows)))
    reasons = {row.fold: row.reason for row in found.folds if row.status != "ok"}
    assert reasons == {
        "fold_SIM-4_test": "SIM-4 has 0 flight and 5 ground samples; both are needed",
        "fold_SIM-5_test": "SIM-5 has 1 flight and 0 ground samples; both are needed",
    }
    assert found.value_mean == pytest.approx(np.mean(aurocs(predictions())))


def test_two_missions_have_no_population(tmp_path: Path) -> None:
    rows = [row for row in labelled() if row[1] != "SIM-3"]
    given = predictions()
    del given["fold_SIM-3_test"]
    path = write_json(tmp_path, document(predictions=given))
    found = evaluate_submission(*read_submission(path, write_labels(tmp_path, rows)))
    assert (found.ci_population_low, found.pi_next_high) == (None, None)
    assert found.ci_these_low < found.value_mean < found.ci_these_high


@pytest.mark.parametrize(
    ("rule", "values", "verdict"),
    [
        ("v1", (0.71, 0.51, 0.049), "Go"),
        ("v1", (0.70, 0.51, 0.049), "No-Go"),
        ("v1", (0.71, 0.50, 0.049), "No-Go"),
        ("v1", (0.71, 0.51, 0.05), "No-Go"),
        ("published-submission", (0.71, 0.61, 0.9), "Go"),
        ("published-submission", (0.70, 0.61, 0.0), "No-Go"),
        ("published-submission", (0.71, 0.60, 0.0), "No-Go"),
    ],
)
def test_rules(rule: str, values: tuple[float, float, float], verdict: str) -> None:
    mean, low, p = values
    assert go(rule, mean=mean, pub_ci_low=low, pub_p=p).verdict == verdict


def test_rules_have_names(tmp_path: Path) -> None:
    for rule in RULES:
        assert judged(tmp_path, rule=rule).go.rule == rule
    with pytest.raises(ValueError, match="is not one of"):
        go("other", mean=1, pub_ci_low=1, pub_p=0)


def test_draws_are_shared_and_centred(tmp_path: Path) -> None:
    one, two = judged(tmp_path), judged(tmp_path, model_name="other", predictions=predictions(5))
    assert judged(tmp_path).draws.tolist() == one.draws.tolist()
    assert one.draws.mean() == pytest.approx(one.value_mean, abs=0.01)
    same = judged(tmp_path, model_name="monotone", predictions=_squared())
    assert same.draws == pytest.approx(one.draws)
    assert not np.allclose(one.draws, two.draws)


def _squared() -> dict[str, dict[str, float]]:
    return {f: {s: v**2 for s, v in own.items()} for f, own in predictions().items()}


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "tissue", "task", "mean"),
    [
        ("submission_LR_baseline_A2", "gastrocnemius", "A2", 0.9167),
        ("submission_PCALR_baseline_A6", "eye", "A6", 0.7894),
    ],
)
def test_published_submissions(
    file: str, tissue: str, task: str, mean: float, development_data: Path
) -> None:
    folder = development_data / "reference"
    labels_file = folder / "gsva" / tissue / "labels.csv"
    submission, labels = read_submission(
        folder / "submissions" / f"{file}.json", labels_file, task=task
    )
    found = evaluate_submission(submission, labels)
    assert round(found.value_mean, 4) == mean
    assert found.p_method == "fixed_deflated"
    truth = pd.read_csv(labels_file, index_col="sample")["label"]
    for row in found.folds:
        own = submission.predictions[row.fold]
        assert row.auroc == pytest.approx(roc_auc_score(truth[list(own)], list(own.values())))
