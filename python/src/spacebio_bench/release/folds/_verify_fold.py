"""Do the tables of a fold agree with each other and with `fold_info.json`?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow import ArrowException

from spacebio_bench.errors import InputError
from spacebio_bench.release.folds.listing import FOLD_INFO, ExpectedFile, difference
from spacebio_bench.release.folds.load import read_info
from spacebio_bench.release.folds.tables import as_frame, difference_of_formats, read_arrow

SIDES = ("train", "test")
_PARTS = ("X", "y", "meta")
Info = Mapping[str, Any]
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Found:
    """A fold as it was read; a table that could not be is absent."""

    folder: Path
    tables: Tables
    info: Info


def fold_problems(folder: Path) -> tuple[dict[str, Any] | None, list[str]]:
    """`fold_info.json` of a fold, None where it cannot be read, and all that is wrong."""
    try:
        info = read_info(folder / FOLD_INFO)
    except InputError as error:
        return None, [problem.what for problem in error.problems]
    problems = [
        f"{name} {reason} (fold_info.json)."
        for name, entry in sorted(info["files"].items())
        for reason in [difference(folder, ExpectedFile(name, entry["bytes"], entry["sha256"]))]
        if reason
    ]
    tables: Tables = {}
    for side in SIDES:
        for part in (*_PARTS, *info.get("n_features", {})):
            problems += _read(folder, f"{side}_{part}", tables)
    for check in (_rows, _genes, _labels, _missions, _sizes):
        problems += _guarded(check, Found(folder, tables, info))
    return info, problems


def _read(folder: Path, name: str, tables: Tables) -> list[str]:
    paths = folder / f"{name}.csv", folder / f"{name}.parquet"
    absent = [path.name for path in paths if not path.is_file()]
    if absent:
        return [f"{path} is not there." for path in absent]
    try:
        stored = read_arrow(paths[1])
        tables[name] = as_frame(stored)
        reason = difference_of_formats(paths[0], stored)
    except (ArrowException, OSError, ValueError, KeyError, IndexError) as error:
        return [f"{name} cannot be read: {str(error).splitlines()[0]}"]
    return [f"{reason}."] if reason else []


def _guarded(check: Callable[[Found], Iterator[str]], fold: Found) -> list[str]:
    """What a check finds; tables that could not be read were told already."""
    found: list[str] = []
    try:
        found += check(fold)
    except (KeyError, TypeError, AttributeError, OSError, UnicodeDecodeError) as error:
        if isinstance(error, KeyError) and _is_table(str(error.args[0])):
            return found
        found.append(f"{FOLD_INFO} or a table lacks what is needed to check it: {error!r}")
    return found


def _is_table(name: str) -> bool:
    return name.split("_", 1)[0] in SIDES and name.split("_", 1)[-1] in _PARTS


def _rows(fold: Found) -> Iterator[str]:
    tables, info = fold.tables, fold.info
    for side in SIDES:
        samples = list(tables[f"{side}_X"].index)
        if len(set(samples)) != len(samples):
            yield f"{side}_X has a sample twice."
        for part in ("y", "meta", *info.get("n_features", {})):
            table = tables.get(f"{side}_{part}")
            if table is not None and list(table.index) != samples:
                yield f"{side}_{part} has not the samples of {side}_X in their order."
    both = sorted(set(tables["train_X"].index) & set(tables["test_X"].index))
    if both:
        yield f"in train and in test: {', '.join(map(str, both[:5]))}."


def _genes(fold: Found) -> Iterator[str]:
    tables, info = fold.tables, fold.info
    genes = (fold.folder / "selected_genes.txt").read_text(encoding="utf-8").splitlines()
    for side in SIDES:
        if list(tables[f"{side}_X"].columns) != genes:
            yield f"the columns of {side}_X are not those of selected_genes.txt."
        if tables[f"{side}_X"].isna().to_numpy().any():
            yield f"{side}_X lacks values."
        for name, n in info["n_features"].items():
            table = tables.get(f"{side}_{name}")
            if table is not None and table.shape[1] != n:
                yield f"{side}_{name} has {table.shape[1]} columns, {n} are told."
    told = info["n_genes_after_var_filter"]
    if told != len(genes):
        yield f"n_genes_after_var_filter is {told}, selected_genes.txt has {len(genes)}."
    if not told <= info["n_genes_before_var_filter"] <= info["n_genes_in_store"]:
        yield "the numbers of genes before and after the filters cannot be."


def _labels(fold: Found) -> Iterator[str]:
    tables, info = fold.tables, fold.info
    for side in SIDES:
        y = tables[f"{side}_y"]["label"]
        if not y.isin([0, 1]).all():
            yield f"{side}_y has labels that are neither 0 nor 1."
        counts = {"Flight": int((y == 1).sum()), "Ground": int((y == 0).sum())}
        if info[f"{side}_label_distribution"] != counts:
            yield f"{side}_label_distribution is not what {side}_y has: {counts}."
        kinds = pd.crosstab(tables[f"{side}_meta"]["label"].to_numpy(), y.to_numpy())
        for condition in kinds.index[(kinds > 0).sum(axis=1) > 1]:
            yield f"{side}: condition {condition} has both labels."


def _missions(fold: Found) -> Iterator[str]:
    tables, info = fold.tables, fold.info
    found = {side: sorted(set(tables[f"{side}_meta"]["mission"])) for side in SIDES}
    for side in SIDES:
        if info[f"{side}_missions"] != found[side]:
            yield f"{side}_missions are not those of {side}_meta: {', '.join(found[side])}."
    for mission in sorted(set(found["train"]) & set(found["test"])):
        yield f"mission {mission} is in train and in test."
    for side in SIDES:
        if set(tables[f"{side}_meta"]["tissue"]) - {info["tissue"]}:
            yield f"{side}_meta has samples of another tissue than {info['tissue']}."
    if info["fold"] != fold.folder.name:
        yield f"fold_info.json is of {info['fold']}."


def _sizes(fold: Found) -> Iterator[str]:
    tables, info = fold.tables, fold.info
    for side in SIDES:
        n = len(tables[f"{side}_X"])
        if info[f"n_{side}"] != n:
            yield f"n_{side} is {info[f'n_{side}']}, {side}_X has {n} rows."
    used = {*tables["train_X"].index, *tables["test_X"].index}
    for entry in info["excluded_samples"]:
        if entry["sample"] in used:
            yield f"{entry['sample']} is excluded, yet in the fold."
        if not entry.get("reason"):
            yield f"{entry['sample']} is excluded without a reason."
