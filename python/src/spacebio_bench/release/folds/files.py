"""What each file of a package is, in words and formats that all descriptions share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

ENCODINGS = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
    ".txt": "text/plain",
}
_SAID = {
    "task_info.json": "The task: its folds, those that were left out and why.",
    "fold_info.json": "The fold: missions, sizes, labels, genes, protocol, digests of its files.",
    "selected_genes.txt": "Genes that pass the filters of the fold, in the order of the columns.",
    "croissant.json": "Croissant description of the files.",
    "datapackage.json": "Frictionless description of the files.",
    "checksums.json": "Size and sha256 of every file.",
}
_PARTS = {"y": "Labels: 1 flight, 0 ground", "meta": "Facts of samples"}


@dataclass(frozen=True)
class Table:
    """A CSV by its path in the package; its columns and their kinds where these are described."""

    path: str
    fields: tuple[tuple[str, str], ...] = ()


def say(path: PurePosixPath) -> str:
    """One sentence of what a file is."""
    if path.name in _SAID:
        return _SAID[path.name]
    side, _, part = path.stem.partition("_")
    samples = "training" if side == "train" else "test"
    what = _PARTS.get(part)
    if what is None:
        what = "log2 normalised expression" if part == "X" else f"Feature set {part}"
    where = f" of {path.parent.as_posix()}" if path.parent.name else ""
    return f"{what[0].upper()}{what[1:]} of the {samples} samples{where}."
