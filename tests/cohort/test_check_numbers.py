"""The quick reader against Python's own csv module: where both read a table, they read the same."""

from __future__ import annotations

import csv
import io

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from spacebio_bench.cohort._findings import Findings
from spacebio_bench.cohort.number_table import number, read_header, read_numbers

CELLS = st.one_of(
    st.integers(0, 10**12).map(str),
    st.floats(0, 1e15, allow_nan=False).map(repr),
    st.sampled_from(
        ["1e3", "+5", " 7", "7 ", '"8"', '" 9"', "007", ".5", "5.", "1E-3", "-0", "-2"]
    ),
    st.sampled_from(
        ["", "NA", "nan", "inf", "1_0", "0x1F", "1,5", '""', '"a""b"', "x", "\u0661", "1d"]
    ),
)
IDS = st.one_of(
    st.text("abcGENS.-|'# é\u2028", max_size=6),
    st.sampled_from(['"a,b"', '"a""b"', '"a\nb"', 'a"b', '"a"b', "", " a ", '"', "NA", "1"]),
)


@st.composite
def tables(draw: st.DrawFn) -> str:
    width = draw(st.integers(1, 3))
    plain = draw(st.booleans())
    cells = CELLS.filter(lambda c: number(c) is not None and "_" not in c) if plain else CELLS
    rows = [["id", *(f"s{j}" for j in range(width))]]
    for _ in range(draw(st.integers(1, 5))):
        n = width if plain else draw(st.sampled_from([width] * 9 + [width - 1, width + 1]))
        rows.append([draw(IDS), *(draw(cells) for _ in range(n))])
    return draw(st.sampled_from(["\n", "\n", "\n\n"])).join(map(",".join, rows)) + "\n"


@given(text=tables())
@settings(max_examples=400, deadline=None, derandomize=True)
def test_agrees_with_the_csv_module(text: str) -> None:
    findings = Findings()
    header = read_header(text.encode(), "t.csv", findings)
    if header is None:
        return
    ours = read_numbers(text.encode(), header, header.columns, "t.csv", findings)
    assert (ours is None) == bool(findings.problems)
    if ours is None:
        return
    expected = [row for row in csv.reader(io.StringIO(text, newline="")) if any(row)][1:]
    assert ours.ids == [row[0].strip() for row in expected]
    values = [[float(cell) for cell in row[1 : len(header.columns) + 1]] for row in expected]
    assert np.array_equal(ours.matrix, np.array(values).reshape(len(values), -1))
