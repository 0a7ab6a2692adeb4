"""The ledger: whole segments or none, damage is seen, only answers are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.errors import InputError, RunError
from spacebio_bench.grid.ledger import SUFFIX, Ledger
from spacebio_bench.grid.units import UnitResult

ONE = UnitResult(
    "a" * 64, "ok", per_labeling=(0.5, 1.0), scores=(0.1, -2.5), n_features=7, worker="h:1"
)
TWO = UnitResult("b" * 64, "not_applicable", "no feature passes")


def test_what_is_added_is_there_again(tmp_path: Path) -> None:
    Ledger.open(tmp_path).add([ONE, TWO])
    again = Ledger.open(tmp_path)
    assert dict(again.done) == {ONE.key: ONE, TWO.key: TWO}
    assert not again.damaged


@pytest.mark.parametrize("status", ["failed", "timed_out", "lost"])
def test_what_went_wrong_is_not_kept(tmp_path: Path, status: str) -> None:
    Ledger.open(tmp_path).add([UnitResult("c" * 64, status, "why")])
    assert not Ledger.open(tmp_path).done
    assert not list(tmp_path.iterdir())


@given(cut=st.integers(0, 10**6), flip=st.booleans())
def test_a_damaged_segment_is_told_and_left_aside(tmp_path_factory, cut: int, flip: bool) -> None:
    folder = tmp_path_factory.mktemp("ledger")
    ledger = Ledger.open(folder)
    ledger.add([ONE])
    ledger.add([TWO])
    victim = next(p for p in folder.iterdir() if ONE.key[:8].encode() in p.read_bytes())
    content = victim.read_bytes()
    at = cut % len(content)
    flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    victim.write_bytes(flipped if flip else content[:at])
    again = Ledger.open(folder)
    assert list(again.damaged) == [victim]
    assert dict(again.done) == {TWO.key: TWO}


def test_a_foreign_file_is_told(tmp_path: Path) -> None:
    (tmp_path / f"notes{SUFFIX}").write_text("not a segment\n")
    assert list(Ledger.open(tmp_path).damaged) == [tmp_path / f"notes{SUFFIX}"]


def test_compacting_keeps_every_unit_in_one_file(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path)
    ledger.add([ONE])
    ledger.add([TWO])
    ledger.compact()
    assert len(list(tmp_path.glob(f"*{SUFFIX}"))) == 1
    assert dict(Ledger.open(tmp_path).done) == {ONE.key: ONE, TWO.key: TWO}


def test_a_folder_that_cannot_be_made_is_the_users_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be used"):
        Ledger.open(tmp_path / "file" / "ledger")


def test_a_full_disk_leaves_no_half_segment(tmp_path: Path, monkeypatch) -> None:
    ledger = Ledger.open(tmp_path)
    ledger.add([ONE])

    def no_space(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("spacebio_bench.grid.ledger.os.fsync", no_space)
    with pytest.raises(RunError, match="No space left on device"):
        ledger.add([TWO])
    assert dict(Ledger.open(tmp_path).done) == {ONE.key: ONE}
    assert [p.suffix for p in tmp_path.iterdir()] == [SUFFIX]
