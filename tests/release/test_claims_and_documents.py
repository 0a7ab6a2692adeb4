"""One number changed anywhere: the gate names the claim, the document and the cell."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from spacebio_bench.errors import InputError
from spacebio_bench.release.claims import (
    claim_problems,
    public_texts,
    read_claims,
    wording_problems,
)
from spacebio_bench.release.documents import document_problems, quotations, render, write
from spacebio_bench.release.gates._gate import Context, Flag
from spacebio_bench.release.gates.registry import GATES
from spacebio_bench.release.gates.runner import run_gates

from ._copy import copy_release, swap


@pytest.fixture
def release(project: Path, tmp_path: Path) -> Path:
    return copy_release(project, tmp_path / "release")


def _told(root: Path) -> str:
    documents = render(root)
    problems = document_problems(root, documents)
    problems += claim_problems(root, read_claims(root), quoted=quotations(documents))
    return "\n".join(map(str, problems))


def test_the_release_is_what_it_says(project: Path) -> None:
    assert _told(project) == ""


def test_published_mean_is_that_of_the_published_grid(project: Path) -> None:
    with (project / "release/results/v7_1/grid.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    mean = np.mean(
        [float(r["mean_auroc"]) for r in rows if (r["model"], r["feature"]) == ("pca_lr", "gene")]
    )
    text = (project / "docs/CANONICAL_RESULTS_V7_1.md").read_text(encoding="utf-8")
    assert f"published mean AUROC of {mean:.3f} over 8 tissues" in text
    assert sum(float(r["perm_p"]) < 0.05 for r in rows) == 40


def test_published_copy_is_unchanged(project: Path, development_data: Path) -> None:
    for ours, theirs in (
        ("grid", "canonical_v7_1_grid"),
        ("headlines", "canonical_v7_1_headlines"),
    ):
        copy = project / f"release/results/v7_1/{ours}.csv"
        source = development_data / "reference" / f"{theirs}.csv"
        assert copy.read_bytes() == source.read_bytes()


@dataclass(frozen=True)
class Change:
    file: str
    old: str
    new: str
    told: tuple[str, ...]


CHANGES = {
    "a number of the README": Change(
        "README.md",
        "(max-T p 0.005 and 0.040)",
        "(max-T p 0.005 and 0.030)",
        (
            "README.md, line 2",
            "claim es_maxt_svm",
            "soleus.lomo/pathway_hallmark/svm_rbf",
            "p_maxt",
        ),
    ),
    "a cell of our run": Change(
        "release/results/eye_soleus/cells.csv",
        "soleus.lomo/pathway_hallmark/knn,soleus.lomo,lomo,,soleus,pathway_hallmark,knn,classical,"
        "calibrated,ok,,auroc,3,23,12,0.944",
        "soleus.lomo/pathway_hallmark/knn,soleus.lomo,lomo,,soleus,pathway_hallmark,knn,classical,"
        "calibrated,ok,,auroc,3,23,12,0.954",
        ("claim es_knn_auroc", "0.954", "EVALUATION_CARD.md, line", "column value_mean"),
    ),
    "a cell of the published grid": Change(
        "release/results/v7_1/grid.csv",
        "thymus,pca_lr,pathway_kegg,0.9483",
        "thymus,pca_lr,pathway_kegg,0.9583",
        ("claim best_thymus", "CANONICAL_RESULTS_V7_1.md, line", "thymus/pca_lr/pathway_kegg"),
    ),
    "what a claim expects": Change(
        "release/claims.yaml",
        "expect: 0.776",
        "expect: 0.796",
        ("claim pca_lr_gene_mean", "expects 0.796", "0.77638", "EVALUATION_CARD.md, line"),
    ),
    "a number of a card": Change(
        "docs/CANONICAL_RESULTS_V7_1.md",
        "0.8291",
        "0.8391",
        ("CANONICAL_RESULTS_V7_1.md, line", "kidney/pca_lr/pathway_hallmark", "mean_auroc"),
    ),
    "the version": Change(
        "CITATION.cff", "version: 0.1.0", "version: 0.2.0", ("CITATION.cff, line", "fact version")
    ),
    "a number typed into a template": Change(
        "release/templates/SYSTEM_CARD.md.j2",
        "**Known limits**:",
        "**Known limits**: AUROC is 0.912.",
        ("SYSTEM_CARD.md, line", "0.912", "no fact, claim or cell"),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_is_named(release: Path, change: Change) -> None:
    swap(release / change.file, change.old, change.new)
    told = _told(release)
    assert [part for part in change.told if part not in told] == []


def test_writing_mends_documents(release: Path) -> None:
    swap(release / "README.md", "0.112", "0.012")
    assert write(release) == ["README.md"]
    assert _told(release) == ""
    assert write(release) == []


def test_wording_over_a_line_end_is_found(release: Path) -> None:
    with (release / "docs/tasks.md").open("a", encoding="utf-8") as stream:
        stream.write(
            "\nOf these, 40 cells are\nsignificant at p < 0.05."
            " `evaluations are significant at p<0.05`\n"
        )
    claims = read_claims(release)
    (problem,) = wording_problems(release, claims, public_texts(release))
    assert problem.where.startswith("docs/tasks.md, line")
    assert "cells are significant at p < 0.05" in problem.what
    assert "claim cells_p05" in problem.what


def test_everything_wrong_with_the_sources_is_told_at_once(release: Path) -> None:
    swap(release / "release/facts.yaml", "version: 0.1.0", "version: one\nversion: two")
    with pytest.raises(InputError, match=r"facts.yaml: is no YAML: line \d+: the key 'version'"):
        render(release)
    swap(release / "release/facts.yaml", "version: one\nversion: two", "version: one\ncolour: red")
    swap(release / "release/facts.yaml", "date: 2026-11-28", "date: yesterday")
    with pytest.raises(InputError) as caught:
        render(release)
    told = str(caught.value)
    assert all(word in told for word in ("'one' does not match", "colour", "'yesterday' is not"))


def test_template_faults_have_their_place(release: Path) -> None:
    swap(release / "release/templates/SYSTEM_CARD.md.j2", "value('bench_memory')", "value('none')")
    swap(release / "release/templates/README.md.j2", "{{ fact('suite.tests') }}", "{{ fact('x') }}")
    swap(release / "release/templates/r_dependencies.md.j2", "{% endfor %}", "{% endfr %}")
    with pytest.raises(InputError) as caught:
        render(release)
    told = str(caught.value)
    assert "has no claim none" in told
    assert "has no x" in told
    assert "r_dependencies.md.j2, line" in told


@pytest.mark.parametrize("name", ["documents", "claims"])
def test_gates_close(release: Path, tmp_path: Path, name: str) -> None:
    gates = [gate for gate in GATES if gate.name == name]
    context = Context(root=release, workdir=tmp_path / "work")
    assert run_gates(gates, context).results[0].flag == Flag.GREEN
    change = CHANGES["a cell of our run"]
    swap(release / change.file, change.old, change.new)
    assert run_gates(gates, context).results[0].flag == Flag.RED
