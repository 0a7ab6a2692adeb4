"""The file listing: whatever a server says, files or an error told; which files are chosen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacebio_bench.errors import InputError
from spacebio_bench.osdr.listing import RemoteFile, choose, read_listing, read_md5_table

VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = ("file_name", "remote_url", "file_size", "visible", "restricted", "date_updated")


def wrapped(rows: Any) -> Any:
    return {"studies": {"OSD-1": {"study_files": rows}}}


@given(VALUES | VALUES.map(wrapped))
def test_any_answer_is_read_or_refused(answer: Any) -> None:
    try:
        files = read_listing(answer, "OSD-1")
    except InputError:
        return
    assert all(isinstance(f, RemoteFile) for f in files)


@given(st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, VALUES)), max_size=5))
def test_rows_of_any_values(rows: list[dict[str, Any]]) -> None:
    try:
        files = read_listing(wrapped(rows), "OSD-1")
    except InputError:
        return
    for file in files:
        assert file.name
        assert file.address
        assert file.size is None or file.size >= 0


NAMES = st.text(
    st.characters(categories=["L", "N"], include_characters="._-"), min_size=1, max_size=20
)


@given(
    st.dictionaries(NAMES, st.text("0123456789abcdef", min_size=32, max_size=32), max_size=5),
    st.sampled_from(["{m}  {n}", "{n}\t{m}", "{m} *{n}", '"{n}","{m}"', "{m} ./{n}"]),
)
def test_md5_tables_of_either_order(sums: dict[str, str], form: str) -> None:
    sums = {n: m for n, m in sums.items() if len(n) != 32}
    text = "file name\tmd5sum\n" + "".join(form.format(n=n, m=m) + "\n" for n, m in sums.items())
    assert read_md5_table(text) == sums


@given(st.text())
def test_any_md5_table(text: str) -> None:
    assert all(len(m) == 32 for m in read_md5_table(text).values())


def files_named(*names: str) -> list[RemoteFile]:
    every = [*names, "OSD-1_metadata_OSD-1-ISA.zip"]
    return [RemoteFile("OSD-1", name, 10, f"/{name}", "1.0") for name in every]


RSEM = "GLDS-1_rna_seq_RSEM_Unnormalized_Counts.csv"
STAR = "GLDS-1_rna_seq_STAR_Unnormalized_Counts.csv"


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ([STAR, RSEM], 1),
        (["GLDS-1_rna_seq_Unnormalized_Counts.csv", STAR], 0),
        (
            [
                RSEM,
                "GLDS-1_rna_seq_RSEM_Unnormalized_Counts_GLbulkRNAseq.csv",
                "GLDS-1_rna_seq_RSEM_Unnormalized_Counts_rRNArm_GLbulkRNAseq.csv",
                "GLDS-1_rna_seq_Normalized_Counts_GLbulkRNAseq.csv",
            ],
            1,
        ),
    ],
)
def test_the_counts_that_are_taken(names: list[str], chosen: int) -> None:
    assert choose(files_named(*names), "OSD-1").counts.name == names[chosen]


def test_two_alike_are_the_users_choice() -> None:
    names = ["GLDS-1_rna_seq_A_Unnormalized_Counts.csv", "GLDS-1_rna_seq_B_Unnormalized_Counts.csv"]
    with pytest.raises(InputError, match=r"Choose with --counts NAME"):
        choose(files_named(*names), "OSD-1")
    assert choose(files_named(*names), "OSD-1", counts=names[1]).counts.name == names[1]


def test_all_that_is_missing_at_once() -> None:
    with pytest.raises(InputError) as caught:
        choose([], "OSD-1")
    assert len(caught.value.problems) == 2


def test_the_newest_archive() -> None:
    files = files_named("GLDS-1_rna_seq_Unnormalized_Counts.csv")
    old = RemoteFile("OSD-1", "z-ISA.zip", 1, "/z", "0.5")
    assert choose([old, *files], "OSD-1").isa.name == "OSD-1_metadata_OSD-1-ISA.zip"
