"""All diagnostics as files: there, with their columns, and with the same bytes again."""

from __future__ import annotations

import csv
from pathlib import Path

from spacebio_bench.cohort.simulate import simulate_cohort
from spacebio_bench.diagnostics.probabilities import CALIBRATION_COLUMNS
from spacebio_bench.diagnostics.run import FILES, write_diagnostics
from spacebio_bench.diagnostics.top_features import TOP_FEATURE_COLUMNS
from spacebio_bench.diagnostics.within_mission import WITHIN_COLUMNS
from spacebio_bench.models import model_card
from spacebio_bench.report.tables_quality import DUPLICATE_COLUMNS, SAMPLE_COLUMNS

from ._plans import planned, plausible


def test_files_are_whole_and_made_alike(tmp_path: Path) -> None:
    plan, cohorts = planned(simulate_cohort(n_genes=40, effect=1.0, seed=2))
    said: list[str] = []
    predictions = plausible(plan)
    new = tmp_path / "a" / "new"
    written = write_diagnostics(plan, cohorts, predictions, new, progress=said.append)
    again = write_diagnostics(plan, cohorts, predictions, tmp_path / "b")
    assert tuple(path.name for path in written) == FILES
    assert [p.read_bytes() for p in written] == [p.read_bytes() for p in again]
    heads = (
        SAMPLE_COLUMNS,
        DUPLICATE_COLUMNS,
        TOP_FEATURE_COLUMNS,
        WITHIN_COLUMNS,
        CALIBRATION_COLUMNS,
    )
    n_calibrated = sum(model_card(cell.model).scores != "other" for cell in plan.cells)
    lengths = (48, 0, 50, 4, n_calibrated)
    for path, columns, length in zip(written, heads, lengths, strict=True):
        head, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
        assert tuple(head) == columns
        assert len(rows) == length
        assert {len(row) for row in rows} <= {len(columns)}
    assert len(said) == 4
