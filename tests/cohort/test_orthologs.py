"""Tables of orthologs in the forms people have, and mapping against the plain definition."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacebio_bench.cohort._findings import Findings
from spacebio_bench.cohort.gene_sets import read_gene_sets
from spacebio_bench.cohort.gmt_mapping import gmt_text, map_sets, species_of
from spacebio_bench.cohort.orthologs import Orthologs, read_orthologs


def read(folder: Path, content: str | bytes) -> tuple[Orthologs | None, list[str]]:
    path = folder / "orthologs.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    findings = Findings()
    found = read_orthologs(path, findings)
    assert (found is None) == bool(findings.problems)
    return found, [str(problem) for problem in findings.problems]


FORMS = {
    "plain": "human_symbol,mouse_symbol\nTP53,Trp53\nNAT1,Nat1\nNAT1,Nat2\nTP53,Trp53\nX,\n,Y\n",
    "Ensembl BioMart": "Human gene name\tMouse gene name\nTP53\tTrp53\nNAT1\tNat1\nNAT1\tNat2\n",
    "biomaRt": "HGNC.symbol,MGI.symbol\nTP53,Trp53\nNAT1,Nat1\nNAT1,Nat2\n",
    "babelgene": (
        "human_symbol,human_entrez,human_ensembl,taxon_id,symbol,entrez,ensembl,support,support_n\n"
        "TP53,7157,E,10090,Trp53,22059,E,Ensembl|Panther,12\n"
        "TP53,7157,E,10090,Trp53-ps,1,E,Ensembl,3\n"
        "TP53,7157,E,10116,Tp53,24842,E,Ensembl,12\n"
        "NAT1,9,E,10090,Nat1,1,E,OMA,5\nNAT1,9,E,10090,Nat2,2,E,OMA,5\n"
    ),
    "MGI": (
        "DB Class Key\tCommon Organism Name\tNCBI Taxon ID\tSymbol\tEntrezGene ID\n"
        "1\tmouse, laboratory\t10090\tTrp53\t22059\n1\thuman\t9606\tTP53\t7157\n"
        "2\tmouse, laboratory\t10090\tNat1\t1\n2\tmouse, laboratory\t10090\tNat2\t2\n"
        "2\thuman\t9606\tNAT1\t9\n3\thuman\t9606\tONLY\t5\n"
    ),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS.keys())
def test_forms(tmp_path: Path, content: str) -> None:
    found, _ = read(tmp_path, content)
    assert found == {"TP53": ("Trp53",), "NAT1": ("Nat1", "Nat2")}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n", "row 1: has no columns of human and mouse symbols"),
        ("human_symbol,mouse_symbol\n,\nA,\n", "no row with a human and a mouse symbol"),
        ("human_symbol,mouse_symbol\n", "header but no rows"),
        ("human,mouse,support_n\nA,B,3\nC,D,many\n", "row 3, column support_n: 'many'"),
        ("human_symbol,mouse_symbol\nA\nB,b\n", "row 2: 1 cell where the header has 2"),
        (b"\xff\xfeh\x00", "is UTF-16 text"),
    ],
)
def test_faults(tmp_path: Path, content: str | bytes, message: str) -> None:
    _, problems = read(tmp_path, content)
    assert any(message in problem for problem in problems)


def test_all_faults_at_once(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "human,mouse,support_n\nA,B,x\nC,D,1\nE,F,y\n")
    assert len(problems) == 2


@given(st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
def test_arbitrary_bytes_are_a_problem_or_a_table(tmp_path: Path, content: bytes) -> None:
    read(tmp_path, content)
    read(tmp_path, b"human_symbol,mouse_symbol\n" + content)


_human = st.sampled_from([f"H{i}" for i in range(8)])
_mouse = st.sampled_from([f"m{i}" for i in range(8)])


@given(
    st.lists(st.tuples(_human, _mouse, st.integers(0, 3)), min_size=1, max_size=25),
    st.dictionaries(st.sampled_from("abc"), st.lists(_human, min_size=1, unique=True), min_size=1),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_mapping_is_the_plain_definition(
    tmp_path: Path, rows: list[tuple[str, str, int]], sets: dict[str, list[str]]
) -> None:
    lines = ["human_symbol,mouse_symbol,support_n", *(f"{h},{m},{n}" for h, m, n in rows)]
    orthologs, _ = read(tmp_path, "\n".join(lines))
    assert orthologs is not None
    mapped, unmapped = map_sets({k: ("d", v) for k, v in sets.items()}, orthologs)
    for name, genes in sets.items():
        expected: list[str] = []
        for gene in genes:
            most = max((n for h, _, n in rows if h == gene), default=-1)
            for h, m, n in rows:
                if h == gene and n == most and m not in expected:
                    expected.append(m)
        assert mapped.get(name, ("d", []))[1] == expected
    with_ortholog = {h for h, _, _ in rows}
    everything = {gene for genes in sets.values() for gene in genes}
    assert list(unmapped) == sorted(everything - with_ortholog)


_gene = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8)


@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1, max_size=12),
        st.tuples(
            st.sampled_from(["https://x/y", "MitoCarta3.0: a b", "na"]),
            st.lists(_gene, min_size=1, max_size=6, unique=True),
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read(tmp_path: Path, sets: dict[str, tuple[str, list[str]]]) -> None:
    path = tmp_path / "sets.gmt"
    path.write_text(gmt_text(sets), encoding="utf-8")
    findings = Findings()
    assert read_gene_sets(path, "sets", findings) == sets


@pytest.mark.parametrize(
    ("symbols", "species"),
    [(["TP53", "C1orf112", "MT-ND1"], "human"), (["Trp53", "Nat1", "H19"], "mouse")],
)
def test_species_by_case(symbols: list[str], species: str) -> None:
    assert species_of(symbols) == species
