"""The gate of file sizes closes for what is large or made from others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from spacebio_bench.errors import InputError
from spacebio_bench.release.gates._gate import Context, Flag
from spacebio_bench.release.gates.file_size import LIMIT, file_size_gate

from ._findings import of, worst

Give = Callable[[Path], Context]


def test_a_small_checkout_opens(checkout: Path, give: Give) -> None:
    (checkout / "edge.txt").write_bytes(b"x" * LIMIT)
    (checkout / "results").mkdir()
    (checkout / "results" / "ignored.bin").write_bytes(b"\0" * (LIMIT + 1))
    found = list(file_size_gate(give(checkout)))
    assert worst(found) == Flag.GREEN, found
    assert "10 files" in str(found[-1])


def test_large_files_and_products_close(checkout: Path, give: Give) -> None:
    (checkout / "large.csv").write_bytes(b"x" * (LIMIT + 1))
    (checkout / "model.pkl").write_bytes(b"x")
    (checkout / "odd").write_bytes(b"a\0b")
    found = list(file_size_gate(give(checkout)))
    large, product = of(found)
    assert "large.csv: has 1000001 bytes, 1000000 are the limit" in large
    assert "model.pkl: is made from something else" in product
    assert of(found, Flag.YELLOW)[0].startswith("odd: is no text")


def test_an_exception_with_a_reason_opens_and_one_too_many_is_told(
    checkout: Path, give: Give
) -> None:
    (checkout / "large.csv").write_bytes(b"x" * (LIMIT + 1))
    (checkout / "release" / "file_size_exceptions.yaml").write_text(
        "exceptions:\n  - {files: '*.csv', reason: tables}\n  - {files: gone, reason: was}\n"
    )
    found = list(file_size_gate(give(checkout)))
    assert worst(found) == Flag.YELLOW
    (told,) = of(found, Flag.YELLOW)
    assert "exception for gone is not needed" in told


def test_an_exception_without_a_reason_is_refused(checkout: Path, give: Give) -> None:
    (checkout / "release" / "file_size_exceptions.yaml").write_text(
        "exceptions:\n  - {files: '*.csv'}\n  - {files: a, reason: ' '}\n"
    )
    with pytest.raises(InputError) as error:
        list(file_size_gate(give(checkout)))
    assert len(error.value.problems) == 2


def test_a_tarball_is_judged_and_told(checkout: Path, give: Give) -> None:
    shutil.rmtree(checkout / ".git")
    (checkout / "results").mkdir()
    (checkout / "results" / "large").write_bytes(b"x" * (LIMIT + 1))
    (checkout / "python" / "results").mkdir()
    (checkout / "python" / "results" / "large").write_bytes(b"x" * (LIMIT + 1))
    found = list(file_size_gate(give(checkout)))
    assert "no git checkout" in of(found, Flag.YELLOW)[0]
    (told,) = of(found)
    assert told.startswith("python/results/large")
