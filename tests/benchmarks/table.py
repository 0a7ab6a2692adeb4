"""The table in Markdown, with what it was measured on."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from timing import Result

LIBRARIES = ("numpy", "scipy", "scikit-learn", "xgboost-cpu", "spacebio-bench")
HEADS = {
    "": ("what", "size", "usual way", "ours", "ratio", "at least", "numbers differ by", "how"),
    "Memory": ("unit of", "size", "most memory", "limit", "how"),
    "What models state that a refit costs": (
        "model",
        "size",
        "measured",
        "stated",
        "ratio",
        "has to be",
    ),
    "What running costs": ("what", "size", "measured", "has to be", "how"),
}
"""Columns by heading; the first table has none."""
NOTES = {
    "What running costs": [
        "Wall time of commands from their start to their end, imports and all, on two workers that",
        "share two cores with the client and Dask's scheduler. CPU is that of all processes. The",
        "models do nothing but keep a core busy; what they take is as `costs.csv` has it.",
    ]
}
NOT_THE_SAME, TOO_SLOW = 1, 4
MISSED = "**missed**"
VERDICT = re.compile(
    r"^(Every floor is reached|1 floor is missed|\d+ floors are missed)\.", re.MULTILINE
)


def exit_code(results: Sequence[Result], *, quick: bool) -> int:
    """Not 0 when the two sides differ or, on matrices of the published sizes, a floor is missed."""
    if not all(result.same for result in results):
        return NOT_THE_SAME
    return 0 if quick or all(result.reached for result in results) else TOO_SLOW


def document(results: Sequence[Result], *, cpu_seconds: float, quick: bool) -> str:
    verdict = _verdict(sum(not r.reached for r in results))
    if quick:
        verdict = "Small matrices: the ratios say nothing."
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "Ours beside plain scikit-learn done the usual way, on the same simulated matrices, in",
            "one run on one core. CPU time, median of repeats. `make bench` makes this page.",
            "",
            f"{verdict} {cpu_seconds / 60:.0f} CPU minutes on {_machine()};",
            f"Python {platform.python_version()},",
            f"{', '.join(f'{name} {version(name)}' for name in LIBRARIES)}.",
            "",
            *(text for heading in HEADS for text in _table(heading, results)),
        ]
    )


def updated(page: str, results: Sequence[Result]) -> str:
    """The page with other rows in the tables of these results, each of which needs a heading."""
    head, *sections = page.rstrip("\n").split("\n\n## ")
    of_heading = {text.split("\n", 1)[0]: f"## {text}\n" for text in sections}
    for heading in {_heading(result) for result in results}:
        of_heading[heading] = "\n".join(_table(heading, results))
    ordered = [of_heading[heading] for heading in HEADS if heading in of_heading]
    text = "\n".join([f"{head}\n", *ordered])
    return VERDICT.sub(_verdict(text.count(MISSED)), text, count=1)


def can_update(results: Sequence[Result]) -> bool:
    """The first table, without a heading, is made as a whole."""
    return all(_heading(result) for result in results)


def _verdict(n_missed: int) -> str:
    told = {0: "Every floor is reached.", 1: "1 floor is missed."}
    return told.get(n_missed, f"{n_missed} floors are missed.")


def _table(heading: str, results: Sequence[Result]) -> list[str]:
    """A heading and its rows; nothing when there are none."""
    own = [result for result in results if _heading(result) == heading]
    if not own:
        return []
    rows = [" | ".join(_chosen(heading, _cells(result))) for result in own]
    return [
        *([f"## {heading}", ""] if heading else []),
        *([*NOTES[heading], ""] if heading in NOTES else []),
        f"| {' | '.join(HEADS[heading])} |",
        f"|{'---|' * len(HEADS[heading])}",
        *(f"| {row} |" for row in rows),
        "",
    ]


def _heading(result: Result) -> str:
    _, memory, cost, running = HEADS
    if result.running:
        return running
    return cost if result.within is not None else memory if result.unit == "MB" else ""


def _chosen(heading: str, cells: tuple[str, ...]) -> tuple[str, ...]:
    """The cells that a table shows."""
    _, memory, cost, running = HEADS
    what, size, usual, ours, ratio, due, _, how = cells
    if heading in (memory, running):
        return what, size, ours, due, how
    return (what, size, ours, usual, ratio, due) if heading == cost else cells


def line(result: Result) -> str:
    """One line to follow a run."""
    mark = "ok  " if result.reached and result.same else "MISS"
    return f"{mark} " + "  ".join(text for text in _cells(result) if text)


def _cells(result: Result) -> tuple[str, ...]:
    usual, ratio, floor = result.usual, result.ratio, result.floor
    if result.within is not None:
        due = f"{1 / result.within:.2g}x to {result.within:.2g}x"
    elif floor is None:
        due = ""
    else:
        due = f"{floor:,.0f}x" if usual else f"under {_amount(floor, result.unit)}"
    due += "" if result.reached else f" {MISSED}"
    differs = f"{result.difference:.0e}" if result.difference else "0"
    return (
        result.what,
        result.size,
        _time(usual.seconds) if usual else "",
        _amount(result.ours.seconds, result.unit),
        "" if ratio is None else f"{ratio:,.0f}x" if ratio >= 10 else f"{ratio:.1f}x",
        due,
        differs + ("" if result.same else " **too much**"),
        "; ".join(text for text in (usual.how if usual else "", result.remark) if text),
    )


def _amount(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value:.1f} %"
    return _time(value) if unit == "s" else f"{value:,.0f} {unit}"


def _time(seconds: float) -> str:
    if seconds >= 120:
        return f"{seconds / 60:,.0f} min" if seconds < 36_000 else f"{seconds / 3600:,.0f} h"
    return f"{seconds:.3g} s" if seconds >= 1 else f"{1e3 * seconds:.3g} ms"


def _machine() -> str:
    found = Path("/proc/cpuinfo")
    if found.is_file():
        for entry in found.read_text(encoding="utf-8").splitlines():
            if entry.startswith("model name"):
                return entry.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
