"""A copy of what a release is made from, to break things in."""

from __future__ import annotations

import shutil
from pathlib import Path

LEFT_OUT = shutil.ignore_patterns("images", "__pycache__")


def copy_release(project: Path, target: Path) -> Path:
    """Release, documents and what they quote, without git."""
    for folder in ("release", "docs"):
        shutil.copytree(project / folder, target / folder, ignore=LEFT_OUT)
    lock = "containers/r-preprocess/packages.lock"
    (target / lock).parent.mkdir(parents=True)
    cited = ("CITATION.cff", ".zenodo.json", "codemeta.json")
    for name in (lock, "README.md", *cited, "LICENSE", "CHANGELOG.md"):
        shutil.copyfile(project / name, target / name)
    return target


def swap(path: Path, old: str, new: str) -> None:
    """Put `new` in place of the first `old`, which has to be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} has no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
