"""The benchmark program runs, both of its sides give the same numbers, and a missed floor shows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.fixture
def table(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    import table

    return table


def result(**entries):
    from timing import Result, Timed

    given = {"what": "w", "size": "s", "ours": Timed(0.01), "usual": Timed(2.0), "floor": 100}
    return Result(**{**given, **entries})


@pytest.mark.slow
def test_quick_both_sides_give_the_same_numbers(tmp_path):
    page = tmp_path / "page.md"
    command = [sys.executable, FOLDER, "--quick", "--output", page]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| ")][1:]
    for what in (
        "permutation",
        "bootstrap",
        "exact fold p",
        "elastic net",
        "pca_lr",
        "ranks",
        "grid",
        "memory",
        "plan, run and summarize 100 units",
        "everything in the ledger",
        "CPU beside the units",
    ):
        assert any(what in row for row in rows)
    assert not page.exists()  # small matrices are not what the page is about


def test_a_missed_floor_and_other_numbers_end_the_program_differently(table):
    fine = result()
    slow, off = result(floor=300), result(difference=1e-3, allowed=1e-6)
    late = result(usual=None, floor=0.005)
    assert table.exit_code([fine], quick=False) == 0
    assert table.exit_code([fine, slow], quick=False) == table.TOO_SLOW
    assert table.exit_code([fine, late], quick=False) == table.TOO_SLOW
    assert table.exit_code([fine, slow], quick=True) == 0
    assert table.exit_code([fine, off], quick=True) == table.NOT_THE_SAME
    page = table.document([fine, slow, off], cpu_seconds=60.0, quick=False)
    assert page.count("**missed**") == 1
    assert page.count("**too much**") == 1
    assert "1 floor is missed" in page


def test_a_part_by_itself_replaces_its_own_table(table):
    def ran(**entries):
        return result(usual=None, running=True, **entries)

    memory = result(usual=None, unit="MB", what="m")
    before = [result(what="first"), ran(what="old", floor=0.005), memory]
    page = table.document(before, cpu_seconds=60.0, quick=False)
    assert "1 floor is missed" in page
    assert not table.can_update(before)
    parts = [ran(what="new", floor=1.0), ran(what="newer", floor=1.0)]
    assert table.can_update(parts)
    whole = table.document([before[0], *parts, memory], cpu_seconds=60.0, quick=False)
    assert table.updated(page, parts) == whole
    without = table.document([before[0], memory], cpu_seconds=60.0, quick=False)
    assert table.updated(without, parts) == whole
