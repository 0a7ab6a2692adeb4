"""An evaluation as plain aligned text."""

from __future__ import annotations

from collections.abc import Sequence

from spacebio_bench.submission.evaluation import Evaluation
from spacebio_bench.submission.words import (
    FOLD_HEADS,
    Line,
    declaration,
    fold_cells,
    head,
    summary,
    verdict,
)


def as_text(evaluation: Evaluation, *, place: Line | None = None) -> str:
    """The table of folds, what they say together, the verdict and the place."""
    notes = [f"{row.fold} is not scored: {row.reason}." for row in evaluation.folds if row.reason]
    lines = [*summary(evaluation), *verdict(evaluation), *([place] if place else [])]
    said = declaration(evaluation)
    parts = [
        "\n".join(head(evaluation)),
        _table([FOLD_HEADS, *(fold_cells(r) for r in evaluation.folds if not r.reason)]),
        "\n".join(notes),
        _lines(lines),
        said,
    ]
    return "\n\n".join(part for part in parts if part)


def _table(rows: Sequence[Sequence[str]]) -> str:
    """The first column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _lines(lines: Sequence[Line]) -> str:
    name = max(len(line.name) for line in lines)
    value = max(len(line.value) for line in lines)
    return "\n".join(
        f"{line.name:<{name}}  {line.value:<{value}}  {line.note}".rstrip() for line in lines
    )
