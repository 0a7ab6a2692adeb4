"""Reads the JSON form: what a parser would overlook or choke on is looked for first."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from spacebio_bench.submission.files import as_text
from spacebio_bench.submission.findings import Findings, listed, repeated, shown
from spacebio_bench.submission.raw import NotNumber, Raw

DEEPEST = 8
"""Objects or lists inside one another; the form needs three."""
_LONGEST_INTEGER = 300  # digits; longer ones are no float, and slow to read
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


class _Object(dict[str, Any]):
    """A JSON object that remembers which of its keys came twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated = repeated(key for key, _ in pairs) if len(self) < len(pairs) else []


def read_json(data: bytes, where: str, findings: Findings) -> Raw | None:
    """The entries and predictions of a JSON submission; None when it cannot be parsed."""
    text = as_text(data, where, findings)
    if text is None:
        return None
    line = _too_deep(text)
    if line is not None:
        findings.add(
            "nesting",
            f"{where}, line {line}",
            f"more than {DEEPEST} objects or lists are inside one another; "
            "predictions are {fold: {sample: probability}}.",
        )
        return None
    try:
        parsed = json.loads(
            text,
            object_pairs_hook=_Object,
            parse_constant=lambda name: NotNumber(name, "is not finite"),
            parse_float=_float,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        place = f"{where}, line {error.lineno}, column {error.colno}"
        findings.add("JSON", place, f"is not JSON: {error.msg}.")
        return None
    if not isinstance(parsed, _Object):
        findings.add("JSON", where, 'has to be an object: {"task_id": ..., "predictions": ...}.')
        return None
    for path, names in _repeated_keys(parsed, where):
        findings.add(
            "repeated keys",
            path,
            f"{listed(names)} {'comes' if len(names) == 1 else 'come'} more than once; "
            "keep one of each.",
        )
    entries = {key: value for key, value in parsed.items() if key != "predictions"}
    predictions = _predictions(parsed, where, findings)
    return Raw(where, entries, predictions, bounded=True)


def _predictions(
    parsed: Mapping[str, Any], where: str, findings: Findings
) -> dict[str, Mapping[str, Any]] | None:
    """Those folds that are objects; what is none is told."""
    given = parsed.get("predictions")
    if "predictions" not in parsed:
        findings.add("missing entries", f"{where}, predictions", "is missing.")
        return None
    if not isinstance(given, Mapping):
        findings.add("forms", f"{where}, predictions", "has to be an object, one key a fold.")
        return None
    found: dict[str, Mapping[str, Any]] = {}
    for fold, samples in given.items():
        if isinstance(samples, Mapping):
            found[fold] = samples
        else:
            findings.add(
                "forms",
                f"{where}, fold {shown(fold)}",
                "has to be an object {sample: probability}.",
            )
            found[fold] = {}
    return found


def _too_deep(text: str) -> int | None:
    """Line of the first bracket that goes deeper than allowed; brackets in strings do not count."""
    depth = 0
    for token in _TOKEN.finditer(text):
        first = token[0][0]
        if first in "[{":
            depth += 1
            if depth > DEEPEST:
                return text.count("\n", 0, token.start()) + 1
        elif first in "]}":
            depth -= 1
    return None


def _repeated_keys(value: Any, path: str) -> Iterator[tuple[str, list[str]]]:
    if isinstance(value, _Object):
        if value.repeated:
            yield path, value.repeated
        for key, inner in value.items():
            yield from _repeated_keys(inner, f"{path}, {shown(key)}")
    elif isinstance(value, list):
        for inner in value:
            yield from _repeated_keys(inner, path)


def _float(text: str) -> float | NotNumber:
    value = float(text)
    return value if math.isfinite(value) else NotNumber(text, "is too large for a number")


def _integer(text: str) -> int | NotNumber:
    if len(text) > _LONGEST_INTEGER:
        return NotNumber(text, "is too large for a number")
    return int(text)
