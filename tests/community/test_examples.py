"""The notebook: no outputs that go stale, public names only, and it runs."""

from __future__ import annotations

import ast
import base64
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = "examples/first_steps.ipynb"


def _cells(project: Path, kind: str) -> list[Any]:
    notebook = nbformat.read(project / NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    return [cell for cell in notebook.cells if cell.cell_type == kind]


def test_no_outputs_are_kept(project: Path) -> None:
    for cell in _cells(project, "code"):
        assert cell.outputs == []
        assert cell.execution_count is None


def test_links_lead_to_files(project: Path) -> None:
    text = "\n".join(cell.source for cell in _cells(project, "markdown"))
    links = [part.split(")")[0] for part in text.split("](")[1:]]
    assert links
    assert [link for link in links if not (project / "examples" / link).exists()] == []


def test_only_public_names(project: Path) -> None:
    tree = ast.parse("\n".join(cell.source for cell in _cells(project, "code")))
    names = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
        if name
    }
    assert not {name for name in names if "._" in name or name.startswith("_")}


@pytest.mark.slow
def test_it_runs(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the folder of a user, with what it makes in a folder of the test."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(project / NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.execute(cwd=str(project / "examples"))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    (figure,) = [o.data["image/png"] for o in outputs if "image/png" in o.get("data", {})]
    assert base64.b64decode(figure).startswith(b"\x89PNG")
    tables = [o.data["text/html"] for o in outputs if "text/html" in o.get("data", {})]
    assert sum("pca_lr" in table for table in tables) == 1
    made = list(tmp_path.glob("first_steps_*/results/cells.csv"))
    assert len(made) == 1
    statuses = [line.split(",") for line in made[0].read_text(encoding="utf-8").splitlines()]
    column = statuses[0].index("status")
    assert [row[column] for row in statuses[1:]] == ["ok", "ok", "ok"]
