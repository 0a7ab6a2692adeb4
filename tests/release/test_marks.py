"""Traced texts: what is written is the text, and every line knows where it comes from."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.release.marks import plain, read_marks, traced, without_traced

WORDS = st.text(st.characters(exclude_categories=["Co", "Cs"]), max_size=12)
ORIGINS = st.text(st.sampled_from("abc:/ 1"), min_size=1, max_size=6)
PIECES = st.lists(st.tuples(st.one_of(st.none(), ORIGINS), WORDS), max_size=8)


@given(PIECES)
def test_marks(pieces: list[tuple[str | None, str]]) -> None:
    marked = "".join(text if origin is None else traced(origin, text) for origin, text in pieces)
    whole = "".join(text for _, text in pieces)
    found = read_marks(marked)
    assert found.text == plain(marked) == whole
    assert len(found.origins) == whole.count("\n") + 1
    line = 0
    for origin, text in pieces:
        last = line + text.count("\n")
        if origin is not None:
            assert all(origin in found.origins[n] for n in range(line, last + 1))
        line = last
    assert {o for origins in found.origins for o in origins} == {o for o, _ in pieces if o}
    rest = without_traced(marked)
    assert rest.count("\n") == whole.count("\n")
    assert rest.replace("\n", "") == "".join(t for o, t in pieces if o is None).replace("\n", "")


def test_a_statement_keeps_one_origin() -> None:
    assert read_marks(traced("outer", f"p {traced('inner', '0.05')}.")).origins == (("outer",),)
