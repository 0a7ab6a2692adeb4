"""A small valid input as files in memory, to be spoilt one way at a time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spacebio_bench.cohort.check import check_studies

_GENES = [f"ENSMUSG0000000000{i}" for i in range(1, 9)]


def _counts(samples: str, shift: int) -> str:
    names = samples.split()
    rows = [["gene_id", *names]]
    for i, gene in enumerate(_GENES):
        rows.append([gene, *(str((i + 2) * 37 + 13 * j + shift) for j in range(len(names)))])
    return "\n".join([*(",".join(r) for r in rows), ""])


VALID: Mapping[str, str] = {
    "studies.csv": "tissue,mission,accession,counts,samples,feature.emb\n"
    "eye,M1,A1,a/counts.csv,a/samples.csv,a/emb.csv\n"
    "eye,M2,A2,b/counts.csv,b/samples.csv,b/emb.csv\n",
    "a/samples.csv": "sample,condition,exclude,note,strain\n"
    "a1,FLT,,,X\na2,FLT,,first,X\na3,GC,,,X\na4,GC,,,Y\na5,GC,low quality,,Y\n",
    "b/samples.csv": "sample,condition,exclude,note,strain\nb1,FLT,,,X\nb2,GC,,,X\nb3,GC,,,X\n",
    "a/counts.csv": _counts("a3 a1 a2 a4 a5", 0),
    "b/counts.csv": _counts("b1 b2 b3", 7),
    "a/emb.csv": "sample,e1,e2\na1,0.5,-1\na2,0.25,1\na3,0,2\na4,1,1e-3\nother,1,1\n",
    "b/emb.csv": "sample,e1,e2\nb1,0.5,-1\nb2,0.25,1\nb3,0,2\n",
    "h.gmt": "SET_1\tone\tS1\tS2\tS3\nSET_2\ttwo\tS4\tS5\n",
    "symbols.csv": "gene_id,symbol\n" + "".join(f"{g},S{i}\n" for i, g in enumerate(_GENES, 1)),
}


def write_input(folder: Path, edits: Mapping[str, str | bytes | None]) -> None:
    """The valid files with some replaced, or left out where None."""
    for name, content in {**VALID, **edits}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())


def check(folder: Path, *, outdir: Path | None = None) -> dict[str, Any]:
    """Check the input of a folder as a user in that folder would."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        return check_studies(
            Path("studies.csv"),
            gene_sets={"h": Path("h.gmt")},
            symbols=Path("symbols.csv"),
            parameters={},
            outdir=outdir,
        )
    finally:
        os.chdir(before)


def replaced(name: str, old: str, new: str, times: int = 1) -> dict[str, str | bytes | None]:
    """One file of the valid input with a text replaced; the text must be there."""
    assert old in VALID[name], (name, old)
    return {name: VALID[name].replace(old, new, times)}
