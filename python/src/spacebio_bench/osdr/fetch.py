"""Several studies at once, politely: what can be had is had, and everything wrong is told."""

from __future__ import annotations

import csv
import fcntl
import io
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from spacebio_bench.cohort._findings import Findings
from spacebio_bench.cohort.tables import read_table
from spacebio_bench.cohort.textfile import read_text
from spacebio_bench.errors import InputError, Problem, RunError
from spacebio_bench.files import write_text
from spacebio_bench.osdr.cache import Cache
from spacebio_bench.osdr.client import Client, UnreachableError
from spacebio_bench.osdr.conditions import Rules
from spacebio_bench.osdr.download import cache_key
from spacebio_bench.osdr.listing import Chosen, RemoteFile
from spacebio_bench.osdr.study import Fetched, Request, Written, chosen_files, fetch_study

SHEET = "studies.csv"
_COLUMNS = ("tissue", "mission", "accession", "counts", "samples")
_T = TypeVar("_T")
_Failures = dict[str, InputError | RunError]


class Progress(Protocol):
    """What is told while files come."""

    def planned(self, remote: RemoteFile) -> None: ...
    def received(self, remote: RemoteFile, n_bytes: int) -> None: ...
    def finished(self, study: Fetched) -> None: ...


class NotFetchedError(InputError):
    """Studies that could not be fetched; the others are there."""

    def __init__(self, problems: Sequence[Problem], *, failed: int, done: int) -> None:
        self._count = f"{failed} of {failed + done} studies could not be fetched"
        self._rest = f"; {done} are on disk." if done else "; nothing was written."
        super().__init__(problems)

    def __str__(self) -> str:
        return "\n".join([*map(str, self.problems), self._count + self._rest])


@dataclass(frozen=True)
class Options:
    """How to fetch, and the rules that samples tables are made by."""

    rules: Rules
    parallel: int = 4
    offline: bool = False


def list_studies(
    client: Client, cache: Cache, requests: Sequence[Request], options: Options
) -> dict[str, Chosen]:
    """What would be fetched, by accession; errors as of :func:`fetch_studies`."""
    chosen, failures = _each(
        client,
        requests,
        lambda request: chosen_files(client, cache, request, offline=options.offline),
        options.parallel,
    )
    _raise_failures(failures, done=0)
    return chosen


def in_cache(client: Client, cache: Cache, chosen: Chosen) -> bool:
    """Whether the counts of a study need no download."""
    return cache.find(cache_key(client, chosen.counts)) is not None


def fetch_studies(
    client: Client,
    cache: Cache,
    requests: Sequence[Request],
    options: Options,
    progress: Progress,
) -> list[Fetched]:
    """Fetch studies, `options.parallel` of them at a time, each with one request at a time.

    Raises
    ------
    InputError
        Everything wrong with what was asked for or with the studies' tables; the studies that
        are well are written before.
    RunError
        A server or the network did not do its part.
    """
    chosen, failures = _each(
        client,
        requests,
        lambda request: chosen_files(client, cache, request, offline=options.offline),
        options.parallel,
    )
    if len(failures) == len(requests):
        _raise_failures(failures, done=0)
    _check_space(cache, requests, chosen, client)
    for one in chosen.values():
        for remote in (*one.md5, one.isa, one.counts):
            progress.planned(remote)

    def fetch(request: Request) -> Fetched:
        study = fetch_study(
            client,
            cache,
            request,
            chosen[request.accession],
            offline=options.offline,
            rules=options.rules,
            received=progress.received,
        )
        progress.finished(study)
        return study

    listed = [request for request in requests if request.accession in chosen]
    fetched, more = _each(client, listed, fetch, options.parallel)
    parts = [p for f in fetched.values() for p in f.parts]
    for folder in {r.folder.parent for r in requests if r.places is None}:
        if parts:
            add_to_sheet(folder, parts)
    _raise_failures(failures | more, done=len(fetched))
    return [fetched[request.accession] for request in requests]


