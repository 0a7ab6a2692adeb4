"""`fetch`: studies of NASA OSDR onto the disk, in the form that a run reads."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from platformdirs import user_cache_dir

from spacebio_bench.cli._main import json_option, print_json, quiet_option
from spacebio_bench.cli._root import root_option
from spacebio_bench.errors import InputError, Problem, RunError
from spacebio_bench.osdr.cache import Cache
from spacebio_bench.osdr.catalog import CATALOG, FILES, read_catalog, read_listed
from spacebio_bench.osdr.client import Client, UnreachableError, open_client
from spacebio_bench.osdr.conditions import load_rules
from spacebio_bench.osdr.fetch import (
    SHEET,
    Options,
    Progress,
    fetch_studies,
    in_cache,
    list_studies,
)
from spacebio_bench.osdr.missing import known_size, size_words
from spacebio_bench.osdr.progress import Bar, Lines, Silent, size_of
from spacebio_bench.osdr.study import Fetched, Request, whole_accession
from spacebio_bench.parameters import names_in


@click.command()
@click.argument("accessions", nargs=-1, metavar="[OSD-N]...")
@click.option("--catalog", is_flag=True, help=f"All studies of {CATALOG}.")
@click.option("--tissue", metavar="NAME,...", help="The studies of the catalog of these tissues.")
@click.option(
    "--outdir",
    metavar="DIR",
    default="data",
    show_default=True,
    help=f"Where named accessions go, with {SHEET}; studies of the catalog go where it says.",
)
@click.option(
    "--counts",
    metavar="NAME",
    help="Name of the counts file at OSDR, where a study has several; with one accession.",
)
@click.option(
    "--conditions", metavar="FILE", help="Condition rules of your own, tried before ours."
)
@click.option(
    "--cache",
    metavar="DIR",
    envvar="SPACEBIO_CACHE",
    help="Where downloads are kept, by content. [env: SPACEBIO_CACHE; default: the user's cache]",
)
@click.option(
    "--parallel",
    type=click.IntRange(1, 16),
    default=4,
    show_default=True,
    help="Requests at a time.",
)
@click.option(
    "--api",
    metavar="URL",
    envvar="SPACEBIO_OSDR",
    help="Another server in place of OSDR. [env: SPACEBIO_OSDR]",
)
@click.option(
    "--list", "only_list", is_flag=True, help="Say what would be fetched, and download nothing."
)
@click.option("--offline", is_flag=True, help="Use the cache alone.")
@root_option
@json_option
@quiet_option
def command(
    *,
    accessions: tuple[str, ...],
    catalog: bool,
    tissue: str | None,
    outdir: str,
    counts: str | None,
    conditions: str | None,
    cache: str | None,
    parallel: int,
    api: str | None,
    only_list: bool,
    offline: bool,
    root: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    """Fetch raw counts and sample tables of studies from NASA OSDR.

    Takes unnormalised RNA-seq counts and the ISA archive of each study, checks sizes and
    checksums, and writes counts, samples tables with conditions, and where all of it came from.
    What is in the cache is not downloaded again; a broken download goes on where it stopped.
    """
    from_catalog = catalog or tissue is not None
    if bool(accessions) == from_catalog:
        what = "give accessions such as OSD-100, or --catalog, or --tissue: one of the three."
        raise InputError([Problem("fetch", what)])
    if counts is not None and len(accessions) != 1:
        raise InputError([Problem("--counts", "names a file of one accession.")])
    requests = (
        _of_catalog(root, names_in(tissue))
        if from_catalog
        else _of_names(accessions, Path(outdir), counts)
    )
    store = Cache(Path(cache or user_cache_dir("spacebio-bench")))
    client = open_client(parallel=parallel, base=api)
    rules = load_rules(Path(conditions) if conditions else None)
    options = Options(rules, parallel, offline)
    try:
        if only_list:
            _list(client, store, requests, options, as_json=as_json)
            return
        fetched = fetch_studies(client, store, requests, options, _progress(as_json or quiet))
    except UnreachableError as error:
        message = f"No network: {error}. Would be fetched: {_would(root, requests)}."
        raise RunError(message) from error
    sheet = root / CATALOG if from_catalog else Path(outdir) / SHEET
    if as_json:
        print_json(_as_data(fetched, sheet))
    elif not quiet:
        _print(fetched, sheet)


def _of_names(accessions: Sequence[str], outdir: Path, counts: str | None) -> list[Request]:
    problems: list[Problem] = []
    names = []
    for text in accessions:
        try:
            names.append(whole_accession(text))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return [Request(name, outdir / name, counts=counts) for name in dict.fromkeys(names)]


def _of_catalog(root: Path, tissues: Sequence[str]) -> list[Request]:
    places: dict[str, dict[tuple[str, str], tuple[Path, Path]]] = {}
    for one in read_catalog(root / CATALOG, tissues=tissues):
        mine = places.setdefault(one.accession, {})
        mine[one.tissue, one.mission] = (one.counts, one.samples)
    return [
        Request(accession, next(iter(mine.values()))[0].parent, mine)
        for accession, mine in places.items()
    ]


def _progress(silent: bool) -> Progress:  # noqa: FBT001
    if silent:
        return Silent()
    return Bar() if sys.stderr.isatty() else Lines(lambda line: click.echo(line, err=True))


def _would(root: Path, requests: Sequence[Request]) -> str:
    """What would be fetched, with sizes where the catalog knows them."""
    listed = read_listed(root / FILES)
    words = []
    for request in requests:
        size, sure = known_size(request.accession, listed)
        about = "" if sure else "about "
        said = f" ({about}{size_words(size)})" if size is not None else ""
        words.append(request.accession + said)
    return ", ".join(words)


def _list(
    client: Client, cache: Cache, requests: Sequence[Request], options: Options, *, as_json: bool
) -> None:
    chosen = list_studies(client, cache, requests, options)
    if as_json:
        rows = [
            {
                "accession": accession,
                "counts": one.counts.name,
                "bytes": one.counts.size,
                "samples": one.isa.name,
                "in_cache": in_cache(client, cache, one),
            }
            for accession, one in chosen.items()
        ]
        print_json({"studies": rows})
        return
    for accession, one in chosen.items():
        there = ", in the cache" if in_cache(client, cache, one) else ""
        click.echo(f"{accession}: {one.counts.name}, {size_of(one.counts)}{there}")
    total = sum(one.counts.size or 0 for one in chosen.values())
    click.echo(f"{len(chosen)} studies, {size_words(total)} of counts.")


def _as_data(fetched: Sequence[Fetched], sheet: Path) -> dict[str, object]:
    return {
        "sheet": str(sheet),
        "studies": [
            {
                "accession": study.accession,
                "files": list(study.files),
                "parts": [
                    {
                        "tissue": part.tissue,
                        "mission": part.mission,
                        "counts": str(part.counts),
                        "samples": str(part.samples),
                    }
                    for part in study.parts
                ],
                "notes": list(study.notes),
            }
            for study in fetched
        ],
    }


def _print(fetched: Sequence[Fetched], sheet: Path) -> None:
    for study in fetched:
        for note in study.notes:
            click.echo(f"note: {study.accession}: {note}")
    parts = sum(len(study.parts) for study in fetched)
    click.echo(f"{len(fetched)} studies, {parts} rows of {os.fspath(sheet)}.")
