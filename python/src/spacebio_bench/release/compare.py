"""Compare the result tables of two runs: byte by byte, or within what another machine may differ.

For the same stores, lock file and CPU type the tables are the same bytes, predictions and nulls
too. Otherwise statuses and counts are equal, values of linear models, kNN and SVM agree within
1e-6, and those of other models within their seed-to-seed SD.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacebio_bench.errors import InputError, Problem
from spacebio_bench.release.run_facts import RunFacts, differing

DETERMINISTIC = frozenset(
    {"elasticnet_lr", "lr", "pca_lr", "multinomial_lr", "lfc", "knn", "svm_rbf"}
)
"""Models without a seed: linear ones, kNN and SVM."""
TOLERANCE = 1e-6
Row = Mapping[str, str]
Key = tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A result table: what names its rows, and what has to be equal on any machine.

    Attributes
    ----------
    value, sd
        Columns of the number that is compared within a tolerance, and of its seed-to-seed SD.
    family
        Columns that depend on the other cells of a run.
    """

    file: str
    keys: tuple[str, ...]
    equal: tuple[str, ...]
    value: str = ""
    sd: str = ""
    family: frozenset[str] = frozenset()


TABLES = (
    Table(
        file="cells.csv",
        keys=("cell",),
        equal=("status", "metric", "n_folds", "n_samples", "n_positive"),
        value="value_mean",
        sd="value_seed_sd",
        family=frozenset({"p_maxt", "q_bh", "rank_low", "rank_high", "tie_group"}),
    ),
    Table(
        file="folds.csv",
        keys=("cell", "fold"),
        equal=(
            *("status", "metric", "train_missions", "test_missions"),
            *("n_train", "n_test", "n_positive", "n_features"),
        ),
        value="value",
        sd="seed_sd",
    ),
    Table(
        file="comparisons.csv",
        keys=("by", "a", "b", "method"),
        equal=("n_clusters",),
    ),
)


@dataclass(frozen=True)
class Comparison:
    """What was compared, how, and everything that differs.

    Attributes
    ----------
    exact
        Byte by byte; else within tolerances, `why` says why.
    told
        What was compared, as sentences.
    """

    exact: bool
    why: str
    told: tuple[str, ...]
    differences: tuple[Problem, ...]


def compare_results(
    reference: Path, rerun: Path, *, facts: tuple[RunFacts, RunFacts], part: bool = False
) -> Comparison:
    """Compare `rerun` with `reference`, two folders with result tables.

    Parameters
    ----------
    facts
        What is known of the two runs.
    part
        The rerun has some of the cells only: columns that depend on the other cells of a run are
        left out, and comparisons between models.

    Raises
    ------
    InputError
        Tables that are not there or cannot be read.
    """
    old, new = facts
    why = differing(old, new)
    tables = [table for table in TABLES if not part or table.file != "comparisons.csv"]
    read = _read_all(reference, rerun, tables)
    told, differences = [], []
    for table in tables:
        ours, theirs = read[table.file]
        found = list(_rows(table, ours, theirs, exact=not why, part=part))
        if not why and not part and not found:
            found = list(_bytes(table, reference, rerun))
        differences += found
        told.append(f"{len(theirs)} of {len(ours)} rows of {table.file}")
    if not why and not part:
        found, compared = _digests(old, new)
        differences += found
        told.append(f"{compared} files of predictions and nulls by digest")
    return Comparison(not why, why, tuple(told), tuple(differences))


def read_rows(path: Path, keys: Sequence[str]) -> dict[Key, Row]:
    """Rows of a table as text, by key.

    Raises
    ------
    InputError
        Not there, no CSV, or without the columns of the key.
    """
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream, strict=True)
            rows = list(reader)
            columns = reader.fieldnames or ()
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError([Problem(str(path), f"cannot be read: {error}.")]) from error
    missing = [key for key in keys if key not in columns]
    if missing or any(None in row or None in row.values() for row in rows):
        what = f"has no column {', '.join(missing)}." if missing else "has rows of other lengths."
        raise InputError([Problem(str(path), what)])
    found: dict[Key, Row] = {tuple(row[key] for key in keys): row for row in rows}
    if len(found) < len(rows):
        raise InputError([Problem(str(path), f"has rows of the same {', '.join(keys)}.")])
    return found


