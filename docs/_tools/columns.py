"""The columns of the result tables: names and order from the code, words from `columns.yaml`.

A column without words, and words without a column, stop the build.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from tables import code, table

DECLARED = {
    "cells.csv": "report.tables_cells:CELL_COLUMNS",
    "folds.csv": "report.tables_folds:FOLD_COLUMNS",
    "predictions.parquet": "report.tables:PREDICTION_COLUMNS",
    "comparisons.csv": "report.tables_comparisons:COMPARISON_COLUMNS",
    "pooled.csv": "report.tables_pooled:POOLED_COLUMNS",
    "confounders.csv": "report.tables_classes:CONFOUNDER_COLUMNS",
    "classes.csv": "report.tables_classes:CLASS_COLUMNS",
    "confusion.csv": "report.tables_classes:CONFUSION_COLUMNS",
    "gene_vs_pathway.csv": "report.tables_paired:PAIRED_COLUMNS",
    "batch.csv": "report.tables_paired:BATCH_COLUMNS",
    "canaries.csv": "report.tables_canaries:CANARY_COLUMNS",
    "conservation.csv": "report.tables_conservation:CONSERVATION_COLUMNS",
    "samples.csv": "report.tables_quality:SAMPLE_COLUMNS",
    "duplicates.csv": "report.tables_quality:DUPLICATE_COLUMNS",
    "top_features.csv": "diagnostics.top_features:TOP_FEATURE_COLUMNS",
    "within_mission.csv": "diagnostics.within_mission:WITHIN_COLUMNS",
    "calibration.csv": "diagnostics.probabilities:CALIBRATION_COLUMNS",
    "costs.csv": "report.tables:COST_COLUMNS",
}
"""Where the code has the columns of each table."""
_TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false"}
_WORDS = Path(__file__).parent / "columns.yaml"


def text() -> str:
    """A section for each table."""
    words = yaml.safe_load(_WORDS.read_text(encoding="utf-8"))
    declared = {name: columns_of(name) for name in DECLARED}
    wrong = faults(words, declared)
    if wrong:
        raise ValueError("\n".join(wrong))
    return "\n".join(_section(name, declared[name], words) for name in DECLARED)


def columns_of(name: str) -> Mapping[str, type] | Sequence[str]:
    """The columns of a table as the code declares them."""
    module, attribute = DECLARED[name].split(":")
    found: Any = getattr(importlib.import_module(f"spacebio_bench.{module}"), attribute)
    return found


def faults(
    words: Mapping[str, Any], declared: Mapping[str, Mapping[str, type] | Sequence[str]]
) -> list[str]:
    """Columns without words and words without a column, all of them."""
    shared, tables = words["shared"], words["tables"]
    found = [f"columns.yaml: no table {name}" for name in declared if name not in tables]
    found += [f"columns.yaml: {name} is no table" for name in tables if name not in declared]
    used = set()
    for name, columns in declared.items():
        own = tables.get(name, {}).get("columns", {})
        missing = [c for c in columns if c not in own and c not in shared]
        found += [f"columns.yaml: no words for {c} of {name}" for c in missing]
        found += [f"columns.yaml: {name} has no column {c}" for c in own if c not in columns]
        used |= {c for c in columns if c not in own}
    return found + [f"columns.yaml: shared: {c} is used nowhere" for c in shared if c not in used]


def _section(
    name: str, columns: Mapping[str, type] | Sequence[str], words: Mapping[str, Any]
) -> str:
    mine = words["tables"][name]
    about = {c: mine.get("columns", {}).get(c) or words["shared"][c] for c in columns}
    if isinstance(columns, Mapping):
        head = ("column", "type", "what it is")
        rows = [(code(c), _TYPES[columns[c]], about[c]) for c in columns]
        return f"## {name}\n\n{mine['about']}\n\n{table(head, rows)}"
    rows = [(code(c), about[c]) for c in columns]
    return f"## {name}\n\n{mine['about']}\n\n{table(('column', 'what it is'), rows)}"
