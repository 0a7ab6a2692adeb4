"""What a submission says of itself: names, date, tier, and the declaration that decides the p."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from spacebio_bench.submission.findings import Findings, listed, shown
from spacebio_bench.submission.raw import ALIASES, ENTRIES, Raw, are_labels
from spacebio_bench.task_ids import TaskId, parse_task_id

LONGEST_DESCRIPTION = 2_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")
_TASK = re.compile(r"[AB][1-9][0-9]{0,2}(_[A-Za-z0-9_-]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIERS = ("1", "2", "3")
_UNSET: Any = object()


@dataclass(frozen=True)
class Metadata:
    """What was said; empty where nothing was.

    Attributes
    ----------
    saw_other_folds_labels
        Whether a model of one fold was fitted on labels that another fold tests.
    declared
        The file or an option said so; else it is taken to be so.
    """

    task: TaskId
    model_name: str
    model_description: str
    tier: str
    submission_date: str
    saw_other_folds_labels: bool
    declared: bool


def parse_task(text: str) -> TaskId | None:
    """A task from its id, `A6`, or the name of its folder, `A6_eye_lomo`; else None."""
    head, _, rest = text.strip().partition("_")
    task = parse_task_id(head)
    if task is None or not rest:
        return task
    tissue = task.tissue or rest.rsplit("_", 2 if task.family == "pairs" else 1)[0]
    named = TaskId(task.family, task.number, tissue)
    return named if named.folder.lower() == text.strip().lower() else None


def check_metadata(
    raw: Raw, *, task: TaskId | None, options: Mapping[str, Any], findings: Findings
) -> Metadata | None:
    """Check every entry, filled up by options of the same name.

    Parameters
    ----------
    task
        The task that was asked for; None takes the file's own.
    options
        Values by entry name; None where an option was not given.

    Returns
    -------
    None when something is wrong.
    """
    entries = _merged(raw, options, findings)
    own_task = _task(entries.get("task_id"), task, raw, findings)
    name = entries.get("model_name", _UNSET)
    if name is _UNSET:
        what = "is missing; --model-name gives one."
        findings.add("missing entries", f"{raw.where}, model_name", what)
    elif not isinstance(name, str) or _NAME.fullmatch(name) is None:
        what = (
            f"{shown(name)} is no model name: 1 to 50 letters, digits, '_', '-' and '.' are "
            "allowed, the first one a letter or digit."
        )
        findings.add("names", f"{raw.where}, model_name", what)
    text = _description(entries.get("model_description", ""), raw.where, findings)
    tier = _tier(entries.get("tier", _UNSET), raw.where, findings)
    day = _date(entries.get("submission_date", _UNSET), raw.where, findings)
    saw = entries.get("saw_other_folds_labels", _UNSET)
    if saw is not _UNSET and not isinstance(saw, bool):
        where = f"{raw.where}, saw_other_folds_labels"
        findings.add("declarations", where, f"{shown(saw)} is not true or false.")
    if findings or own_task is None:
        return None
    return Metadata(own_task, str(name), text, tier, day, bool(saw), saw is not _UNSET)


def _merged(raw: Raw, options: Mapping[str, Any], findings: Findings) -> dict[str, Any]:
    """Entries of the file under their first names, with those options that were given."""
    entries: dict[str, Any] = {}
    unknown = []
    for key, value in raw.entries.items():
        name = ALIASES.get(key, key)
        if are_labels(key):
            what = "labels are held by the benchmark and cannot be handed in; take them out."
            findings.add("labels handed in", f"{raw.where}, {shown(key)}", what)
        elif name not in ENTRIES:
            unknown.append(key)
        elif entries.setdefault(name, value) != value:
            what = f"differs from {name}; keep one of them."
            findings.add("contradictions", f"{raw.where}, {key}", what)
    if unknown:
        what = f"{listed(unknown)} is not known; allowed are {', '.join(ENTRIES)}, predictions."
        findings.add("unknown entries", raw.where, what)
    for name, value in options.items():
        if value is not None and entries.setdefault(name, value) != value:
            what = f"says {shown(entries[name])}, the option {shown(value)}; leave one out."
            findings.add("contradictions", f"{raw.where}, {name}", what)
    return entries


def _task(value: Any, asked: TaskId | None, raw: Raw, findings: Findings) -> TaskId | None:
    place = f"{raw.where}, task_id"
    if value is None:
        if asked is None:
            findings.add("missing entries", place, "is missing; --task gives it.")
        elif raw.bounded:  # JSON, whose published form has it
            findings.add("missing entries", place, f"is missing; it should be '{asked}'.")
        return asked
    exact = isinstance(value, str) and _TASK.fullmatch(value) is not None
    own = parse_task(value) if exact else None
    if own is None:
        what = f"{shown(value)} is no task: A1 to A6 leave missions out, B1 to B6 are pairs."
        findings.add("tasks", place, what)
    elif asked is not None and str(own) != str(asked):
        findings.add("tasks", place, f"is {own}, but {asked} is asked for with --task.")
    return asked or own


def _description(value: Any, where: str, findings: Findings) -> str:
    place = f"{where}, model_description"
    if not isinstance(value, str):
        findings.add("descriptions", place, f"{shown(value)} is no text.")
    elif len(value) > LONGEST_DESCRIPTION:
        what = f"has {len(value)} characters; {LONGEST_DESCRIPTION} is the limit."
        findings.add("descriptions", place, what)
    elif not all(c.isprintable() or c in "\n\t" for c in value):
        findings.add("descriptions", place, "holds control characters; take them out.")
    else:
        return value
    return ""


def _tier(value: Any, where: str, findings: Findings) -> str:
    if value is _UNSET:
        return ""
    if isinstance(value, str | int) and not isinstance(value, bool) and str(value) in _TIERS:
        return str(value)
    findings.add("tiers", f"{where}, tier", f"{shown(value)} is not 1, 2 or 3.")
    return ""


def _date(value: Any, where: str, findings: Findings) -> str:
    if value is _UNSET:
        return ""
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    what = f"{shown(value)} is no date; write it as 2026-03-01."
    findings.add("dates", f"{where}, submission_date", what)
    return ""
