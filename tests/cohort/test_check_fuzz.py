"""Any bytes in any file: studies are checked, or what is wrong is said; nothing else happens."""

from __future__ import annotations

import gzip
import io
import tempfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacebio_bench.errors import InputError

from ._input import VALID, check, write_input

LIMITS = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
FILES = sorted(VALID)
SPICE = [
    *(b"\0", b"\r", b"\n", b'"', b",", b";", b"\t", b"\xff", b"\xef\xbb\xbf", b"'", b"#", b"\\"),
    *(b"nan", b"inf", b"-1", b"1e999", b"0x10", b"1_0", b"ERCC-", b"../", b"\xe2\x80\xa8", b"=1+1"),
    *("ü".encode(), "\u202e".encode(), b"\x1f\x8b", b"\x85", b"\x0b\x0c", b"9" * 400, b" "),
]


@st.composite
def spoilt(draw: st.DrawFn, content: bytes) -> bytes:
    """A few edits: cut, repeat, insert, overwrite, swap lines."""
    for _ in range(draw(st.integers(1, 3))):
        i = draw(st.integers(0, len(content)))
        j = draw(st.integers(i, min(len(content), i + 40)))
        kind = draw(st.sampled_from(["cut", "repeat", "insert", "byte", "lines", "end"]))
        if kind == "cut":
            content = content[:i] + content[j:]
        elif kind == "repeat":
            content = content[:j] + content[i:j] + content[j:]
        elif kind == "insert":
            content = content[:i] + draw(st.sampled_from(SPICE)) + content[i:]
        elif kind == "byte":
            content = content[:i] + draw(st.binary(min_size=1, max_size=3)) + content[j:]
        elif kind == "lines":
            content = b"\n".join(draw(st.permutations(content.split(b"\n"))))
        else:
            content = content[:i]
    return content


def outcome(edits: dict[str, bytes]) -> list[str]:
    """What is said about the problems; [] where there are none, and the result is then whole."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_input(folder, edits)
        try:
            summary = check(folder, outdir=folder / "checked")
        except InputError as error:
            problems = [str(p) for p in error.problems]
        else:
            for study in summary["studies"]:
                _check_result(folder / "checked/studies" / study["id"], study["n_samples"])
            return []
        assert problems
        assert not list(folder.glob("*checked*"))
        return problems


def _check_result(study: Path, n_samples: int) -> None:
    samples = pd.read_csv(study / "samples.csv", dtype=str, keep_default_na=False)
    assert len(samples) == n_samples
    counts = study / "counts.csv.gz"
    if counts.exists():
        table = pd.read_csv(counts, index_col=0)
        assert list(table.columns) == list(samples["sample"])
        assert table.index.is_unique
        assert (table.to_numpy() >= 0).all()


@given(name=st.sampled_from(FILES), content=st.binary(max_size=200))
@LIMITS
def test_any_bytes(name: str, content: bytes) -> None:
    outcome({name: content})


@given(data=st.data())
@LIMITS
def test_spoilt_files(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(FILES), min_size=1, max_size=2, unique=True))
    outcome({name: data.draw(spoilt(VALID[name].encode())) for name in names})


@given(data=st.data())
@LIMITS
def test_spoilt_gzip(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(FILES))
    outcome({name: data.draw(spoilt(gzip.compress(VALID[name].encode(), mtime=0)))})


@given(data=st.data())
@LIMITS
def test_spoilt_parquet(data: st.DataObject) -> None:
    sheet = VALID["studies.csv"].replace("a/emb.csv", "a/emb.parquet").encode()
    buffer = io.BytesIO()
    pd.read_csv(io.StringIO(VALID["a/emb.csv"]), index_col=0).to_parquet(buffer)
    assert outcome({"studies.csv": sheet, "a/emb.parquet": buffer.getvalue()}) == []
    outcome({"studies.csv": sheet, "a/emb.parquet": data.draw(spoilt(buffer.getvalue()))})


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"\0" * 50, b"\xff" * 50, b'"' * 51, b"," * 50, b"\n" * 50])
def test_one_byte_many_times(name: str, content: bytes) -> None:
    assert outcome({name: content})
