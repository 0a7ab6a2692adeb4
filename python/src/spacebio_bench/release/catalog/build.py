"""Make the catalog, write it, and say where the one that is there differs."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from spacebio_bench.errors import Problem
from spacebio_bench.files import take_place
from spacebio_bench.release.catalog import columns, names
from spacebio_bench.release.catalog.baselines import baseline_rows
from spacebio_bench.release.catalog.columns import Tables
from spacebio_bench.release.catalog.inputs import Inputs, read_inputs
from spacebio_bench.release.catalog.manifests import manifest_bytes
from spacebio_bench.release.catalog.package import package_bytes
from spacebio_bench.release.catalog.page import page_bytes
from spacebio_bench.release.catalog.sources import source_rows
from spacebio_bench.release.catalog.table_files import (
    csv_bytes,
    parquet_bytes,
    same_parquet,
    sorted_rows,
)
from spacebio_bench.release.catalog.tasks import catalog_tasks, source_id, task_row
from spacebio_bench.release.catalog.traps import trap_rows
from spacebio_bench.release.datasets import page_of


@dataclass(frozen=True)
class Catalog:
    """The catalog in memory: its tables, and every file by its path in the checkout."""

    tables: Tables
    files: Mapping[str, bytes]


def make_catalog(root: Path, *, evidence: Tables | None = None) -> Catalog:
    """The catalog as its inputs have it now.

    Parameters
    ----------
    evidence
        New evidence tables; those of the checkout where not given.

    Raises
    ------
    InputError
        Everything wrong with what it is made from.
    """
    inputs = read_inputs(root, evidence=evidence)
    tables, manifests = _tables(inputs)
    inside: dict[str, bytes] = {}
    for table in columns.TABLES:
        inside[f"{table.name}.csv"] = csv_bytes(table, tables[table.name])
    for table in columns.TABLES:
        inside[f"{table.name}.parquet"] = parquet_bytes(table, tables[table.name])
    inside |= manifests
    inside[names.PAGE] = page_bytes(tables, inputs.release)
    inside[names.PACKAGE] = package_bytes(inside, inputs.release)
    files = {f"{names.DERIVED}/{name}": data for name, data in inside.items()}
    if evidence is not None:
        for table in columns.EVIDENCE_TABLES:
            name = f"{names.EVIDENCE}/{table.name}.csv"
            files[name] = csv_bytes(table, evidence[table.name])
    return Catalog(tables, files)


def _tables(inputs: Inputs) -> tuple[Tables, dict[str, bytes]]:
    sources = {str(row["source_id"]): row for row in source_rows(inputs)}
    states = {name: str(row["status"]) for name, row in sources.items()}
    tasks = catalog_tasks(inputs.studies, inputs.protocol)
    task_rows = {task.id: task_row(task, inputs.protocol, states) for task in tasks}
    traps, trap_sources = trap_rows(inputs)
    given: Tables = {
        "tasks": list(task_rows.values()),
        "sources": list(sources.values()),
        "task_sources": [
            {"task_id": task.id, "source_id": source_id(study), "part": part}
            for task in tasks
            for part, studies in (("folds", task.train), ("holdout", task.held_out))
            for study in studies
        ],
        "baselines": baseline_rows(inputs, tasks),
        "traps": traps,
        "trap_sources": trap_sources,
        "excluded": [asdict(one) | {"url": page_of(one.accession)} for one in inputs.excluded],
    }
    manifests = {
        f"manifests/{task.id}.json": manifest_bytes(
            task, task_rows[task.id], sources, inputs.protocol
        )
        for task in tasks
    }
    return {t.name: sorted_rows(t, given[t.name]) for t in columns.TABLES}, manifests


def write_catalog(root: Path, catalog: Catalog) -> list[str]:
    """Write what differs and remove what is not the catalog's; names of what changed.

    The folder of derived files is replaced as a whole, or left as it is.
    """
    changed = sorted({problem.where.split(",")[0] for problem in catalog_problems(root, catalog)})
    if not changed:
        return []
    for folder in (names.DERIVED, names.EVIDENCE):
        given = {n: d for n, d in catalog.files.items() if n.startswith(f"{folder}/")}
        if given and any(name.startswith(f"{folder}/") for name in changed):
            _replace(root, folder, given, changed)
    return changed


def _replace(root: Path, folder: str, given: Mapping[str, bytes], changed: list[str]) -> None:
    partial = root / f"{folder}.partial"
    if partial.exists():
        shutil.rmtree(partial)
    for name, data in given.items():
        target = partial / Path(name).relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        # a Parquet file with the same content keeps its bytes, whatever library wrote them
        kept = name not in changed and name.endswith(".parquet")
        target.write_bytes((root / name).read_bytes() if kept else data)
    take_place(partial, root / folder)


def catalog_problems(root: Path, catalog: Catalog) -> list[Problem]:
    """Each file that is not what it should be, with the first line that differs."""
    problems: list[Problem] = []
    for name, data in sorted(catalog.files.items()):
        path = root / name
        if not path.is_file():
            problems.append(Problem(name, f"is not there; `{names.COMMAND}` writes it."))
        elif name.endswith(".parquet"):
            if not same_parquet(path.read_bytes(), data):
                what = f"does not hold what the CSV should; `{names.COMMAND}` writes it."
                problems.append(Problem(name, what))
        elif path.read_bytes() != data:
            problems += _differences(name, path.read_bytes(), data)
    for path in sorted((root / names.DERIVED).rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_dir() and name not in catalog.files:
            what = f"is no file of the catalog; `{names.COMMAND}` removes it."
            problems.append(Problem(name, what))
    return problems


def _differences(name: str, there: bytes, wanted: bytes) -> Iterator[Problem]:
    old = there.decode("utf-8", errors="replace").split("\n")
    new = wanted.decode().split("\n")
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    _, a0, a1, b0, b1 = changes[0]
    more = f" {len(changes) - 1} more places differ." if len(changes) > 1 else ""
    said, wish = " / ".join(old[a0:a1]), " / ".join(new[b0:b1])
    start = max(_common(said, wish) - 30, 0)
    what = f"says {_quoted(said, start)} and should say {_quoted(wish, start)}.{more}"
    yield Problem(f"{name}, line {a0 + 1}", f"{what} `{names.COMMAND}` writes it.")


def _common(a: str, b: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = zip(a, b, strict=False)
    return next((i for i, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))


def _quoted(text: str, start: int) -> str:
    """The text from a little before where it differs."""
    if not text.strip():
        return "nothing"
    before, after = "..." if start else "", "..." if len(text) > start + 160 else ""
    return f'"{before}{text[start : start + 160].strip()}{after}"'
