"""Wrong input: the message, to the letter, is part of the interface."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from spacebio_bench.errors import InputError

from ._input import VALID, check, replaced, write_input

Edits = Mapping[str, str | bytes | None]
COUNTS = VALID["a/counts.csv"]
BARREN = "gene_id,b1,b2,b3\nG1,1,2,0\nG2,0,5,6\n"
GZIPPED = gzip.compress(COUNTS.encode(), mtime=0)


@dataclass(frozen=True)
class ExpectFail:
    """Files that differ from the valid input, and all that is said about them."""

    edits: Edits
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Handled:
    """Files that differ from the valid input, are read all the same, and what is said."""

    edits: Edits
    notes: tuple[str, ...] = field(default=())


def fails(edits: Edits, *problems: str) -> ExpectFail:
    return ExpectFail(edits, problems)


def sheet(old: str, new: str) -> dict[str, str | bytes | None]:
    return replaced("studies.csv", old, new)


def counts(content: str | bytes | None) -> dict[str, str | bytes | None]:
    return {"a/counts.csv": content}


def each_row(change: Callable[[str], str]) -> str:
    """Counts with every row but the header changed."""
    header, *rows = COUNTS.strip().split("\n")
    return "\n".join([header, *(change(row) for row in rows), ""])


SHEET = {
    "a file is missing": fails(
        counts(None), "studies.csv, row 2, column counts: a/counts.csv does not exist."
    ),
    "a folder for a file": fails(
        sheet("a/counts.csv", "a"), "studies.csv, row 2, column counts: a is a folder, not a file."
    ),
    "everything at once": fails(
        {
            **counts(None),
            "b/samples.csv": None,
            "h.gmt": None,
            **replaced("a/samples.csv", "a1,FLT", "a1,flight"),
            **replaced("b/counts.csv", "118,", "x118,"),
        },
        "--gene_sets h: h.gmt does not exist.",
        "studies.csv, row 2, column counts: a/counts.csv does not exist.",
        "studies.csv, row 3, column samples: b/samples.csv does not exist.",
        "a/samples.csv, row 2, column condition: 'flight' is not one of FLT, GC, VC, BC, AG. "
        "Correct it, or give a reason in the exclude column.",
        "b/counts.csv, row 3, column b1: 'x118' is not a number.",
    ),
    "a column is missing": fails(
        sheet("accession", "acc"),
        "studies.csv, row 1: column accession is missing; there are tissue, mission, acc, counts, "
        "samples, feature.emb.",
        "studies.csv, row 1, column acc: is not known; a sheet has tissue, mission, accession, "
        "counts, samples, role and feature.<NAME>.",
    ),
    "an unknown column": fails(
        sheet("feature.emb", "rolle"),
        "studies.csv, row 1, column rolle: is not known; a sheet has tissue, mission, accession, "
        "counts, samples, role and feature.<NAME>. Did you mean role?",
    ),
    "a feature with a name that is taken": fails(
        sheet("feature.emb", "feature.gene"),
        "studies.csv, row 1, column feature.gene: the name gene is taken by a feature set made "
        "from counts. Choose another.",
    ),
    "an empty cell": fails(sheet("eye,M1", ",M1"), "studies.csv, row 2, column tissue: is empty."),
    "a name that is no file name": fails(
        sheet("eye,M1", "e/ye,M1"),
        "studies.csv, row 2, column tissue: 'e/ye' may hold only letters, digits, _ and -, a "
        "letter or digit first.",
    ),
    "neither counts nor features": fails(
        {"studies.csv": "tissue,mission,accession,counts,samples\neye,M1,A1,,a/samples.csv\n"},
        "studies.csv, row 2, column counts: is empty, and no feature.<NAME> column is given "
        "instead.",
    ),
    "the same study twice": fails(
        sheet("eye,M2,A2", "eye,M1,A1"),
        "studies.csv, row 3: eye, M1, A1 is in row 2 already. Remove one, or give the parts of a "
        "study different accessions.",
    ),
    "the same counts for two tissues": fails(
        {"studies.csv": VALID["studies.csv"] + "ear,M2,A2,b/counts.csv,b/samples.csv,\n"},
        "studies.csv, row 4, column counts: b/counts.csv is the file of row 3 already.",
    ),
    "two spellings of a mission": fails(
        sheet("eye,M2", "eye,m1"),
        "studies.csv, row 3, column mission: 'm1' is 'M1' in row 2. Spell them alike.",
    ),
    "an unknown role": fails(
        {
            "studies.csv": "tissue,mission,accession,counts,samples,role\n"
            "eye,M1,A1,a/counts.csv,a/samples.csv,holdot\n"
        },
        "studies.csv, row 2, column role: 'holdot' is not one of benchmark, holdout. Did you mean "
        "holdout?",
    ),
    "a ragged row": fails(
        {"studies.csv": VALID["studies.csv"] + "eye,M3\n"},
        "studies.csv, row 4: 2 cells where the header has 6.",
    ),
    "headers only": fails(
        {"studies.csv": VALID["studies.csv"].split("\n")[0] + "\n"},
        "studies.csv: has a header but no rows.",
    ),
    "an empty file": fails({"studies.csv": ""}, "studies.csv: is empty."),
    "blank lines only": fails(
        {"studies.csv": "\n \n"}, "studies.csv: is empty: there is nothing but blank lines."
    ),
}

SAMPLES = {
    "an unknown condition": fails(
        replaced("a/samples.csv", "a3,GC", "a3,Flight?"),
        "a/samples.csv, row 4, column condition: 'Flight?' is not one of FLT, GC, VC, BC, AG. "
        "Correct it, or give a reason in the exclude column.",
    ),
    "no condition": fails(
        replaced("a/samples.csv", "a1,FLT", "a1,"),
        "a/samples.csv, row 2, column condition: is empty; it must be one of FLT, GC, VC, BC, AG. "
        "Correct it, or give a reason in the exclude column.",
    ),
    "a sample twice": fails(
        replaced("a/samples.csv", "a4,GC,,,Y", "a1,FLT,,,X\na4,GC,,,Y"),
        "a/samples.csv, row 5, column sample: a1 is in row 2 already.",
    ),
    "a sample in two studies of a tissue": fails(
        {
            **replaced("b/samples.csv", "b1", "a1"),
            **replaced("b/counts.csv", "b1", "a1"),
            **replaced("b/emb.csv", "b1", "a1"),
        },
        "b/samples.csv, row 2, column sample: a1 is a sample of eye in a/samples.csv, row 2 "
        "already.",
    ),
    "a column name of the store": fails(
        replaced("a/samples.csv", "strain", "mission"),
        "a/samples.csv, row 1, column mission: is a name the cohort store uses itself. Rename the "
        "column.",
    ),
    "no sample column": fails(
        replaced("a/samples.csv", "sample,", "Sample,"),
        "a/samples.csv, row 1: column sample is missing; there are Sample, condition, exclude, "
        "note, strain. Did you mean Sample?",
    ),
    "a missing value as the reason of an exclusion": fails(
        replaced("a/samples.csv", "a4,GC,,", "a4,GC,NA,"),
        "a/samples.csv, row 5, column exclude: 'NA' is no reason; leave the cell empty, or give "
        "one.",
    ),
    "all excluded": fails(
        {"b/samples.csv": "sample,condition,exclude\nb1,FLT,x\nb2,GC,x\nb3,GC,x\n"},
        "b/samples.csv: every sample is excluded. Remove the study from the sheet.",
    ),
    "a sample without counts and features": fails(
        replaced("a/samples.csv", "a4,GC", "a6,GC,,,\na4,GC"),
        "a/samples.csv, row 5, column sample: a6 has no column in a/counts.csv.",
        "a/samples.csv, row 5, column sample: a6 has no row in a/emb.csv.",
    ),
    "not UTF-8": fails(
        {"a/samples.csv": VALID["a/samples.csv"].replace("first", "fürst").encode("latin-1")},
        "a/samples.csv, row 3: byte 0xFC is not UTF-8. Save the file with UTF-8 encoding.",
    ),
    "UTF-16": fails(
        {"a/samples.csv": VALID["a/samples.csv"].encode("utf-16")},
        "a/samples.csv: is UTF-16 text. Save it as UTF-8.",
    ),
    "an open quote": fails(
        replaced("a/samples.csv", "first", '"first'),
        "a/samples.csv, row 3: the quotes are broken (unexpected end of data).",
    ),
    "a huge cell": fails(
        replaced("a/samples.csv", "first", "x" * 200_000),
        "a/samples.csv, row 3: a cell has more than 131,072 characters; a quote may be missing.",
    ),
}

COUNT_FILES = {
    "a column that is not listed": fails(
        replaced("a/samples.csv", "a5,GC,low quality,,Y\n", ""),
        "a/counts.csv, row 1: column a5 is not in a/samples.csv. List the sample (with a reason "
        "in exclude to leave it out) or remove the column.",
    ),
    "a column twice": fails(
        replaced("a/counts.csv", "a5", "a1"),
        "a/counts.csv, row 1, column a1: is there 2 times.",
    ),
    "a gene twice": fails(
        replaced("a/counts.csv", "ENSMUSG00000000002", "ENSMUSG00000000001"),
        "a/counts.csv, row 3: gene ENSMUSG00000000001 is in row 2 already.",
    ),
    "a gene twice without version": fails(
        counts(
            COUNTS.replace("ENSMUSG00000000001", "ENSMUSG00000000001.2").replace(
                "ENSMUSG00000000002", "ENSMUSG00000000001.4"
            )
        ),
        "a/counts.csv, row 3: gene ENSMUSG00000000001 is in row 2 already (ENSMUSG00000000001.2 "
        "and ENSMUSG00000000001.4, without version).",
    ),
    "the row of a gene counts blank lines": fails(
        counts(COUNTS.replace("\n", "\n\n").replace("ENSMUSG00000000002", "ENSMUSG00000000001")),
        "a/counts.csv, row 5: gene ENSMUSG00000000001 is in row 3 already.",
    ),
    "text": fails(
        replaced("a/counts.csv", ",87,", ",x87,"),
        "a/counts.csv, row 2, column a1: 'x87' is not a number.",
    ),
    "much text": fails(
        counts(each_row(lambda row: row.replace(",", ",x") if "00001" not in row else row)),
        "a/counts.csv, row 3, column a1: 'x124' is not a number (and 6 more in this column).",
        "a/counts.csv, row 3, column a2: 'x137' is not a number (and 6 more in this column).",
        "a/counts.csv, row 3, column a3: 'x111' is not a number (and 6 more in this column).",
        "a/counts.csv, row 3, column a4: 'x150' is not a number (and 6 more in this column).",
    ),
    "negative": fails(
        replaced("a/counts.csv", ",87,", ",-87,"),
        "a/counts.csv, row 2, column a1: -87 is negative.",
    ),
    "infinite": fails(
        replaced("a/counts.csv", ",87,", ",inf,"),
        "a/counts.csv, row 2, column a1: 'inf' is not finite.",
    ),
    "not a number": fails(
        replaced("a/counts.csv", ",87,", ",NaN,"),
        "a/counts.csv, row 2, column a1: 'NaN' is a missing value; every value is needed.",
    ),
    "empty cell": fails(
        replaced("a/counts.csv", ",87,", ",,"), "a/counts.csv, row 2, column a1: the cell is empty."
    ),
    "Python's number with an underscore": fails(
        replaced("a/counts.csv", ",87,", ",8_7,"),
        "a/counts.csv, row 2, column a1: '8_7' is not a number.",
    ),
    "decimal comma": fails(
        counts(COUNTS.replace(",", ";").replace(";87;", ";87,5;")),
        "a/counts.csv, row 2, column a1: '87,5' has a comma; write a decimal point and no "
        "thousands separator.",
    ),
    "a short row": fails(
        replaced("a/counts.csv", ",87,", ","),
        "a/counts.csv, row 2: 5 cells where the header makes 6.",
    ),
    "a long row": fails(
        replaced("a/counts.csv", ",87,", ",87,87,"),
        "a/counts.csv, row 2: 7 cells where the header makes 6.",
    ),
    "logarithms": fails(
        counts("gene_id,a1,a2,a3,a4,a5\nG1,3.2,3.1,0,7.5,8.1\nG2,4.2,5.1,0.5,7.1,8.8\n"),
        "a/counts.csv: these look like logarithms: the largest value is 7.5 and 100% of the "
        "positive values are fractions. Give the raw (or RSEM or salmon estimated) counts, not "
        "logged.",
    ),
    "logarithms below zero": fails(
        counts("gene_id,a1,a2,a3,a4,a5\nG1,-3.2,3.1,0,7.5,8.1\nG2,4.2,5.1,0.5,7.1,8.8\n"),
        "a/counts.csv, row 2, column a1: -3.2 is negative. Are these logarithms? Raw counts are "
        "needed.",
    ),
    "a sample without counts": fails(
        counts("gene_id,a1,a2,a3,a4,a5\nENSMUSG00000000001,0,1,2,3,4\n"),
        "a/counts.csv: a1: every count is zero. Give a reason in exclude to leave such samples "
        "out.",
    ),
    "no gene in all samples": fails(
        {"b/counts.csv": BARREN, "symbols.csv": VALID["symbols.csv"] + "G1,T1\nG2,T2\n"},
        "b/counts.csv: no gene is counted in every sample, so no size factor can be computed. Is "
        "a sample nearly empty?",
    ),
    "summary rows of htseq-count": fails(
        counts(COUNTS + "__no_feature,1,2,3,4,5\n"),
        "a/counts.csv, row 10: __no_feature: summary rows of a counting tool, not genes. Remove "
        "them.",
    ),
    "spike-ins only": fails(
        counts("gene_id,a1,a2,a3,a4,a5\nERCC-00002,1,2,3,4,5\n"),
        "a/counts.csv: there are only spike-ins (ERCC-), no genes.",
    ),
    "samples x genes": fails(
        counts("sample,G1,G2\na1,1,2\na2,3,4\na3,5,6\na4,7,8\n"),
        "a/counts.csv: the samples are its rows. Transpose it: genes x samples are needed.",
    ),
    "headers only": fails(
        counts("gene_id,a1,a2,a3,a4,a5\n"), "a/counts.csv: has a header but no rows."
    ),
    "truncated gzip": fails(
        counts(GZIPPED[:-20]),
        "a/counts.csv: is a truncated gzip file. Copy or download it again.",
    ),
    "gzip of nothing": fails(
        counts(gzip.compress(b"")), "a/counts.csv: is empty: a gzip file with nothing in it."
    ),
    "a NUL byte": fails(
        replaced("a/counts.csv", ",87,", ",8\0,"),
        "a/counts.csv, row 2: there is a NUL byte: the file is binary or damaged.",
    ),
    "an Excel workbook": fails(
        counts(b"PK\x03\x04\x14\x00"),
        "a/counts.csv: is a zip archive or an Excel workbook. Export the table as CSV.",
    ),
    "a page that says 404": fails(
        counts("<!DOCTYPE html><html></html>"),
        "a/counts.csv: is a web page or XML, not a table. Download the file itself.",
    ),
    "a line break in a sample name": fails(
        replaced("a/counts.csv", "a1", '"a\n1"'),
        "a/counts.csv, row 1: a quote is open at the end of the header; names may hold no line "
        "break.",
    ),
    "a line break in a gene id": fails(
        replaced("a/counts.csv", "ENSMUSG00000000002", '"ENSMUSG\n2"'),
        "a/counts.csv, row 3: the gene id ENSMUSG\\n2 is not one line of plain text.",
    ),
    "no gene id in common": fails(
        counts("gene_id,a1,a2,a3,a4,a5\nG1,1,2,3,4,5\nG2,1,2,3,4,5\n")
        | {"symbols.csv": VALID["symbols.csv"] + "G1,T1\nG2,T2\n"},
        "studies.csv: the studies of eye have no gene id in common (A1: G1, G2; A2: "
        "ENSMUSG00000000001, ENSMUSG00000000002 and 6 more). Use the same kind of id.",
    ),
}

OTHER_FILES = {
    "a gene set without genes": fails(
        replaced("h.gmt", "\tS4\tS5", ""),
        "h.gmt, row 2: a gene set is name, description and genes, with tabs between; there are 2 "
        "fields.",
    ),
    "a gene set twice": fails(
        replaced("h.gmt", "SET_2", "SET_1"), "h.gmt, row 2: the set SET_1 is in row 1 already."
    ),
    "an empty gene": fails(
        replaced("h.gmt", "S4\tS5", "S4\t\tS5"), "h.gmt, row 2: gene 2 of SET_2 is empty."
    ),
    "gene sets of something else": fails(
        {"h.gmt": "A\tb\tq\tw\n"},
        "h.gmt: none of its 2 genes (such as q, w) is among the genes of the studies. Give "
        "--symbols where the studies have ids and the sets symbols.",
    ),
    "symbols of something else": fails(
        {"symbols.csv": "id,symbol\nENSMUSG00000000001,S1\n"},
        "a/counts.csv: only 12% of the gene ids are in symbols.csv (missing: ENSMUSG00000000002, "
        "ENSMUSG00000000003, ENSMUSG00000000004 and 4 more). Is it the right table?",
        "b/counts.csv: only 12% of the gene ids are in symbols.csv (missing: ENSMUSG00000000002, "
        "ENSMUSG00000000003, ENSMUSG00000000004 and 4 more). Is it the right table?",
    ),
    "symbols without symbols": fails(
        {"symbols.csv": "id\nENSMUSG00000000001\n"},
        "symbols.csv, row 1: two columns are needed: gene id and symbol.",
    ),
    "a feature that is missing": fails(
        replaced("a/emb.csv", "0.25", "NA"),
        "a/emb.csv, row 3, column e1: 'NA' is a missing value; every value is needed.",
    ),
    "a sample with two rows of features": fails(
        replaced("a/emb.csv", "other", "a1"), "a/emb.csv: sample a1 is there more than once."
    ),
    "a feature twice": fails(
        replaced("a/emb.csv", "e2", "e1"), "a/emb.csv, row 1: repeated columns: e1."
    ),
}


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{group}: {name}")
        for group, cases in {
            "sheet": SHEET,
            "samples": SAMPLES,
            "counts": COUNT_FILES,
            "others": OTHER_FILES,
        }.items()
        for name, case in cases.items()
    ],
)
def test_says_what_is_wrong(case: ExpectFail, tmp_path: Path) -> None:
    write_input(tmp_path, case.edits)
    with pytest.raises(InputError) as caught:
        check(tmp_path, outdir=tmp_path / "checked")
    *problems, closing = str(caught.value).split("\n")
    assert problems == list(case.problems)
    n = len(problems)
    assert closing == f"{n} problem{'' if n == 1 else 's'}; nothing was run."
    assert not list(tmp_path.glob("*checked*")), "something was left behind"


DROPPED = "a/emb.csv: 1 row was dropped, not being in a/samples.csv: other."
HANDLED = {
    "semicolons": Handled(
        counts(COUNTS.replace(",", ";")),
        ("a/counts.csv: is separated by semicolons; read as such.",),
    ),
    "tabs": Handled(
        counts(COUNTS.replace(",", "\t")), ("a/counts.csv: is separated by tabs; read as such.",)
    ),
    "gzip": Handled(
        counts(GZIPPED),
        ("a/counts.csv: is gzip-compressed although its name does not say so; read as such.",),
    ),
    "BOM and CRLF": Handled(
        counts(b"\xef\xbb\xbf" + COUNTS.replace("\n", "\r\n").encode()),
        (
            "a/counts.csv: starts with a byte order mark, which was ignored.",
            "a/counts.csv: Windows or old Mac line ends were read as plain ones.",
        ),
    ),
    "quoted": Handled(counts(each_row(lambda row: ",".join(f'"{c}"' for c in row.split(","))))),
    "numbers as text with blanks": Handled(counts(COUNTS.replace(",", ", "))),
    "blank lines": Handled(counts("\n" + COUNTS.replace("\n", "\n\n"))),
    "no line end at the end": Handled(counts(COUNTS.rstrip("\n"))),
    "header as R writes it": Handled(
        counts(COUNTS.replace("gene_id,", "")),
        ("a/counts.csv: the header has no cell above the ids, as R writes it; read as such.",),
    ),
    "versions": Handled(
        counts(COUNTS.replace("01,", "01.12,").replace("02,", "02.3,")),
        ("a/counts.csv: the version suffix of 2 gene ids was removed.",),
    ),
    "a column of the excluded sample that is no number": Handled(
        counts(each_row(lambda row: row if row.endswith("a5") else row.rpartition(",")[0] + ",NA"))
    ),
    "an excluded sample without counts": Handled(
        replaced("a/samples.csv", "a5,GC,low quality,,Y", "a5,GC,low quality,,Y\na9,?,lost,,Y")
    ),
    "line breaks in a note": Handled(
        replaced("a/samples.csv", "first", '"fir\nst"'),
        ("a/samples.csv: line breaks inside quoted values were read as blanks.",),
    ),
    "commas at the end, as spreadsheets leave": Handled(
        {"a/samples.csv": VALID["a/samples.csv"].replace("\n", ",,\n")}
    ),
    "a set padded with tabs": Handled(
        replaced("h.gmt", "S3", "S3\t\t"), ("h.gmt: tabs at the end of lines were ignored.",)
    ),
    "symbols of another case": Handled(
        {"h.gmt": VALID["h.gmt"].replace("S", "s")},
        ("h.gmt: its genes match only when case is ignored: are they symbols of another species?",),
    ),
}


@pytest.mark.parametrize("case", HANDLED.values(), ids=HANDLED.keys())
def test_oddities_are_put_right_and_said(case: Handled, tmp_path: Path) -> None:
    write_input(tmp_path / "valid", {})
    write_input(tmp_path / "odd", case.edits)
    plain = check(tmp_path / "valid", outdir=tmp_path / "plain")
    odd = check(tmp_path / "odd", outdir=tmp_path / "checked")
    assert sorted(odd["notes"]) == sorted((DROPPED, *case.notes))
    assert odd["studies"] == plain["studies"]
    for name in ("studies/eye.M1.A1/counts.csv.gz", "universe/eye.txt"):
        assert (tmp_path / "checked" / name).read_bytes() == (
            tmp_path / "plain" / name
        ).read_bytes()
