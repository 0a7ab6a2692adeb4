"""Requests to OSDR: a few at a time, patient with a busy server, and told in plain words."""

from __future__ import annotations

import base64
import binascii
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from spacebio_bench import __version__
from spacebio_bench.errors import InputError, Problem, RunError
from spacebio_bench.osdr.pace import Pace

FILES = "https://osdr.nasa.gov"
METADATA = "https://visualization.osdr.nasa.gov"
API_VERSION = "v2"
AGENT = f"spacebio-bench/{__version__} (fetch)"
RATE = 20
"""Requests a second, at most; retries wait longer."""
LONGEST_WAIT = 120
"""Seconds that a server may ask us to wait; longer is an answer to the user."""

_BUSY = (429, 500, 502, 503, 504)
_TIMEOUT = (10.0, 60.0)  # seconds to connect, and without a byte


class UnreachableError(RunError):
    """No server answers: no network, or an address that nobody has."""


@dataclass(frozen=True)
class Client:
    """A session with OSDR.

    Attributes
    ----------
    files, metadata
        Base addresses of the file listing with its downloads, and of the biological data API.
    pace
        Shared by all threads.
    stop
        Set when the user wants no more; downloads end at their next piece, to be gone on with.
    """

    session: requests.Session
    files: str
    metadata: str
    pace: Pace
    stop: threading.Event = field(default_factory=threading.Event)

    def listing_address(self, accession: str) -> str:
        """Where the files of a study are listed."""
        return f"{self.files}/osdr/data/osd/files/{accession.removeprefix('OSD-')}"

    def dataset_address(self, accession: str) -> str:
        """Where the biological data API describes a study."""
        return f"{self.metadata}/biodata/api/{API_VERSION}/dataset/{accession}/"

    def download_address(self, address: str) -> str:
        """A listed address as a whole one."""
        return address if re.match(r"https?://", address) else self.files + quote_spaces(address)

    def get_json(self, url: str, what: str) -> Any:
        """An answer as JSON.

        Raises
        ------
        UnreachableError
            No server answers.
        RunError
            It answers with an error, or with something else than JSON.
        InputError
            It knows no such study (404).
        """
        with self.get(url, what) as response:
            if response.status_code == 404:
                raise InputError([Problem(what, "is not known at OSDR. Is the number right?")])
            self.check(response, what)
            try:
                return response.json()
            except (ValueError, RecursionError) as error:
                message = f"{what}: the answer of {url} is not JSON."
                raise RunError(message) from error

    def get(
        self, url: str, what: str, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """The answer, its body not read yet."""
        self.raise_if_stopped()
        self.pace.wait()
        try:
            return self.session.get(url, headers=dict(headers or {}), stream=True, timeout=_TIMEOUT)
        except requests.exceptions.RetryError as error:
            message = f"{what}: {url} was busy or failing at every try. Try again later."
            raise RunError(message) from error
        except (requests.ConnectionError, requests.Timeout) as error:
            message = f"{url.split('/')[2]} cannot be reached ({_cause(error)})"
            raise UnreachableError(message) from error
        except requests.RequestException as error:
            message = f"{what}: {url}: {error}."
            raise RunError(message) from error

    def raise_if_stopped(self) -> None:
        """RunError where the user wants no more."""
        if self.stop.is_set():
            message = "Stopped."
            raise RunError(message)

    def check(self, response: requests.Response, what: str) -> None:
        """RunError where the answer is an error."""
        if response.status_code == 429:
            asked = response.headers.get("Retry-After", "some time")
            message = f"{what}: the server is busy and asks to wait {asked} s. Try again then."
            raise RunError(message)
        if response.status_code >= 400:
            message = f"{what}: {response.url} answers {response.status_code} {response.reason}."
            raise RunError(message)


def open_client(*, parallel: int, base: str | None = None) -> Client:
    """A client; `base` stands in for both addresses of OSDR."""
    retry = Retry(
        total=6,
        connect=1,
        read=2,
        backoff_factor=0.3,
        backoff_max=30,
        status_forcelist=_BUSY,
        respect_retry_after_header=True,
        retry_after_max=LONGEST_WAIT,
        raise_on_status=False,
    )
    session = requests.Session()
    adapter = HTTPAdapter(max_retries=retry, pool_maxsize=parallel, pool_block=True)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers["User-Agent"] = AGENT
    # sizes and ranges are those of the file as it is stored
    session.headers["Accept-Encoding"] = "identity"
    if base is not None and not re.match(r"https?://[^/]", base):
        raise InputError([Problem("--api", f"'{base}' is not an address such as {FILES}.")])
    plain = base.rstrip("/") if base is not None else None
    return Client(session, plain or FILES, plain or METADATA, Pace(RATE))


def server_md5(headers: Mapping[str, str]) -> str | None:
    """The md5 that a server states of a whole file, in hexadecimal."""
    stated = headers.get("Content-MD5", "")
    if stated:
        try:
            raw = base64.b64decode(stated, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) == 16:
            return raw.hex()
    tag = headers.get("ETag", "").strip().strip('"')
    return tag.lower() if re.fullmatch(r"[0-9a-fA-F]{32}", tag) else None


def quote_spaces(address: str) -> str:
    """A listed path and query with what an address may not hold quoted, and nothing twice."""
    return quote(address, safe="/?&=%:@!$'()*+,;~-._#")


def _cause(error: BaseException) -> str:
    text = str(error)
    for known in (
        "Name or service not known",
        "Temporary failure in name resolution",
        "Connection refused",
        "Network is unreachable",
        "timed out",
    ):
        if known in text:
            return known
    return type(error).__name__
