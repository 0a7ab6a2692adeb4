"""Nothing secret and nothing personal in what is published."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spacebio_bench.errors import InputError, NotApplicableError, Problem, RunError
from spacebio_bench.release.folds.validators import validator
from spacebio_bench.release.gates._exceptions import Excepted, read_exceptions, unused
from spacebio_bench.release.gates._files import Files, files_of
from spacebio_bench.release.gates._gate import Context, Finding, green, halt, red, yellow
from spacebio_bench.release.gates._personal import of_this_machine, personal_texts
from spacebio_bench.release.sources import read_json

BASELINE = "release/secrets.baseline"
ALLOWED = "release/path_allowlist.yaml"
_MARKED = f"detect-secrets scan --no-verify --baseline {BASELINE}; detect-secrets audit {BASELINE}"
_SECONDS = 600
_KEYS = "sha256|commit|code_tree|lock_digest|protocol_digest"
_DIGEST = rf'^\s*"({_KEYS})": "([0-9a-f]{{40}}|[0-9a-f]{{64}})",?\s*$'
"""A line of a manifest that holds a digest and nothing else."""
_OPTIONS = (
    "--no-verify",  # nothing is tried out at its service: no network
    "--all-files",
    *("--disable-filter", "detect_secrets.filters.allowlist.is_line_allowlisted"),
    *("--exclude-lines", _DIGEST),
)
"""A comment in a line excuses nothing; the baseline does."""


def secrets_gate(context: Context) -> Iterator[Finding]:
    """Judge the files of the checkout."""
    files = files_of(context.root)
    yield from files.noted()
    yield from _secrets(files)
    yield from _personal(files)


def _secrets(files: Files) -> Iterator[Finding]:
    known = _baseline(files.root)
    try:
        found = scan(files.root, [name for name in files.names if name != BASELINE])
    except NotApplicableError as error:
        yield halt("", f"nothing was scanned for secrets: {error}")
        return
    judged = {(name, entry["type"], entry["hashed_secret"]): entry for name, entry in known}
    seen = set()
    for name, entry in found:
        key = (name, entry["type"], entry["hashed_secret"])
        seen.add(key)
        where = f"{name}, line {entry['line_number']}"
        said = judged.get(key, {}).get("is_secret")
        if said is False:
            continue
        told = "is a secret, says the baseline" if said else "looks like a secret"
        what = f"{told} ({entry['type']}). Take it out and revoke it; if it is none: {_MARKED}."
        yield red(where, what)
    for name, kind, digest in sorted(set(judged) - seen):
        what = f"names a {kind} in {name} that is not there any more ({digest[:8]})."
        yield yellow(BASELINE, what)
    yield green("", f"{len(files.names)} files, {len(seen)} places that look like a secret")


def scan(root: Path, names: list[str]) -> list[tuple[str, Mapping[str, Any]]]:
    """What detect-secrets finds in files, by file and line.

    Raises
    ------
    NotApplicableError
        It is not installed.
    RunError
        It did not work.
    """
    program = validator("detect-secrets")
    try:
        done = subprocess.run(  # noqa: S603 - a program of the validators' environment
            [str(program), "scan", *_OPTIONS, *(f"./{name}" for name in names)],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
        results = json.loads(done.stdout)["results"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError) as error:
        msg = f"detect-secrets did not end as it should: {error}"
        raise RunError(msg) from error
    plain = {name.removeprefix("./"): entries for name, entries in results.items()}
    return [(name, entry) for name in sorted(plain) for entry in plain[name]]


def _baseline(root: Path) -> list[tuple[str, Mapping[str, Any]]]:
    if not (root / BASELINE).is_file():
        return []
    data = read_json(root, BASELINE)
    results = data.get("results") if isinstance(data, dict) else None
    if not isinstance(results, dict) or not all(
        isinstance(entry, dict) and {"type", "hashed_secret"} <= set(entry)
        for entries in results.values()
        for entry in entries
    ):
        raise InputError([Problem(BASELINE, "is no baseline of detect-secrets.")])
    return [(name, entry) for name in sorted(results) for entry in results[name]]


def _personal(files: Files) -> Iterator[Finding]:
    allowed = read_exceptions(files.root, ALLOWED, with_text=True)
    own = of_this_machine(files.root)
    used: list[Excepted] = []
    for name, text in files.texts():
        if name in {ALLOWED, BASELINE}:
            continue
        for found in personal_texts(text, own=own):
            excused = [entry for entry in allowed if entry.covers(name, found.text)]
            used += excused
            if not excused:
                what = (
                    f"{found.text!r} is {found.kind}; take it out, or give a reason in {ALLOWED}."
                )
                yield red(f"{name}, line {found.line}", what)
    yield from unused(ALLOWED, allowed, used)
    yield green("", f"{len(used)} paths, hosts and addresses, each with a reason")
