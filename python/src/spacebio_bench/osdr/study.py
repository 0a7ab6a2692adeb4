"""One study: asked for, downloaded, checked, and written in plain form with its provenance."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from spacebio_bench import __version__
from spacebio_bench.errors import InputError, Problem, RunError
from spacebio_bench.files import sha256_of, write_text
from spacebio_bench.osdr.cache import Cache, Cached
from spacebio_bench.osdr.client import API_VERSION, Client, UnreachableError
from spacebio_bench.osdr.conditions import Rules
from spacebio_bench.osdr.download import cache_key, download
from spacebio_bench.osdr.listing import (
    Chosen,
    RemoteFile,
    choose,
    read_listing,
    read_md5_table,
)
from spacebio_bench.osdr.tables import Part, Source, make_parts, write_part

PROVENANCE = "provenance.json"


@dataclass(frozen=True)
class Request:
    """A study that is wanted.

    Attributes
    ----------
    places
        (tissue, mission) -> where counts and samples go; None: all parts, into `folder`.
    counts
        Name of the counts file, where the study has several.
    """

    accession: str
    folder: Path
    places: Mapping[tuple[str, str], tuple[Path, Path]] | None = None
    counts: str | None = None


@dataclass(frozen=True)
class Written:
    """A part on disk, a row of a study sheet."""

    tissue: str
    mission: str
    accession: str
    counts: Path
    samples: Path


@dataclass(frozen=True)
class Fetched:
    """What became of a study."""

    accession: str
    files: tuple[dict[str, Any], ...]
    parts: tuple[Written, ...]
    notes: tuple[str, ...]


def chosen_files(client: Client, cache: Cache, request: Request, *, offline: bool) -> Chosen:
    """What is to be fetched of a study, by the server's listing or the last one kept.

    Raises
    ------
    InputError
        There is no such study, or it lacks what is needed.
    RunError
        The server does not answer; offline: it was never asked.
    """
    accession = request.accession
    if offline:
        text = cache.remembered(f"{accession}.files")
        if text is None:
            message = f"{accession}: nothing is known of it without a network; fetch it with one."
            raise RunError(message)
        answer = json.loads(text)
    else:
        answer = client.get_json(client.listing_address(accession), accession)
    files = read_listing(answer, accession)
    if not offline:
        cache.remember(f"{accession}.files", json.dumps(answer))
    return choose(files, accession, counts=request.counts)


def fetch_study(
    client: Client,
    cache: Cache,
    request: Request,
    chosen: Chosen,
    *,
    offline: bool,
    rules: Rules,
    received: Callable[[RemoteFile, int], None],
) -> Fetched:
    """Download a study and write its parts.

    Raises
    ------
    InputError
        Everything wrong with its tables.
    RunError
        A file did not come, or is not what the study says it is.
    """
    got: dict[str, tuple[RemoteFile, Cached, bool]] = {}

    def take(role: str, remote: RemoteFile, md5: str | None = None) -> Path:
        if offline and cache.find(cache_key(client, remote)) is None:
            message = f"{remote.accession}, {remote.name}: is not in the cache."
            raise RunError(message)
        cached, there = download(
            client, remote, cache, md5=md5, received=lambda n: received(remote, n)
        )
        got[role] = (remote, cached, there)
        return cache.path(cached)

    metadata, notes = _metadata(client, cache, request.accession, offline=offline)
    sums: dict[str, str] = {}
    for number, table in enumerate(chosen.md5):
        path = take(f"checksums {number + 1}", table)
        sums |= read_md5_table(path.read_text(encoding="utf-8", errors="replace"))
    source = Source(
        accession=request.accession,
        isa=take("samples", chosen.isa, sums.get(chosen.isa.name)),
        counts=take("counts", chosen.counts, sums.get(chosen.counts.name)),
        counts_name=chosen.counts.name,
        metadata=metadata,
    )
    wanted = None if request.places is None else list(request.places)
    parts = make_parts(source, wanted=wanted, rules=rules)
    written = [_write(part, source, request) for part in parts]
    notes += [note for part in parts for note in part.notes]
    files = tuple(_about(role, *of) for role, of in got.items())
    _write_provenance(request, files, written, notes, client, rules)
    return Fetched(request.accession, files, tuple(written), tuple(dict.fromkeys(notes)))


def _metadata(
    client: Client, cache: Cache, accession: str, *, offline: bool
) -> tuple[Mapping[str, Any], list[str]]:
    """What the biological data API says of a study; nothing, and a note, where it does not say."""
    name = f"{accession}.dataset"
    if offline:
        answer = json.loads(cache.remembered(name) or "{}")
    else:
        try:
            answer = client.get_json(client.dataset_address(accession), accession)
        except UnreachableError:
            raise
        except (RunError, InputError):
            said = f"{accession}: the biological data API says nothing; the ISA archive does."
            return {}, [said]
        cache.remember(name, json.dumps(answer))
    return answer if isinstance(answer, Mapping) else {}, []


def _write(part: Part, source: Source, request: Request) -> Written:
    tissue, mission = part.tissue, part.mission
    if request.places is None:
        stem = f"{tissue}.{mission}"
        counts = request.folder / f"{stem}.counts.csv.gz"
        samples = request.folder / f"{stem}.samples.csv"
    else:
        counts, samples = request.places[tissue, mission]
    write_part(part, source, counts_to=counts, samples_to=samples)
    return Written(tissue, mission, source.accession, counts, samples)


def _about(role: str, remote: RemoteFile, cached: Cached, there: bool) -> dict[str, Any]:  # noqa: FBT001
    return {"role": role, "name": remote.name, "from_cache": there, **asdict(cached)}


def _write_provenance(
    request: Request,
    files: Sequence[Mapping[str, Any]],
    written: Sequence[Written],
    notes: Sequence[str],
    client: Client,
    rules: Rules,
) -> None:
    """`provenance.json` beside the files: where each came from, and what was made of it."""
    folder = request.folder
    about = {
        "accession": request.accession,
        "software": f"spacebio-bench {__version__}",
        "api": {
            "listing": client.listing_address(request.accession),
            "dataset": client.dataset_address(request.accession),
            "version": API_VERSION,
        },
        "condition_rules": rules.version,
        "files": [{k: v for k, v in file.items() if k != "from_cache"} for file in files],
        "parts": [
            {
                "tissue": part.tissue,
                "mission": part.mission,
                **{
                    name: {"path": os.path.relpath(path, folder), "sha256": sha256_of(path)}
                    for name, path in (("counts", part.counts), ("samples", part.samples))
                },
            }
            for part in written
        ],
        "notes": list(dict.fromkeys(notes)),
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / PROVENANCE, json.dumps(about, indent=1, ensure_ascii=False) + "\n")


def whole_accession(text: str) -> str:
    """`OSD-100` as OSDR writes it, from `osd-100` too.

    Raises
    ------
    InputError
        It is no accession of OSDR.
    """
    plain = text.strip().upper()
    if plain.startswith("OSD-") and plain[4:].isascii() and plain[4:].isdecimal():
        return f"OSD-{int(plain[4:])}"
    hint = f" Is it OSD-{plain[5:]}?" if plain.startswith("GLDS-") else ""
    raise InputError([Problem(text, f"is no accession such as OSD-100.{hint}")])
