"""One file, whole and right, into the cache; an unfinished one is gone on with."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
import urllib3

from spacebio_bench.errors import RunError
from spacebio_bench.files import sha256_of, write_text
from spacebio_bench.osdr.cache import Cache, Cached
from spacebio_bench.osdr.client import Client, server_md5
from spacebio_bench.osdr.listing import RemoteFile

_CHUNK = 1 << 18
_TRIES = 5


def cache_key(client: Client, remote: RemoteFile) -> str:
    """What a file is known by: its address, size and date as listed."""
    url = client.download_address(remote.address)
    return f"{url}\n{remote.size}\n{remote.changed}"


def download(
    client: Client,
    remote: RemoteFile,
    cache: Cache,
    *,
    md5: str | None = None,
    received: Callable[[int], None] = lambda _: None,
) -> tuple[Cached, bool]:
    """The file from the cache, or else from the server.

    Parameters
    ----------
    md5
        Checksum that the study states of the file.
    received
        Told the bytes of every piece.

    Returns
    -------
    The file, and whether it was in the cache.

    Raises
    ------
    RunError
        It did not come whole, or is not what the study says it is. What came stays for the next
        try, unless it is wrong.
    """
    key = cache_key(client, remote)
    with cache.only_one(key):
        there = cache.find(key)
        if there is not None:
            received(there.bytes)
            return there, True
        url = client.download_address(remote.address)
        partial = cache.partial(key)
        stated = _receive(client, remote, url, partial, received)
        checked = _check(partial, remote, md5, stated)
        cached = Cached(
            url=url,
            sha256=sha256_of(partial),
            bytes=partial.stat().st_size,
            checked=checked,
            fetched=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        _about(partial).unlink(missing_ok=True)
        return cache.keep(key, partial, cached), False


def _receive(
    client: Client,
    remote: RemoteFile,
    url: str,
    partial: Path,
    received: Callable[[int], None],
) -> dict[str, str]:
    """Append to the partial file until it is whole; the headers that describe all of it."""
    what = f"{remote.accession}, {remote.name}"
    told = 0
    cause = "it ended too soon"
    for attempt in range(_TRIES):
        have = partial.stat().st_size if partial.exists() else 0
        about = _read_about(partial)
        if have and about.get("ETag") is None:
            have = 0  # nothing says that it is still the same file
        if remote.size is not None and have == remote.size and about:
            received(have - told)
            return about
        headers = {"Range": f"bytes={have}-", "If-Range": about["ETag"]} if have else {}
        try:
            with client.get(url, what, headers) as response:
                client.check(response, what)
                goes_on = response.status_code == 206
                about = about if goes_on else _described(response)
                write_text(_about(partial), json.dumps(about))
                if not goes_on:
                    have = 0
                received(have - told)
                told = have
                with partial.open("ab" if goes_on else "wb") as file:
                    # read1: what came before the connection broke is kept, to the last byte
                    while piece := response.raw.read1(_CHUNK):
                        client.raise_if_stopped()
                        file.write(piece)
                        told += len(piece)
                        received(len(piece))
        except urllib3.exceptions.HTTPError as error:
            cause = f"the connection broke ({type(error).__name__})"
            time.sleep(min(0.2 * 2**attempt, 5))
            continue
        if remote.size is None or partial.stat().st_size >= remote.size:
            return about
        cause = f"{partial.stat().st_size:,} of {remote.size:,} bytes came"
    message = f"{what}: {cause}, at each of {_TRIES} tries. The same command goes on from there."
    raise RunError(message)


def _described(response: requests.Response) -> dict[str, str]:
    kept = ("ETag", "Content-MD5", "Last-Modified")
    return {name: response.headers[name] for name in kept if name in response.headers}


def _check(partial: Path, remote: RemoteFile, md5: str | None, stated: dict[str, str]) -> str:
    """What the file agrees with; a file that does not is removed."""
    size = partial.stat().st_size
    with partial.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    server = server_md5(stated)
    wrong = []
    if remote.size is not None and size != remote.size:
        wrong.append(f"it has {size:,} bytes, {remote.size:,} are listed")
    if md5 is not None and digest != md5:
        wrong.append(f"its md5 is {digest}, the study's table says {md5}")
    elif md5 is None and server is not None and digest != server:
        wrong.append(f"its md5 is {digest}, the server says {server}")
    if wrong:
        partial.unlink(missing_ok=True)
        _about(partial).unlink(missing_ok=True)
        message = f"{remote.accession}, {remote.name}: {'; '.join(wrong)}. Nothing of it was kept."
        raise RunError(message)
    if md5 is not None:
        return "md5 table"
    if server is not None:
        return "md5 of the server"
    return "listed size" if remote.size is not None else "nothing"


def _about(partial: Path) -> Path:
    return partial.with_suffix(".headers")


def _read_about(partial: Path) -> dict[str, Any]:
    try:
        about = json.loads(_about(partial).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}
