"""Checks predictions: every fold and sample of the task, no other, and a usable score for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from spacebio_bench.submission.findings import Findings, listed, shown
from spacebio_bench.submission.folds import TaskFold
from spacebio_bench.submission.labels import TrueLabels
from spacebio_bench.submission.raw import NotNumber, Raw, are_labels, score_of
from spacebio_bench.typing import FloatArray

MOST_FOLDS = 1_000
MOST_SAMPLES = 100_000
"""Of one fold."""


def check_predictions(
    raw: Raw,
    folds: Sequence[TaskFold] | None,
    labels: TrueLabels | None,
    findings: Findings,
) -> dict[str, FloatArray]:
    """Scores of each fold that was given, in the order of its `positions`.

    Parameters
    ----------
    folds, labels
        None where they cannot be known: then values alone are checked.

    Returns
    -------
    Of use only when there are no findings.
    """
    given = raw.predictions or {}
    if len(given) > MOST_FOLDS:
        what = f"{len(given)} folds are more than the limit of {MOST_FOLDS}."
        findings.add("size", f"{raw.where}, predictions", what)
        return {}
    by_name = {fold.fold: fold for fold in folds or ()}
    if folds is not None and raw.predictions is not None:
        _check_folds(raw.where, given, by_name, findings)
    scores: dict[str, FloatArray] = {}
    for name, samples in given.items():
        where = f"{raw.where}, fold {shown(name)}"
        if len(samples) > MOST_SAMPLES:
            what = f"{len(samples)} samples are more than the limit of {MOST_SAMPLES}."
            findings.add("size", where, what)
            continue
        good = _check_scores(samples, where, findings, bounded=raw.bounded)
        fold = by_name.get(name)
        if fold is None or labels is None:
            continue
        wanted = [labels.samples[i] for i in fold.positions]
        _check_samples(samples, wanted, where, findings)
        if set(wanted) <= set(good):
            scores[name] = np.array([good[sample] for sample in wanted])
            if not fold.reason and len(set(scores[name].tolist())) == 1:
                what = f"all scores are {good[wanted[0]]!r}; they order nothing."
                findings.add("constant scores", where, what)
    return scores


def _check_folds(
    where: str, given: Mapping[str, Any], folds: Mapping[str, TaskFold], findings: Findings
) -> None:
    place = f"{where}, predictions"
    handed_in = [name for name in given if name not in folds and are_labels(name)]
    if handed_in:
        what = f"{listed(handed_in)}: labels are held by the benchmark and cannot be handed in."
        findings.add("labels handed in", place, what)
    unknown = [name for name in given if name not in folds and not are_labels(name)]
    if unknown:
        what = f"{_number(unknown, 'fold')} not of this task: {listed(unknown)}."
        findings.add("unknown folds", place, f"{what} Its folds are {listed(list(folds))}.")
    missing = [name for name, fold in folds.items() if not fold.reason and name not in given]
    if missing:
        what = f"{_number(missing, 'fold')} missing: {listed(missing)}."
        findings.add("missing folds", place, what)


def _check_samples(
    given: Mapping[str, Any], wanted: Sequence[str], where: str, findings: Findings
) -> None:
    expected = set(wanted)
    missing = [sample for sample in wanted if sample not in given]
    if missing:
        what = f"{_number(missing, 'sample')} missing: {listed(missing)}."
        findings.add("missing samples", where, what)
    extra = [sample for sample in given if sample not in expected]
    handed_in = [sample for sample in extra if are_labels(sample)]
    if handed_in:
        what = f"{listed(handed_in)}: labels are held by the benchmark and cannot be handed in."
        findings.add("labels handed in", where, what)
    extra = [sample for sample in extra if not are_labels(sample)]
    if extra:
        what = f"{_number(extra, 'sample')} not of this fold: {listed(extra)}."
        findings.add("extra samples", where, what)


def _check_scores(
    samples: Mapping[str, Any], where: str, findings: Findings, *, bounded: bool
) -> dict[str, float]:
    """The usable scores; samples of the others together by what is wrong with them."""
    good: dict[str, float] = {}
    bad: dict[str, list[tuple[str, str]]] = {}
    for sample, value in samples.items():
        if isinstance(value, Mapping) and any(are_labels(str(key)) for key in value):
            bad.setdefault("comes with a label, which the benchmark holds", []).append(
                (sample, "{...}")
            )
            continue
        score = score_of(value, bounded=bounded)
        if isinstance(score, NotNumber):
            bad.setdefault(score.why, []).append((sample, score.text))
        else:
            good[sample] = score
    need = "a probability from 0 to 1" if bounded else "a finite number"
    for why, found in bad.items():
        names = [sample for sample, _ in found]
        what = (
            f"the score of {_number(names, 'sample', verb=False)} {why}, first {shown(found[0][1])}"
            f" of {shown(names[0])}; {need} is needed: {listed(names)}."
        )
        kind = "labels handed in" if "label" in why else f"scores that are unusable ({why})"
        findings.add(kind, where, what)
    return good


def _number(names: Sequence[str], what: str, *, verb: bool = True) -> str:
    """`3 samples are`, `1 sample is`."""
    one = len(names) == 1
    ending = (" is" if one else " are") if verb else ""
    return f"{len(names)} {what}{'' if one else 's'}{ending}"
