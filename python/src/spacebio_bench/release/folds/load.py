"""Load a fold of a package, after its files were checked against their digests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import pandas as pd

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.folds.listing import (
    FOLD_INFO,
    ExpectedFile,
    difference,
    expected_files,
    is_fold_package,
)
from spacebio_bench.release.folds.tables import as_frame, read_arrow

if TYPE_CHECKING:
    import anndata

_PARTS = ("X", "y", "meta")
_NAMES = ("{}", "fold_{}_test", "fold_{}_holdout")


@dataclass(frozen=True)
class Fold:
    """A fold in memory; all tables are indexed by sample.

    Attributes
    ----------
    train_X, test_X
        log2 normalised expression, samples x genes that pass the fold's filter, not scaled.
    train_y, test_y
        1 flight, 0 ground.
    train_meta, test_meta
        `label` (condition as recorded), `mission`, `tissue` and the other facts of samples.
    info
        What `fold_info.json` says.
    train_features, test_features
        Further feature sets by name, where the package has any.
    """

    train_X: pd.DataFrame  # noqa: N815 - as the files are called
    test_X: pd.DataFrame  # noqa: N815
    train_y: pd.Series[int]
    test_y: pd.Series[int]
    train_meta: pd.DataFrame
    test_meta: pd.DataFrame
    info: dict[str, Any]
    train_features: dict[str, pd.DataFrame] = field(default_factory=dict)
    test_features: dict[str, pd.DataFrame] = field(default_factory=dict)


@overload
def load_fold(
    task: str, fold: str | Sequence[str], *, root: str | Path, as_: Literal["frames"] = "frames"
) -> Fold: ...


@overload
def load_fold(
    task: str, fold: str | Sequence[str], *, root: str | Path, as_: Literal["anndata"]
) -> anndata.AnnData: ...


def load_fold(
    task: str,
    fold: str | Sequence[str],
    *,
    root: str | Path,
    as_: Literal["frames", "anndata"] = "frames",
) -> Fold | anndata.AnnData:
    """Read a fold of a package.

    Parameters
    ----------
    task
        `A5`, or the name of the task's folder.
    fold
        The tested mission (`RR-7`), the name of the fold's folder, or for pairs the missions of
        training and test, `("RR-1", "RR-7")`.
    root
        Folder of the package; that one fold of it is there is enough.
    as_
        `frames`: a :class:`Fold`. `anndata`: its samples as one AnnData, training first, with
        `split` and `y` in `obs` and what `fold_info.json` says in `uns["fold_info"]`, as JSON.

    Raises
    ------
    InputError
        No such task or fold, or files that are missing or not what was written: all of them.
    """
    if as_ not in ("frames", "anndata"):
        raise InputError([Problem("as_", f"'{as_}' is neither frames nor anndata.")])
    root = Path(root)
    path = _fold_folder(_task_folder(root, task), fold)
    info = _checked_info(root, path)
    read = {
        f"{side}_{part}": as_frame(read_arrow(path / f"{side}_{part}.parquet"))
        for side in ("train", "test")
        for part in (*_PARTS, *info.get("n_features", {}))
    }
    further = tuple(info.get("n_features", {}))
    loaded = Fold(
        train_X=read["train_X"],
        test_X=read["test_X"],
        train_y=read["train_y"]["label"],
        test_y=read["test_y"]["label"],
        train_meta=read["train_meta"],
        test_meta=read["test_meta"],
        info=info,
        train_features={name: read[f"train_{name}"] for name in further},
        test_features={name: read[f"test_{name}"] for name in further},
    )
    return loaded if as_ == "frames" else _as_anndata(loaded)


def _task_folder(root: Path, task: str) -> Path:
    if not root.is_dir():
        raise InputError([Problem(str(root), "is no folder.")])
    names = sorted(p.name for p in root.iterdir() if p.is_dir() and p.name[:1] in "AB")
    wanted = task.strip()
    for name in names:
        if name == wanted or name.split("_", 1)[0] == wanted.upper():
            return root / name
    what = f"has no task '{task}'; it has {', '.join(names) or 'none'}."
    raise InputError([Problem(str(root), what)])


def _fold_folder(task: Path, fold: str | Sequence[str]) -> Path:
    names = sorted(p.name for p in task.iterdir() if p.is_dir())
    text = fold if isinstance(fold, str) else f"pair_{'_'.join(fold)}"
    wanted = [pattern.format(text) for pattern in _NAMES]
    for name in wanted:
        if name in names:
            return task / name
    what = f"has no fold '{text}'; it has {', '.join(names) or 'none'}."
    raise InputError([Problem(str(task), what)])


def _checked_info(root: Path, fold: Path) -> dict[str, Any]:
    """What `fold_info.json` says, once the files that will be read are those that it names."""
    where = fold / FOLD_INFO
    problems: list[Problem] = []
    if is_fold_package(root):
        name = where.relative_to(root).as_posix()
        listed = [file for file in expected_files(root) if file.path == name]
        reasons = [difference(root, file) for file in listed] or ["is not listed in checksums.json"]
        problems += [Problem(str(where), f"{reason}.") for reason in reasons if reason]
    if problems:
        raise InputError(problems)
    info = read_info(where)
    wanted = [
        f"{side}_{part}.parquet"
        for side in ("train", "test")
        for part in (*_PARTS, *info.get("n_features", {}))
    ]
    for name in wanted:
        entry = info["files"].get(name)
        if entry is None:
            problems.append(Problem(str(where), f"does not list {name}."))
            continue
        reason = difference(fold, ExpectedFile(name, entry["bytes"], entry["sha256"]))
        if reason:
            problems.append(Problem(str(fold / name), f"{reason}; download it again."))
    if problems:
        raise InputError(problems)
    return info


def read_info(path: Path) -> dict[str, Any]:
    """A `fold_info.json`; InputError where it is none."""
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError([Problem(str(path), f"cannot be read: {error}")]) from error
    files = info.get("files") if isinstance(info, dict) else None
    if not isinstance(files, dict) or not all(
        isinstance(e, dict) and isinstance(e.get("bytes"), int) and isinstance(e.get("sha256"), str)
        for e in files.values()
    ):
        raise InputError([Problem(str(path), "has no list of files with bytes and sha256.")])
    return dict(info)


def _as_anndata(fold: Fold) -> anndata.AnnData:
    import anndata  # noqa: PLC0415 - takes a second

    obs = pd.concat([fold.train_meta, fold.test_meta])
    obs["split"] = ["train"] * len(fold.train_X) + ["test"] * len(fold.test_X)
    obs["y"] = pd.concat([fold.train_y, fold.test_y])
    x = pd.concat([fold.train_X, fold.test_X])
    further = {
        name: pd.concat([table, fold.test_features[name]])
        for name, table in fold.train_features.items()
    }
    return anndata.AnnData(
        X=x.to_numpy(),
        obs=obs,
        var=pd.DataFrame(index=pd.Index(x.columns, name="gene_id")),
        obsm=further,
        uns={"fold_info": json.dumps(fold.info, sort_keys=True)},
    )
