"""`gene-sets`: what it reports, what it writes, what it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from spacebio_bench.cli.gene_sets import command
from spacebio_bench.errors import InputError

GMT = (
    "HALLMARK_ONE\thttps://www.gsea-msigdb.org/x\tTP53\tNAT1\tLOST\n"
    "Mito pathway > Lipids\tMitoCarta3.0: Lipids\tNAT1\tNAT2P\n"
    "NONE\tna\tLOST\n"
)
ORTHOLOGS = "human_symbol,mouse_symbol\nTP53,Trp53\nNAT1,Nat1\nNAT1,Nat2\nNAT2P,Nat2\n"
SYMBOLS = "ENSEMBL,SYMBOL\nENSMUSG00000000001,Trp53\nENSMUSG00000000002,Nat2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"h.gmt": GMT, "o.csv": ORTHOLOGS, "s.csv": SYMBOLS}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def call(*arguments: object) -> Result:
    result = CliRunner().invoke(command, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def called_json(*arguments: object) -> dict[str, Any]:
    answer = json.loads(call(*arguments, "--json").stdout)
    assert isinstance(answer, dict)
    return answer


def test_mapped_written_and_counted(folder: Path) -> None:
    options = ("--orthologs", folder / "o.csv", "--symbols", folder / "s.csv")
    answer = called_json(folder / "h.gmt", *options, "--outdir", folder / "out")
    assert (folder / "out" / "h.gmt").read_text(encoding="utf-8") == (
        "HALLMARK_ONE\thttps://www.gsea-msigdb.org/x\tTrp53\tNat1\tNat2\n"
        "Mito pathway > Lipids\tMitoCarta3.0: Lipids\tNat1\tNat2\n"
    )
    with (folder / "out" / "coverage.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1:] == [
        ["h", "HALLMARK_ONE", "3", "1", "3", "2", repr(2 / 3)],
        ["h", "Mito pathway > Lipids", "2", "0", "2", "1", "0.5"],
        ["h", "NONE", "1", "1", "0", "0", ""],
    ]
    (collection,) = answer["collections"]
    assert collection["unmapped"] == ["LOST"]
    assert collection["sets_empty"] == ["NONE"]
    assert collection["coverage"] == 2 / 3
    assert (collection["species"], collection["sets_given"], collection["sets"]) == ("human", 3, 2)


def test_the_report_names_what_is_lost(folder: Path) -> None:
    said = call(folder / "h.gmt", "--orthologs", folder / "o.csv").output
    assert "h: 3 sets, 4 human genes -> 2 sets, 3 mouse genes." in said
    assert "1 without an ortholog: LOST" in said
    assert "left without a gene: NONE" in said
    assert call(folder / "h.gmt", "--quiet").output == ""


@pytest.mark.data
def test_real_sets(development_data: Path, tmp_path: Path) -> None:
    sets, out = development_data / "gene_sets", tmp_path / "out"
    symbols = sets / "mouse_ensembl_symbol.csv.gz"
    names = ("mouse_kegg.gmt", "mouse_mitocarta3.gmt", "mouse_reactome.gmt.gz")
    answer = called_json(*(sets / n for n in names), "--symbols", symbols, "--outdir", out)
    known = set(pd.read_csv(symbols)["SYMBOL"])
    lines = [line.split("\t") for line in (sets / names[0]).read_text().splitlines()]
    genes = {gene for line in lines for gene in line[2:] if gene}
    kegg, mito, reactome = answer["collections"]
    assert kegg["coverage"] == len(genes & known) / len(genes)
    assert [c["sets"] for c in (kegg, mito, reactome)] == [186, 137, 1651]
    assert {c["species"] for c in (kegg, mito, reactome)} == {"mouse"}
    assert (out / names[0]).read_text() == (sets / names[0]).read_text()
    # human and back: symbols in capitals mapped by a table that undoes the capitals
    one_to_one = {g.upper(): g for g in sorted(genes)}
    human = tmp_path / "human.gmt"
    human.write_text("".join("\t".join([*x[:2], *map(str.upper, x[2:])]) + "\n" for x in lines))
    table = "".join(f"{h},{m}\n" for h, m in one_to_one.items())
    (tmp_path / "o.csv").write_text(f"human_symbol,mouse_symbol\n{table}")
    back = called_json(human, "--orthologs", tmp_path / "o.csv", "--outdir", out)
    assert back["collections"][0]["unmapped"] == []
    assert (out / "human.gmt").read_text() == (sets / names[0]).read_text()


def test_everything_wrong_at_once(folder: Path) -> None:
    (folder / "bad.gmt").write_text("A\tx\nB\ty\tG1\nB\tz\tG2\n\ty\tG\n", encoding="utf-8")
    (folder / "o.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        call(folder / "bad.gmt", folder / "no.gmt", "--orthologs", folder / "o.csv")
    said = str(caught.value)
    assert "bad.gmt, row 1: a gene set is name, description and genes" in said
    assert "bad.gmt, row 3: the set B is in row 2 already" in said
    assert "bad.gmt, row 4: the name of the set is empty" in said
    assert "no.gmt does not exist" in said
    assert "o.csv, row 1: has no columns of human and mouse symbols" in said


def test_mouse_sets_need_no_orthologs(folder: Path) -> None:
    (folder / "mouse.gmt").write_text("A\tx\tTrp53\tNat1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"look like mouse symbols\. Leave --orthologs out"):
        call(folder / "mouse.gmt", "--orthologs", folder / "o.csv", "--outdir", folder / "out")
    assert not (folder / "out").exists()


def test_outputs_that_would_collide(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "h.gmt").write_text(GMT, encoding="utf-8")
    with pytest.raises(InputError, match=r"would be written as h\.gmt like"):
        call(folder / "h.gmt", folder / "sub" / "h.gmt")
    with pytest.raises(InputError, match="is an input"):
        call(folder / "h.gmt", "--outdir", folder)
    with pytest.raises(InputError, match="cannot be made"):
        call(folder / "h.gmt", "--outdir", folder / "s.csv" / "out")
    assert (folder / "h.gmt").read_text(encoding="utf-8") == GMT


def test_usage() -> None:
    assert call().exit_code == 2
    assert call("--help").exit_code == 0