def add_to_sheet(folder: Path, parts: Iterable[Written]) -> Path:
    """Put parts into the study sheet of a folder; rows of the same study and part are replaced.

    Raises
    ------
    InputError
        There is a file of that name that is no study sheet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / SHEET
    with (folder / f".{SHEET}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        columns, rows = _rows_of(path)
        for part in parts:
            row = {
                "tissue": part.tissue,
                "mission": part.mission,
                "accession": part.accession,
                "counts": os.path.relpath(part.counts, folder),
                "samples": os.path.relpath(part.samples, folder),
            }
            key = (part.tissue, part.mission, part.accession)
            rows[key] = rows.get(key, {}) | row
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[key] for key in sorted(rows))
        write_text(path, text.getvalue())
    return path


def _rows_of(path: Path) -> tuple[list[str], dict[tuple[str, str, str], dict[str, str]]]:
    if not path.exists():
        return list(_COLUMNS), {}
    findings = Findings()
    text = read_text(path, str(path), findings)
    table = read_table(text, str(path), findings) if text is not None else None
    if table is not None and not set(_COLUMNS) <= set(table.columns):
        findings.wrong(str(path), "is no study sheet; choose another --outdir.")
    findings.raise_if_any()
    assert table is not None
    rows = {}
    for row in table.rows:
        cells = row.cells
        rows[cells["tissue"], cells["mission"], cells["accession"]] = dict(cells)
    return list(table.columns), rows


def _each(
    client: Client,
    requests: Sequence[Request],
    call: Callable[[Request], _T],
    parallel: int,
) -> tuple[dict[str, _T], _Failures]:
    """Results and failures by accession; what one study lacks does not stop the others."""
    results: dict[str, _T] = {}
    failures: _Failures = {}
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        waiting = {request.accession: pool.submit(call, request) for request in requests}
        for accession, future in waiting.items():
            try:
                results[accession] = future.result()
            except (InputError, RunError) as error:
                failures[accession] = error
            except OSError as error:
                told = f"{accession}: {error.filename or 'a file'}: {error.strerror}."
                failures[accession] = RunError(told)
            except BaseException:
                client.stop.set()
                pool.shutdown(cancel_futures=True)
                raise
    return results, failures


def _raise_failures(failures: _Failures, *, done: int) -> None:
    if not failures:
        return
    lost = [e for e in failures.values() if isinstance(e, UnreachableError)]
    if len(lost) == len(failures):
        raise lost[0]
    problems = [p for e in failures.values() if isinstance(e, InputError) for p in e.problems]
    machine = [str(e) for e in failures.values() if isinstance(e, RunError)]
    if problems:
        told = [*problems, *(Problem("", text) for text in machine)]
        raise NotFetchedError(told, failed=len(failures), done=done)
    rest = f"; {done} are on disk." if done else "."
    raise RunError(
        "\n".join(
            [*machine, f"{len(failures)} of {len(failures) + done} studies did not come{rest}"]
        )
    )


def _check_space(
    cache: Cache, requests: Sequence[Request], chosen: Mapping[str, Chosen], client: Client
) -> None:
    """RunError where the disk of the cache or of the results cannot hold what comes."""
    need = {
        accession: one.counts.size or 0
        for accession, one in chosen.items()
        if not in_cache(client, cache, one)
    }
    folders = {cache.folder: sum(need.values())}
    for request in requests:
        size = chosen[request.accession].counts.size if request.accession in chosen else 0
        top = request.folder.parent
        folders[top] = folders.get(top, 0) + (size or 0) // 2  # compressed
    for folder, n_bytes in folders.items():
        there = next(p for p in (folder.resolve(), *folder.resolve().parents) if p.exists())
        free = shutil.disk_usage(there).free
        if free < n_bytes:
            message = (
                f"{folder}: {n_bytes / 1e6:,.0f} MB are needed and {free / 1e6:,.0f} MB are free. "
                "Make room, or choose another place with --cache and --outdir."
            )
            raise RunError(message)