def _read_all(
    reference: Path, rerun: Path, tables: Sequence[Table]
) -> dict[str, tuple[dict[Key, Row], dict[Key, Row]]]:
    read: dict[str, tuple[dict[Key, Row], dict[Key, Row]]] = {}
    problems: list[Problem] = []
    for table in tables:
        both = []
        for folder in (reference, rerun):
            try:
                both.append(read_rows(folder / table.file, table.keys))
            except InputError as error:
                problems += error.problems
        if len(both) == 2:
            read[table.file] = (both[0], both[1])
    if problems:
        raise InputError(problems)
    return read


def _rows(
    table: Table, old: Mapping[Key, Row], new: Mapping[Key, Row], *, exact: bool, part: bool
) -> Iterator[Problem]:
    for key in sorted({*old, *new}):
        where = f"{table.file}, {', '.join(key)}"
        if key not in new:
            if not part:
                yield Problem(where, "is in the release and was not computed again.")
        elif key not in old:
            yield Problem(where, "was computed and is not in the release.")
        elif exact:
            left_out = table.family if part else frozenset()
            columns = [c for c in {**old[key], **new[key]} if c not in left_out]
            yield from _unequal(where, old[key], new[key], columns)
        else:
            yield from _unequal(where, old[key], new[key], table.equal)
            if table.value:
                yield from _apart(table, where, old[key], new[key])


def _unequal(where: str, old: Row, new: Row, columns: Sequence[str]) -> Iterator[Problem]:
    for column in columns:
        if old.get(column) != new.get(column):
            yield Problem(f"{where}, {column}", _both(old.get(column), new.get(column)))


def _apart(table: Table, where: str, old: Row, new: Row) -> Iterator[Problem]:
    """Values that are further apart than their model allows."""
    before, after = old.get(table.value), new.get(table.value)
    if before == after:
        return
    place = f"{where}, {table.value}"
    a, b = _number(before), _number(after)
    if a is None or b is None:
        yield Problem(place, _both(before, after))
        return
    model = old["cell"].rsplit("/", 1)[-1]
    sd = None if model in DETERMINISTIC else _number(old.get(table.sd))
    allowed = max(TOLERANCE, sd or 0.0)
    if not abs(a - b) <= allowed:
        rule = f"the seed-to-seed SD {sd:.3g}" if sd is not None else f"{TOLERANCE:g}"
        if sd is None and model not in DETERMINISTIC:
            rule += ", as the release gives no seed-to-seed SD"
        apart = f"{abs(a - b):.3g} apart, more than {rule}"
        yield Problem(place, f"{_both(before, after)[:-1]}: {apart}.")


def _bytes(table: Table, reference: Path, rerun: Path) -> Iterator[Problem]:
    """Same values, other bytes: another order, other quotes or line ends."""
    old, new = ((folder / table.file).read_bytes() for folder in (reference, rerun))
    if old != new:
        pairs = zip(old.split(b"\n"), new.split(b"\n"), strict=False)
        line = next((i for i, (a, b) in enumerate(pairs, start=1) if a != b), 0)
        yield Problem(f"{table.file}, line {line}", "has the same values written in other bytes.")


def _digests(old: RunFacts, new: RunFacts) -> tuple[list[Problem], int]:
    problems = []
    names = {n for n in {*old.files, *new.files} if n.split("/")[0] in _BY_DIGEST}
    if not any(name in old.files for name in names):
        return [], 0
    for name in sorted(names):
        before, after = old.files.get(name), new.files.get(name)
        if before != after:
            problems.append(Problem(f"{name}, sha256", _both(before, after)))
    return problems, len(names)


_BY_DIGEST = frozenset({"predictions.parquet", "nulls.zarr"})


def _both(old: str | None, new: str | None) -> str:
    before, after = (value or "nothing" for value in (old, new))
    return f"the release has {before}, the rerun {after}."


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
