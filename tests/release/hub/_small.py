"""A fold package by its layout alone; what the files say does not matter to a plan."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

TASKS = {
    "A5_skin_lomo": ("fold_RR-6_test", "fold_RR-7_test"),
    "A6_eye_lomo": ("fold_RR-1_test",),
    "B5_skin_cross_mission": ("pair_RR-6_RR-7",),
}
TABLES = [f"{side}_{name}" for side in ("train", "test") for name in ("X", "y", "meta")]


def write_small_package(root: Path) -> None:
    """Folders, files of different sizes and contents, and their checksums."""
    root.mkdir(parents=True)
    for name in ("croissant.json", "datapackage.json", "ro-crate-metadata.json"):
        (root / name).write_text(json.dumps({"name": name}))
    for task, folds in TASKS.items():
        (root / task).mkdir()
        info = {"folds": [{"fold": fold} for fold in folds]}
        (root / task / "task_info.json").write_text(json.dumps(info))
        for fold in folds:
            place = root / task / fold
            place.mkdir()
            for table in TABLES:
                rows = 60 if table.endswith("X") else 3
                text = "".join(f"{task},{fold},{table},{i}\n" for i in range(rows))
                (place / f"{table}.csv").write_text(text)
                (place / f"{table}.parquet").write_bytes(f"PAR1{text}".encode())
            (place / "fold_info.json").write_text(json.dumps({"fold": fold, "task": task}))
            (place / "selected_genes.txt").write_text(f"gene of {fold} in {task}\n")
    write_list(root)


def write_list(root: Path) -> None:
    """`checksums.json` of what is there now."""
    entries = [
        {
            "path": path.relative_to(root).as_posix(),
            "bytes": len(path.read_bytes()),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != "checksums.json"
    ]
    data = {"format": "spacebio-bench fold package 1", "files": entries}
    (root / "checksums.json").write_text(json.dumps(data))
