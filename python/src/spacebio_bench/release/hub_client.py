"""The hub client: one token, its errors in plain words, and nothing secret in them."""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx2
from huggingface_hub import HfApi, constants, get_token
from huggingface_hub import logging as hub_logging
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars

from spacebio_bench.errors import InputError, Problem, RunError

_ENVIRONMENT = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_OIDC_ID_TOKEN")
_SECRETS = (
    (re.compile(r"\bhf_[A-Za-z0-9_]{6,}"), "<token>"),
    (re.compile(r"(?i)\b(bearer|basic) +[^\s'\"]+"), r"\1 <token>"),
    (re.compile(r"(https?://)[^/\s@'\"]+@"), r"\1<login>@"),
    # addresses of uploads carry signatures
    (re.compile(r"(https?://[^\s?'\"]+)\?[^\s'\"]+"), r"\1?<query>"),
)
_LOGIN = "Log in with `hf auth login`, or set HF_TOKEN to a token that may write there."
_AGAIN = "Run the same command again: what has arrived is not sent again."
# what the library raises for an unreachable hub, a refusal, or an answer it cannot read
_FAILURES = (OSError, ValueError, RuntimeError, TypeError, LookupError, httpx2.HTTPError)


@dataclass(frozen=True)
class Hub:
    """A dataset repository at a hub.

    Attributes
    ----------
    api
        Client with the token of the environment or of the hub's own login, if there is one.
    repo_id
        `owner/name`.
    secrets
        Texts that no message may have.
    """

    api: HfApi
    repo_id: str
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def scrub(self, text: str) -> str:
        """The text without tokens, signatures and logins."""
        return scrub(text, self.secrets)

    @contextmanager
    def told(self, doing: str) -> Iterator[None]:
        """Turn what the library raises into RunError; `doing` says in which step."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                yield
            except _FAILURES as error:
                raise self._told(doing, error) from None

    def _told(self, doing: str, error: Exception) -> Exception:
        causes = list(_chain(error))
        deepest = next((e for e in reversed(causes) if isinstance(e, HfHubHTTPError)), causes[-1])
        where = f"{self.repo_id} at {self.scrub(self.api.endpoint)}: {doing}"
        if str(error).startswith("Invalid metadata in README.md"):
            what = f"the hub refuses the dataset card: {self.scrub(_line(str(error)))}."
            return InputError([Problem("README.md", what)])
        if isinstance(error, HFValidationError):
            return InputError([Problem(self.repo_id, self.scrub(_line(str(error))))])
        said = dict.fromkeys(self.scrub(_said(e)) for e in (error, deepest))
        return RunError(f"{where}: {'; '.join(said)} {_advice(deepest)}")


def open_hub(repo_id: str, *, endpoint: str | None = None, bars: bool = False) -> Hub:
    """A repository, with the token that the environment or the hub's own login gives.

    Files go by the large-file protocol, whose objects are named by sha256: what has arrived is
    known before it is sent again, and is compared with the plan by that name.

    Parameters
    ----------
    endpoint
        Address of the hub; else `HF_ENDPOINT`, else huggingface.co.
    bars
        Show the library's progress bars.
    """
    constants.HF_HUB_DISABLE_XET = True
    hub_logging.set_verbosity(logging.CRITICAL)  # its warnings name signed addresses
    if not bars and not are_progress_bars_disabled():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            disable_progress_bars()
    token = None
    without = Hub(HfApi(endpoint=endpoint, token=False), repo_id, _in_environment())
    with without.told("the token cannot be read"):
        token = get_token()
    secrets = (*_in_environment(), *([token] if token else []))
    return Hub(HfApi(endpoint=endpoint, token=token or False), repo_id, secrets)


def scrub(text: str, secrets: tuple[str, ...] = ()) -> str:
    """The text without these secrets, and without what looks like one."""
    for secret in sorted(set(secrets), key=len, reverse=True):
        text = text.replace(secret, "<token>")
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def _in_environment() -> tuple[str, ...]:
    given = (os.environ.get(name, "").strip() for name in _ENVIRONMENT)
    return tuple(value for value in given if value)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what caused it; the library wraps errors of its threads."""
    seen: BaseException | None = error
    for _ in range(5):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__


def _line(text: str) -> str:
    return " ".join(text.split())[:600]


def _said(error: BaseException) -> str:
    # a line on what the status means, for people without the rest of the message
    text = re.sub(r"For more information check: \S+", "", str(error))
    return _line(text).rstrip(".") + "." if text.strip() else f"{type(error).__name__}."


def _advice(error: BaseException) -> str:
    if isinstance(error, RevisionNotFoundError):
        return "There is no such branch; `hf repos branch create` makes one."
    if isinstance(error, RepositoryNotFoundError):
        return (
            "There is no such dataset, or the token may not see it. "
            f"`hf repos create --repo-type dataset` makes one. {_LOGIN}"
        )
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else 0
    if status in (401, 403):
        return _LOGIN
    if status in (409, 412):
        return (
            "Somebody else changed the repository meanwhile; nothing was committed. Run it again."
        )
    return _AGAIN
